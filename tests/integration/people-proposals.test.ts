import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { noteBreakGlass } from '@/lib/people/break-glass/mutations';
import { listBreakGlassInUse } from '@/lib/people/break-glass/queries';
import { acceptInvitation, invitePerson } from '@/lib/people/invitations/mutations';
import {
  markBreakGlass,
  removePerson,
  resetFactors,
  restorePerson,
} from '@/lib/people/members/mutations';
import {
  confirmProposal,
  refuseProposal,
  switchFourEyes,
  withdrawProposal,
} from '@/lib/people/proposals/mutations';
import { hasFourEyes, listOpenProposals } from '@/lib/people/proposals/queries';
import { changeRights } from '@/lib/people/rights/mutations';
import type { GivenRights } from '@/lib/people/rights/schema';
import { createTeam, setMember } from '@/lib/people/teams/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  clearPeople,
  ctxAs,
  type Made,
  makePerson,
  newestEvents,
  openSignIn,
  scopeAs,
} from '../support/made-people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let other: PrismaClient;
let pool: Pool;
let ada: Made;
let carol: Made;
let approver: Made;
let bob: Made;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  other = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await Promise.all([owner, db, other].map((each) => each.$disconnect()));
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await clearPeople(owner);
  ada = await makePerson(owner, { name: 'Ada' });
  carol = await makePerson(owner, { name: 'Carol' });
  approver = await makePerson(owner, { name: 'Otto', roles: ['approver'] });
  bob = await makePerson(owner, { name: 'Bob', roles: ['viewer'] });
  await owner.setting.update({ where: { id: 1 }, data: { fourEyes: true } });
});

const rights = (over: Partial<GivenRights> = {}): GivenRights => ({
  roles: ['viewer'],
  reach: 'all',
  contentRead: 'none',
  contentExport: 'none',
  teams: [],
  ...over,
});
const change = (by: Made, of: Made, over: Partial<GivenRights>) =>
  changeRights(ctxAs(db, by), { personId: of.id, rights: rights(over), reason: 'on call' });
const stored = (id: string) => owner.person.findUniqueOrThrow({ where: { id } });
async function waiting(): Promise<string> {
  const [proposal] = await listOpenProposals(scopeAs(ada), new Date(), pool);
  if (proposal === undefined) throw new Error('nothing waits');
  return proposal.id;
}
const toldOf = async (kind: string) =>
  (await owner.notice.findMany({ where: { kind } })).map(({ personId }) => personId).sort();
const confirm = (by: Made, proposalId: string, client = db) =>
  confirmProposal(ctxAs(client, by), { proposalId });

test('what is given waits until somebody else confirms it, and both are in the log', async () => {
  expect(await change(ada, bob, { roles: ['analyst'], contentRead: 'all' })).toEqual({
    waits: true,
  });
  expect(await stored(bob.id)).toMatchObject({ roles: ['viewer'], contentRead: 'none' });
  const id = await waiting();
  expect(await listOpenProposals(scopeAs(ada), new Date(), pool)).toMatchObject([
    {
      subject: { id: bob.id },
      askedBy: { id: ada.id },
      before: rights(),
      proposed: { kind: 'rights', change: rights({ roles: ['analyst'], contentRead: 'all' }) },
    },
  ]);
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'rights_change_asked',
      facts: {
        by: `person:${ada.id}`,
        proposal: id,
        person: bob.id,
        before: { roles: ['viewer'] },
        after: { roles: ['analyst'], content_read: 'all' },
        reason: 'on call',
      },
    },
  ]);
  expect(await toldOf('rights_change_asked')).toEqual([ada.id, carol.id, approver.id].sort());
  await confirm(approver, id);
  expect(await toldOf('rights_changed')).toEqual([bob.id]);
  expect(await stored(bob.id)).toMatchObject({ roles: ['analyst'], contentRead: 'all' });
  expect(await newestEvents(owner, 2)).toMatchObject([
    {
      kind: 'rights_change_confirmed',
      facts: { by: `person:${approver.id}`, asked_by: `person:${ada.id}`, proposal: id },
    },
    { kind: 'rights_changed', facts: { person: bob.id, proposal: id } },
  ]);
  await expect(confirm(carol, id)).rejects.toThrow('does not wait any more');
});

