import { compactVerify, errors } from 'jose';
import { ok, type Result, refused } from '@/lib/core/result';
import type { Claims } from './federated-rule';
import type { VerificationKey } from './key-set';

/**
 * INVARIANT: signatures of a private key alone. `none` and HS*, for which a public key would be the secret, are out.
 */
export const jwsAlgorithms = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;
export type JwsAlgorithm = (typeof jwsAlgorithms)[number];

export const tokenCharsMax = 16_384;
const headerCharsMax = 4_096;
const kidCharsMax = 1_024;
/** Three parts of base64url and nothing else: no white space, no padding, no empty signature (RFC 7515, section 7.1). */
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** What would let a token bring the key that it is checked with, or change what its parts mean. */
const forbiddenHeaders = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip'];

/** Something signed, as its header says. INVARIANT: nothing of it is true before its signature was checked. */
export type Signed = {
  readonly token: string;
  readonly alg: JwsAlgorithm;
  readonly kid: string | null;
  readonly typ: string | null;
  /** The names of all header parameters. */
  readonly headers: readonly string[];
};
export type Jws = Signed & { readonly claims: Claims };

/** Reads a JWT in the compact form (RFC 7519), as strictly as it may be written. Costs no cryptography. */
export function readJws(token: string): Result<Jws, 'malformed' | 'invalid'> {
  const signed = readSigned(token);
  if (!signed.ok) return signed;
  const claims = objectOf(token.split('.')[1] ?? '');
  return claims === null ? unreadable : ok({ ...signed.value, claims });
}

/** The same of anything signed, whatever it says. */
export function readSigned(token: string): Result<Signed, 'malformed' | 'invalid'> {
  if (token.length > tokenCharsMax)
    return refused('malformed', `The token is longer than ${tokenCharsMax} characters.`);
  if (!FORM.test(token))
    return refused(
      'malformed',
      'The token is no JWT: three parts in base64url, with dots between.',
    );
  const [head = '', ...others] = token.split('.');
  if (head.length > headerCharsMax)
    return refused('malformed', `The header of the token has over ${headerCharsMax} characters.`);
  const header = objectOf(head);
  if (header === null || !others.every(isCanonical)) return unreadable;
  const headers = Object.keys(header);
  const forbidden = forbiddenHeaders.find((name) => headers.includes(name));
  if (forbidden !== undefined)
    return refused('invalid', `A token with ${forbidden} in its header is never taken.`);
  const { alg, kid = null, typ = null } = header;
  const known = jwsAlgorithms.find((each) => each === alg);
  if (known === undefined)
    return refused('invalid', `A token is signed with one of ${jwsAlgorithms.join(', ')}.`);
  if (!isShortText(kid) || !isShortText(typ))
    return refused('malformed', 'The kid and typ of a token are texts.');
  return ok({ token, alg: known, kid, typ, headers });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const unreadable = refused(
  'malformed',
  'The header and the claims of a token are JSON objects in base64url.',
);

/** Whether the key's holder signed it. */
export async function isSignedBy(
  { token, alg }: Signed,
  { key }: VerificationKey,
): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [alg] });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
    throw error;
  }
}

const isShortText = (value: unknown): value is string | null =>
  value === null || (typeof value === 'string' && value !== '' && value.length <= kidCharsMax);

function objectOf(part: string): Claims | null {
  if (!isCanonical(part)) return null;
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(part, 'base64url')));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims) // `as`: an object that is no list
      : null;
  } catch {
    return null;
  }
}

/** One text for the same bytes: no bits beyond the last byte. */
const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part;
