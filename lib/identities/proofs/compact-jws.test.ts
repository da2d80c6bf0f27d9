import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { isSignedBy, readJws, tokenCharsMax } from './compact-jws';
import { keyOf, readKeySet, readVerificationKey } from './key-set';

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const tokenOf = (header: unknown, claims: unknown = {}, signature = 'AAAA') =>
  `${part(header)}.${part(claims)}.${signature}`;
const good = { alg: 'ES256', kid: 'a' };

describe('a token is read as strictly as it may be written', () => {
  test.each([
    ['as it may be', tokenOf(good), 'ok'],
    ['two parts', `${part(good)}.${part({})}`, 'malformed'],
    ['four parts', `${tokenOf(good)}.AAAA`, 'malformed'],
    ['without a signature', `${part(good)}.${part({})}.`, 'malformed'],
    ['white space', `${tokenOf(good)}\n`, 'malformed'],
    ['padding', `${tokenOf(good)}=`, 'malformed'],
    ['the other alphabet', `${tokenOf(good)}+/AA`, 'malformed'],
    ['bits beyond the last byte', `${part(good)}.${part({})}.AB`, 'malformed'],
    ['a header that is no JSON', tokenOf('{'), 'malformed'],
    ['a header that is a list', tokenOf([good]), 'malformed'],
    ['claims that are a text', tokenOf(good, '"a"'), 'malformed'],
    [
      'bytes that are no UTF-8',
      `${part(good)}.${Buffer.from('{"a":"\xff"}', 'latin1').toString('base64url')}.AAAA`,
      'malformed',
    ],
    ['too long', tokenOf(good, { a: 'a'.repeat(tokenCharsMax) }), 'malformed'],
    ['a header too long', tokenOf({ ...good, a: 'a'.repeat(4096) }), 'malformed'],
    ['no alg', tokenOf({ kid: 'a' }), 'invalid'],
    ['none', tokenOf({ alg: 'none' }), 'invalid'],
    ['None', tokenOf({ alg: 'None' }), 'invalid'],
    ['HS256', tokenOf({ alg: 'HS256' }), 'invalid'],
    ['an alg that is a list', tokenOf({ alg: ['ES256'] }), 'invalid'],
    ['an inherited name', tokenOf({ alg: 'constructor' }), 'invalid'],
    ['jwk', tokenOf({ ...good, jwk: {} }), 'invalid'],
    ['jku', tokenOf({ ...good, jku: 'https://evil.example' }), 'invalid'],
    ['x5u', tokenOf({ ...good, x5u: 'https://evil.example' }), 'invalid'],
    ['x5c', tokenOf({ ...good, x5c: [] }), 'invalid'],
    ['crit', tokenOf({ ...good, crit: ['exp'] }), 'invalid'],
    ['a kid that is a number', tokenOf({ alg: 'ES256', kid: 1 }), 'malformed'],
    ['an empty kid', tokenOf({ alg: 'ES256', kid: '' }), 'malformed'],
  ])('%s', (_, token, expected) => {
    const read = readJws(token);
    expect(read.ok ? 'ok' : read.reason).toBe(expected);
  });
});

describe('keys', () => {
  const exported = async (alg: string, options = {}) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, ...options });
    return { privateKey, jwk: await exportJWK(publicKey), privateJwk: await exportJWK(privateKey) };
  };

  test.each(['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'RS512'])(
    'a signature by %s holds for its key and for no other',
    async (alg) => {
      const [one, two] = [await exported(alg), await exported(alg)];
      const token = await new SignJWT({}).setProtectedHeader({ alg }).sign(one.privateKey);
      const read = readJws(token);
      if (!read.ok) throw new Error(read.message);
      const of = ({ jwk }: { jwk: object }) => {
        const key = keyOf(readKeySet({ keys: [jwk] }) ?? [], read.value);
        if (!key.ok) throw new Error(key.message);
        return isSignedBy(read.value, key.value);
      };
      expect([await of(one), await of(two)]).toEqual([true, false]);
    },
  );

  test('what is no public key for signatures is none', async () => {
    const { jwk, privateJwk } = await exported('RS256');
    const short = { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 0xff).toString('base64url') };
    const long = { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(1025, 0xff).toString('base64url') };
    for (const [value, isKey] of [
      [jwk, true],
      [{ ...jwk, use: 'sig', alg: 'PS256' }, true],
      [{ ...jwk, use: 'enc' }, false],
      [{ ...jwk, alg: 'HS256' }, false],
      [{ ...jwk, key_ops: ['sign'] }, false],
      [{ ...jwk, e: 'Aw' }, false],
      [privateJwk, false],
      [short, false],
      [long, false],
      [{ kty: 'oct', k: 'AAAA' }, false],
      [{ kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }, false],
      [{ kty: 'EC', crv: 'secp256k1', x: 'AAAA', y: 'AAAA' }, false],
      [null, false],
    ] as const)
      expect(readVerificationKey(value) !== null, JSON.stringify(value)).toBe(isKey);
    expect(readKeySet({ keys: Array(101).fill(jwk) })).toBeNull();
    expect(readKeySet([jwk])).toBeNull();
  });

  test('the thumbprint is that of RFC 7638, section 3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    expect(
      readVerificationKey({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }),
    ).toMatchObject({
      thumbprint: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      algorithms: ['RS256'],
      kid: '2011-04-29',
    });
  });

  test('without kid a token means a key only where one fits', async () => {
    const keys = readKeySet({
      keys: [
        (await exported('ES256')).jwk,
        (await exported('ES384')).jwk,
        (await exported('ES384')).jwk,
      ],
    });
    const found = (alg: 'ES256' | 'ES384' | 'ES512', kid: string | null = null) => {
      const key = keyOf(keys ?? [], { alg, kid });
      return key.ok ? 'ok' : key.reason;
    };
    expect([found('ES256'), found('ES384'), found('ES512'), found('ES256', 'a')]).toEqual([
      'ok',
      'invalid',
      'unknown',
      'unknown',
    ]);
  });
});
