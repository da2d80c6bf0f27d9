import { z } from 'zod';
import { Email, type Role, roles } from '@/lib/people/schema';
import type { SsoSettings } from './settings';

const text = (max: number) => z.string().min(1).max(max);

/** What an ID token says, once it is verified, of whom, how and when somebody signed in. */
export const IdClaims = z.looseObject({
  sub: text(255),
  sid: text(255).optional(),
  amr: z.array(z.string().max(256)).max(50).default([]),
  acr: z.string().max(1024).optional(),
  auth_time: z.number().int().nonnegative().optional(),
});
export type IdClaims = z.infer<typeof IdClaims>;

/** Who signs in, out of the ID token and, where it says too little, the answer of the userinfo endpoint. */
export type SsoPerson = {
  subject: string;
  sid: string | null;
  name: string;
  /** Only where the issuer vouches for it. */
  email: string | null;
  roles: Role[];
  hasFactor: boolean;
  authenticatedAt: Date | null;
};

/** Whether the ID token leaves something open that the userinfo endpoint may tell. */
export const needsUserInfo = (claims: IdClaims, { groupsClaim }: SsoSettings): boolean =>
  claims[groupsClaim] === undefined || claims.email === undefined;

/**
 * How and when somebody signed in comes from the signed ID token alone; `told` adds who that is.
 */
export function personOfClaims(
  claims: IdClaims,
  told: Record<string, unknown>,
  settings: SsoSettings,
): SsoPerson {
  const { sub, sid, amr, acr, auth_time } = claims;
  const all: Record<string, unknown> = { ...told, ...claims };
  const email = emailOf(claims.email === undefined ? told : claims);
  return {
    subject: sub,
    sid: sid ?? null,
    name: nameOf([all.name, all.preferred_username, email, sub]),
    email,
    roles: rolesOfGroups(all[settings.groupsClaim], settings),
    hasFactor:
      amr.some((method) => settings.factors.amr.has(method)) ||
      (acr !== undefined && settings.factors.acr.has(acr)),
    authenticatedAt: auth_time === undefined ? null : new Date(auth_time * 1000),
  };
}

/** An address that the issuer does not say it verified may be anybody's. */
function emailOf({ email, email_verified }: Record<string, unknown>): string | null {
  // Some issuers write the boolean as text.
  if (email_verified !== true && email_verified !== 'true') return null;
  const parsed = Email.safeParse(email);
  return parsed.success ? parsed.data : null;
}

/** The first that leaves something to read once it is one line of visible characters. */
function nameOf(candidates: readonly unknown[]): string {
  for (const candidate of candidates) {
    if (typeof candidate !== 'string') continue;
    const line = candidate
      .slice(0, 1000)
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .trim();
    // By characters, so that none is cut in two.
    if (line !== '') return [...line].slice(0, 100).join('');
  }
  return 'No name';
}

const Groups = z.union([
  z.array(z.string().max(1024)).max(10_000),
  z
    .string()
    .max(1024)
    .transform((group) => [group]),
]);

/** All roles of all mapped groups, in the order of the roles; none for what is no list of groups. */
function rolesOfGroups(claim: unknown, { rolesByGroup }: SsoSettings): Role[] {
  const parsed = Groups.safeParse(claim);
  if (!parsed.success) return [];
  const mapped = new Set(parsed.data.flatMap((group) => rolesByGroup.get(group) ?? []));
  return roles.filter((role) => mapped.has(role));
}