test('what is taken away goes at once, and only what is given with it waits', async () => {
  await owner.person.update({
    where: { id: bob.id },
    data: { roles: ['analyst', 'approver'], contentRead: 'all', contentExport: 'all' },
  });
  expect(await change(ada, bob, { roles: ['analyst'] })).toEqual({ waits: false });
  expect(await stored(bob.id)).toMatchObject({ roles: ['analyst'], contentRead: 'none' });
  expect(await change(ada, bob, { roles: ['policy_author'] })).toEqual({ waits: true });
  expect(await stored(bob.id)).toMatchObject({ roles: ['viewer'] });
  await confirm(carol, await waiting());
  expect(await stored(bob.id)).toMatchObject({ roles: ['policy_author'] });
  await removePerson(ctxAs(db, ada), { personId: bob.id, reason: 'left' });
  expect((await stored(bob.id)).disabledAt).not.toBeNull();
});

// If this fails, one person alone gives rights, or takes them.
test('refuses confirming by who asked, by who benefits, and by who may not', async () => {
  await change(ada, carol, { roles: ['admin'], contentRead: 'all' });
  const id = await waiting();
  await expect(confirm(ada, id)).rejects.toThrow('Who asked for a change');
  await expect(confirm(carol, id)).rejects.toThrow('given themselves');
  await expect(confirm(bob, id)).rejects.toMatchObject({ code: 'forbidden' });
  const stale: Made = { ...approver, actor: { ...approver.actor, isFresh: false } };
  await expect(confirm(stale, id)).rejects.toMatchObject({ code: 'factor_needed' });
  expect(await stored(carol.id)).toMatchObject({ contentRead: 'none' });
  // The database holds to it by itself.
  const decided = { state: 'confirmed', decidedAt: new Date() };
  for (const decidedById of [ada.id, carol.id])
    await expect(
      owner.proposal.update({ where: { id }, data: { ...decided, decidedById } }),
    ).rejects.toThrow();
  await confirm(approver, id);
  expect(await stored(carol.id)).toMatchObject({ contentRead: 'all' });
});

test('of two who confirm at once, one does', async () => {
  await change(ada, bob, { roles: ['analyst'] });
  const id = await waiting();
  const outcomes = await Promise.allSettled([confirm(carol, id), confirm(approver, id, other)]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const kinds = (await newestEvents(owner, 3)).map(({ kind }) => kind);
  expect(kinds).toEqual(['rights_change_confirmed', 'rights_changed', 'rights_change_asked']);
});

test('of one who confirms and one who refuses at once, one does', async () => {
  await change(ada, bob, { roles: ['analyst'] });
  const id = await waiting();
  const outcomes = await Promise.allSettled([
    confirm(carol, id),
    refuseProposal(ctxAs(other, approver), { proposalId: id, reason: 'no' }),
  ]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const { state } = await owner.proposal.findUniqueOrThrow({ where: { id } });
  expect((await stored(bob.id)).roles).toEqual(state === 'confirmed' ? ['analyst'] : ['viewer']);
});

test('a proposal is outdated when the rights have changed since, or who asked may not any more', async () => {
  await change(ada, bob, { roles: ['analyst'] });
  const first = await waiting();
  await owner.person.update({ where: { id: bob.id }, data: { contentRead: 'teams' } });
  await expect(confirm(carol, first)).rejects.toThrow('have changed since');
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'rights_change_refused', facts: { why: 'outdated', proposal: first } },
  ]);
  await expect(confirm(carol, first)).rejects.toThrow('does not wait any more');

  await change(ada, bob, { roles: ['approver'] });
  const second = await waiting();
  await removePerson(ctxAs(db, carol), { personId: ada.id, reason: 'left' });
  await expect(confirm(carol, second)).rejects.toThrow('may not change rights any more');

  await change(carol, bob, { roles: ['approver'] });
  const third = await waiting();
  await removePerson(ctxAs(db, carol), { personId: bob.id, reason: 'left' });
  await expect(confirm(approver, third)).rejects.toThrow('was removed');
  expect(await stored(bob.id)).toMatchObject({ roles: ['viewer'] });
});

test('after 24 hours it cannot be confirmed', async () => {
  await change(ada, bob, { roles: ['analyst'] });
  const proposalId = await waiting();
  const late = new Date(Date.now() + 24 * 3_600_000 + 1000);
  await expect(confirmProposal(ctxAs(db, carol, late), { proposalId })).rejects.toThrow(
    'has expired',
  );
  expect(await listOpenProposals(scopeAs(ada), late, pool)).toEqual([]);
});

