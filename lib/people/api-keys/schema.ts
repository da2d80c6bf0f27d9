import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { Reason } from '../reason';
import { LineName } from '../schema';

/**
 * What a machine that manages may be let do: of the closed list of scopes, those that an API key can have. None
 * approves, enforces or changes rights, and there is none that would.
 */
export const apiScopes = [
  'registry:read',
  'registry:write',
  'policy:read',
  'policy:write',
  'log:read',
] as const;
export const ApiScope = z.enum(apiScopes, 'Choose among the scopes listed.');
export type ApiScope = z.infer<typeof ApiScope>;

export const apiKeyDays = 90;
export const apiKeyDaysMax = 365;
export const overlapHours = 24;
export const overlapHoursMax = 7 * 24;
/** Of those that work. */
export const apiKeysMax = 100;
const boundNetworksMax = 20;

const KeyDays = z
  .number('A key lives whole days.')
  .int('A key lives whole days.')
  .min(1, 'A key lives one day at least.')
  .max(apiKeyDaysMax, `A key lives ${apiKeyDaysMax} days at most.`)
  .default(apiKeyDays);

export const IssueApiKey = z.strictObject({
  name: LineName,
  scopes: z
    .array(ApiScope)
    .min(1, 'Choose one scope at least.')
    .transform((scopes) => apiScopes.filter((scope) => scopes.includes(scope))),
  days: KeyDays,
  /** Ids of the named networks it may come from; none says anywhere. */
  networks: z
    .array(z.guid('Choose among the networks listed.'))
    .max(boundNetworksMax, `A key names ${boundNetworksMax} networks at most.`)
    .transform((ids) => [...new Set(ids)])
    .default([]),
  reason: Reason,
});
export type IssueApiKey = z.input<typeof IssueApiKey>;

export const RotateApiKey = z.strictObject({
  id: z.guid(),
  days: KeyDays,
  /** For how long the key of before goes on working. */
  overlapHours: z
    .number('The overlap is a whole number of hours.')
    .int('The overlap is a whole number of hours.')
    .min(0, 'The overlap is not negative.')
    .max(overlapHoursMax, 'The overlap is seven days at most.')
    .default(overlapHours),
  reason: Reason,
});
export type RotateApiKey = z.input<typeof RotateApiKey>;

export const RevokeApiKey = z.strictObject({ id: z.guid(), reason: Reason });
export type RevokeApiKey = z.input<typeof RevokeApiKey>;

/**
 * `lapsing`: it has a successor and ends when the overlap does. `orphaned`: its maker has left, or could not make it any
 * more, so it is refused.
 */
export type ApiKeyState = 'active' | 'lapsing' | 'orphaned' | 'expired' | 'revoked';

/** Its maker has left, makes no keys any more, or does not see what it reads. */
export type Orphaned = 'left' | 'role' | 'reach';

export type ApiKey = {
  id: string;
  name: string;
  hint: string;
  scopes: readonly ApiScope[];
  /** Names; null for a key that may come from anywhere. */
  networks: readonly string[] | null;
  maker: string;
  orphaned: Orphaned | null;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  state: ApiKeyState;
};

/** The secret is shown here and never again. */
export type IssuedApiKey = { id: string; name: string; secret: string; expiresAt: Date };

export type IssuedResult = Acted<IssuedApiKey>;
export type IssueAction = (last: IssuedResult | null, form: FormData) => Promise<IssuedResult>;
