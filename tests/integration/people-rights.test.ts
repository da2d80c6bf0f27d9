import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  endSignIns,
  markBreakGlass,
  removePerson,
  resetFactors,
  restorePerson,
} from '@/lib/people/members/mutations';
import { findMember, listMembers, listOpenSignIns } from '@/lib/people/members/queries';
import { changeRights } from '@/lib/people/rights/mutations';
import type { GivenRights } from '@/lib/people/rights/schema';
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
/** To arrange and to look. */
let owner: PrismaClient;
/** As the console is, twice, so that two act at once. */
let db: PrismaClient;
let other: PrismaClient;
let pool: Pool;
let ada: Made;
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
  bob = await makePerson(owner, { name: 'Bob', roles: ['viewer'] });
});

const rights = (over: Partial<GivenRights> = {}): GivenRights => ({
  roles: ['viewer'],
  reach: 'all',
  contentRead: 'none',
  contentExport: 'none',
  teams: [],
  ...over,
});
const change = (by: Made, of: Made, over: Partial<GivenRights>, reason = 'joined the review') =>
  changeRights(ctxAs(db, by), { personId: of.id, rights: rights(over), reason });
const stored = (id: string) => owner.person.findUniqueOrThrow({ where: { id } });

test('roles, rights, reach and teams are changed, and the entry says what was, what is and why', async () => {
  const team = await owner.team.create({
    data: { id: randomUUID(), name: 'Payments', createdAt: new Date() },
  });
  const given = await change(ada, bob, {
    roles: ['analyst', 'viewer'],
    reach: 'teams',
    contentRead: 'teams',
    teams: [team.id],
  });
  expect(given).toEqual({ waits: false });
  expect(await findMember(scopeAs(ada), bob.id, pool)).toMatchObject({
    roles: ['viewer', 'analyst'],
    reach: 'teams',
    contentRead: 'teams',
    contentExport: 'none',
    teams: [{ name: 'Payments' }],
  });
  expect(await newestEvents(owner)).toEqual([
    {
      kind: 'rights_changed',
      facts: {
        by: `person:${ada.id}`,
        address: '192.0.2.1',
        sign_in: 's',
        person: bob.id,
        before: { roles: ['viewer'], reach: 'all', content_read: 'none', teams: [] },
        after: {
          roles: ['viewer', 'analyst'],
          reach: 'teams',
          content_read: 'teams',
          teams: [team.id],
        },
        reason: 'joined the review',
      },
    },
  ]);
});

test('refuses whoever is no administrator, and an administrator without a fresh factor', async () => {
  const viewer = await makePerson(owner, { name: 'Vera', roles: ['approver'] });
  const stale: Made = { ...ada, actor: { ...ada.actor, isFresh: false } };
  const told = { personId: bob.id, reason: 'x' };
  const acts = (by: Made) => [
    () => change(by, bob, { roles: ['admin'] }),
    () => removePerson(ctxAs(db, by), told),
    () => restorePerson(ctxAs(db, by), told),
    () => resetFactors(ctxAs(db, by), told),
    () => endSignIns(ctxAs(db, by), { ...told, signInId: null }),
    () => markBreakGlass(ctxAs(db, by), { ...told, isBreakGlass: true }),
  ];
  for (const act of acts(viewer)) await expect(act()).rejects.toMatchObject({ code: 'forbidden' });
  for (const act of acts(stale))
    await expect(act()).rejects.toMatchObject({ code: 'factor_needed' });
  expect(await stored(bob.id)).toMatchObject({ roles: ['viewer'], disabledAt: null });
});

