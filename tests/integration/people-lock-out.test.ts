import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { PeopleSso } from '@/lib/people/ctx';
import { markBreakGlass, removePerson, restorePerson } from '@/lib/people/members/mutations';
import { changeRights } from '@/lib/people/rights/mutations';
import type { GivenRights } from '@/lib/people/rights/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { clearPeople, ctxAs, type Made, makePerson, newestEvents } from '../support/made-people';

let database: TestDatabase;
/** To arrange and to look. */
let owner: PrismaClient;
/** As the console is, twice, so that two act at once. */
let db: PrismaClient;
let other: PrismaClient;
let ada: Made;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  other = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
});
afterAll(async () => {
  await Promise.all([owner, db, other].map((each) => each.$disconnect()));
  await database.drop();
});
beforeEach(async () => {
  await clearPeople(owner);
  ada = await makePerson(owner, { name: 'Ada' });
});

const rights = (over: Partial<GivenRights> = {}): GivenRights => ({
  roles: ['viewer'],
  reach: 'all',
  contentRead: 'none',
  contentExport: 'none',
  teams: [],
  ...over,
});
const stored = (id: string) => owner.person.findUniqueOrThrow({ where: { id } });

// If this fails, organisations whose second factors are the issuer's cannot take an administrator's role away.
test('an administrator counts as one by the issuer’s second factor where that counts', async () => {
  const carol = await makePerson(owner, { name: 'Carol', hasFactor: false });
  const issuer = 'https://login.example.com';
  await owner.person.update({ where: { id: carol.id }, data: { issuer, subject: 'carol' } });
  const demote = (sso: PeopleSso) =>
    changeRights(ctxAs(db, carol, new Date(), sso), {
      personId: ada.id,
      rights: rights(),
      reason: 'x',
    });
  for (const sso of [
    { issuer, countsFactors: false },
    { issuer: 'https://elsewhere.example', countsFactors: true },
  ])
    await expect(demote(sso)).rejects.toThrow('Nobody would be left');
  expect(await demote({ issuer, countsFactors: true })).toEqual({ waits: false });
});

// If this fails, nobody can give anything any more, nor switch four eyes off.
test('while four eyes are on, two who may confirm and have a second factor remain', async () => {
  const approver = await makePerson(owner, { name: 'Otto', roles: ['approver'] });
  const carol = await makePerson(owner, { name: 'Carol' });
  await owner.setting.update({ where: { id: 1 }, data: { fourEyes: true } });
  const told = { personId: approver.id, reason: 'left' };
  await makePerson(owner, { name: 'Glass', isBreakGlass: true });
  await makePerson(owner, { name: 'Nora', hasFactor: false });
  await removePerson(ctxAs(db, ada), { ...told, personId: carol.id });
  const two = 'Fewer than two would be left to confirm';
  await expect(removePerson(ctxAs(db, ada), told)).rejects.toThrow(two);
  await expect(
    changeRights(ctxAs(db, ada), {
      personId: approver.id,
      rights: rights({ roles: ['analyst'] }),
      reason: 'x',
    }),
  ).rejects.toThrow(two);
  expect(await stored(approver.id)).toMatchObject({ roles: ['approver'], disabledAt: null });
  const dora = await makePerson(owner, { name: 'Dora' });
  const outcomes = await Promise.allSettled([
    removePerson(ctxAs(db, ada), told),
    removePerson(ctxAs(other, ada), { ...told, personId: dora.id }),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await owner.setting.update({ where: { id: 1 }, data: { fourEyes: false } });
  const left = (await stored(dora.id)).disabledAt === null ? dora : approver;
  await removePerson(ctxAs(db, ada), { ...told, personId: left.id });
  expect((await stored(left.id)).disabledAt).not.toBeNull();
});

test('a break-glass account that is removed makes room for another, and comes back as an ordinary one', async () => {
  const one = await makePerson(owner, { name: 'One', isBreakGlass: true });
  await makePerson(owner, { name: 'Two', isBreakGlass: true });
  const three = await makePerson(owner, { name: 'Three' });
  await removePerson(ctxAs(db, ada), { personId: one.id, reason: 'left' });
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'person_removed',
      facts: {
        before: { roles: ['admin'], is_break_glass: true },
        after: { roles: ['admin'], is_break_glass: false },
      },
    },
  ]);
  const mark = { personId: three.id, reason: 'for the night', isBreakGlass: true };
  expect(await markBreakGlass(ctxAs(db, ada), mark)).toEqual({ waits: false });
  await restorePerson(ctxAs(db, ada), { personId: one.id, reason: 'is back' });
  expect(await stored(one.id)).toMatchObject({ disabledAt: null, isBreakGlass: false });
});
