import { z } from 'zod';
import { Reason } from '@/lib/people/reason';
import { LineName } from '@/lib/people/schema';

/** Characters of uploaded keys. */
export const jwksMax = 262_144;

const Issuer = z
  .string('Give the issuer.')
  .trim()
  .min(1, 'Give the issuer.')
  .max(2048, 'An issuer has 2,048 characters at most.');
const JwksUrl = z
  .string()
  .trim()
  .max(2048, 'An address has 2,048 characters at most.')
  .transform((text) => (text === '' ? null : text))
  .nullable()
  .default(null);
const Jwks = z
  .string()
  .trim()
  .max(jwksMax, `Uploaded keys have ${jwksMax / 1024} kB at most.`)
  .transform((text) => (text === '' ? null : text))
  .nullable()
  .default(null);

export const AddIssuer = z.strictObject({
  name: LineName,
  issuer: Issuer,
  /** Where its keys or its description are; with neither this nor keys, where Discovery puts the description. */
  jwksUrl: JwksUrl,
  /** Its keys: a JWK Set as text. */
  jwks: Jwks,
  reason: Reason,
});
export type AddIssuer = z.input<typeof AddIssuer>;

export const ChangeIssuer = z.strictObject({
  issuerId: z.guid(),
  jwksUrl: JwksUrl,
  jwks: Jwks,
  reason: Reason,
});
export type ChangeIssuer = z.input<typeof ChangeIssuer>;

export const RevokeIssuer = z.strictObject({ issuerId: z.guid(), reason: Reason });
export type RevokeIssuer = z.input<typeof RevokeIssuer>;
