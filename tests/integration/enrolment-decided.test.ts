import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mintScope } from '@/lib/auth/scope';
import { newId } from '@/lib/core/ids';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { acceptEnrolment, refuseEnrolment } from '@/lib/identities/enrolment/deciding/mutations';
import { expireEnrolments, tellOfEnrolments } from '@/lib/identities/enrolment/expire';
import {
  listEnrolmentNetwork,
  makeEnrolmentCode,
  revokeEnrolmentCode,
  switchEnrolment,
  unlistEnrolmentNetwork,
} from '@/lib/identities/enrolment/opening/mutations';
import { removeNetwork } from '@/lib/people/networks/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  addPlaces,
  makeKey,
  postEnrolment,
  signRequest,
  type WorkloadKey,
} from '../support/enrolment';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, personOf } from '../support/people';

const audience = 'https://gateway.example.org';

let database: TestDatabase;
let owner: Pool;
let db: PrismaClient;
let worker: PrismaClient;
let gateway: TestGateway;
let ada: string;
let places: { team: string; zone: string };
let code: string;

const reason = 'They showed me the thumbprint.';
const ctx = (change: { isFresh?: boolean; now?: Date; teams?: string[] } = {}) => {
  const { teams } = change;
  const who = { id: ada, ...(teams === undefined ? {} : { teams, reach: 'teams' as const }) };
  return {
    db,
    actor: actorOf(who, change.isFresh === undefined ? {} : { isFresh: change.isFresh }),
    scope: mintScope(personOf(who)),
    now: change.now ?? new Date(),
  };
};
const choice = (id: string) => ({
  id,
  ownerId: ada,
  sponsorId: ada,
  teamId: places.team,
  zoneId: places.zone,
  reason,
});

let asks = 0;
async function ask(name = `workload-${'abcdefghkmpqrstuwxyz'[asks]}`, key?: WorkloadKey) {
  asks += 1;
  const mine = key ?? (await makeKey());
  const request = await signRequest(mine, audience, {
    claims: { code, name, names: [`svc-${name}`] },
  });
  const { status, body } = await postEnrolment(
    gateway.url,
    { request },
    { from: `192.0.2.${asks}` },
  );
  expect(status, JSON.stringify(body)).toBe(202);
  return { id: String(body.id), name, key: mine };
}
const statusOf = async (id: string) => (await fetch(`${gateway.url}/v1/enrolments/${id}`)).json();
const identityNamed = async (name: string) =>
  (await owner.query('SELECT * FROM identity WHERE name = $1', [name])).rows[0];

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 3 });
  worker = createPrisma(database.workerUrl, { applicationName: 'tests', max: 2 });
  ada = await setUpOrganisation(owner);
  places = await addPlaces(owner);
  gateway = await startGateway(database, {
    TRUSTED_PROXIES: '127.0.0.1',
    GATEWAY_URL: audience,
  });
  await switchEnrolment(ctx(), { on: true, reason: 'A cluster is rolled out.' });
  ({ code } = await makeEnrolmentCode(ctx(), {
    name: 'Cluster',
    teamId: places.team,
    zoneId: places.zone,
    uses: 100,
    hours: 24,
    reason: 'A cluster is rolled out.',
  }));
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([db.$disconnect(), worker.$disconnect(), owner.end()]);
  await database.drop();
});
beforeEach(() => owner.query('DELETE FROM enrolment'));

test('accepting registers it, active, with its key for 90 days, and says so to whoever asked', async () => {
  const { id, name, key } = await ask();
  const { identity } = await acceptEnrolment(ctx(), choice(id));
  const row = await identityNamed(name);
  expect(row).toMatchObject({
    id: identity.id,
    state: 'active',
    names: [`svc-${name}`],
    owner_id: ada,
    sponsor_id: ada,
    team_id: places.team,
    zone_id: places.zone,
  });
  const { rows } = await owner.query('SELECT * FROM credential WHERE identity_id = $1', [row.id]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ kind: 'public_key', subject: key.thumbprint });
  expect(JSON.stringify(rows[0].rule)).not.toContain('"d"');
  expect(rows[0].expires_at.getTime() - rows[0].created_at.getTime()).toBe(90 * 86_400_000);
  expect(await statusOf(id)).toMatchObject({
    state: 'accepted',
    identity: { id: row.id, name },
    authenticate: {
      method: 'private_key_jwt',
      header: { kid: key.thumbprint },
      claims: { iss: row.id, sub: row.id, aud: audience },
    },
  });
  const entries = await listControl(owner, [
    'identity_created',
    'credential_registered',
    'identity_accepted',
  ]);
  expect(entries.slice(-3).map(({ kind }) => kind)).toEqual([
    'identity_created',
    'credential_registered',
    'identity_accepted',
  ]);
  expect(entries.at(-1)?.facts).toMatchObject({
    enrolment: id,
    thumbprint: key.thumbprint,
    reason,
  });
  // Its key is somebody's now.
  const request = await signRequest(key, audience, { claims: { code, name: 'another-name' } });
  const again = await postEnrolment(gateway.url, { request }, { from: '192.0.2.250' });
  expect(again.body.reason).toBe('key_registered');
  // And once it was revoked, nobody's again.
  await owner.query('UPDATE credential SET revoked_at = now() WHERE subject = $1', [
    key.thumbprint,
  ]);
  const anew = await signRequest(key, audience, { claims: { code, name: 'third-name' } });
  const late = await postEnrolment(gateway.url, { request: anew }, { from: '192.0.2.250' });
  expect(late.body.reason).toBe('key_revoked');
});

