import { afterAll, beforeEach, expect, test } from 'vitest';
import { findLiveSignIn } from '@/lib/auth/queries';
import type { SsoPerson } from '@/lib/auth/sso/claims';
import { endBySso } from '@/lib/auth/sso/mutations';
import { newId } from '@/lib/core/ids';
import type { PeopleSso } from '@/lib/people/ctx';
import { linkPerson } from '@/lib/people/links/mutations';
import type { LinkPerson } from '@/lib/people/links/schema';
import { confirmProposal } from '@/lib/people/proposals/mutations';
import { ctxAs, type Made, makePerson, openSignIn } from '../support/made-people';
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

const sso = { issuer, countsFactors: true };
const linkAs =
  (by: Made, told: PeopleSso | null = sso) =>
  (input: Partial<LinkPerson> = {}) =>
    linkPerson(ctxAs(db, by, now, told), { personId: ada, subject: 'grace', reason, ...input });

test('an administrator links a person to a subject, who then comes in with the roles of the groups', async () => {
  const root = await makePerson(owner, { name: 'Root' });
  const open = await openSignIn(owner, { id: ada }, { at: now });
  expect(await linkAs(root)()).toEqual({ waits: false });
  expect(await lastEntry('sso_linked')).toMatchObject({
    by: `person:${root.id}`,
    person: ada,
    after: { issuer, subject: 'grace' },
    reason,
    sign_ins_ended: 1,
  });
  expect(await owner.signIn.findUnique({ where: { id: open } })).toMatchObject({
    endedWhy: 'sso_linked',
  });
  await enter({ roles: ['admin', 'analyst'], email: 'elsewhere@example.org', name: 'Else' });
  const row = await owner.person.findUnique({ where: { id: ada } });
  // What that person signs in by with a password does not follow the issuer.
  expect(row).toMatchObject({ email, name: 'ada', roles: ['analyst', 'admin'] });
});

test('refuses to link without the right, oneself, a person twice, a subject twice, or whoever is out', async () => {
  const root = await makePerson(owner, { name: 'Root' });
  const link = linkAs(root);
  const asking = (over: object): Made => ({ ...root, actor: { ...root.actor, ...over } });
  await expect(linkAs(asking({ roles: ['approver'] }))()).rejects.toThrow('Only an administrator');
  await expect(linkAs(asking({ isFresh: false }))()).rejects.toThrow('second factor');
  await expect(link({ personId: root.id })).rejects.toThrow('Nobody links their own account');
  await expect(link({ subject: ' ' })).rejects.toThrow('Enter the subject');
  await expect(link({ reason: ' ' })).rejects.toThrow('Say why');
  await expect(linkAs(root, null)()).rejects.toThrow('not set up here');
  const set = (data: object) => owner.person.update({ where: { id: ada }, data });
  await set({ isBreakGlass: true });
  await expect(link()).rejects.toThrow('break-glass');
  await set({ isBreakGlass: false, disabledAt: now });
  await expect(link()).rejects.toThrow('was removed');
  await set({ disabledAt: null });
  await enter();
  await expect(link()).rejects.toThrow('linked to that subject already');
  await link({ subject: 'ada' });
  await expect(link({ subject: 'other' })).rejects.toThrow('linked already');
  await owner.person.update({ where: { id: root.id }, data: { roles: ['viewer'] } });
  await expect(link()).rejects.toMatchObject({ code: 'forbidden' });
});

// If this fails, one administrator takes over another account by a free subject, and confirms what they asked for.
test('with four eyes on a link waits for somebody who neither asked nor is linked', async () => {
  await owner.setting.updateMany({ data: { fourEyes: true } });
  const root = await makePerson(owner, { name: 'Root' });
  const otto = await makePerson(owner, { name: 'Otto', roles: ['approver'] });
  const confirm = (by: Made, proposalId: string, told: PeopleSso | null = sso) =>
    confirmProposal(ctxAs(db, by, now, told), { proposalId });
  const waiting = async () =>
    (await owner.proposal.findFirstOrThrow({ where: { state: 'open' } })).id;
  const linked = async () => (await owner.person.findUnique({ where: { id: ada } }))?.subject;
  expect(await linkAs(root)()).toEqual({ waits: true });
  expect(await lastEntry('rights_change_asked')).toMatchObject({
    change: 'sso_link',
    person: ada,
    issuer,
    subject: 'grace',
  });
  const first = await waiting();
  await expect(confirm(root, first)).rejects.toThrow('Who asked');
  const linkedOne: Made = { ...root, id: ada, actor: { ...root.actor, id: ada } };
  await expect(confirm(linkedOne, first)).rejects.toThrow('given themselves');
  expect(await linked()).toBeNull();
  // Everything is looked at anew.
  await enter();
  await expect(confirm(otto, first)).rejects.toThrow('linked to that subject already');
  await linkAs(root)({ subject: 'ada' });
  await expect(confirm(otto, await waiting(), null)).rejects.toThrow('another issuer');
  await linkAs(root)({ subject: 'ada' });
  await confirm(otto, await waiting());
  expect(await linked()).toBe('ada');
});

test('whoever loses the last role by the groups answers for nothing, and administrators are told', async () => {
  await enter();
  const lin = (await personOf())?.id ?? '';
  const identity = newId();
  await owner.identity.create({
    data: {
      id: identity,
      kind: 'agent',
      name: `owned-${identity}`,
      state: 'active',
      ownerId: lin,
      createdAt: now,
    },
  });
  const told = () => owner.notice.findMany({ where: { kind: 'identity_unowned' } });
  expect((await attempt({ roles: [] })).ok).toBe(false);
  expect(await told()).toMatchObject([
    { personId: ada, subject: 'Grace Hopper', facts: expect.stringContaining('1') },
  ]);
  await attempt({ roles: [] });
  expect(await told()).toHaveLength(1);
});

// If this fails, what an administrator takes away comes back by a sign-in at the same moment, and no entry says so.
test('a sign-in waits for a change of rights at once, and its entry tells what was by then', async () => {
  await enter({ roles: ['analyst'] });
  const id = (await personOf())?.id ?? '';
  const entering = await owner.$transaction(async (tx) => {
    await tx.person.update({ where: { id }, data: { roles: ['approver'] } });
    const second = enter({ roles: ['analyst'] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { second };
  });
  await entering.second;
  expect(await lastEntry('roles_mapped')).toMatchObject({
    before: { roles: ['approver'] },
    after: { roles: ['analyst'] },
  });
});
