import { BlockList } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '@/lib/core/errors';
import type { OutsideAnswer } from '@/lib/core/outbound';
import type { KnownIssuer } from '../state/schema';
import { checkIssuer } from './check-issuer';
import { IssuerKeys } from './issuer-keys';

const url = 'https://issuer.example.com';
const jwkOf = (kid: string) => ({
  kty: 'EC',
  crv: 'P-256',
  x: '04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY',
  y: 'UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw',
  kid,
});
const issuerOf = (over: Partial<KnownIssuer> = {}): KnownIssuer => ({
  id: 'i',
  name: 'Example',
  issuer: url,
  jwksUrl: `${url}/keys`,
  jwks: null,
  isRevoked: false,
  version: '1',
  ...over,
});

let asked: string[];
let answers: (path: string) => OutsideAnswer | Promise<OutsideAnswer>;
const answer = (body: unknown, over: Partial<OutsideAnswer> = {}): OutsideAnswer => ({
  status: 200,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  isCut: false,
  ...over,
});
const down = () => {
  throw new AppError('unavailable', 'The connection failed.');
};
const options = {
  networks: new BlockList(),
  fetch: async (address: string) => {
    asked.push(new URL(address).pathname);
    return answers(new URL(address).pathname);
  },
};
const minuteMs = 60_000;

beforeEach(() => {
  asked = [];
  answers = () => answer({ keys: [jwkOf('a')] });
});
const finder = (issuer = issuerOf()) => {
  const keys = new IssuerKeys(options);
  return async (kid: string, atMs: number) => {
    const key = await keys.find(issuer, { alg: 'ES256', kid }, atMs);
    return key.ok ? 'ok' : key.reason;
  };
};

describe('the keys of an issuer', () => {
  test('are fetched once for all who wait, and kept', async () => {
    const find = finder();
    expect(await Promise.all([find('a', 0), find('a', 0), find('a', 1)])).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect(await find('a', 4 * minuteMs)).toBe('ok');
    expect(asked).toEqual(['/keys']);
  });

  test('a new one is found at once, but junk makes nobody ask more than twice a minute', async () => {
    const find = finder();
    await find('a', 0);
    answers = () => answer({ keys: [jwkOf('b')] });
    expect(await find('b', 29_999)).toBe('invalid');
    expect(await find('b', 30_000)).toBe('ok');
    for (let atMs = 30_001; atMs < 60_000; atMs += 500)
      expect(await find('x', atMs)).toBe('invalid');
    expect(asked.length).toBe(2);
    expect(await find('a', 30_001)).toBe('invalid');
  });

  test('are refreshed beside the requests after five minutes', async () => {
    const find = finder();
    await find('a', 0);
    let give: (given: OutsideAnswer) => void = () => undefined;
    answers = () => new Promise((resolve) => (give = resolve));
    expect(await find('a', 6 * minuteMs)).toBe('ok');
    give(answer({ keys: [jwkOf('b')] }));
    await Promise.resolve();
    answers = () => answer({ keys: [jwkOf('b')] });
    expect(await find('b', 6 * minuteMs + 1)).toBe('ok');
    expect(asked.length).toBe(2);
  });

  test('the last good ones outlive an outage of an hour, and no longer', async () => {
    const find = finder();
    await find('a', 0);
    answers = down;
    expect(await find('a', 11 * minuteMs)).toBe('ok');
    expect(await find('a', 59 * minuteMs)).toBe('ok');
    expect(await find('b', 59.2 * minuteMs)).toBe('keys_unavailable');
    expect(await find('a', 61 * minuteMs)).toBe('keys_unavailable');
    answers = () => answer({ keys: [jwkOf('a')] });
    expect(await find('a', 62 * minuteMs)).toBe('ok');
  });

  test('a failure is not asked again for half a minute', async () => {
    answers = down;
    const find = finder();
    expect(await find('a', 0)).toBe('keys_unavailable');
    expect(await find('a', 29_999)).toBe('keys_unavailable');
    expect(asked.length).toBe(1);
    answers = () => answer({ keys: [jwkOf('a')] });
    expect(await find('a', 30_000)).toBe('ok');
  });

  test('uploaded ones are asked of nobody', async () => {
    const find = finder(issuerOf({ jwksUrl: null, jwks: { keys: [jwkOf('a')] } }));
    expect([await find('a', 0), await find('b', 0)]).toEqual(['ok', 'invalid']);
    expect(asked).toEqual([]);
  });

  test('another version of the issuer has none of the former keys', async () => {
    const keys = new IssuerKeys(options);
    await keys.find(issuerOf(), { alg: 'ES256', kid: 'a' }, 0);
    answers = () => answer({ keys: [jwkOf('b')] });
    const found = await keys.find(issuerOf({ version: '2' }), { alg: 'ES256', kid: 'a' }, 1);
    expect(found.ok).toBe(false);
  });
});

