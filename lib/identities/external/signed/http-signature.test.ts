import {
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
} from 'node:crypto';
import { createSigner, httpbis } from 'http-message-signatures';
import { parseDictionary } from 'structured-headers';
import { describe, expect, test } from 'vitest';
import type { SignatureAlgorithm } from '../schema';
import { isSignedBy, verifyHttpSignature } from './http-signature';
import type { Message } from './outcome';
import { isInnerList, signatureBaseOf } from './signature-base';

/** RFC 9421, appendix B.1: what is published of its keys. */
const published: Record<string, { algorithm: SignatureAlgorithm; jwk: JsonWebKey }> = {
  'test-key-rsa-pss': {
    algorithm: 'rsa-pss-sha512',
    jwk: {
      kty: 'RSA',
      e: 'AQAB',
      n: 'r4tmm3r20Wd_PbqvP1s2-QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct-Lh1GH45x28Rw3Ry53mm-oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHqgDsznjPFmTOtCEcN2Z1FpWgchwuYLPL-Wokqltd11nqqzi-bJ9cvSKADYdUAAN5WUtzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4aOT9v6d-nb4bnNkQVklLQ3fVAvJm-xdDOp9LCNCN48V2pnDOkFV6-U9nV5oyc6XI2w',
    },
  },
  'test-key-ecc-p256': {
    algorithm: 'ecdsa-p256-sha256',
    jwk: {
      kty: 'EC',
      crv: 'P-256',
      x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
      y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
    },
  },
  'test-key-ed25519': {
    algorithm: 'ed25519',
    jwk: { kty: 'OKP', crv: 'Ed25519', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' },
  },
};
const pemOf = (jwk: JsonWebKey) =>
  createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
const keys = Object.entries(published).map(([keyid, { algorithm, jwk }]) => ({
  keyid,
  algorithm,
  publicKey: pemOf(jwk),
}));

const digest =
  'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:';
/** Appendix B.2: test-request. */
const request = (
  headers: Record<string, string | string[]>,
  body = '{"hello": "world"}',
): Message => ({
  method: 'POST',
  url: 'https://example.com/foo?param=Value&Pet=dog',
  headers: new Map(
    Object.entries({
      host: 'example.com',
      date: 'Tue, 20 Apr 2021 02:07:55 GMT',
      'content-type': 'application/json',
      'content-digest': digest,
      'content-length': '18',
      ...headers,
    }).map(([name, value]) => [name, [value].flat()]),
  ),
  body: Buffer.from(body),
});
const signedAt = 1_618_884_473;

type Vector = { name: string; label: string; input: string; signature: string };
const vectors: Vector[] = [
  {
    name: 'B.2.1, rsa-pss-sha512 over nothing',
    label: 'sig-b21',
    input: '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
    signature:
      'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==',
  },
  {
    name: 'B.2.2, with a parameter of the query',
    label: 'sig-b22',
    input:
      '("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example"',
    signature:
      'LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==',
  },
  {
    name: 'B.2.3, over everything',
    label: 'sig-b23',
    input:
      '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss"',
    signature:
      'bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==',
  },
  {
    name: 'B.2.6, ed25519',
    label: 'sig-b26',
    input:
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    signature:
      'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
  },
];
const headersOf = ({ label, input, signature }: Vector) => ({
  'signature-input': `${label}=${input}`,
  signature: `${label}=:${signature}:`,
});

describe('the vectors of RFC 9421 hold', () => {
  test.each(vectors)('$name', ({ label, input, signature }) => {
    const parsed = parseDictionary(`${label}=${input}`).get(label);
    if (parsed === undefined || !isInnerList(parsed)) throw new Error('it is no inner list');
    const base = signatureBaseOf(request({}), parsed) ?? '';
    const keyid = parsed[1].get('keyid');
    const key = keys.find((each) => each.keyid === keyid);
    if (key === undefined) throw new Error('there is no such key');
    expect(isSignedBy(key, base, Buffer.from(signature, 'base64'))).toBe(true);
    expect(isSignedBy(key, `${base} `, Buffer.from(signature, 'base64'))).toBe(false);
  });

  test('B.2.4, ecdsa-p256-sha256', () => {
    const base = [
      '"@status": 200',
      '"content-type": application/json',
      '"content-digest": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
      '"content-length": 23',
      '"@signature-params": ("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
    ].join('\n');
    const signature =
      'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==';
    const [, key] = keys;
    if (key === undefined) throw new Error('there is no such key');
    expect(isSignedBy(key, base, Buffer.from(signature, 'base64'))).toBe(true);
  });

  test('what covers its digest is taken as a whole, and what does not is not', () => {
    const rule = { keys, components: ['@authority'] };
    const verified = (vector: Vector | undefined) =>
      vector && verifyHttpSignature(request(headersOf(vector)), rule, signedAt + 30);
    expect(verified(vectors[2])).toMatchObject({ ok: true, keyid: 'test-key-rsa-pss' });
    expect(verified(vectors[1])).toMatchObject({ ok: true });
    expect(verified(vectors[3])).toMatchObject({ ok: false, reason: 'not_covered' });
    expect(verified(vectors[0])).toMatchObject({ ok: false, reason: 'not_covered' });
  });
});

const pair = generateKeyPairSync('ed25519');
const own = {
  keyid: 'k1',
  algorithm: 'ed25519' as const,
  publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};
const rule = { keys: [own], components: ['@method', '@target-uri'] };
const base = { created: signedAt, keyid: 'k1' };
type Params = Record<string, string | number>;

/** Signed by what another library makes of RFC 9421. */
async function foreign(
  fields: string[],
  params: Params = base,
  message: Message = request({}),
): Promise<Message> {
  const headers = Object.fromEntries(
    [...message.headers].map(([name, value]) => [name, [...value]]),
  );
  const signed = await httpbis.signMessage(
    {
      key: createSigner(pair.privateKey, 'ed25519', 'k1'),
      fields,
      params: Object.keys(params),
      paramValues: {
        ...params,
        ...(params.created === undefined
          ? {}
          : { created: new Date(Number(params.created) * 1000) }),
        ...(params.expires === undefined
          ? {}
          : { expires: new Date(Number(params.expires) * 1000) }),
      },
    },
    { method: message.method, url: message.url, headers },
  );
  return {
    ...message,
    headers: new Map(
      Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), [value].flat()]),
    ),
  };
}
const all = ['@method', '@target-uri', 'content-digest'];
const judged = (message: Message, at = signedAt + 5) => verifyHttpSignature(message, rule, at);