// If this fails, whoever was demoted goes on giving rights until the page they opened is gone.
test('refuses an administrator who was demoted after the request was let in', async () => {
  await makePerson(owner, { name: 'Carol' });
  await owner.person.update({ where: { id: ada.id }, data: { roles: ['viewer'] } });
  await expect(change(ada, bob, { roles: ['admin'] })).rejects.toMatchObject({ code: 'forbidden' });
  await openSignIn(owner, bob);
  await expect(
    endSignIns(ctxAs(db, ada), { personId: bob.id, signInId: null, reason: 'x' }),
  ).rejects.toMatchObject({ code: 'forbidden' });
  expect(await owner.signIn.count({ where: { personId: bob.id, endedAt: null } })).toBe(1);
  await owner.person.update({
    where: { id: ada.id },
    data: { roles: ['admin'], disabledAt: new Date() },
  });
  await expect(change(ada, bob, { roles: ['admin'] })).rejects.toMatchObject({ code: 'forbidden' });
});

test('refuses changing, removing, resetting or marking oneself', async () => {
  await makePerson(owner, { name: 'Carol' });
  const own = { personId: ada.id, reason: 'x' };
  const ctx = ctxAs(db, ada);
  await expect(change(ada, ada, { roles: ['admin'], contentRead: 'all' })).rejects.toThrow(
    'Nobody changes their own roles',
  );
  await expect(change(ada, ada, { roles: ['viewer'] })).rejects.toThrow('Nobody changes their own');
  await expect(removePerson(ctx, own)).rejects.toThrow('Nobody removes themselves');
  await expect(resetFactors(ctx, own)).rejects.toThrow('Nobody resets their own');
  await expect(markBreakGlass(ctx, { ...own, isBreakGlass: true })).rejects.toThrow(
    'their own account',
  );
  expect(await stored(ada.id)).toMatchObject({ roles: ['admin'], contentRead: 'none' });
});

test.each<[string, Record<string, unknown>, string]>([
  ['no role', { roles: [] }, 'Choose one role'],
  ['a role that does not exist', { roles: ['root'] }, 'Invalid'],
  ['export of what is not read', { contentExport: 'all' }, 'may not read cannot be exported'],
  ['a team that is no more', { teams: [randomUUID()] }, 'teams is no more'],
  ['a change of nothing', {}, 'Nothing would change'],
])('refuses %s', async (_what, over, sentence) => {
  await expect(change(ada, bob, over as Partial<GivenRights>)).rejects.toThrow(sentence);
});

test('refuses a change without a reason, and one of nobody', async () => {
  await expect(change(ada, bob, { roles: ['analyst'] }, ' ')).rejects.toThrow('Say why');
  const nobody = { ...bob, id: randomUUID() };
  await expect(change(ada, nobody, { roles: ['analyst'] })).rejects.toThrow('no such person');
});

test('a removed person is out at once: every sign-in ends, and what was owned is named as unowned', async () => {
  const now = new Date();
  await openSignIn(owner, bob);
  await openSignIn(owner, bob);
  const kept = await openSignIn(owner, ada);
  const identity = randomUUID();
  await owner.identity.create({
    data: {
      id: identity,
      kind: 'agent',
      name: `owned-${identity}`,
      state: 'active',
      ownerId: bob.id,
      createdAt: now,
    },
  });
  const done = await removePerson(ctxAs(db, ada), { personId: bob.id, reason: 'left the company' });
  expect(done).toEqual({ signIns: 2, unowned: 1 });
  expect(await owner.notice.findMany()).toMatchObject([
    { kind: 'identity_unowned', personId: ada.id, subject: 'Bob' },
  ]);
  expect(await owner.signIn.findMany({ where: { endedAt: null } })).toMatchObject([{ id: kept }]);
  expect(await owner.signIn.findFirst({ where: { personId: bob.id } })).toMatchObject({
    endedWhy: 'person_removed',
  });
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'person_removed',
      facts: {
        person: bob.id,
        reason: 'left the company',
        sign_ins_ended: 2,
        unowned: [identity],
        unowned_count: 1,
      },
    },
  ]);
  await expect(removePerson(ctxAs(db, ada), { personId: bob.id, reason: 'x' })).rejects.toThrow(
    'removed before',
  );
  await expect(change(ada, bob, { roles: ['analyst'] })).rejects.toThrow('was removed');
  expect(
    (await listMembers(scopeAs(ada), { role: null, state: 'removed', team: null }, pool)).map(
      ({ id }) => id,
    ),
  ).toEqual([bob.id]);
});