describe('an issuer is registered', () => {
  const described =
    (over: object = {}) =>
    (path: string) =>
      path.startsWith('/.well-known')
        ? answer({ issuer: url, jwks_uri: `${url}/keys`, ...over })
        : answer({ keys: [jwkOf('a')] });
  const claimed = { issuer: url, jwksUrl: null, jwks: null };
  const check = async (over: object = {}) => {
    const checked = await checkIssuer({ ...claimed, ...over }, options);
    return checked.ok ? checked.value : checked.message;
  };

  test('with its issuer alone, by its description', async () => {
    answers = described();
    expect(await check()).toMatchObject({
      jwksUrl: `${url}/.well-known/openid-configuration`,
      jwks: null,
      keys: [{ kid: 'a', algorithms: ['ES256'] }],
    });
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  test('with keys of its own, of which nothing else is kept', async () => {
    expect(await check({ jwks: { keys: [{ ...jwkOf('a'), junk: 1 }] } })).toMatchObject({
      jwksUrl: null,
      jwks: { keys: [jwkOf('a')] },
    });
    expect(asked).toEqual([]);
  });

  test.each([
    ['another issuer in the description', described({ issuer: `${url}/` }), {}, 'another issuer'],
    ['a description without keys', described({ jwks_uri: undefined }), {}, 'names no issuer'],
    ['a redirect', () => answer('', { status: 302 }), {}, 'redirects are not followed'],
    ['not found', () => answer('', { status: 404 }), {}, 'answered 404'],
    ['too much', () => answer('', { isCut: true }), {}, 'larger than 256 kB'],
    ['junk', () => answer('<html>'), { jwksUrl: `${url}/keys` }, 'not JSON'],
    ['no set', () => answer([]), { jwksUrl: `${url}/keys` }, 'no JWK Set'],
    [
      'no usable key',
      () => answer({ keys: [{ kty: 'oct', k: 'AAAA' }] }),
      { jwksUrl: `${url}/k` },
      'None of them',
    ],
    ['an address inside', described(), { jwksUrl: 'https://10.0.0.1/keys' }, 'FEDERATION_NETWORKS'],
    ['without TLS', described(), { jwksUrl: 'http://issuer.example.com/keys' }, 'https://'],
    ['a query', described(), { issuer: `${url}?a` }, 'exactly as it stands'],
    ['no address', described(), { issuer: 'kubernetes/serviceaccount' }, 'exactly as it stands'],
    ['both', described(), { jwks: {}, jwksUrl: url }, 'not both'],
    ['a private key', described(), { jwks: { keys: [{ ...jwkOf('a'), d: 'AAAA' }] } }, 'private'],
    ['no key', described(), { jwks: { keys: [] } }, 'None of the keys'],
    ['a list', described(), { jwks: [] }, 'no JWK Set'],
  ])('not with %s', async (_, given, over, message) => {
    answers = given;
    expect(await check(over)).toContain(message);
  });
});
