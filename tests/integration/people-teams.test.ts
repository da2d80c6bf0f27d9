import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { setWebhook } from '@/lib/delivery/mutations';
import { issueIngestKey, revokeCredential } from '@/lib/identities/credentials/mutations';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { assignIdentity } from '@/lib/identities/versions/mutations';
import {
  countUnowned,
  findAssignment,
  listUnowned,
} from '@/lib/inventory/coverage/unowned/queries';
import { listOpenInvitations } from '@/lib/people/invitations/queries';
import { removePerson, restorePerson } from '@/lib/people/members/mutations';
import {
  findMember,
  listAssignable,
  listMembers,
  listOpenSignIns,
  listOwned,
} from '@/lib/people/members/queries';
import { listOpenProposals } from '@/lib/people/proposals/queries';
import { createTeam, deleteTeam, renameTeam, setMember } from '@/lib/people/teams/mutations';
import { listTeams } from '@/lib/people/teams/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { forgetIdentities } from '../support/forget-identities';
import {
  clearPeople,
  ctxAs,
  type Made,
  makePerson,
  newestEvents,
  scopeAs,
} from '../support/made-people';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let pool: Pool;
let ada: Made;
let bob: Made;
const reason = 'it is theirs';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await Promise.all([owner, db].map((each) => each.$disconnect()));
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await clearPeople(owner);
  await forgetIdentities(owner);
  ada = await makePerson(owner, { name: 'Ada' });
  bob = await makePerson(owner, { name: 'Bob', roles: ['viewer'] });
});

const member = (teamId: string, isMember = true) =>
  setMember(ctxAs(db, ada), { teamId, personId: bob.id, isMember, reason: 'joined' });

test('a team is made, renamed, filled, emptied and deleted, each with its entry', async () => {
  const teamId = await createTeam(ctxAs(db, ada), { name: ' Payments ' });
  await renameTeam(ctxAs(db, ada), { teamId, name: 'Billing' });
  expect(await newestEvents(owner, 2)).toMatchObject([
    { kind: 'team_renamed', facts: { before: { name: 'Payments' }, after: { name: 'Billing' } } },
    { kind: 'team_created', facts: { team: teamId, before: null, after: { name: 'Payments' } } },
  ]);
  await member(teamId);
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'rights_changed',
      facts: { person: bob.id, before: { teams: [] }, after: { teams: [teamId] } },
    },
  ]);
  expect(await listTeams(scopeAs(ada), pool)).toMatchObject([
    { name: 'Billing', identities: 0, members: [{ id: bob.id, name: 'Bob', isRemoved: false }] },
  ]);
  await expect(member(teamId)).rejects.toThrow('in Billing already');
  await expect(deleteTeam(ctxAs(db, ada), { teamId })).rejects.toThrow('Take them out');
  await member(teamId, false);
  await expect(member(teamId, false)).rejects.toThrow('not in Billing');
  const { identity } = await createIdentity(ctxAs(db, ada), { kind: 'agent', name: 'payer' });
  await assignIdentity(ctxAs(db, ada), {
    identityId: identity.id,
    ownerId: ada.id,
    teamId,
    reason,
  });
  await expect(deleteTeam(ctxAs(db, ada), { teamId })).rejects.toThrow('Take them out');
  await assignIdentity(ctxAs(db, ada), {
    identityId: identity.id,
    ownerId: ada.id,
    teamId: null,
    reason,
  });
  await deleteTeam(ctxAs(db, ada), { teamId });
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'team_deleted', facts: { before: { name: 'Billing' }, after: null } },
  ]);
  await expect(deleteTeam(ctxAs(db, ada), { teamId })).rejects.toThrow('no such team');
});

