import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import {
  addFederated,
  addIssuer,
  gatewayName,
  newKey,
  secondsNow,
  type TestKey,
} from '../support/proofs';
import { type SigningIssuer, startSigningIssuer } from '../support/signing-issuer';

let database: TestDatabase;
let db: Pool;
let gateway: TestGateway;
const nothing = '{"resourceSpans":[]}';
const known = () => sleep(250);

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database, { FEDERATION_NETWORKS: '127.0.0.1/32' });
});
afterAll(async () => {
  await gateway.close();
  await db.end();
  await database.drop();
});

const post = async (token: string, url = gateway.url) => {
  const startedMs = performance.now();
  const { status, json, headers } = await postTraces(url, token, nothing);
  return {
    status,
    says: JSON.stringify(json),
    retryAfter: headers.get('retry-after'),
    ms: performance.now() - startedMs,
  };
};

describe('a token of an issuer with uploaded keys', () => {
  const issuer = 'https://issuer.example.com';
  let key: TestKey;
  let issuerId: string;
  let billing: string;
  beforeAll(async () => {
    key = await newKey('RS256');
    issuerId = await addIssuer(db, { issuer, jwks: { keys: [{ ...key.jwk, kid: 'a' }] } });
    ({ id: billing } = await registerReporter(db, { name: 'billing' }));
    await addFederated(db, {
      identity: billing,
      issuer: issuerId,
      audience: 'sallyport',
      claims: { sub: 'billing', env: 'prod' },
    });
    await known();
  });
  const claims = (over: object = {}) => ({
    iss: issuer,
    sub: 'billing',
    env: 'prod',
    aud: 'sallyport',
    iat: secondsNow(),
    exp: secondsNow() + 600,
    ...over,
  });
  const token = (over: object = {}, header: object = {}) =>
    key.sign(claims(over), { kid: 'a', ...header });

  test.each([
    ['as it is', {}, {}],
    ['with its audience in a list', { aud: ['sallyport'] }, {}],
    ['without kid, where one key fits', {}, { kid: undefined }],
    ['without iat', { iat: undefined }, {}],
    ['of a clock that is a minute late', { exp: secondsNow() - 50 }, {}],
    ['an access token', {}, { typ: 'at+jwt' }],
  ])('proves its identity %s', async (_, over, header) => {
    expect(await post(await token(over, header))).toMatchObject({ status: 200 });
  });

  test.each([
    ['another audience', { aud: gatewayName }, {}, 'another than its rule asks'],
    ['several audiences', { aud: ['sallyport', 'other'] }, {}, 'no audience or several'],
    ['no audience', { aud: undefined }, {}, 'no audience'],
    ['no subject', { sub: undefined }, {}, 'no sub'],
    ['an empty subject', { sub: '' }, {}, 'no sub'],
    ['a subject that is a number', { sub: 1 }, {}, 'no sub'],
    ['another subject', { sub: 'shipping' }, {}, 'No identity is registered'],
    ['another claim', { env: 'test' }, {}, 'No identity is registered'],
    ['a list of claims', { env: ['prod'] }, {}, 'No identity is registered'],
    ['another issuer', { iss: `${issuer}/` }, {}, 'Nobody here'],
    ['no issuer', { iss: undefined }, {}, 'Nobody here'],
    ['no exp', { exp: undefined }, {}, 'exp'],
    ['an expiry of two minutes ago', { exp: secondsNow() - 120 }, {}, 'expired'],
    ['an nbf in the future', { nbf: secondsNow() + 120 }, {}, 'not valid yet'],
    ['an iat in the future', { iat: secondsNow() + 120 }, {}, 'not valid yet'],
    ['a kid of nobody', {}, { kid: 'b' }, 'None of the keys'],
    ['the typ of a logout token', {}, { typ: 'logout+jwt' }, 'typ'],
    ['jku in its header', {}, { jku: 'https://evil.example/keys' }, 'jku'],
  ])('with %s proves nothing', async (_, over, header, says) => {
    const answer = await post(await token(over, header));
    expect(answer.status).toBe(401);
    expect(answer.says).toContain(says);
  });

  test('that matches the rules of two identities is refused, until one of them is no more', async () => {
    const { id } = await registerReporter(db);
    const { id: other } = await registerReporter(db);
    await addFederated(db, { identity: id, issuer: issuerId, claims: { sub: 'both' } });
    await known();
    const both = await token({ sub: 'both', aud: gatewayName });
    expect(await post(both)).toMatchObject({ status: 200 });
    const second = await addFederated(db, {
      identity: other,
      issuer: issuerId,
      claims: { sub: 'both', env: 'prod' },
    });
    await known();
    const answer = await post(both);
    expect(answer.status).toBe(401);
    expect(answer.says).toContain('several identities');
    await db.query('UPDATE credential SET revoked_at = now() WHERE id = $1', [second]);
    await known();
    expect(await post(both)).toMatchObject({ status: 200 });
  });

  test('is not taken by a rule that names no workload, however that was stored', async () => {
    const { id } = await registerReporter(db);
    await addFederated(db, { identity: id, issuer: issuerId, claims: { env: 'unbound' } });
    await known();
    expect((await post(await token({ env: 'unbound', sub: 'x', aud: gatewayName }))).status).toBe(
      401,
    );
  });

  test('is refused at the next request after its issuer was revoked', async () => {
    const other = 'https://revoked.example.com';
    const id = await addIssuer(db, { issuer: other, jwks: { keys: [{ ...key.jwk, kid: 'a' }] } });
    await addFederated(db, { identity: billing, issuer: id, claims: { sub: 'billing' } });
    await known();
    const made = await token({ iss: other, aud: gatewayName });
    expect(await post(made)).toMatchObject({ status: 200 });
    await db.query('UPDATE token_issuer SET revoked_at = now() WHERE id = $1', [id]);
    await known();
    const answer = await post(made);
    expect(answer.status).toBe(401);
    expect(answer.says).toContain('revoked');
  });
});

