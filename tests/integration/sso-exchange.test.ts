import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { redeemCode } from '@/lib/auth/sso/exchange';
import { createIssuer } from '@/lib/auth/sso/issuer';
import { parseSsoSettings, type SsoSettings } from '@/lib/auth/sso/settings';
import { parseConfig } from '@/lib/core/config';
import { type Claims, type SigningIssuer, startSigningIssuer } from '../support/signing-issuer';

let there: SigningIssuer;

const now = new Date('2026-11-30T09:00:00Z');
const seconds = now.getTime() / 1000;

beforeAll(async () => {
  there = await startSigningIssuer();
});
beforeEach(() => there.reset());
afterAll(() => there.stop());

function settingsOf(over: Record<string, string> = {}): SsoSettings {
  const settings = parseSsoSettings(
    parseConfig({
      OIDC_ISSUER: there.url,
      OIDC_CLIENT_ID: 'sally port',
      OIDC_CLIENT_SECRET: 'a:b/ö',
      OIDC_ROLES: 'soc=analyst',
      OIDC_MFA: 'amr:mfa',
      CONSOLE_URL: 'https://console.example.com',
      ...over,
    }),
  );
  if (settings === null) throw new Error('no settings');
  return settings;
}

const checks = { state: 'the-state', nonce: 'the-nonce', code_verifier: 'the-verifier' };
const params = { code: 'the-code', state: 'the-state' };

const claimsOf = (over: Claims = {}): Claims => ({
  iss: there.url,
  aud: 'sally port',
  sub: 'grace',
  iat: seconds,
  exp: seconds + 300,
  nonce: 'the-nonce',
  auth_time: seconds - 10,
  sid: 'session-1',
  amr: ['mfa'],
  groups: ['soc'],
  email: 'grace@example.org',
  email_verified: true,
  name: 'Grace',
  ...over,
});

/** What the token endpoint was last asked. */
type Asked = { form: URLSearchParams; authorization: string | undefined };

/** Has the token endpoint give this ID token. */
function give(idToken: string): Asked {
  const last: Asked = { form: new URLSearchParams(), authorization: undefined };
  there.answers.set('/token', async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    last.form = new URLSearchParams(body);
    last.authorization = request.headers.authorization;
    there.json(200, { id_token: idToken, access_token: 'the-access-token', token_type: 'Bearer' })(
      request,
      response,
    );
  });
  return last;
}

const redeem = (over: Partial<Parameters<typeof redeemCode>[0]> = {}, settings = settingsOf()) =>
  redeemCode(
    { params, checks, ...over },
    { issuer: createIssuer(there.url, () => now), settings, now },
  );

const refusedAs = (reason: string) => expect.objectContaining({ name: 'SsoError', reason });

test('a code is redeemed for who signed in, when, and with which roles', async () => {
  const asked = give(await there.sign(claimsOf()));
  expect(await redeem()).toEqual({
    subject: 'grace',
    sid: 'session-1',
    name: 'Grace',
    email: 'grace@example.org',
    roles: ['analyst'],
    hasFactor: true,
    authenticatedAt: new Date(now.getTime() - 10_000),
  });
  expect(Object.fromEntries(asked.form)).toEqual({
    grant_type: 'authorization_code',
    code: 'the-code',
    redirect_uri: 'https://console.example.com/api/auth/callback/sso',
    code_verifier: 'the-verifier',
  });
  const basic = Buffer.from('sally+port:a%3Ab%2F%C3%B6').toString('base64');
  expect(asked.authorization).toBe(`Basic ${basic}`);
  expect(there.asked).not.toContain('/userinfo');
});

test('a client proves itself as the issuer can read it, and a public one not at all', async () => {
  there.description.token_endpoint_auth_methods_supported = ['client_secret_post'];
  const asked = give(await there.sign(claimsOf()));
  await redeem();
  expect(asked.authorization).toBeUndefined();
  expect(asked.form.get('client_secret')).toBe('a:b/ö');
  await redeem({}, settingsOf({ OIDC_CLIENT_SECRET: '' }));
  expect(asked.authorization).toBeUndefined();
  expect([asked.form.get('client_id'), asked.form.get('client_secret')]).toEqual([
    'sally port',
    null,
  ]);
});

