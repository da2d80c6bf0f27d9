import { createHmac } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findLiveSignIn } from '@/lib/auth/queries';
import { answerBackChannelLogout } from '@/lib/auth/sso/back-channel';
import { createIssuer, type Issuer } from '@/lib/auth/sso/issuer';
import { signInBySso } from '@/lib/auth/sso/mutations';
import { parseSsoSettings, type SsoSettings } from '@/lib/auth/sso/settings';
import { Budget } from '@/lib/core/budget';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { type Claims, type SigningIssuer, startSigningIssuer } from '../support/signing-issuer';

let database: TestDatabase;
let db: PrismaClient;
let there: SigningIssuer;
let settings: SsoSettings;
let issuer: Issuer;
/** Of a person who is signed in before each test. */
let token: string;

const now = new Date('2026-11-30T09:00:00Z');
const seconds = now.getTime() / 1000;
let clock = now;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests' });
  const email = 'ada@example.org';
  await createFirstAdministrator(db, { email, password: 'correct horse battery' }, now);
  there = await startSigningIssuer();
  const parsed = parseSsoSettings(
    parseConfig({
      OIDC_ISSUER: there.url,
      OIDC_CLIENT_ID: 'sallyport',
      OIDC_ROLES: 'soc=analyst',
      OIDC_MFA: 'amr:mfa',
    }),
  );
  if (parsed === null) throw new Error('no settings');
  settings = parsed;
  issuer = createIssuer(there.url, () => clock);
});
afterAll(async () => {
  await db.$disconnect();
  await there.stop();
  await database.drop();
});
beforeEach(async () => {
  const outcome = await signInBySso(db, {
    person: {
      subject: 'grace',
      sid: newId(),
      name: 'Grace',
      email: 'grace@example.org',
      roles: ['analyst'],
      hasFactor: true,
      authenticatedAt: now,
    },
    settings,
    address: '192.0.2.7',
    userAgent: 'test',
    replaces: null,
    now,
  });
  if (!outcome.ok) throw new Error(outcome.message);
  ({ token } = outcome.value);
});

const isLive = async () => (await findLiveSignIn(db, token, now)) !== null;

const event = 'http://schemas.openid.net/event/backchannel-logout';
const claimsOf = (over: Claims = {}): Claims => ({
  iss: there.url,
  aud: 'sallyport',
  iat: seconds,
  exp: seconds + 120,
  jti: newId(),
  sub: 'grace',
  events: { [event]: {} },
  ...over,
});

const post = (body: string, headers: Record<string, string> = {}) =>
  answerBackChannelLogout(
    new Request('http://localhost/api/oidc/backchannel-logout', {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(Buffer.byteLength(body)),
        ...headers,
      },
    }),
    { db, settings, issuer, now },
  );
const send = (logoutToken: string) =>
  post(new URLSearchParams({ logout_token: logoutToken }).toString());

test('a logout token of the issuer ends the sign-ins of its subject', async () => {
  const answer = await send(await there.sign(claimsOf(), { typ: 'logout+jwt' }));
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.text()).toBe('');
  expect(await isLive()).toBe(false);
});

test.each([
  ['without a type', {}, undefined],
  ['of type JWT', {}, 'JWT'],
  ['of the type in full', {}, 'application/logout+jwt'],
  ['for several, us among them', { aud: ['other', 'sallyport'] }, 'logout+jwt'],
  ['with more in its event', { events: { [event]: { more: 1 }, other: {} } }, 'logout+jwt'],
])('one %s does too', async (_, over, typ) => {
  const header = typ === undefined ? {} : { typ };
  expect((await send(await there.sign(claimsOf(over), header))).status).toBe(200);
  expect(await isLive()).toBe(false);
});

// Each of these would let somebody else sign people out, or pass off another token of the issuer as a logout.
test.each<[string, Claims, string?]>([
  ['of another issuer', { iss: 'https://elsewhere.example' }],
  ['for another client', { aud: 'other' }],
  ['for nobody', { aud: undefined }],
  ['that has expired', { exp: seconds - 61 }],
  ['that never expires', { exp: undefined }],
  ['of ten minutes ago', { iat: seconds - 600 }],
  ['of the future', { iat: seconds + 600 }],
  ['without a time', { iat: undefined }],
  ['without an id', { jti: undefined }],
  ['with an id that is none', { jti: '' }],
  ['with a nonce, as an ID token has', { nonce: 'n' }],
  ['with a nonce of null', { nonce: null }],
  ['without events', { events: undefined }],
  ['with another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
  ['with an event that is no object', { events: { [event]: true } }],
  ['with events that are a list', { events: [event] }],
  ['of nobody and no session', { sub: undefined }],
  ['of a subject that is none', { sub: '' }],
  ['of a session without end', { sid: 'x'.repeat(256) }],
  ['of another type', {}, 'at+jwt'],
  ['of a type for decisions', {}, 'secevent+jwt'],
])('a token %s is refused, and nobody is signed out', async (_, over, typ) => {
  const header = typ === undefined ? {} : { typ };
  const answer = await send(await there.sign(claimsOf(over), header));
  expect(answer.status).toBe(400);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect((await answer.json()).error).toBe('invalid_request');
  expect(await isLive()).toBe(true);
});

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a token without a signature is refused', async () => {
  const unsigned = `${encoded({ alg: 'none' })}.${encoded(claimsOf())}.`;
  expect((await send(unsigned)).status).toBe(400);
  expect(await isLive()).toBe(true);
});

