import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import {
  decommissionIdentity,
  resumeIdentity,
  suspendIdentity,
} from '@/lib/identities/lifecycle/mutations';
import {
  acceptIdentity,
  createIdentity,
  proposeIdentity,
  refuseIdentity,
} from '@/lib/identities/registration/mutations';
import { changeIdentity } from '@/lib/identities/versions/mutations';
import type { MachineActor } from '@/lib/people/actor';
import { createTeam } from '@/lib/people/teams/mutations';
import { mintKeyScope } from '@/lib/tokens/scope';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { forgetIdentities } from '../support/forget-identities';
import { clearPeople, ctxAs, type Made, makePerson, newestEvents } from '../support/made-people';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let gatewayDb: PrismaClient;
let pool: Pool;
let ada: Made;
let bob: Made;
let ctx: RegistryCtx;
let machine: RegistryCtx;
const reason = 'as agreed in the review';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  gatewayDb = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await Promise.all([owner.$disconnect(), db.$disconnect(), gatewayDb.$disconnect(), pool.end()]);
  await database.drop();
});
beforeEach(async () => {
  await forgetIdentities(owner);
  await owner.team.deleteMany();
  await clearPeople(owner);
  [ada, bob] = await Promise.all([
    makePerson(owner, { name: 'Ada', roles: ['admin'] }),
    makePerson(owner, { name: 'Bob', roles: ['analyst'] }),
  ]);
  ctx = { ...ctxAs(db, ada), scope: scopeOf() };
  const actor: MachineActor = {
    kind: 'machine',
    id: '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53',
    scopes: ['registry:write'],
    address: '192.0.2.7',
  };
  machine = { db: gatewayDb, actor, scope: mintKeyScope(actor.id, actor.address), now: ctx.now };
});

const stored = (id: string) => owner.identity.findUniqueOrThrow({ where: { id } });
const versionsOf = (identityId: string) =>
  owner.identityVersion.findMany({ where: { identityId }, orderBy: { revision: 'asc' } });

describe('registering', () => {
  test('keeps all that is said of an identity, and its first version', async () => {
    const teamId = await createTeam(ctxAs(db, ada), { name: 'Payments' });
    const { identity, key } = await createIdentity(ctx, {
      kind: 'agent',
      name: 'returns',
      sponsorId: bob.id,
      teamId,
      purpose: 'Handles returns',
      tags: ['shop', 'shop'],
      actsFor: { people: [bob.id], teams: [teamId] },
      issuesKey: false,
    });
    expect(key).toBeNull();
    expect(await stored(identity.id)).toMatchObject({
      ownerId: ada.id,
      sponsorId: bob.id,
      teamId,
      purpose: 'Handles returns',
      tags: ['shop'],
      actsForAll: false,
      actsForPeople: [bob.id],
      actsForTeams: [teamId],
      trust: 'observed',
      revision: 1,
    });
    expect(await versionsOf(identity.id)).toMatchObject([
      { revision: 1, by: `person:${ada.id}`, attributes: { owner: ada.id, tags: ['shop'] } },
    ]);
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      kind: 'identity_created',
      facts: { owner: ada.id, sponsor: bob.id, team: teamId },
    });
  });

  test('a person who names nobody answers for it and wants it; a machine may leave both', async () => {
    const nobody = { ownerId: null, sponsorId: null };
    const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'returns', ...nobody });
    expect(await stored(identity.id)).toMatchObject({ ownerId: ada.id, sponsorId: ada.id });
    const { id } = await proposeIdentity(machine, { kind: 'agent', name: 'offered', ...nobody });
    expect(await stored(id)).toMatchObject(nobody);
  });

  test.each([
    [
      'an owner who is nobody',
      { ownerId: '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53' },
      'no such person',
    ],
    ['a sponsor who is nobody', { sponsorId: '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53' }, 'person'],
    ['a team that is none', { teamId: '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53' }, 'no such team'],
    ['a zone that is none', { zoneId: '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53' }, 'no such zone'],
    [
      'acting for nobody known',
      { actsFor: { people: ['01a2075f-e27b-7ea8-9f0b-4be9bfb69e53'] } },
      'to act for',
    ],
    ['a tag of two lines', { tags: ['a\nb'] }, 'one line'],
    ['51 tags', { tags: Array.from({ length: 51 }, (_, n) => `t${n}`) }, '50 tags'],
  ])('refuses %s, and leaves nothing behind', async (_what, said, sentence) => {
    await expect(createIdentity(ctx, { kind: 'agent', name: 'x', ...said })).rejects.toThrow(
      sentence,
    );
    expect(await owner.identity.count()).toBe(0);
  });
});