test('the webhook of a team that is deleted is removed with it, and told as removed', async () => {
  const teamId = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  const kek = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const settings = parseConfig({ CONSOLE_URL: 'https://console.example', NODE_ENV: 'test' });
  const url = 'https://hooks.example/T0/secret-path';
  await setWebhook({ ...ctxAs(db, ada), kek, settings }, { team: teamId, url });
  const { id } = await owner.webhook.findFirstOrThrow({ select: { id: true } });
  const row = { channel: 'webhook', kind: 'test', subject: '', target: 'hooks.example' };
  const at = new Date();
  await owner.delivery.create({
    data: { id: randomUUID(), ...row, webhookId: id, state: 'waiting', dueAt: at, createdAt: at },
  });
  // By itself the database lets go of no team that has one.
  await expect(db.team.delete({ where: { id: teamId } })).rejects.toThrow();
  await deleteTeam(ctxAs(db, ada), { teamId });
  expect(await newestEvents(owner, 2)).toMatchObject([
    { kind: 'team_deleted', facts: { team: teamId } },
    {
      kind: 'webhook_removed',
      facts: { team: teamId, before: { host: 'hooks.example' }, withdrawn: 1 },
    },
  ]);
  expect(await owner.webhook.count()).toBe(0);
  expect(await owner.delivery.findFirst()).toMatchObject({ state: 'withdrawn' });
});

test('one joins a team oneself where no right goes by it, and is refused where one does', async () => {
  const teamId = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  const own = { teamId, personId: ada.id, isMember: true, reason: 'lead it' };
  await owner.person.update({ where: { id: ada.id }, data: { contentRead: 'teams' } });
  await expect(setMember(ctxAs(db, ada), own)).rejects.toThrow('their own roles or rights');
  await owner.person.update({ where: { id: ada.id }, data: { contentRead: 'all' } });
  expect(await setMember(ctxAs(db, ada), own)).toEqual({ waits: false });
});

test('refuses a name that is taken, empty or more than a line, and whoever is no administrator', async () => {
  const teamId = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  await createTeam(ctxAs(db, ada), { name: 'Billing' });
  const make = (name: string) => createTeam(ctxAs(db, ada), { name });
  await expect(make('Payments')).rejects.toThrow('named Payments already');
  await expect(renameTeam(ctxAs(db, ada), { teamId, name: 'Billing' })).rejects.toThrow('already');
  await expect(make(' ')).rejects.toThrow('Name the team');
  await expect(make('a\nb')).rejects.toThrow('one line');
  const viewer = ctxAs(db, bob);
  for (const act of [
    () => createTeam(viewer, { name: 'x' }),
    () => renameTeam(viewer, { teamId, name: 'x' }),
    () => deleteTeam(viewer, { teamId }),
    () => setMember(viewer, { teamId, personId: ada.id, isMember: true, reason: 'x' }),
    () => assignIdentity(viewer, { identityId: teamId, ownerId: null, teamId: null, reason }),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'forbidden' });
});

test('whoever registers an identity answers for it; what operators register is unowned until assigned', async () => {
  const operator = { db, actor: { kind: 'operator', name: 'root' }, now: new Date() } as const;
  const { identity: mine } = await createIdentity(ctxAs(db, ada), { kind: 'agent', name: 'mine' });
  expect((await newestEvents(owner, 2))[1]?.facts).toMatchObject({ name: 'mine', owner: ada.id });
  const { identity: theirs } = await createIdentity(operator, { kind: 'agent', name: 'theirs' });
  const scope = scopeAs(ada);
  expect(await countUnowned(scope, pool)).toBe(1);
  expect(await listUnowned(scope, pool)).toMatchObject([
    { id: theirs.id, name: 'theirs', left: null, team: null },
  ]);
  expect((await findAssignment(scope, mine.id, pool))?.owner).toMatchObject({ name: 'Ada' });

  await assignIdentity(ctxAs(db, ada), {
    identityId: theirs.id,
    ownerId: bob.id,
    teamId: null,
    reason,
  });
  expect(await countUnowned(scope, pool)).toBe(0);
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'identity_assigned',
      facts: {
        by: `person:${ada.id}`,
        identity: theirs.id,
        before: { owner: null, team: null },
        after: { owner: bob.id, team: null },
        reason,
      },
    },
  ]);
});

test('what a person who leaves owned is unowned, and owned again if that person is restored', async () => {
  const { identity } = await createIdentity(ctxAs(db, ada), { kind: 'agent', name: 'payer' });
  await assignIdentity(ctxAs(db, ada), {
    identityId: identity.id,
    ownerId: bob.id,
    teamId: null,
    reason,
  });
  await removePerson(ctxAs(db, ada), { personId: bob.id, reason: 'left' });
  expect(await listUnowned(scopeAs(ada), pool)).toMatchObject([
    { id: identity.id, left: { name: 'Bob' } },
  ]);
  expect((await newestEvents(owner))[0]?.facts.unowned).toEqual([identity.id]);
  await expect(
    assignIdentity(ctxAs(db, ada), {
      identityId: identity.id,
      ownerId: bob.id,
      teamId: null,
      reason,
    }),
  ).rejects.toThrow('no such person');
  await restorePerson(ctxAs(db, ada), { personId: bob.id, reason: 'is back' });
  expect(await countUnowned(scopeAs(ada), pool)).toBe(0);
  expect(await listOwned(scopeAs(ada), bob.id, pool)).toMatchObject({
    owned: [{ name: 'payer' }],
    of: 1,
  });
});

