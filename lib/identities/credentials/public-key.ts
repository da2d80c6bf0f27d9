import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ok, type Result, refused } from '@/lib/core/result';
import { canonicalJson } from '@/lib/log/canonical';
import { isGuessable } from '../proofs/guessable-modulus';
import { isExponentFit, isLengthFit } from '../proofs/rsa';
import { publicKeyTextMax } from './schema';

const idMax = 256;

/** Kinds of keys that signatures are checked with, by `kty` and `crv`. */
const curves = ['P-256', 'P-384', 'P-521'];
/** What RFC 7518 and RFC 8037 say of private and symmetric keys. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

export type PublicKey = {
  /** Only what is public, and of that only what is checked. */
  jwk: Record<string, string>;
  /** RFC 7638, SHA-256, base64url. */
  thumbprint: string;
};
export type ReadKey = Result<PublicKey, 'private' | 'unfit'>;

const unfit = (message: string) => refused('unfit', message);
const privateKey = refused(
  'private',
  'This is a private key, which must never leave whoever holds it. Nothing of it was kept, but it was sent: make a new pair of keys, and give the public one.',
);

/** A public key as a JWK, a set of one, or PEM. Anything private in it is refused before anything else is looked at. */
export function readPublicKey(text: string): ReadKey {
  const trimmed = text.trim();
  if (trimmed.length > publicKeyTextMax) return unfit('A public key has 16 kB at most.');
  if (/PRIVATE KEY/.test(trimmed)) return privateKey;
  if (trimmed.startsWith('-----BEGIN')) return readPem(trimmed);
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return unfit('Give a public key as a JWK (JSON) or as PEM (BEGIN PUBLIC KEY).');
  }
  return readJwk(value);
}

/** The same of a JWK that was parsed. */
export function readJwk(given: unknown): ReadKey {
  const keys = isObject(given) && Array.isArray(given.keys) ? given.keys : [given];
  if (keys.some(isPrivate)) return privateKey;
  const [value] = keys;
  if (keys.length !== 1 || !isObject(value))
    return unfit('A JWK is a JSON object, or a set with one key in it.');
  if (value.use !== undefined && value.use !== 'sig')
    return unfit('This key is not for signatures: its "use" is not "sig".');
  const operations = value.key_ops;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return unfit('This key is not for checking signatures: its "key_ops" lack "verify".');
  let key: KeyObject;
  try {
    // Node checks the members; what is none of its kinds throws.
    key = createPublicKey({ key: value as JsonWebKey, format: 'jwk' });
  } catch {
    return unfit(
      'This JWK does not hold a key that can be read, or its point is not on its curve.',
    );
  }
  return fitOf(key, value);
}

function readPem(pem: string): ReadKey {
  if (/BEGIN CERTIFICATE/.test(pem))
    return unfit(
      'This is a certificate. Register it as a certificate of an authority, or give its public key alone.',
    );
  if (
    !/^-----BEGIN (RSA )?PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END (RSA )?PUBLIC KEY-----$/.test(pem)
  )
    return unfit('PEM holds one block, BEGIN PUBLIC KEY.');
  try {
    return fitOf(createPublicKey(pem), {});
  } catch {
    return unfit('This PEM does not hold a public key that can be read.');
  }
}

function fitOf(key: KeyObject, given: Record<string, unknown>): ReadKey {
  const jwk = key.export({ format: 'jwk' });
  const required = requiredOf(jwk);
  if (required === null)
    return unfit('A key is RSA with 2,048 bits at least, EC on P-256, P-384 or P-521, or Ed25519.');
  if (jwk.kty === 'RSA') {
    if (!isLengthFit(key))
      return unfit(
        `An RSA key has 2,048 to 8,192 bits; this one has ${key.asymmetricKeyDetails?.modulusLength}.`,
      );
    if (isGuessable(jwk.n ?? ''))
      return unfit(
        'This RSA key was made by a library whose private keys can be computed (CVE-2017-15361). Make another one.',
      );
    if (!isExponentFit(key))
      return unfit(
        'The public exponent of an RSA key is 65537 or a larger odd number, of 64 bits at most.',
      );
    if (isGuessable(required.n ?? ''))
      return unfit(
        'The private key follows from this public one (CVE-2017-15361). Make another pair, with other software.',
      );
  }
  const thumbprint = hash('sha256', canonicalJson(required), 'base64url');
  return ok({ jwk: { ...required, ...named(given) }, thumbprint });
}

/** The members that RFC 7638 makes a thumbprint of. */
function requiredOf({ kty, crv, x, y, n, e }: JsonWebKey): Record<string, string> | null {
  if (kty === 'RSA' && n !== undefined && e !== undefined) return { kty, n, e };
  if (
    kty === 'EC' &&
    crv !== undefined &&
    curves.includes(crv) &&
    x !== undefined &&
    y !== undefined
  )
    return { kty, crv, x, y };
  if (kty === 'OKP' && crv === 'Ed25519' && x !== undefined) return { kty, crv, x };
  return null;
}

const named = ({ kid }: Record<string, unknown>): { kid?: string } =>
  typeof kid === 'string' && kid.length > 0 && kid.length <= idMax ? { kid } : {};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPrivate = (value: unknown): boolean =>
  isObject(value) && privateMembers.some((name) => Object.hasOwn(value, name));
