import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import {
  acceptIdentity,
  createIdentity,
  proposeIdentity,
} from '@/lib/identities/registration/mutations';
import { changeIdentity } from '@/lib/identities/versions/mutations';
import type { MachineActor } from '@/lib/people/actor';
import { createTeam } from '@/lib/people/teams/mutations';
import { mintKeyScope } from '@/lib/tokens/scope';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { forgetIdentities } from '../support/forget-identities';
import { clearPeople, ctxAs, type Made, makePerson } from '../support/made-people';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let gatewayDb: PrismaClient;
let ada: Made;
let team: string;
let ctx: RegistryCtx;
/** Of an administrator who is shown one team. */
let within: RegistryCtx;
const reason = 'as agreed in the review';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 2 });
  gatewayDb = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 2 });
}, 60_000);
afterAll(async () => {
  await Promise.all([owner, db, gatewayDb].map((each) => each.$disconnect()));
  await database.drop();
});
beforeEach(async () => {
  await forgetIdentities(owner);
  await owner.team.deleteMany();
  await clearPeople(owner);
  ada = await makePerson(owner, { name: 'Ada', roles: ['admin'] });
  ctx = { ...ctxAs(db, ada), scope: scopeOf() };
  team = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  within = { ...ctx, scope: scopeOf({ reach: 'teams', teams: [team] }) };
});

const make = async (name: string, more: object = {}) =>
  (await createIdentity(ctx, { kind: 'agent', name, issuesKey: false, ...more })).identity.id;
const reportedBy = async (id: string) =>
  (await owner.identityReportsFor.findMany({ where: { reporterId: id } }))
    .map(({ identityId }) => identityId)
    .sort();
const revisionOf = async (id: string) =>
  (await owner.identity.findUniqueOrThrow({ where: { id } })).revision;
const change = async (as: RegistryCtx, id: string, what: object) =>
  changeIdentity(as, { identityId: id, seenRevision: await revisionOf(id), reason, ...what });

describe('for whom a collector reports', () => {
  test('is taken away and given only of what whoever changes it is shown', async () => {
    const ours = await make('ours', { teamId: team });
    const more = await make('more', { teamId: team });
    const theirs = await make('theirs');
    const gone = await make('gone', { teamId: team });
    const relay = await make('relay', {
      ...{ kind: 'service', teamId: team, reportsFor: [ours, theirs, gone] },
    });
    await owner.identity.update({ where: { id: gone }, data: { state: 'decommissioned' } });
    await change(within, relay, { reportsFor: [more] });
    expect(await reportedBy(relay)).toEqual([more, theirs, gone].sort());
    await change(within, relay, { reportsFor: [more, theirs], purpose: 'kept' });
    expect(await reportedBy(relay)).toEqual([more, theirs, gone].sort());
    const other = await make('other');
    for (const named of ['other', other, gone])
      await expect(
        change(within, await make(`r-${named}`, { kind: 'service', teamId: team }), {
          reportsFor: [named],
        }),
      ).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is everybody only by whoever is shown everybody', async () => {
    const relay = await make('relay', { kind: 'service', teamId: team });
    const forbidden = { code: 'forbidden' };
    const asked = { kind: 'service' as const, name: 'sly', reportsFor: 'all' as const };
    await expect(createIdentity(within, asked)).rejects.toMatchObject(forbidden);
    await expect(change(within, relay, { reportsFor: 'all' })).rejects.toMatchObject(forbidden);
    await change(ctx, relay, { reportsFor: 'all' });
    await change(within, relay, { reportsFor: 'all', purpose: 'kept as it is' });
    await expect(change(within, relay, { reportsFor: [] })).rejects.toMatchObject(forbidden);
  });

  test('may be proposed by a machine, and is accepted by whoever could give it', async () => {
    const actor: MachineActor = {
      kind: 'machine',
      id: '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53',
      scopes: ['registry:write'],
      address: '192.0.2.7',
    };
    const scope = mintKeyScope(actor.id, actor.address);
    const machine: RegistryCtx = { db: gatewayDb, actor, scope, now: ctx.now };
    await make('theirs');
    for (const reportsFor of ['all' as const, ['theirs']]) {
      const { id } = await proposeIdentity(machine, {
        ...{ kind: 'service', name: `relay-${reportsFor}`, ownerId: ada.id, reportsFor },
        teamId: team,
      });
      const decided = { identityId: id, seenRevision: 1, reason };
      await expect(acceptIdentity(within, { ...decided, teamId: null })).rejects.toThrow(
        /^(Reporting for every identity|It would report for identities)/,
      );
      await acceptIdentity(ctx, decided);
    }
  });
});

test('what refers to somebody who is gone is changed all the same, and nobody gone is added', async () => {
  const bob = await makePerson(owner, { name: 'Bob', roles: ['analyst'] });
  const id = await make('helper', { actsFor: { people: [bob.id], teams: [] } });
  await owner.person.update({ where: { id: bob.id }, data: { disabledAt: new Date() } });
  await change(ctx, id, { actsFor: { people: [bob.id, ada.id], teams: [] } });
  expect((await owner.identity.findUniqueOrThrow({ where: { id } })).actsForPeople).toEqual([
    bob.id,
    ada.id,
  ]);
  const other = await make('other');
  const asked = (people: string[]) => change(ctx, other, { actsFor: { people, teams: [] } });
  await expect(asked([bob.id])).rejects.toThrow('is no more: Bob.');
  await expect(asked([randomUUID()])).rejects.toMatchObject({ code: 'not_found' });
});