test('an owner without a role answers for nothing, as one who was removed', async () => {
  const { identity } = await createIdentity(ctxAs(db, ada), { kind: 'agent', name: 'payer' });
  const toBob = { identityId: identity.id, ownerId: bob.id, teamId: null, reason: 'Asked for' };
  await assignIdentity(ctxAs(db, ada), toBob);
  await owner.person.update({ where: { id: bob.id }, data: { roles: [] } });
  const scope = scopeAs(ada);
  expect(await countUnowned(scope, pool)).toBe(1);
  expect(await listUnowned(scope, pool)).toMatchObject([
    { id: identity.id, left: { name: 'Bob', at: null } },
  ]);
  expect((await findAssignment(scope, identity.id, pool))?.owner).toEqual({
    id: bob.id,
    name: 'Bob',
    lacks: 'role',
  });
  expect((await listAssignable(scope, pool)).map(({ id }) => id)).toEqual([ada.id]);
  await expect(assignIdentity(ctxAs(db, ada), toBob)).rejects.toThrow('no such person');
});

// If this fails, whoever was demoted goes on changing teams until the page they opened is gone.
test('refuses an administrator who was demoted after the request was let in', async () => {
  const teamId = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  await makePerson(owner, { name: 'Carol' });
  await owner.person.update({ where: { id: ada.id }, data: { roles: ['viewer'] } });
  const ctx = ctxAs(db, ada);
  for (const act of [
    () => createTeam(ctx, { name: 'x' }),
    () => renameTeam(ctx, { teamId, name: 'x' }),
    () => deleteTeam(ctx, { teamId }),
    () => member(teamId),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'forbidden' });
  expect(await owner.team.findMany()).toMatchObject([{ name: 'Payments' }]);
});

test('of teams alone one sees what is unowned in them', async () => {
  const operator = { db, actor: { kind: 'operator', name: 'root' }, now: new Date() } as const;
  const teamId = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  for (const name of ['inside', 'outside']) await createIdentity(operator, { kind: 'agent', name });
  const { id } = await owner.identity.findFirstOrThrow({ where: { name: 'inside' } });
  await assignIdentity(ctxAs(db, ada), { identityId: id, ownerId: null, teamId, reason });
  const scope = scopeOf({ reach: 'teams', teams: [teamId] });
  expect((await listUnowned(scope, pool)).map(({ name }) => name)).toEqual(['inside']);
  expect(await countUnowned(scopeOf({ reach: 'teams', teams: [] }), pool)).toBe(0);
  expect(await countUnowned(scopeAs(ada), pool)).toBe(2);
});

test('refuses to assign to a team, a person or an identity that is no more', async () => {
  const { identity } = await createIdentity(ctxAs(db, ada), { kind: 'agent', name: 'payer' });
  const assign = (over: object) =>
    assignIdentity(ctxAs(db, ada), {
      identityId: identity.id,
      ownerId: ada.id,
      teamId: null,
      reason,
      ...over,
    });
  await expect(assign({ reason: ' ' })).rejects.toThrow('Say why');
  await expect(assign({ teamId: randomUUID() })).rejects.toThrow('no such team');
  await expect(assign({ ownerId: randomUUID() })).rejects.toThrow('no such person');
  await expect(assign({ ownerId: 'Bob' })).rejects.toThrow('Choose a person');
  await expect(assign({ identityId: randomUUID() })).rejects.toThrow('no such identity');
});

