import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { ok, type Result, refused } from '@/lib/core/result';
import { canonicalJson } from '@/lib/log/canonical';
import type { JwsAlgorithm, Signed } from './compact-jws';
import { isGuessable } from './guessable-modulus';
import { isExponentFit, isLengthFit } from './rsa';

const keysMax = 100;

const Jwk = z.looseObject({
  kty: z.string(),
  kid: z.string().min(1).max(1_024).optional(),
  use: z.string().optional(),
  alg: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
});
const JwkSet = z.object({ keys: z.array(z.unknown()).max(keysMax) });

/** A public key that signatures of tokens are checked with. */
export type VerificationKey = {
  readonly kid: string | null;
  readonly algorithms: readonly JwsAlgorithm[];
  readonly use: string | null;
  readonly key: KeyObject;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
};

const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
const algorithmsOf: Record<string, readonly JwsAlgorithm[]> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
};

/** Null for what is no key for signatures: of another use or kind, too short, not on its curve, or private. */
export function readVerificationKey(value: unknown): VerificationKey | null {
  const parsed = Jwk.safeParse(value);
  if (!parsed.success || isPrivate(parsed.data)) return null;
  const { kid = null, use = null, alg, key_ops } = parsed.data;
  if (use === 'enc' || (key_ops !== undefined && !key_ops.includes('verify'))) return null;
  let key: KeyObject;
  try {
    // `as`: what is none makes Node throw.
    key = createPublicKey({ key: parsed.data as JsonWebKey, format: 'jwk' });
  } catch {
    return null;
  }
  const { kty = '', crv = '', x, y, n, e } = key.export({ format: 'jwk' });
  if (kty === 'RSA' && (!isLengthFit(key) || !isExponentFit(key) || isGuessable(n ?? '')))
    return null;
  const all: readonly JwsAlgorithm[] = kty === 'RSA' ? rsa : (algorithmsOf[crv] ?? []);
  const algorithms = alg === undefined ? all : all.filter((each) => each === alg);
  if (algorithms.length === 0) return null;
  const required =
    kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return {
    kid,
    use,
    key,
    algorithms,
    thumbprint: hash('sha256', canonicalJson(required), 'base64url'),
  };
}

/** What RFC 7518 and RFC 8037 call private, and symmetric keys. */
export const isPrivate = (jwk: Readonly<Record<string, unknown>>): boolean =>
  ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'].some((name) => Object.hasOwn(jwk, name));

/** The usable keys of a JWK Set (RFC 7517, section 5), which ignores the others; null for what is none. */
export function readKeySet(value: unknown): readonly VerificationKey[] | null {
  const parsed = JwkSet.safeParse(value);
  if (!parsed.success) return null;
  return parsed.data.keys.map(readVerificationKey).filter((key) => key !== null);
}

/**
 * The one key that a token says it is signed with. Without `kid` that is known only where one key fits. `unknown`: there
 * is none, which a set that was read anew may have.
 */
export function keyOf(
  keys: readonly VerificationKey[],
  { alg, kid }: Pick<Signed, 'alg' | 'kid'>,
): Result<VerificationKey, 'unknown' | 'invalid'> {
  const fit = keys.filter(
    (key) => key.algorithms.includes(alg) && (kid === null || key.kid === kid),
  );
  const [first] = fit;
  if (first === undefined)
    return refused('unknown', 'None of the keys that are known for its issuer signed this token.');
  if (fit.length > 1)
    return refused('invalid', 'Several keys fit this token: its header needs the kid of one.');
  return ok(first);
}