test('it is refused by another with a reason, and withdrawn by who asked', async () => {
  await change(ada, bob, { roles: ['analyst'] });
  const first = await waiting();
  await expect(refuseProposal(ctxAs(db, ada), { proposalId: first, reason: 'x' })).rejects.toThrow(
    'Withdraw it instead',
  );
  await expect(refuseProposal(ctxAs(db, carol), { proposalId: first, reason: '' })).rejects.toThrow(
    'Say why',
  );
  await expect(change(carol, bob, { roles: ['approver'] })).rejects.toThrow('waits for a second');
  await refuseProposal(ctxAs(db, carol), { proposalId: first, reason: 'not on call' });
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'rights_change_refused', facts: { why: 'refused', reason: 'not on call' } },
  ]);
  await change(ada, bob, { roles: ['analyst'] });
  const second = await waiting();
  await expect(withdrawProposal(ctxAs(db, carol), { proposalId: second })).rejects.toThrow(
    'Only who asked',
  );
  await withdrawProposal(ctxAs(db, ada), { proposalId: second });
  expect(await newestEvents(owner)).toMatchObject([{ kind: 'rights_change_withdrawn' }]);
  await expect(confirm(carol, second)).rejects.toThrow('does not wait any more');
  expect(await stored(bob.id)).toMatchObject({ roles: ['viewer'] });
});

test('an invitation to more than viewing waits, and its code is made for who confirms', async () => {
  const invite = { ...rights({ roles: ['admin'] }), email: 'grace@example.org', name: 'Grace' };
  const ctx = ctxAs(db, ada);
  expect(await invitePerson(ctx, { invite, reason: 'new' })).toBeNull();
  expect(await owner.invitation.count()).toBe(0);
  await expect(invitePerson(ctx, { invite, reason: 'new' })).rejects.toThrow('waits for a second');
  const another = { ...invite, email: 'hedy@example.org' };
  const later = ctxAs(db, ada, new Date(ctx.now.getTime() + 1000));
  expect(await invitePerson(later, { invite: another, reason: 'new' })).toBeNull();
  const invited = await confirm(carol, await waiting());
  expect(
    await acceptInvitation(
      db,
      { code: invited?.code ?? '', email: invite.email, password: 'correct horse battery' },
      { address: '192.0.2.3', now: new Date() },
    ),
  ).toMatchObject({ ok: true });
  const viewer = { ...rights(), email: 'ida@example.org', name: 'Ida' };
  expect(await invitePerson(ctx, { invite: viewer, reason: 'new' })).toBeNull();
  const ofTeams = { ...viewer, email: 'joan@example.org', reach: 'teams' as const };
  expect(await invitePerson(ctx, { invite: ofTeams, reason: 'new' })).not.toBeNull();
});

// If this fails, one administrator who knows a password takes over the account, and confirms what they asked for.
test('a reset of second factors waits for somebody else, and the break-glass account does it at once', async () => {
  const told = { personId: bob.id, reason: 'lost the phone' };
  const factors = () => owner.passkey.count({ where: { personId: bob.id } });
  expect(await resetFactors(ctxAs(db, ada), told)).toEqual({ waits: true });
  expect(await factors()).toBe(1);
  expect(await listOpenProposals(scopeAs(ada), new Date(), pool)).toMatchObject([
    { kind: 'factor_reset', subject: { id: bob.id }, proposed: { kind: 'factor_reset' } },
  ]);
  const id = await waiting();
  await expect(confirm(ada, id)).rejects.toThrow('Who asked');
  await confirm(approver, id);
  expect(await factors()).toBe(0);
  expect(await newestEvents(owner, 2)).toMatchObject([
    { kind: 'rights_change_confirmed', facts: { change: 'factor_reset', person: bob.id } },
    {
      kind: 'factors_reset',
      facts: { by: `person:${approver.id}`, proposal: id, reason: 'lost the phone' },
    },
  ]);
  await resetFactors(ctxAs(db, ada), { ...told, personId: carol.id });
  await expect(confirm(carol, await waiting())).rejects.toThrow('given themselves');
  const glass = await makePerson(owner, { name: 'Glass', isBreakGlass: true });
  expect(await resetFactors(ctxAs(db, glass), { ...told, personId: carol.id })).toEqual({
    waits: false,
  });
});

test('restoring, and marking a break-glass account, wait too', async () => {
  await removePerson(ctxAs(db, ada), { personId: bob.id, reason: 'left' });
  expect(await restorePerson(ctxAs(db, ada), { personId: bob.id, reason: 'back' })).toEqual({
    waits: true,
  });
  expect((await stored(bob.id)).disabledAt).not.toBeNull();
  await confirm(carol, await waiting());
  expect((await stored(bob.id)).disabledAt).toBeNull();

  const dora = await makePerson(owner, { name: 'Dora' });
  const mark = { personId: dora.id, reason: 'for the night', isBreakGlass: true };
  expect(await markBreakGlass(ctxAs(db, ada), mark)).toEqual({ waits: true });
  const id = await waiting();
  await expect(confirm(dora, id)).rejects.toThrow('given themselves');
  await confirm(carol, id);
  expect(await stored(dora.id)).toMatchObject({ isBreakGlass: true });
});