test('refusing leaves it nobody, with a reason that it is not told', async () => {
  const { id, name } = await ask();
  await refuseEnrolment(ctx(), { id, reason: 'Nobody knows it.' });
  expect(await identityNamed(name)).toBeUndefined();
  const status = await statusOf(id);
  expect(status).toMatchObject({ state: 'refused' });
  expect(JSON.stringify(status)).not.toContain('Nobody knows it');
  expect((await listControl(owner, ['identity_refused'])).at(-1)?.facts).toMatchObject({
    enrolment: id,
    name,
    reason: 'Nobody knows it.',
  });
  await expect(acceptEnrolment(ctx(), choice(id))).rejects.toMatchObject({ code: 'conflict' });
  await expect(
    owner.query(`UPDATE enrolment SET state = 'open', ended_at = NULL, ended_by = NULL`),
  ).rejects.toThrow('has ended');
});

test('of two who accept at once one does, and one identity is made', async () => {
  const { id, name } = await ask();
  const outcomes = await Promise.allSettled([1, 2].map(() => acceptEnrolment(ctx(), choice(id))));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const { rows } = await owner.query('SELECT id FROM identity WHERE name = $1', [name]);
  expect(rows).toHaveLength(1);
});

test('accepting makes nothing of it when a part of it is refused', async () => {
  const { id, name } = await ask();
  const lost = { ...choice(id), zoneId: newId() };
  await expect(acceptEnrolment(ctx(), lost)).rejects.toMatchObject({ code: 'not_found' });
  await expect(acceptEnrolment(ctx(), { ...choice(id), ownerId: newId() })).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(await identityNamed(name)).toBeUndefined();
  expect(await statusOf(id)).toMatchObject({ state: 'pending' });
});

test('accepting refuses a name that looks like one registered meanwhile', async () => {
  const { id } = await ask('night-crawler');
  await registerReporter(owner, { name: 'night-craw1er' });
  await expect(acceptEnrolment(ctx(), choice(id))).rejects.toThrow(
    'looks like that of night-craw1er',
  );
});

test('deciding takes a fresh factor, the role, the reach and a day at most', async () => {
  const { id } = await ask();
  await expect(acceptEnrolment(ctx({ isFresh: false }), choice(id))).rejects.toMatchObject({
    code: 'factor_needed',
  });
  const analyst = { ...ctx(), actor: actorOf({ id: ada, roles: ['analyst'] }) };
  await expect(acceptEnrolment(analyst, choice(id))).rejects.toMatchObject({ code: 'forbidden' });
  await expect(refuseEnrolment(analyst, { id, reason })).rejects.toMatchObject({
    code: 'forbidden',
  });
  // Of a team that this administrator is not shown.
  const narrow = ctx({ teams: [newId()] });
  await expect(acceptEnrolment(narrow, choice(id))).rejects.toMatchObject({ code: 'not_found' });
  const late = ctx({ now: new Date(Date.now() + 25 * 3_600_000) });
  await expect(acceptEnrolment(late, choice(id))).rejects.toMatchObject({ code: 'conflict' });
});

test('the worker ends what nobody decided about, once, with an entry', async () => {
  const { id } = await ask();
  expect(await expireEnrolments(worker, new Date())).toBe(0);
  const later = new Date(Date.now() + 24 * 3_600_000 + 1000);
  const ended = await Promise.all([1, 2].map(() => expireEnrolments(worker, later)));
  expect(ended.sort()).toEqual([0, 1]);
  expect(await statusOf(id)).toMatchObject({ state: 'expired' });
  const entries = await listControl(owner, ['enrolment_expired']);
  expect(entries.filter(({ facts }) => facts.enrolment === id)).toHaveLength(1);
  await expireEnrolments(worker, new Date(later.getTime() + 91 * 86_400_000));
  expect((await owner.query('SELECT id FROM enrolment WHERE id = $1', [id])).rows).toEqual([]);
});