describe('an issuer whose keys are fetched', () => {
  let issuer: SigningIssuer;
  let id: string;
  beforeEach(async () => {
    issuer = await startSigningIssuer();
    ({ id } = await registerReporter(db));
    return () => issuer.stop();
  });
  const register = async (jwksUrl: string) => {
    const issuerId = await addIssuer(db, { issuer: issuer.url, jwksUrl });
    await addFederated(db, { identity: id, issuer: issuerId, claims: { sub: 'a' } });
    await known();
  };
  const token = (header = {}) =>
    issuer.sign(
      { iss: issuer.url, sub: 'a', aud: gatewayName, exp: secondsNow() + 600, iat: secondsNow() },
      header,
    );

  test('is asked once, by its description, for what many send at once', async () => {
    await register(`${issuer.url}/.well-known/openid-configuration`);
    const answers = await Promise.all(Array.from({ length: 20 }, async () => post(await token())));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  // What an issuer answers is foreign: each of these keeps the gateway alive and its senders informed.
  test.each([
    [
      'redirects',
      (at: SigningIssuer) =>
        at.answers.set('/keys', (_, response) =>
          response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
        ),
      'redirects are not followed',
    ],
    [
      'serves 10 MB',
      (at: SigningIssuer) =>
        at.answers.set('/keys', (_, response) =>
          response.end(`{"keys":[],"a":"${'a'.repeat(10_000_000)}"}`),
        ),
      'larger than 256 kB',
    ],
    ['hangs', (at: SigningIssuer) => at.answers.set('/keys', () => undefined), 'no whole answer'],
    [
      'trickles',
      (at: SigningIssuer) =>
        at.answers.set(
          '/keys',
          (_, response) => void setInterval(() => response.write(' '), 100).unref(),
        ),
      'no whole answer',
    ],
    [
      'serves junk',
      (at: SigningIssuer) => at.answers.set('/keys', (_, response) => response.end('<html>')),
      'not JSON',
    ],
    [
      'serves a private key',
      (at: SigningIssuer) =>
        at.answers.set('/keys', at.json(200, { keys: [{ kty: 'oct', k: 'AAAA' }] })),
      'None of them',
    ],
    ['fails', (at: SigningIssuer) => at.answers.set('/keys', at.json(500, {})), 'answered 500'],
  ])(
    'that %s makes nobody wait over five seconds, and nothing be lost',
    async (_, answer, says) => {
      answer(issuer);
      await register(`${issuer.url}/keys`);
      const refused = await post(await token());
      expect(refused.status).toBe(503);
      expect(refused.says).toContain(says);
      expect(refused.retryAfter).toBe('30');
      expect(refused.ms).toBeLessThan(6_000);
      const again = await post(await token());
      expect(again.status).toBe(503);
      expect(again.ms).toBeLessThan(1_000);
      expect(issuer.asked).toEqual(['/keys']);
    },
  );

  test('whose description is that of another is not believed', async () => {
    issuer.description.issuer = 'https://issuer.example.com';
    await register(`${issuer.url}/.well-known/openid-configuration`);
    const refused = await post(await token());
    expect(refused.status).toBe(503);
    expect(refused.says).toContain('another issuer');
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration']);
  });

  test('whose address leads inside is not asked where nobody allowed that', async () => {
    await register(`${issuer.url}/keys`);
    const strict = await startGateway(database);
    const refused = await post(await token(), strict.url);
    await strict.close();
    expect(refused.status).toBe(503);
    expect(refused.says).toContain('FEDERATION_NETWORKS');
    expect(issuer.asked).toEqual([]);
  });

  test('that rotates its key is asked again, but not at once', async () => {
    await register(`${issuer.url}/keys`);
    expect(await post(await token())).toMatchObject({ status: 200 });
    await issuer.listSecondKey();
    const unknown = await Promise.all(
      Array.from(
        { length: 10 },
        async () => (await post(await token({ alg: 'ES256', kid: 'second' }))).status,
      ),
    );
    expect(unknown).toEqual(Array(10).fill(401));
    expect(issuer.asked).toEqual(['/keys']);
    const { clock } = gateway.gateway;
    gateway.gateway.clock = () => new Date(Date.now() + 31_000);
    const rotated = await post(await token({ alg: 'ES256', kid: 'second' }));
    gateway.gateway.clock = clock;
    expect(rotated.status).toBe(200);
    expect(issuer.asked).toEqual(['/keys', '/keys']);
  });
});

test('a provider that others wrote federates: its token for itself authenticates telemetry', async () => {
  const server = createServer((request, response) => void provider.callback()(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is one.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'billing-agent',
        client_secret: 'not-a-secret-of-anybody',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'telemetry',
          audience: gatewayName,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
        }),
      },
    },
    async extraTokenClaims() {
      return { environment: 'production' };
    },
  });
  const answer = await fetch(`${url}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('billing-agent:not-a-secret-of-anybody').toString('base64')}`,
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'telemetry',
      resource: gatewayName,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string }; // `as`: what RFC 6749 says
  const issuer = await addIssuer(db, {
    issuer: url,
    jwksUrl: `${url}/.well-known/openid-configuration`,
  });
  const { id } = await registerReporter(db);
  await addFederated(db, {
    identity: id,
    issuer,
    claims: { sub: 'billing-agent', environment: 'production' },
  });
  await known();
  expect(await post(token)).toMatchObject({ status: 200 });
  server.closeAllConnections();
  server.close();
  // Its keys are known, so that it is gone stops nobody.
  expect(await post(token)).toMatchObject({ status: 200 });
});