describe('changing', () => {
  test('writes a version and says in the entry what is different', async () => {
    const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'returns' });
    await changeIdentity(ctx, {
      identityId: identity.id,
      seenRevision: 1,
      purpose: 'Handles returns',
      names: ['returns-agent'],
      sponsorId: bob.id,
      reason,
    });
    expect(await stored(identity.id)).toMatchObject({ revision: 2, names: ['returns-agent'] });
    expect(await versionsOf(identity.id)).toMatchObject([
      { revision: 1, attributes: { purpose: '', names: [] } },
      { revision: 2, reason, attributes: { purpose: 'Handles returns', sponsor: bob.id } },
    ]);
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      kind: 'identity_changed',
      facts: {
        before: { names: [], purpose: '', sponsor: ada.id },
        after: { names: ['returns-agent'], purpose: 'Handles returns', sponsor: bob.id },
      },
    });
  });

  test('nobody overwrites what they have not seen', async () => {
    const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'returns' });
    const change = { identityId: identity.id, seenRevision: 1, reason };
    const both = await Promise.allSettled([
      changeIdentity(ctx, { ...change, purpose: 'one' }),
      changeIdentity(ctx, { ...change, purpose: 'two' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'conflict' },
    });
    expect((await stored(identity.id)).revision).toBe(2);
  });

  test.each([
    ['nothing', {}, 'Nothing is different'],
    ['a name that is taken', { name: 'taken' }, 'has this name already'],
    ['an agent into a collector', { reportsFor: 'all' as const }, 'Only a service'],
  ])('refuses %s, and counts no version', async (_what, change, sentence) => {
    await createIdentity(ctx, { kind: 'agent', name: 'taken' });
    const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'returns' });
    await expect(
      changeIdentity(ctx, { identityId: identity.id, seenRevision: 1, reason, ...change }),
    ).rejects.toThrow(sentence);
    expect((await stored(identity.id)).revision).toBe(1);
  });

  test('whom it does not reach, somebody does not change', async () => {
    const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'returns' });
    const within = { ...ctx, scope: scopeOf({ reach: 'teams', teams: [] }) };
    await expect(
      changeIdentity(within, { identityId: identity.id, seenRevision: 1, purpose: 'x', reason }),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      suspendIdentity(within, { identityId: identity.id, reason }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('stopping', () => {
  test('an analyst suspends with one reason; starting again takes an administrator and all trust', async () => {
    const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'returns' });
    await owner.identity.update({ where: { id: identity.id }, data: { trust: 'trusted' } });
    const analyst = { ...ctxAs(db, bob), scope: scopeOf() };
    const act = { identityId: identity.id, reason };
    await suspendIdentity(analyst, act);
    expect(await stored(identity.id)).toMatchObject({ state: 'suspended', stateReason: reason });
    expect(await owner.notice.findMany()).toMatchObject([
      {
        ...{ kind: 'identity_stopped', personId: ada.id, subject: 'returns' },
        link: `/identities/${identity.id}`,
      },
    ]);
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      kind: 'identity_suspended',
      facts: { by: `person:${bob.id}`, before: { state: 'active' }, after: { state: 'suspended' } },
    });
    await expect(resumeIdentity(analyst, act)).rejects.toMatchObject({ code: 'forbidden' });
    await resumeIdentity(ctx, act);
    expect(await stored(identity.id)).toMatchObject({
      state: 'active',
      stateReason: null,
      trust: 'observed',
      revision: 3,
    });
    expect((await versionsOf(identity.id)).map(({ by }) => by)).toEqual([
      `person:${ada.id}`,
      `person:${bob.id}`,
      `person:${ada.id}`,
    ]);
  });

  test('of two that suspend at once, one does and the other is told', async () => {
    const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'returns' });
    const both = await Promise.allSettled(
      [ctx, machine].map((each) => suspendIdentity(each, { identityId: identity.id, reason })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'conflict' },
    });
    expect(await versionsOf(identity.id)).toHaveLength(2);
  });

  test('what is decommissioned loses every credential, keeps its past, and frees its names', async () => {
    const { identity, key } = await createIdentity(ctx, {
      kind: 'agent',
      name: 'returns',
      names: ['returns-agent'],
    });
    await suspendIdentity(ctx, { identityId: identity.id, reason });
    await decommissionIdentity(ctx, { identityId: identity.id, reason });
    expect(await owner.credential.findMany()).toMatchObject([
      { id: key?.credentialId, revokedAt: expect.any(Date), revokedReason: reason },
    ]);
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      kind: 'identity_decommissioned',
      facts: { revoked: [key?.credentialId] },
    });
    for (const act of [resumeIdentity, suspendIdentity, decommissionIdentity])
      await expect(act(ctx, { identityId: identity.id, reason })).rejects.toMatchObject({
        code: 'conflict',
      });
    await createIdentity(ctx, { kind: 'agent', name: 'returns', names: ['returns-agent'] });
    // Straight to the table: it comes back to nobody, whatever the application does.
    await expect(
      owner.identity.update({ where: { id: identity.id }, data: { state: 'active' } }),
    ).rejects.toThrow();
    expect(await versionsOf(identity.id)).toHaveLength(3);
  });
});