test('a removed person is restored with the rights of before', async () => {
  await removePerson(ctxAs(db, ada), { personId: bob.id, reason: 'left' });
  expect(await restorePerson(ctxAs(db, ada), { personId: bob.id, reason: 'is back' })).toEqual({
    waits: false,
  });
  expect(await stored(bob.id)).toMatchObject({ disabledAt: null, roles: ['viewer'] });
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'person_restored', facts: { person: bob.id, reason: 'is back' } },
  ]);
  await expect(restorePerson(ctxAs(db, ada), { personId: bob.id, reason: 'x' })).rejects.toThrow(
    'was not removed',
  );
});

test('a removal whose entry fails removes nobody and ends nothing', async () => {
  const signIn = await openSignIn(owner, bob);
  await owner.$executeRaw`ALTER FUNCTION append_control(text, text) RENAME TO append_control_away`;
  try {
    await expect(removePerson(ctxAs(db, ada), { personId: bob.id, reason: 'x' })).rejects.toThrow();
  } finally {
    await owner.$executeRaw`ALTER FUNCTION append_control_away(text, text) RENAME TO append_control`;
  }
  expect(await stored(bob.id)).toMatchObject({ disabledAt: null });
  expect(await owner.signIn.findUnique({ where: { id: signIn } })).toMatchObject({ endedAt: null });
});

test('lost factors are reset: all of them go, the sign-ins end, and the entry counts them', async () => {
  await openSignIn(owner, bob);
  await owner.recoveryCode.create({
    data: {
      id: randomUUID(),
      personId: bob.id,
      hash: new Uint8Array(32),
      createdAt: new Date(),
    },
  });
  await resetFactors(ctxAs(db, ada), { personId: bob.id, reason: 'lost the phone' });
  expect(await findMember(scopeAs(ada), bob.id, pool)).toMatchObject({
    factors: { passkeys: 0, hasCodes: false, recoveryCodes: 0 },
  });
  expect(await owner.signIn.count({ where: { personId: bob.id, endedAt: null } })).toBe(0);
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'factors_reset',
      facts: { before: { passkeys: 1, recovery_codes: 1 }, reason: 'lost the phone' },
    },
  ]);
});

test('one sign-in is ended, or all, with a reason', async () => {
  const now = new Date();
  const [first] = [await openSignIn(owner, bob), await openSignIn(owner, bob)];
  const open = () =>
    listOpenSignIns(scopeAs(ada), { person: bob.id, now, idleMs: 3_600_000 }, pool);
  expect(await open()).toHaveLength(2);
  const told = { personId: bob.id, reason: 'not known here' };
  expect(await endSignIns(ctxAs(db, ada), { ...told, signInId: first })).toBe(1);
  expect((await open()).map(({ id }) => id)).not.toContain(first);
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'sign_in_ended', facts: { person: bob.id, ended: [first], reason: 'not known here' } },
  ]);
  // Of another person it ends none, whatever id is sent.
  const mine = await openSignIn(owner, ada);
  await expect(endSignIns(ctxAs(db, ada), { ...told, signInId: mine })).rejects.toThrow('No such');
  await expect(endSignIns(ctxAs(db, ada), { ...told, reason: '', signInId: null })).rejects.toThrow(
    'Say why',
  );
  expect(await endSignIns(ctxAs(db, ada), { ...told, signInId: null })).toBe(1);
  await expect(endSignIns(ctxAs(db, ada), { ...told, signInId: null })).rejects.toThrow('No such');
});

