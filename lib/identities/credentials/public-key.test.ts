import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readPublicKey } from './public-key';

const pair = (type: 'P-256' | 'P-384' | 'P-521' | 'secp256k1') =>
  generateKeyPairSync('ec', { namedCurve: type });
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent });
const jwkOf = ({ publicKey }: { publicKey: ReturnType<typeof pair>['publicKey'] }) =>
  publicKey.export({ format: 'jwk' });

/** A public exponent as long as the modulus: each check of a signature costs as much as making one. */
const { n, d } = rsa(2048).privateKey.export({ format: 'jwk' });
const costlyRsa = { kty: 'RSA', n, e: d };

test('the thumbprint is that of RFC 7638, section 3.1, and only checked members are kept', () => {
  const read = readPublicKey(
    JSON.stringify({
      kty: 'RSA',
      n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
      e: 'AQAB',
      alg: 'RS256',
      kid: '2011-04-29',
      note: 'x'.repeat(100),
    }),
  );
  expect(read).toMatchObject({
    ok: true,
    value: { thumbprint: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' },
  });
  expect(read.ok && Object.keys(read.value.jwk).sort()).toEqual(['e', 'kid', 'kty', 'n']);
});

describe('takes', () => {
  const ed = generateKeyPairSync('ed25519');
  test.each<[string, string]>([
    ['P-256 as a JWK', JSON.stringify(jwkOf(pair('P-256')))],
    ['P-384 in a set of one', JSON.stringify({ keys: [jwkOf(pair('P-384'))] })],
    ['P-521 as PEM', pair('P-521').publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['Ed25519', JSON.stringify(ed.publicKey.export({ format: 'jwk' }))],
    ['RSA of 2,048 bits', rsa(2048).publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  ])('%s', (_what, text) => {
    expect(readPublicKey(text)).toMatchObject({ ok: true });
  });
  test('the same key by JWK and by PEM has one thumbprint', () => {
    const made = pair('P-256');
    const [one, other] = [
      readPublicKey(JSON.stringify(jwkOf(made))),
      readPublicKey(made.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    ];
    expect(one.ok && one.value.thumbprint).toBe(other.ok && other.value.thumbprint);
  });
});

describe('refuses', () => {
  const made = pair('P-256');
  const jwk = jwkOf(made);
  test.each<[string, string, string]>([
    ['a private JWK', JSON.stringify(made.privateKey.export({ format: 'jwk' })), 'private'],
    [
      'a private key in PEM',
      made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'private',
    ],
    [
      'a public key with a private one behind it',
      `${made.publicKey.export({ type: 'spki', format: 'pem' })}${made.privateKey.export({ type: 'sec1', format: 'pem' })}`,
      'private',
    ],
    ['a symmetric key', JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' }), 'private'],
    [
      'a private key in a set of one',
      JSON.stringify({ keys: [made.privateKey.export({ format: 'jwk' })] }),
      'private',
    ],
    ['a set of two', JSON.stringify({ keys: [jwk, jwk] }), 'set with one'],
    ['RSA of 1,024 bits', JSON.stringify(jwkOf(rsa(1024))), '1024'],
    ['RSA with a costly exponent', JSON.stringify(costlyRsa), '64 bits'],
    ['RSA with exponent 3', JSON.stringify(jwkOf(rsa(2048, 3))), '65537'],
    ['secp256k1', JSON.stringify(jwkOf(pair('secp256k1'))), 'P-256'],
    [
      'X25519',
      JSON.stringify(generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })),
      'Ed25519',
    ],
    ['a point that is on no curve', JSON.stringify({ ...jwk, y: jwk.x }), 'curve'],
    ['a key to encrypt with', JSON.stringify({ ...jwk, use: 'enc' }), 'use'],
    ['a key that only wraps', JSON.stringify({ ...jwk, key_ops: ['wrapKey'] }), 'key_ops'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'authority'],
    ['text', 'hello', 'JWK'],
    ['a list', '[]', 'JSON object'],
    ['what is too long', `"${'x'.repeat(20_000)}"`, '16 kB'],
  ])('%s', (_what, text, says) => {
    const read = readPublicKey(text);
    expect(read.ok).toBe(false);
    expect(!read.ok && read.message).toContain(says);
  });
});