// Each of these would be an answer to another browser, of another issuer, or to no question at all.
test.each<[string, object]>([
  ['another state', { params: { ...params, state: 'other' } }],
  ['no state', { params: { code: 'the-code' } }],
  ['no state on either side', { params: { code: 'c' }, checks: { ...checks, state: undefined } }],
  ['no code', { params: { state: 'the-state' } }],
  ['several codes', { params: { ...params, code: ['a', 'b'] } }],
  ['another issuer', { params: { ...params, iss: 'https://elsewhere.example' } }],
  ['no verifier', { checks: { ...checks, code_verifier: undefined } }],
  ['no nonce', { checks: { ...checks, nonce: undefined } }],
])('with %s the token endpoint is not even asked', async (_, over) => {
  give(await there.sign(claimsOf()));
  await expect(redeem(over)).rejects.toEqual(refusedAs('failed'));
  expect(there.asked).not.toContain('/token');
});

test('an issuer that promises to name itself in its answers must', async () => {
  there.description.authorization_response_iss_parameter_supported = true;
  give(await there.sign(claimsOf()));
  await expect(redeem()).rejects.toEqual(refusedAs('failed'));
  expect((await redeem({ params: { ...params, iss: there.url } })).subject).toBe('grace');
});

test.each<[string, Claims, { typ?: string; kid?: string }?]>([
  ['of another issuer', { iss: 'https://elsewhere.example' }],
  ['for another client', { aud: 'other' }],
  ['for several, issued to nobody', { aud: ['sally port', 'other'] }],
  ['issued to another', { aud: ['sally port', 'other'], azp: 'other' }],
  ['issued to another alone', { azp: 'other' }],
  ['that has expired', { exp: seconds - 61 }],
  ['that never expires', { exp: undefined }],
  ['with another nonce', { nonce: 'other' }],
  ['without a nonce', { nonce: undefined }],
  ['of nobody', { sub: undefined }],
  ['of a subject without end', { sub: 'x'.repeat(256) }],
  ['that is valid later', { nbf: seconds + 600 }],
  ['that is a logout token', {}, { typ: 'logout+jwt' }],
  ['that is an access token', {}, { typ: 'at+jwt' }],
  ['of a key that is not listed', {}, { kid: 'other' }],
])('an ID token %s is refused', async (_, over, header) => {
  give(await there.sign(claimsOf(over), header));
  await expect(redeem()).rejects.toEqual(refusedAs('failed'));
});

test('an ID token for several is taken where it was issued to us', async () => {
  give(await there.sign(claimsOf({ aud: ['sally port', 'other'], azp: 'sally port' })));
  expect((await redeem()).subject).toBe('grace');
});

