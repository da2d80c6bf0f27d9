import { afterAll, beforeEach, expect, test } from 'vitest';
import { findLiveSignIn } from '@/lib/auth/queries';
import type { SsoPerson } from '@/lib/auth/sso/claims';
import { linkPersonToSso } from '@/lib/auth/sso/link';
import { endBySso } from '@/lib/auth/sso/mutations';
import { newId } from '@/lib/core/ids';
import { actorOf } from '../support/people';
import { createSsoDatabase, email, issuer, now, ssoSettingsOf } from '../support/sso';

const { db, owner, attempt, enter, personOf, lastEntry, countOf, reset, close } =
  await createSsoDatabase();
let ada: string;

beforeEach(async () => {
  ada = await reset();
});
afterAll(close);

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

const signOut = (over: { jti?: string; sub?: string; sid?: string }, by = ssoSettingsOf()) =>
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
  const waiting = await enter({ sid: 'session-3' }, { settings: ssoSettingsOf({ OIDC_MFA: '' }) });
  const other = await enter({ subject: 'lin', email: 'lin@example.org', sid: 'session-4' });
  const isLive = async ({ token }: { token: string }) =>
    (await findLiveSignIn(db, token, now)) !== null;

  expect(await signOut({ sub: 'lin', sid: 'session-1' })).toMatchObject({ value: { ended: 0 } });
  expect(
    await signOut({ sid: 'session-1' }, ssoSettingsOf({ OIDC_ISSUER: 'https://x.example' })),
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

const reason = 'Asked for by ada';

test('an administrator links a person to a subject, who then comes in with the roles of the groups', async () => {
  const actor = actorOf();
  await linkPersonToSso({ db, actor, now }, { person: ada, subject: 'grace', reason }, issuer);
  expect(await lastEntry('sso_linked')).toMatchObject({
    by: `person:${actor.id}`,
    person: ada,
    after: { issuer, subject: 'grace' },
    reason,
  });
  await enter({ roles: ['admin', 'analyst'], email: 'elsewhere@example.org', name: 'Else' });
  const row = await owner.person.findUnique({ where: { id: ada } });
  // What that person signs in by with a password does not follow the issuer.
  expect(row).toMatchObject({ email, name: 'ada', roles: ['analyst', 'admin'] });
});

test('refuses to link without the right, a person twice, a subject twice, or a break-glass account', async () => {
  const actor = actorOf();
  const link = (input: { person: string; subject: string; reason?: string }, by = actor) =>
    linkPersonToSso({ db, actor: by, now }, { reason, ...input }, issuer);
  const asked = { person: ada, subject: 'grace' };
  await expect(link(asked, actorOf({ roles: ['approver'] }))).rejects.toThrow(
    'Only an administrator',
  );
  await expect(link(asked, actorOf({}, { isFresh: false }))).rejects.toThrow('second factor');
  await expect(link({ person: ada, subject: ' ' })).rejects.toThrow('Enter the subject');
  await expect(link({ ...asked, reason: ' ' })).rejects.toThrow('Say why');
  await expect(linkPersonToSso({ db, actor, now }, { ...asked, reason }, null)).rejects.toThrow(
    'not set up here',
  );
  await owner.person.update({ where: { id: ada }, data: { isBreakGlass: true } });
  await expect(link(asked)).rejects.toThrow('break-glass');
  await owner.person.update({ where: { id: ada }, data: { isBreakGlass: false } });
  await enter();
  await expect(link(asked)).rejects.toThrow('linked to that subject already');
  await link({ person: ada, subject: 'ada' });
  await expect(link({ person: ada, subject: 'other' })).rejects.toThrow('linked already');
});
