import { afterAll, beforeEach, expect, test } from 'vitest';
import { newSignInToken, signInMaxMs, signInPendingMs } from '@/lib/auth/cookie';
import { findLiveSignIn } from '@/lib/auth/queries';
import { refusals } from '@/lib/auth/sso/refusals';
import { isIssuersOwn } from '@/lib/auth/sso/settings';
import { freshForMs } from '@/lib/people/actor';
import { after, createSsoDatabase, email, issuer, now, ssoSettingsOf } from '../support/sso';

const { db, owner, attempt, enter, personOf, lastEntry, countOf, reset, close } =
  await createSsoDatabase();
let ada: string;

beforeEach(async () => {
  ada = await reset();
});
afterAll(close);

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
    by: `person:${row?.id}`,
    sign_in: live?.id,
    address: '192.0.2.7',
    proof: 'sso',
    factor: 'sso',
  });
});

test('the same subject of another issuer is somebody else', async () => {
  await enter();
  const other = ssoSettingsOf({ OIDC_ISSUER: 'https://other.example.com' });
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
  await owner.setting.create({ data: { ...setting, trustRules: {} } });
});

test('without a second factor that counts the sign-in waits for one, and opens nothing', async () => {
  await enter();
  await owner.passkey.updateMany({ data: { personId: (await personOf())?.id ?? '' } });
  await owner.signIn.deleteMany();
  for (const waiting of [
    await enter({ hasFactor: false }),
    // What the claims show counts for nothing where the settings name nothing.
    await enter({}, { settings: ssoSettingsOf({ OIDC_MFA: '' }) }),
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

// If this fails, whoever has somebody's password at the issuer brings a second factor of their own.
test('where factors of the issuer count, one that was not shown there is not set up here', async () => {
  const refused = await attempt({ hasFactor: false });
  expect(refused).toEqual({ ok: false, reason: 'no_factor', message: refusals.no_factor });
  expect(await owner.signIn.count()).toBe(0);
  expect((await lastEntry('sign_in_refused')).why).toBe('no_factor_at_the_issuer');
});

test('whom the issuer vouches for comes by it alone, but for a break-glass account', async () => {
  const settings = ssoSettingsOf();
  const own = { issuer: settings.issuer, isBreakGlass: false };
  expect(isIssuersOwn(own, settings)).toBe(true);
  expect(isIssuersOwn({ ...own, isBreakGlass: true }, settings)).toBe(false);
  expect(isIssuersOwn({ ...own, issuer: 'https://former.example' }, settings)).toBe(false);
  expect(isIssuersOwn({ ...own, issuer: null }, settings)).toBe(false);
  expect(isIssuersOwn(own, null)).toBe(false);
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