test('an ID token without a signature, or signed with what is public, is refused', async () => {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  give(`${encoded({ alg: 'none' })}.${encoded(claimsOf())}.`);
  await expect(redeem()).rejects.toEqual(refusedAs('failed'));
  for (const secret of [there.publicKey, 'a:b/ö']) {
    const signed = `${encoded({ alg: 'HS256' })}.${encoded(claimsOf())}`;
    give(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`);
    await expect(redeem()).rejects.toEqual(refusedAs('failed'));
  }
});

const silent = { groups: undefined, email: undefined, email_verified: undefined, name: undefined };

test('what the ID token leaves out, userinfo tells, of the same subject', async () => {
  give(await there.sign(claimsOf(silent)));
  const { groups, email, email_verified, name } = claimsOf();
  const told = { sub: 'grace', groups, email, email_verified, name };
  there.answers.set('/userinfo', (request, response) =>
    there.json(request.headers.authorization === 'Bearer the-access-token' ? 200 : 401, told)(
      request,
      response,
    ),
  );
  expect(await redeem()).toMatchObject({
    name: 'Grace',
    email: 'grace@example.org',
    roles: ['analyst'],
  });
  there.answers.set('/userinfo', there.json(200, { ...told, sub: 'other' }));
  await expect(redeem()).rejects.toEqual(refusedAs('failed'));
  for (const answer of [there.json(500, told), there.json(200, [told]), there.json(200, {})]) {
    there.answers.set('/userinfo', answer);
    await expect(redeem()).rejects.toEqual(refusedAs('unreachable'));
  }
});

test('without a userinfo endpoint, who is in no group by the token has no role', async () => {
  delete there.description.userinfo_endpoint;
  give(await there.sign(claimsOf(silent)));
  expect(await redeem()).toMatchObject({ roles: [], email: null, name: 'grace' });
});

test.each<[number, unknown, string]>([
  [400, { error: 'invalid_grant' }, 'failed'],
  [200, { error: 'none' }, 'failed'],
  [200, [], 'failed'],
  [503, {}, 'unreachable'],
])('a token endpoint that answers %d %j gives nothing', async (status, body, reason) => {
  there.answers.set('/token', there.json(status, body));
  await expect(redeem()).rejects.toEqual(refusedAs(reason));
});

const wellKnown = '/.well-known/openid-configuration';

test.each<[string, (issuer: SigningIssuer) => void]>([
  ['says that it is another', ({ description }) => Object.assign(description, { issuer: 'x' })],
  [
    'says it with a slash more',
    ({ description, url }) => Object.assign(description, { issuer: `${url}/` }),
  ],
  [
    'has an endpoint off loopback without TLS',
    ({ description }) => Object.assign(description, { token_endpoint: 'http://192.0.2.1/token' }),
  ],
  [
    'has an endpoint that is no address',
    ({ description }) => Object.assign(description, { jwks_uri: 'keys' }),
  ],
  [
    'has an endpoint of another kind',
    ({ description }) => Object.assign(description, { jwks_uri: 'file:///etc/passwd' }),
  ],
  ['names no endpoints', ({ description }) => Object.assign(description, { jwks_uri: undefined })],
  [
    'sends elsewhere',
    ({ answers, url }) =>
      answers.set(wellKnown, (_, response) => {
        response.writeHead(302, { location: `${url}/elsewhere` }).end();
      }),
  ],
  [
    'answers without end',
    ({ answers }) =>
      answers.set(wellKnown, (_, response) => {
        const write = () => void response.write('['.repeat(65_536), () => setImmediate(write));
        write();
      }),
  ],
  [
    'answers with something else',
    ({ answers }) => answers.set(wellKnown, (_, response) => void response.end('<html>')),
  ],
  ['breaks off', ({ answers }) => answers.set(wellKnown, (_, response) => void response.destroy())],
])('an issuer that %s is not reached, and nothing else of it is asked', async (_, change) => {
  change(there);
  await expect(redeem()).rejects.toEqual(refusedAs('unreachable'));
  expect(there.asked).toEqual([wellKnown]);
});

test('an issuer that stalls is given up within seconds', async () => {
  there.answers.set(wellKnown, (_, response) => void response.write('{'));
  const before = performance.now();
  await expect(redeem()).rejects.toEqual(refusedAs('unreachable'));
  expect(performance.now() - before).toBeLessThan(8_000);
}, 15_000);

test('an issuer is asked once for all who come at once, and not at once again when it failed', async () => {
  let clock = now;
  const issuer = createIssuer(there.url, () => clock);
  there.answers.set(wellKnown, there.json(500, {}));
  await Promise.allSettled(Array.from({ length: 20 }, () => issuer.describe()));
  await expect(issuer.describe()).rejects.toEqual(refusedAs('unreachable'));
  expect(there.asked).toHaveLength(1);
  there.answers.delete(wellKnown);
  clock = new Date(now.getTime() + 15_000);
  await Promise.all(Array.from({ length: 20 }, () => issuer.describe()));
  expect(there.asked).toHaveLength(2);
  clock = new Date(clock.getTime() + 10 * 60_000);
  await issuer.describe();
  expect(there.asked).toHaveLength(3);
});