test('administrators hear of one at once, and of those that follow together', async () => {
  await owner.query('DELETE FROM notice');
  const first = await ask();
  const now = new Date();
  expect(await tellOfEnrolments(worker, now)).toBe(1);
  await ask();
  await ask();
  expect(await tellOfEnrolments(worker, new Date(now.getTime() + 60_000))).toBe(0);
  expect(await tellOfEnrolments(worker, new Date(now.getTime() + 11 * 60_000))).toBe(2);
  expect(await tellOfEnrolments(worker, new Date(now.getTime() + 30 * 60_000))).toBe(0);
  const { rows } = await owner.query('SELECT kind, subject, link FROM notice ORDER BY id');
  expect(rows).toEqual([
    { kind: 'enrolment_asked', subject: first.name, link: `/identities/proposed/${first.id}` },
    expect.objectContaining({ subject: expect.stringMatching(/^2 workloads, /) }),
  ]);
});

test('who may ask is said by administrators with a fresh factor alone, each time on record', async () => {
  const stale = ctx({ isFresh: false });
  const viewer = { ...ctx(), actor: actorOf({ id: ada, roles: ['viewer'] }) };
  const make = {
    name: 'Edge',
    teamId: places.team,
    zoneId: places.zone,
    uses: 1,
    hours: 1,
    reason: 'One machine.',
  };
  const network = newId();
  await owner.query(
    `INSERT INTO network (id, name, cidrs, changed_at) VALUES ($1, 'Farm', '{203.0.113.0/24}', now())`,
    [network],
  );
  const list = { networkId: network, teamId: places.team, zoneId: places.zone, reason: 'CI.' };
  for (const [who, refusal] of [
    [stale, 'factor_needed'],
    [viewer, 'forbidden'],
  ] as const)
    for (const attempt of [
      () => switchEnrolment(who, { on: false, reason: 'x' }),
      () => makeEnrolmentCode(who, make),
      () => revokeEnrolmentCode(who, { id: newId(), reason: 'x' }),
      () => listEnrolmentNetwork(who, list),
      () => unlistEnrolmentNetwork(who, { id: network, reason: 'x' }),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: refusal });

  const made = await makeEnrolmentCode(ctx(), make);
  await revokeEnrolmentCode(ctx(), { id: made.id, reason: 'Not needed.' });
  await listEnrolmentNetwork(ctx(), list);
  await expect(listEnrolmentNetwork(ctx(), list)).rejects.toMatchObject({ code: 'conflict' });
  const { rows } = await owner.query('SELECT changed_at FROM network WHERE id = $1', [network]);
  const remove = { id: network, seenAt: rows[0].changed_at.toISOString(), reason: 'Gone.' };
  await expect(removeNetwork(ctx(), remove)).rejects.toThrow('Take it off');
  await unlistEnrolmentNetwork(ctx(), { id: network, reason: 'Codes instead.' });
  await removeNetwork(ctx(), remove);
  const entries = await listControl(owner, [
    'enrolment_code_made',
    'enrolment_code_revoked',
    'enrolment_network_listed',
    'enrolment_network_unlisted',
  ]);
  expect(entries.slice(-4).map(({ kind }) => kind)).toEqual([
    'enrolment_code_made',
    'enrolment_code_revoked',
    'enrolment_network_listed',
    'enrolment_network_unlisted',
  ]);
  expect(JSON.stringify(entries)).not.toContain(made.code);
  const kept = await owner.query('SELECT * FROM enrolment_code WHERE id = $1', [made.id]);
  expect(JSON.stringify(kept.rows)).not.toContain(made.code);
});

test('a code is bounded in uses, in time and in what there are', async () => {
  const make = { name: 'Edge', teamId: places.team, zoneId: places.zone, reason: 'x' };
  for (const wrong of [
    { uses: 0, hours: 1 },
    { uses: 101, hours: 1 },
    { uses: 1.5, hours: 1 },
    { uses: 1, hours: 0 },
    { uses: 1, hours: 721 },
    { uses: 1, hours: Number.NaN },
  ])
    await expect(makeEnrolmentCode(ctx(), { ...make, ...wrong })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  await expect(
    makeEnrolmentCode(ctx(), { ...make, teamId: newId(), uses: 1, hours: 1 }),
  ).rejects.toMatchObject({ code: 'not_found' });
});