test('what another library signed is verified, and by its nonce told from others', async () => {
  expect(judged(await foreign(all))).toMatchObject({ ok: true, keyid: 'k1', stamp: signedAt });
  const one = judged(await foreign(all, { ...base, nonce: 'a' }));
  expect(one).toMatchObject({ ok: true, id: 'nonce k1 a' });
});

test.each([
  ['"@query"', '@query'],
  ['"@path"', '@path'],
  ['"@request-target"', '@request-target'],
  ['a member', '"content-digest";key="sha-512"'],
  ['bytes', '"content-type";bs'],
  ['"@scheme"', '@scheme'],
])('so is one over %s', async (_what, field) => {
  expect(judged(await foreign([...all, field]))).toMatchObject({ ok: true });
});

describe('refuses', () => {
  const changed = (message: Message, change: Partial<Message>): Message => ({
    ...message,
    ...change,
  });
  test('another body, address or method than was signed', async () => {
    const signed = await foreign(all);
    expect(judged(changed(signed, { body: Buffer.from('{"hello": "mallory"}') }))).toMatchObject({
      reason: 'digest_mismatch',
    });
    expect(judged(changed(signed, { url: 'https://example.com/bar' }))).toMatchObject({
      reason: 'invalid',
    });
    expect(judged(changed(signed, { method: 'PUT' }))).toMatchObject({ reason: 'invalid' });
  });

  test('a body whose digest is not signed, and components that had to be', async () => {
    expect(judged(await foreign(['@method', '@target-uri']))).toMatchObject({
      reason: 'not_covered',
    });
    expect(judged(await foreign(['@method', 'content-digest']))).toMatchObject({
      reason: 'not_covered',
    });
    expect(judged(await foreign(['@method', '@target-uri', '"content-digest";bs']))).toMatchObject({
      reason: 'not_covered',
    });
  });

  test('a digest of a kind that is not taken, or that contradicts another', async () => {
    for (const value of ['md5=:AAAA:', `${digest}, sha-256=:AAAA:`, 'sha-512=1', '', 'sha-512'])
      expect(judged(await foreign(all, base, request({ 'content-digest': value })))).toMatchObject({
        reason: 'digest_mismatch',
      });
  });

  test('a time that is past, ahead or missing', async () => {
    expect(judged(await foreign(all), signedAt + 301)).toMatchObject({ reason: 'too_old' });
    expect(judged(await foreign(all), signedAt - 61)).toMatchObject({ reason: 'in_future' });
    expect(judged(await foreign(all, { ...base, expires: signedAt + 5 }))).toMatchObject({
      reason: 'too_old',
    });
    expect(judged(await foreign(all, { keyid: 'k1' }))).toMatchObject({ reason: 'malformed' });
  });

  test('a key that is not registered, another algorithm, and a signature by another key', async () => {
    expect(judged(await foreign(all, { created: signedAt, keyid: 'k2' }))).toMatchObject({
      reason: 'unknown_key',
      keyid: 'k2',
    });
    expect(judged(await foreign(all, { ...base, alg: 'hmac-sha256' }))).toMatchObject({
      reason: 'wrong_algorithm',
    });
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
    const rules = { ...rule, keys: [{ ...own, publicKey: other.toString() }] };
    expect(verifyHttpSignature(await foreign(all), rules, signedAt)).toMatchObject({
      reason: 'invalid',
    });
  });

  test('an algorithm that its key was not registered for', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = ec.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const der = createSign('sha256').update('x').sign(ec.privateKey);
    // DER is not what RFC 9421 writes.
    expect(isSignedBy({ algorithm: 'ecdsa-p256-sha256', publicKey: pem }, 'x', der)).toBe(false);
    const raw = sign('sha256', Buffer.from('x'), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
    expect(isSignedBy({ algorithm: 'ecdsa-p256-sha256', publicKey: pem }, 'x', raw)).toBe(true);
    expect(isSignedBy({ algorithm: 'ed25519', publicKey: pem }, 'x', raw)).toBe(false);
  });

  const input = (text: string) =>
    request({ 'signature-input': `s=${text}`, signature: 's=:AAAA:' }, '');
  test.each([
    [
      'a component named twice',
      '("@method" "@method" "@target-uri");created=1618884473;keyid="k1"',
    ],
    [
      'a component of an answer',
      '("@method" "@target-uri" "@status");created=1618884473;keyid="k1"',
    ],
    ['one that is not there', '("@method" "@target-uri" "x-none");created=1618884473;keyid="k1"'],
    [
      'one of another request',
      '("@method" "@target-uri" "date";req);created=1618884473;keyid="k1"',
    ],
    ['a name in capitals', '("@method" "@target-uri" "Date");created=1618884473;keyid="k1"'],
    ['a fraction of a second', '("@method" "@target-uri");created=1618884473.5;keyid="k1"'],
    ['a time as text', '("@method" "@target-uri");created="1618884473";keyid="k1"'],
    [
      'a parameter that is there twice',
      '("@method" "@target-uri" "@query-param";name="a");created=1618884473;keyid="k1"',
    ],
  ])('%s', (_what, text) => {
    const message = { ...input(text), url: 'https://example.com/?a=1&a=2' };
    expect(judged(message)).toMatchObject({ ok: false, reason: 'malformed' });
  });

  test.each([
    ['nothing', {}, 'missing'],
    ['half', { signature: 's=:AAAA:' }, 'missing'],
    ['no dictionary', { signature: '((', 'signature-input': '))' }, 'malformed'],
    [
      'a label without its signature',
      { signature: 'a=:AAAA:', 'signature-input': 'b=()' },
      'malformed',
    ],
    ['a signature as text', { signature: 's="AAAA"', 'signature-input': 's=()' }, 'malformed'],
    ['megabytes', { signature: 'a'.repeat(1e6), 'signature-input': 's=()' }, 'malformed'],
    [
      'a hundred signatures',
      {
        signature: 's=:AAAA:',
        'signature-input': Array.from({ length: 100 }, (_, at) => `s${at}=()`).join(', '),
      },
      'malformed',
    ],
  ])('%s for a signature', (_what, headers, reason) => {
    expect(judged(request(headers as Record<string, string>))).toMatchObject({ ok: false, reason });
  });

  test('a header that writes a line of its own into what is signed', async () => {
    const message = input('("@method" "@target-uri" "x-a");created=1618884473;keyid="k1"');
    const headers = new Map([...message.headers, ['x-a', ['1\n"x-b": 2']]]);
    expect(judged({ ...message, headers })).toMatchObject({ reason: 'malformed' });
  });
});

test('of several signatures the one by a registered key counts', async () => {
  const signed = await foreign(all);
  const twice = new Map(signed.headers);
  const with_ = (name: string, text: string) =>
    twice.set(name, [`other=${text}`, ...(signed.headers.get(name) ?? [])]);
  with_('signature-input', '("@method");created=1;keyid="stranger"');
  with_('signature', ':AAAA:');
  expect(judged({ ...signed, headers: twice })).toMatchObject({ ok: true, keyid: 'k1' });
});