// If this fails, whoever reads the issuer's public key signs as the issuer.
test('a token signed with the public key as the secret is refused', async () => {
  const signed = `${encoded({ alg: 'HS256', kid: 'first' })}.${encoded(claimsOf())}`;
  const mac = createHmac('sha256', there.publicKey).update(signed).digest('base64url');
  expect((await send(`${signed}.${mac}`)).status).toBe(400);
  const secret = createHmac('sha256', 'sallyport').update(signed).digest('base64url');
  expect((await send(`${signed}.${secret}`)).status).toBe(400);
  expect(await isLive()).toBe(true);
});

test('a token of a key that the issuer does not list, or names itself, is refused', async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  for (const header of [{ kid: 'first' }, { kid: 'unknown' }, { jwk }, { jku: `${there.url}/x` }]) {
    const forged = await new SignJWT(claimsOf())
      .setProtectedHeader({ alg: 'RS256', ...header })
      .sign(privateKey);
    expect((await send(forged)).status, JSON.stringify(header)).toBe(400);
  }
  expect(there.asked).not.toContain('/x');
  expect(await isLive()).toBe(true);
});

test('a token that was changed is refused', async () => {
  const [header, , signature] = (await there.sign(claimsOf({ sub: 'lin' }))).split('.');
  expect((await send(`${header}.${encoded(claimsOf())}.${signature}`)).status).toBe(400);
  expect(await isLive()).toBe(true);
});

test('a token is taken once', async () => {
  const sent = await there.sign(claimsOf({ sub: 'nobody' }));
  expect((await send(sent)).status).toBe(200);
  expect((await send(sent)).status).toBe(400);
  const both = await there.sign(claimsOf({ sub: 'nobody' }));
  const answers = await Promise.all([send(both), send(both), send(both)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
});

test('a key that the issuer took up since is asked for, but not at the call of each stranger', async () => {
  const keysAsked = () => there.asked.filter((path) => path === '/keys').length;
  await there.listSecondKey();
  const header = { alg: 'ES256', kid: 'second' };
  const before = keysAsked();
  for (let n = 0; n < 5; n += 1) await send(await there.sign(claimsOf(), header));
  expect(keysAsked()).toBe(before);
  clock = new Date(now.getTime() + 60_000);
  expect((await send(await there.sign(claimsOf(), header))).status).toBe(200);
  expect(keysAsked()).toBe(before + 1);
  expect(await isLive()).toBe(false);
});

test('a body that is no form with one token, or too long, is refused', async () => {
  const good = await there.sign(claimsOf());
  const form = `logout_token=${good}`;
  for (const [body, headers] of [
    ['', {}],
    ['logout_token=', {}],
    ['other=1', {}],
    [`${form}&${form}`, {}],
    [JSON.stringify({ logout_token: good }), { 'content-type': 'application/json' }],
    [form, { 'content-type': 'text/plain' }],
    [form, { 'content-length': 'x' }],
    [`${form}&x=${'x'.repeat(70_000)}`, {}],
  ] satisfies [string, Record<string, string>][])
    expect((await post(body, headers)).status, body.slice(0, 40)).toBe(400);
  expect(await isLive()).toBe(true);
});

test('where the keys cannot be read nobody is signed out, and the answer says why', async () => {
  const silent = createIssuer('http://127.0.0.1:9', () => now);
  const body = new URLSearchParams({ logout_token: await there.sign(claimsOf()) }).toString();
  const answer = await answerBackChannelLogout(
    new Request('http://localhost/', {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(body.length),
      },
    }),
    { db, settings, issuer: silent, now },
  );
  expect(answer.status).toBe(400);
  expect((await answer.json()).error).toBe('temporarily_unavailable');
  expect(await isLive()).toBe(true);
});

test('whoever asks without end is told to stop', async () => {
  const later = new Date(now.getTime() + 3_600_000);
  const budget = new Budget({ burst: 100, perSecond: 10 });
  const ask = () =>
    answerBackChannelLogout(
      new Request('http://localhost/', { method: 'POST', body: 'x' }),
      { db, settings, issuer, now: later },
      budget,
    );
  const statuses = await Promise.all(Array.from({ length: 120 }, ask));
  const counts = (status: number) => statuses.filter((answer) => answer.status === status).length;
  expect([counts(400), counts(429)]).toEqual([100, 20]);
});
