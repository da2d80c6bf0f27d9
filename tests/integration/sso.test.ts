import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newSignInToken, signInMaxMs, signInPendingMs } from '@/lib/auth/cookie';
import { findLiveSignIn } from '@/lib/auth/queries';
import type { SsoPerson } from '@/lib/auth/sso/claims';
import { linkPersonToSso } from '@/lib/auth/sso/link';
import { endBySso, type SsoAttempt, signInBySso } from '@/lib/auth/sso/mutations';
import { refusals } from '@/lib/auth/sso/refusals';
import { parseSsoSettings, type SsoSettings } from '@/lib/auth/sso/settings';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { freshForMs } from '@/lib/people/actor';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { actorOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let owner: PrismaClient;
let ada: string;

const now = new Date('2026-11-30T09:00:00Z');
const after = (ms: number) => new Date(now.getTime() + ms);
const issuer = 'https://login.example.com';
const email = 'ada@example.org';

function settingsOf(over: Record<string, string> = {}): SsoSettings {
  const env = {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: 'sallyport',
    OIDC_ROLES: 'soc=analyst',
    OIDC_MFA: 'amr:mfa',
    ...over,
  };
  const settings = parseSsoSettings(parseConfig(env));
  if (settings === null) throw new Error('no settings');
  return settings;
}
const settings = settingsOf();

beforeAll(async () => {
  database = await createTestDatabase();
  // The console's own role: what works here works with its grants.
  db = createPrisma(database.consoleUrl, { applicationName: 'tests' });
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await Promise.all([db.$disconnect(), owner.$disconnect()]);
  await database.drop();
});
beforeEach(async () => {
  await owner.usedProof.deleteMany();
  await owner.signIn.deleteMany();
  await owner.passkey.deleteMany();
  await owner.person.deleteMany();
  await createFirstAdministrator(db, { email, password: 'correct horse battery' }, now);
  ada = (await owner.person.findFirstOrThrow()).id;
  await giveFactor(ada);
});

const giveFactor = (personId: string) =>
  owner.passkey.create({
    data: {
      id: newId(),
      personId,
      credentialId: new Uint8Array(Buffer.from(newId())),
      publicKey: new Uint8Array([1]),
      counter: 0n,
      name: 'Key',
      isSynced: false,
      createdAt: now,
    },
  });

const grace: SsoPerson = {
  subject: 'grace',
  sid: 'session-1',
  name: 'Grace Hopper',
  email: 'grace@example.org',
  roles: ['analyst'],
  hasFactor: true,
  authenticatedAt: now,
};

const attempt = (person: Partial<SsoPerson> = {}, over: Partial<SsoAttempt> = {}) =>
  signInBySso(db, {
    person: { ...grace, ...person },
    settings,
    address: '192.0.2.7',
    userAgent: 'test',
    replaces: null,
    now,
    ...over,
  });

async function enter(person: Partial<SsoPerson> = {}, over: Partial<SsoAttempt> = {}) {
  const outcome = await attempt(person, over);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.value;
}

const personOf = (subject = 'grace') =>
  owner.person.findUnique({ where: { issuer_subject: { issuer, subject } } });

const lastEntry = async (kind: string) =>
  JSON.parse(
    (await owner.controlEvent.findFirstOrThrow({ where: { kind }, orderBy: { position: 'desc' } }))
      .facts,
  );
const countOf = (kind: string) => owner.controlEvent.count({ where: { kind } });

test('whoever is new and in a mapped group is made, with its roles and no right to content', async () => {
  const { token, isPending } = await enter();
  expect(isPending).toBe(false);
  const row = await personOf();
  expect(row).toMatchObject({
    email: 'grace@example.org',
    name: 'Grace Hopper',
    roles: ['analyst'],
    reach: 'all',
    contentRead: 'none',
    contentExport: 'none',
    passwordHash: null,
  });
  expect(await lastEntry('person_created')).toEqual({
    person: row?.id,
    roles: ['analyst'],
    by: 'sso',
    issuer,
    subject: 'grace',
  });
  const live = await findLiveSignIn(db, token, now);
  expect(live?.person.roles).toEqual(['analyst']);
  expect(await lastEntry('signed_in')).toEqual({
    person: row?.id,
    sign_in: live?.id,
    address: '192.0.2.7',
    proof: 'sso',
    factor: 'sso',
    issuer,
  });
});

test('the same subject of another issuer is somebody else', async () => {
  await enter();
  const other = settingsOf({ OIDC_ISSUER: 'https://other.example.com' });
  expect(await attempt({}, { settings: other })).toMatchObject({ ok: false, reason: 'unlinked' });
  await enter({ email: null }, { settings: other });
  expect(await owner.person.count({ where: { subject: 'grace' } })).toBe(2);
});

test('whoever is in no mapped group is refused and not made', async () => {
  expect(await attempt({ roles: [] })).toEqual({
    ok: false,
    reason: 'refused',
    message: refusals.refused,
  });
  expect(await personOf()).toBeNull();
  expect(await lastEntry('sign_in_refused')).toEqual({
    person: null,
    address: '192.0.2.7',
    proof: 'sso',
    issuer,
    subject: 'grace',
    why: 'no_mapped_group',
  });
});

// If this fails, whoever may write an address at the issuer takes over the account that has it.
test('an e-mail address that is somebody else here opens nothing, and is on record to be linked', async () => {
  expect(await attempt({ email })).toMatchObject({ ok: false, reason: 'unlinked' });
  expect(await personOf()).toBeNull();
  expect(await owner.signIn.count()).toBe(0);
  expect(await owner.person.findUnique({ where: { id: ada } })).toMatchObject({
    issuer: null,
    subject: null,
    roles: ['admin'],
  });
  const entry = await lastEntry('sign_in_refused');
  expect(entry).toMatchObject({ why: 'email_taken', issuer, subject: 'grace' });
  expect(JSON.stringify(entry)).not.toContain(email);
});

test('an address that the issuer does not vouch for is not stored, and takes up nobody’s', async () => {
  await enter({ email: null });
  expect((await personOf())?.email).toMatch(/^[0-9a-f]{20}@unverified\.invalid$/);
  await enter({ email: null });
  expect(await owner.person.count()).toBe(2);
});

test('roles are what the groups say at each sign-in, and a change is on record', async () => {
  await enter();
  const changes = await countOf('roles_mapped');
  await enter();
  expect(await countOf('roles_mapped')).toBe(changes);
  await enter({ roles: ['viewer', 'approver'] });
  const row = await personOf();
  expect(row?.roles).toEqual(['viewer', 'approver']);
  expect(await lastEntry('roles_mapped')).toEqual({
    person: row?.id,
    by: 'sso',
    before: { roles: ['analyst'] },
    after: { roles: ['viewer', 'approver'] },
  });
});

test('what an administrator gave by hand does not outlast the groups', async () => {
  const { token } = await enter();
  await owner.person.updateMany({ where: { subject: 'grace' }, data: { roles: ['admin'] } });
  await enter();
  expect((await findLiveSignIn(db, token, now))?.person.roles).toEqual(['analyst']);
});

test('whoever lost the last mapped group does not come in, keeps no role, and is out elsewhere too', async () => {
  const elsewhere = await enter();
  expect(await attempt({ roles: [] })).toMatchObject({ ok: false, reason: 'refused' });
  expect((await personOf())?.roles).toEqual([]);
  expect(await findLiveSignIn(db, elsewhere.token, now)).toBeNull();
  expect(await lastEntry('sign_in_ended')).toMatchObject({ by: 'sso', why: 'no_mapped_group' });
  expect((await lastEntry('sign_in_refused')).person).toBe((await personOf())?.id);
  await enter();
  expect((await personOf())?.roles).toEqual(['analyst']);
});

test('a disabled person is refused with the same sentence, and nothing of it changes', async () => {
  await enter();
  await owner.person.updateMany({ where: { subject: 'grace' }, data: { disabledAt: now } });
  const refused = await attempt({ roles: ['admin'] });
  expect(refused).toEqual({ ok: false, reason: 'refused', message: refusals.refused });
  expect((await personOf())?.roles).toEqual(['analyst']);
  expect((await lastEntry('sign_in_refused')).why).toBe('disabled');
});

test('before the set-up nobody comes in, so that it stays open for whoever sets up', async () => {
  const setting = await owner.setting.findFirstOrThrow();
  await owner.setting.deleteMany();
  expect(await attempt({ roles: ['admin'] })).toMatchObject({ ok: false, reason: 'not_set_up' });
  expect(await personOf()).toBeNull();
  await owner.setting.create({ data: setting });
});

test('without a second factor that counts the sign-in waits for one, and opens nothing', async () => {
  for (const waiting of [
    await enter({ hasFactor: false }),
    // What the claims show counts for nothing where the settings name nothing.
    await enter({}, { settings: settingsOf({ OIDC_MFA: '' }) }),
  ]) {
    expect(waiting.isPending).toBe(true);
    expect(await findLiveSignIn(db, waiting.token, now)).toBeNull();
  }
  const rows = await owner.signIn.findMany();
  for (const row of rows)
    expect(row).toMatchObject({
      proof: 'sso',
      factor: null,
      factorAt: null,
      expiresAt: after(signInPendingMs),
    });
  expect(await lastEntry('sso_proved')).toMatchObject({ proof: 'sso', address: '192.0.2.7' });
});

test.each([
  ['just now', now, now],
  ['an hour ago', after(-3_600_000), after(-3_600_000)],
  ['in a moment, by a clock that is ahead', after(30_000), now],
  // Not known is not fresh.
  ['who knows when', null, after(-freshForMs)],
])('the factor counts from when the issuer proved the person: %s', async (_, said, counted) => {
  const { token } = await enter({ authenticatedAt: said });
  expect((await findLiveSignIn(db, token, now))?.factorAt).toEqual(counted);
});

test('a proof older than a sign-in may last opens none', async () => {
  const old = after(-signInMaxMs - 61_000);
  expect(await attempt({ authenticatedAt: old })).toMatchObject({ ok: false, reason: 'lapsed' });
  expect(await personOf()).toBeNull();
  await enter({ authenticatedAt: after(-signInMaxMs) });
});

test('after twelve hours the sign-in has ended, and only what the issuer says then opens another', async () => {
  const { token } = await enter();
  for (let at = 0; at < signInMaxMs; at += 30 * 60_000)
    expect((await findLiveSignIn(db, token, after(at)))?.person.roles, `${at}`).toEqual([
      'analyst',
    ]);
  expect(await findLiveSignIn(db, token, after(signInMaxMs))).toBeNull();
  const then = { now: after(signInMaxMs) };
  const authenticatedAt = then.now;
  expect(await attempt({ roles: [], authenticatedAt }, then)).toMatchObject({ ok: false });
  const again = await enter({ roles: ['viewer'], authenticatedAt }, then);
  expect((await findLiveSignIn(db, again.token, then.now))?.person.roles).toEqual(['viewer']);
});

test('the sign-in that the browser held before is given up', async () => {
  const before = await enter();
  const next = await enter({}, { replaces: before.token });
  expect(await findLiveSignIn(db, before.token, now)).toBeNull();
  expect(await findLiveSignIn(db, next.token, now)).not.toBeNull();
  expect(await lastEntry('sign_in_ended')).toMatchObject({ by: 'sso', why: 'replaced' });
  await enter({}, { replaces: newSignInToken() });
});

test('name and verified address follow the issuer, but an address is never taken from another', async () => {
  await enter({ email: null });
  await enter({ name: 'Grace B. Hopper' });
  expect(await personOf()).toMatchObject({ name: 'Grace B. Hopper', email: 'grace@example.org' });
  expect(await lastEntry('profile_mapped')).toMatchObject({
    by: 'sso',
    before: { name: 'Grace Hopper' },
    after: { name: 'Grace B. Hopper', email: 'grace@example.org' },
  });
  await enter({ email });
  expect((await personOf())?.email).toBe('grace@example.org');
  await enter({ email: null });
  expect((await personOf())?.email).toBe('grace@example.org');
});

const asAdmin: Partial<SsoPerson> = {
  subject: 'root',
  email: 'root@example.org',
  roles: ['admin'],
};

test('an administrator whose groups say otherwise is none any more, while there is another', async () => {
  await enter(asAdmin);
  await enter({ ...asAdmin, roles: ['viewer'] });
  expect((await personOf('root'))?.roles).toEqual(['viewer']);
});

test.each([
  ['is disabled', () => owner.person.update({ where: { id: ada }, data: { disabledAt: now } })],
  ['has no second factor', () => owner.passkey.deleteMany()],
  [
    'has another role',
    () => owner.person.update({ where: { id: ada }, data: { roles: ['viewer'] } }),
  ],
])('the last administrator stays one, loudly: the other %s', async (_, change) => {
  await enter(asAdmin);
  await change();
  await enter({ ...asAdmin, roles: ['viewer'] });
  expect((await personOf('root'))?.roles).toEqual(['viewer', 'admin']);
  expect(await lastEntry('roles_mapped')).toMatchObject({
    before: { roles: ['admin'] },
    after: { roles: ['viewer', 'admin'] },
    reason: expect.stringContaining('nobody else could administer'),
  });
  // Out of every group, it is refused all the same.
  expect(await attempt({ ...asAdmin, roles: [] })).toMatchObject({ ok: false, reason: 'refused' });
  expect((await personOf('root'))?.roles).toEqual(['admin']);
});

test('of two last administrators who lose the role at once one stays', async () => {
  await owner.person.update({ where: { id: ada }, data: { disabledAt: now } });
  const two = { subject: 'two', email: 'two@example.org', sid: 's2', roles: asAdmin.roles ?? [] };
  await enter(asAdmin);
  await enter(two);
  await Promise.all([
    enter({ ...asAdmin, roles: ['viewer'] }),
    enter({ ...two, roles: ['viewer'] }),
  ]);
  expect(await owner.person.count({ where: { roles: { has: 'admin' }, disabledAt: null } })).toBe(
    1,
  );
});

const signOut = (over: { jti?: string; sub?: string; sid?: string }, by = settings) =>
  endBySso(
    db,
    {
      jti: newId(),
      exp: 0,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      ...over,
    },
    { settings: by, now },
  );

test('a logout ends the sign-ins of its session, of its subject, or of both, and no other', async () => {
  const one = await enter();
  const two = await enter({ sid: 'session-2' });
  const waiting = await enter({ sid: 'session-3', hasFactor: false });
  const other = await enter({ subject: 'lin', email: 'lin@example.org', sid: 'session-4' });
  const isLive = async ({ token }: { token: string }) =>
    (await findLiveSignIn(db, token, now)) !== null;

  expect(await signOut({ sub: 'lin', sid: 'session-1' })).toMatchObject({ value: { ended: 0 } });
  expect(
    await signOut({ sid: 'session-1' }, settingsOf({ OIDC_ISSUER: 'https://x.example' })),
  ).toMatchObject({ value: { ended: 0 } });
  expect(await isLive(one)).toBe(true);
  expect(await signOut({ sid: 'session-1' })).toMatchObject({ value: { ended: 1 } });
  expect([await isLive(one), await isLive(two)]).toEqual([false, true]);
  expect(await lastEntry('sign_in_ended')).toMatchObject({ by: 'sso', why: 'sso_logout' });
  const entries = await countOf('sign_in_ended');
  expect(await signOut({ sub: 'grace' })).toMatchObject({ value: { ended: 2 } });
  expect(await countOf('sign_in_ended')).toBe(entries + 2);
  expect([await isLive(two), await isLive(other)]).toEqual([false, true]);
  const row = await owner.signIn.findFirstOrThrow({ where: { ssoSid: 'session-3' } });
  expect(row).toMatchObject({ endedAt: now, endedWhy: 'sso_logout' });
  expect(waiting.isPending).toBe(true);
});

test('a logout token is taken once', async () => {
  const jti = newId();
  expect((await signOut({ jti, sub: 'grace' })).ok).toBe(true);
  const { token } = await enter();
  expect(await signOut({ jti, sub: 'grace' })).toMatchObject({ ok: false, reason: 'replayed' });
  expect(await findLiveSignIn(db, token, now)).not.toBeNull();
});

test('a session whose end was told first is not opened after it', async () => {
  await signOut({ sid: 'session-1', sub: 'grace' });
  expect(await attempt()).toMatchObject({ ok: false, reason: 'failed' });
  expect((await lastEntry('sign_in_refused')).why).toBe('ended_at_the_issuer');
  await enter({ sid: 'session-2' });
});

test('an administrator links a person to a subject, who then comes in with the roles of the groups', async () => {
  const actor = actorOf();
  await linkPersonToSso({ db, actor }, { person: ada, subject: 'grace' }, issuer);
  expect(await lastEntry('sso_linked')).toMatchObject({
    by: `person:${actor.id}`,
    person: ada,
    after: { issuer, subject: 'grace' },
  });
  await enter({ roles: ['admin', 'analyst'], email: 'elsewhere@example.org', name: 'Else' });
  const row = await owner.person.findUnique({ where: { id: ada } });
  // What that person signs in by with a password does not follow the issuer.
  expect(row).toMatchObject({ email, name: 'ada', roles: ['analyst', 'admin'] });
});

test('refuses to link without the right, a person twice, a subject twice, or a break-glass account', async () => {
  const actor = actorOf();
  const link = (input: { person: string; subject: string }, by = actor) =>
    linkPersonToSso({ db, actor: by }, input, issuer);
  const asked = { person: ada, subject: 'grace' };
  await expect(link(asked, actorOf({ roles: ['approver'] }))).rejects.toThrow(
    'Only an administrator',
  );
  await expect(link(asked, actorOf({}, { isFresh: false }))).rejects.toThrow('second factor');
  await expect(link({ person: ada, subject: ' ' })).rejects.toThrow('Enter the subject');
  await expect(linkPersonToSso({ db, actor }, asked, null)).rejects.toThrow('not set up here');
  await owner.person.update({ where: { id: ada }, data: { isBreakGlass: true } });
  await expect(link(asked)).rejects.toThrow('break-glass');
  await owner.person.update({ where: { id: ada }, data: { isBreakGlass: false } });
  await enter();
  await expect(link(asked)).rejects.toThrow('linked to that subject already');
  await link({ person: ada, subject: 'ada' });
  await expect(link({ person: ada, subject: 'other' })).rejects.toThrow('linked already');
});