// If this fails, the last one who could give rights back takes their own away, and nobody administers.
test('refuses to demote or remove the last administrator who has a second factor', async () => {
  const carol = await makePerson(owner, { name: 'Carol', hasFactor: false });
  const glass = await makePerson(owner, { name: 'Glass', isBreakGlass: true });
  await expect(change(carol, ada, { roles: ['viewer'] })).rejects.toThrow('Nobody would be left');
  await expect(removePerson(ctxAs(db, glass), { personId: ada.id, reason: 'x' })).rejects.toThrow(
    'Nobody would be left',
  );
  await expect(
    markBreakGlass(ctxAs(db, carol), { personId: ada.id, reason: 'x', isBreakGlass: true }),
  ).rejects.toThrow('Nobody would be left');
  expect(await stored(ada.id)).toMatchObject({
    roles: ['admin'],
    disabledAt: null,
    isBreakGlass: false,
  });
  const key = await owner.dataKey.create({
    data: {
      id: randomUUID(),
      purpose: 'totp',
      wrapped: new Uint8Array(8),
      kekId: 'aa',
      createdAt: new Date(),
    },
  });
  await owner.totp.create({
    data: {
      personId: carol.id,
      id: randomUUID(),
      seed: new Uint8Array(8),
      keyId: key.id,
      confirmedAt: new Date(),
    },
  });
  expect(await change(carol, ada, { roles: ['viewer'] })).toEqual({ waits: false });
});

test('of two administrators who demote or remove each other at once, one remains', async () => {
  for (let round = 0; round < 6; round += 1) {
    await clearPeople(owner);
    const [one, two] = [await makePerson(owner), await makePerson(owner)];
    const outcomes = await Promise.allSettled([
      changeRights(ctxAs(db, one), { personId: two.id, rights: rights(), reason: 'x' }),
      round % 2 === 0
        ? changeRights(ctxAs(other, two), { personId: one.id, rights: rights(), reason: 'x' })
        : removePerson(ctxAs(other, two), { personId: one.id, reason: 'x' }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await owner.person.count({ where: { roles: { has: 'admin' }, disabledAt: null } })).toBe(
      1,
    );
  }
});

test('of two who demote the other two at once, the guard lets one through', async () => {
  const glass = await makePerson(owner, { isBreakGlass: true });
  const carol = await makePerson(owner, { name: 'Carol' });
  const outcomes = await Promise.allSettled([
    changeRights(ctxAs(db, glass), { personId: ada.id, rights: rights(), reason: 'x' }),
    changeRights(ctxAs(other, glass), { personId: carol.id, rights: rights(), reason: 'x' }),
  ]);
  const refusals = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(refusals.map(({ message }) => message)).toEqual([
    expect.stringContaining('Nobody would be left'),
  ]);
});

test('two break-glass accounts at most, of administrators, and the mark comes off before the role', async () => {
  const accounts = [await makePerson(owner), await makePerson(owner), await makePerson(owner)];
  const mark = (of: Made, isBreakGlass = true) =>
    markBreakGlass(ctxAs(db, ada), { personId: of.id, reason: 'for the night', isBreakGlass });
  await expect(mark(bob)).rejects.toThrow('Only an administrator');
  const outcomes = await Promise.allSettled(accounts.map((each) => mark(each)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  const [marked] = await owner.person.findMany({ where: { isBreakGlass: true } });
  const glass = accounts.find(({ id }) => id === marked?.id) ?? bob;
  await expect(mark(glass)).rejects.toThrow('already');
  await expect(change(ada, glass, { roles: ['viewer'] })).rejects.toThrow('Take that mark off');
  expect(await mark(glass, false)).toEqual({ waits: false });
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'break_glass_unmarked',
      facts: { before: { is_break_glass: true }, after: { is_break_glass: false } },
    },
  ]);
  await expect(mark(glass, false)).rejects.toThrow('no break-glass account');
});
