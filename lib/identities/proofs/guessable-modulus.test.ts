import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { readJwk } from '../credentials/public-key';
import { isGuessable } from './guessable-modulus';
import { readVerificationKey } from './key-set';

/** Of the form that the broken library gives to both primes, and so to their product: a power of 65537 modulo these. */
function guessable(): string {
  const primes = Array.from({ length: 165 }, (_, n) => n + 3).filter((n) =>
    Array.from({ length: Math.floor(Math.sqrt(n)) - 1 }, (_, k) => k + 2).every((k) => n % k !== 0),
  );
  const product = primes.reduce((all, prime) => all * BigInt(prime), 1n);
  const modulus = 65_537n ** 5n + product * 2n * (2n ** 2_047n / (product * 2n) + 1n);
  return Buffer.from(modulus.toString(16).padStart(512, '0'), 'hex').toString('base64url');
}

test('a modulus of the broken library is known, and no such key is registered or believed', () => {
  const n = guessable();
  expect(isGuessable(n)).toBe(true);
  const jwk = { kty: 'RSA', e: 'AQAB', n };
  expect(readVerificationKey(jwk)).toBeNull();
  expect(readJwk(jwk)).toMatchObject({ ok: false, message: expect.stringContaining('CVE') });
});

test('one that is made as it should be is not taken for such', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  expect(isGuessable(jwk.n ?? '')).toBe(false);
  expect(readVerificationKey(jwk)).not.toBeNull();
});