// If these went through, an administrator who sees some teams could take any identity into one of them and read it.
test('whoever sees some teams reaches no other identity, and takes none into a team by which they see', async () => {
  const operator = { db, actor: { kind: 'operator', name: 'root' }, now: new Date() } as const;
  const [own, second] = [
    await createTeam(ctxAs(db, ada), { name: 'Own' }),
    await createTeam(ctxAs(db, ada), { name: 'Second' }),
  ];
  const other = await createTeam(ctxAs(db, ada), { name: 'Other' });
  const made = (name: string) => createIdentity(operator, { kind: 'agent', name });
  const [ours, theirs] = [await made('ours'), await made('theirs')];
  await assignIdentity(ctxAs(db, ada), {
    identityId: ours.identity.id,
    ownerId: null,
    teamId: own,
    reason,
  });
  const scope = scopeOf({ id: ada.id, reach: 'teams', teams: [own, second] });
  const narrow = { ...ctxAs(db, ada), scope };
  const foreign = { identityId: theirs.identity.id };
  const outside = [
    () => assignIdentity(narrow, { ...foreign, ownerId: ada.id, teamId: own, reason }),
    () => issueIngestKey(narrow, foreign),
    () => revokeCredential(narrow, { credentialId: theirs.key?.credentialId ?? '', reason }),
    // As if no scope came with it.
    () =>
      issueIngestKey({ db, actor: ada.actor, now: new Date() }, { identityId: ours.identity.id }),
  ];
  for (const act of outside) await expect(act()).rejects.toMatchObject({ code: 'not_found' });
  await expect(
    createIdentity(narrow, { kind: 'agent', name: 'shadow', fingerprint: '0'.repeat(32) }),
  ).rejects.toThrow('all teams');

  const move = (ctx: typeof narrow, teamId: string | null) =>
    assignIdentity(ctx, { identityId: ours.identity.id, ownerId: ada.id, teamId, reason });
  await expect(move(narrow, second)).rejects.toThrow('nobody gives themselves more');
  // Nor does whoever sees all and reads by team.
  const reads = scopeOf({
    id: ada.id,
    contentRead: 'teams',
    contentExport: 'none',
    teams: [second],
  });
  await expect(move({ ...narrow, scope: reads }, second)).rejects.toThrow('themselves more');
  await issueIngestKey(narrow, { identityId: ours.identity.id });
  await revokeCredential(narrow, { credentialId: ours.key?.credentialId ?? '', reason });
  await move(narrow, own);
  await move(narrow, other);
  await expect(move(narrow, other)).rejects.toMatchObject({ code: 'not_found' });
});

test('while four eyes are on nobody takes an identity into their team, and other administrators hear of the rest', async () => {
  const eve = await makePerson(owner, { name: 'Eve' });
  const { identity } = await createIdentity(ctxAs(db, ada), { kind: 'agent', name: 'payer' });
  const [own, other] = [
    await createTeam(ctxAs(db, ada), { name: 'Own' }),
    await createTeam(ctxAs(db, ada), { name: 'Other' }),
  ];
  await owner.personTeam.create({ data: { personId: ada.id, teamId: own } });
  const move = (teamId: string | null) =>
    assignIdentity(ctxAs(db, ada), { identityId: identity.id, ownerId: ada.id, teamId, reason });
  await move(own);
  expect(await owner.notice.count()).toBe(0);
  await move(null);
  await owner.setting.update({ where: { id: 1 }, data: { fourEyes: true } });
  await expect(move(own)).rejects.toThrow('Ask an administrator who is not');
  await move(other);
  expect(await owner.notice.findMany()).toMatchObject([
    { kind: 'identity_moved', personId: eve.id, subject: 'payer' },
  ]);
  await owner.person.update({ where: { id: ada.id }, data: { isBreakGlass: true } });
  await move(own);
});

test('who signs in, is invited or waits is told to nobody whose roles do not read people', async () => {
  const viewer = scopeOf({ roles: ['viewer', 'policy_author'] });
  const now = new Date();
  for (const read of [
    () => listMembers(viewer, { role: null, state: null, team: null }, pool),
    () => findMember(viewer, ada.id, pool),
    () => listOpenSignIns(viewer, { person: ada.id, now, idleMs: 1 }, pool),
    () => listOwned(viewer, ada.id, pool),
    () => listAssignable(viewer, pool),
    () => listOpenProposals(viewer, now, pool),
    () => listOpenInvitations(viewer, now, pool),
    () => listTeams(viewer, pool),
  ])
    await expect(read()).rejects.toMatchObject({ code: 'forbidden' });
});