describe('a proposal', () => {
  test('of a machine waits for a person, with nothing issued, and needs an owner', async () => {
    const { id } = await proposeIdentity(machine, { kind: 'agent', name: 'offered' });
    expect(await stored(id)).toMatchObject({ state: 'proposed', ownerId: null });
    expect(await owner.credential.count()).toBe(0);
    expect((await newestEvents(owner, 1))[0]).toMatchObject({
      kind: 'identity_proposed',
      facts: { by: `api_key:${machine.actor.kind === 'machine' && machine.actor.id}` },
    });
    const accept = { identityId: id, seenRevision: 1, reason };
    await expect(acceptIdentity(ctx, accept)).rejects.toThrow('who answers for it');
    await acceptIdentity(ctx, { ...accept, ownerId: bob.id });
    expect(await stored(id)).toMatchObject({
      state: 'active',
      ownerId: bob.id,
      sponsorId: bob.id,
      revision: 2,
    });
    await expect(acceptIdentity(ctx, { ...accept, seenRevision: 2 })).rejects.toThrow('is active');
  });

  test('is not accepted by whoever may only propose, nor by a machine', async () => {
    const { id } = await proposeIdentity(machine, { kind: 'agent', name: 'offered' });
    const accept = { identityId: id, seenRevision: 1, ownerId: ada.id, reason };
    for (const acting of [machine, { ...ctxAs(db, bob), scope: scopeOf() }])
      await expect(acceptIdentity(acting, accept)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(createIdentity(machine, { kind: 'agent', name: 'other' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    // Straight to the table, as the process itself: the database refuses what the application would.
    await expect(
      gatewayDb.identity.update({ where: { id }, data: { state: 'active' } }),
    ).rejects.toThrow('makes no identity active');
  });

  test('is not accepted while somebody or something that it asks for is gone', async () => {
    const { id } = await proposeIdentity(machine, {
      ...{ kind: 'agent', name: 'offered', actsFor: { people: [bob.id], teams: [] } },
    });
    await owner.person.update({ where: { id: bob.id }, data: { disabledAt: ctx.now } });
    const accept = { identityId: id, seenRevision: 1, ownerId: ada.id, reason };
    await expect(acceptIdentity(ctx, accept)).rejects.toThrow('to act for is no more');
    const expects = ['01a2075f-e27b-7ea8-9f0b-4be9bfb69e54'];
    await owner.identity.update({ where: { id }, data: { actsForPeople: [], expects } });
    await expect(acceptIdentity(ctx, accept)).rejects.toThrow('to act on is no more');
    await owner.identity.update({ where: { id }, data: { expects: [] } });
    await acceptIdentity(ctx, accept);
  });

  test('that was changed since it was looked at is looked at again', async () => {
    const { id } = await proposeIdentity(ctx, { kind: 'agent', name: 'offered' });
    await changeIdentity(ctx, { identityId: id, seenRevision: 1, purpose: 'other', reason });
    await expect(acceptIdentity(ctx, { identityId: id, seenRevision: 1, reason })).rejects.toThrow(
      'changed since you looked',
    );
  });

  test('that is refused ends, and frees its name', async () => {
    const { id } = await proposeIdentity(machine, { kind: 'agent', name: 'offered' });
    await expect(suspendIdentity(machine, { identityId: id, reason })).rejects.toThrow('proposed');
    await refuseIdentity(ctx, { identityId: id, reason });
    expect(await stored(id)).toMatchObject({ state: 'decommissioned', stateReason: reason });
    await expect(refuseIdentity(ctx, { identityId: id, reason })).rejects.toMatchObject({
      code: 'conflict',
    });
    await proposeIdentity(machine, { kind: 'agent', name: 'offered' });
  });

  test('of two that decide at once, one does', async () => {
    const { id } = await proposeIdentity(ctx, { kind: 'agent', name: 'offered' });
    const both = await Promise.allSettled([
      acceptIdentity(ctx, { identityId: id, seenRevision: 1, reason }),
      refuseIdentity(ctx, { identityId: id, reason }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('suspended while it is accepted ends up in one of the two, with a version of each', async () => {
    const { id } = await proposeIdentity(ctx, { kind: 'agent', name: 'offered' });
    const both = await Promise.allSettled([
      acceptIdentity(ctx, { identityId: id, seenRevision: 1, reason }),
      suspendIdentity(machine, { identityId: id, reason }),
    ]);
    expect(both[0].status).toBe('fulfilled');
    const isSuspended = both[1].status === 'fulfilled';
    expect((await stored(id)).state).toBe(isSuspended ? 'suspended' : 'active');
    expect(await versionsOf(id)).toHaveLength(isSuspended ? 3 : 2);
  });
});