test('a team by which content is read is given by two, another by one', async () => {
  const teamId = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  const member = { teamId, personId: bob.id, isMember: true, reason: 'joined' };
  await owner.person.update({ where: { id: bob.id }, data: { contentRead: 'teams' } });
  expect(await setMember(ctxAs(db, ada), member)).toEqual({ waits: true });
  expect(await owner.personTeam.count()).toBe(0);
  await confirm(carol, await waiting());
  expect(await owner.personTeam.count()).toBe(1);
  expect(await setMember(ctxAs(db, ada), { ...member, isMember: false })).toEqual({ waits: false });
  await owner.person.update({ where: { id: bob.id }, data: { contentRead: 'none' } });
  expect(await setMember(ctxAs(db, ada), member)).toEqual({ waits: false });
});

test('four eyes are switched on where two may confirm, and off by two', async () => {
  const off = { isOn: false, reason: 'too slow' };
  const on = { isOn: true, reason: 'an audit asks' };
  expect(await switchFourEyes(ctxAs(db, ada), off)).toEqual({ waits: true });
  expect(await hasFourEyes(scopeAs(ada), pool)).toBe(true);
  await expect(confirm(ada, await waiting())).rejects.toThrow('Who asked');
  await confirm(approver, await waiting());
  expect(await hasFourEyes(scopeAs(ada), pool)).toBe(false);
  expect(await newestEvents(owner, 2)).toMatchObject([
    { kind: 'rights_change_confirmed' },
    {
      kind: 'four_eyes_switched',
      facts: { before: { four_eyes: true }, after: { four_eyes: false } },
    },
  ]);
  await owner.person.updateMany({
    where: { id: { in: [carol.id, approver.id] } },
    data: { disabledAt: new Date() },
  });
  await expect(switchFourEyes(ctxAs(db, ada), on)).rejects.toThrow('two people who may confirm');
  await owner.person.update({
    where: { id: carol.id },
    data: { disabledAt: null, isBreakGlass: true },
  });
  await expect(switchFourEyes(ctxAs(db, ada), on)).rejects.toThrow('two people who may confirm');
  await owner.person.update({ where: { id: approver.id }, data: { disabledAt: null } });
  const keys = await owner.passkey.findMany({ where: { personId: approver.id } });
  await owner.passkey.deleteMany({ where: { personId: approver.id } });
  await expect(switchFourEyes(ctxAs(db, ada), on)).rejects.toThrow('two people who may confirm');
  await owner.passkey.createMany({ data: keys });
  expect(await switchFourEyes(ctxAs(db, ada), on)).toEqual({ waits: false });
  await expect(switchFourEyes(ctxAs(db, ada), on)).rejects.toThrow('on already');
  await expect(switchFourEyes(ctxAs(db, approver), off)).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test('the break-glass account does not wait, and its use is in the log and on every page', async () => {
  const glass = await makePerson(owner, { name: 'Glass', isBreakGlass: true });
  expect(await change(glass, bob, { roles: ['admin'] })).toEqual({ waits: false });
  expect(await stored(bob.id)).toMatchObject({ roles: ['admin'] });

  const now = new Date();
  const inUse = (at = now) =>
    listBreakGlassInUse(scopeAs(ada), { now: at, idleMs: 3_600_000 }, pool);
  expect(await inUse()).toEqual([]);
  await openSignIn(owner, ada, { at: now });
  const signIn = await openSignIn(owner, glass, { at: now });
  expect(await inUse()).toEqual([{ id: glass.id, name: 'Glass', since: now }]);
  expect(await inUse(new Date(now.getTime() + 3_600_000))).toEqual([]);
  const note = (of: Made) =>
    db.$transaction((tx) =>
      noteBreakGlass(tx, { person: of.id, signIn, address: '192.0.2.9', now }),
    );
  expect(await note(ada)).toBe(false);
  expect(await note(glass)).toBe(true);
  const told = await owner.notice.findMany({ where: { kind: 'break_glass_used' } });
  expect(told.map(({ personId }) => personId).sort()).toEqual(
    [ada.id, carol.id, glass.id, bob.id].sort(),
  );
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'break_glass_used', facts: { person: glass.id, sign_in: signIn } },
  ]);
});
