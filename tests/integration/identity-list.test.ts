import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { suspendIdentity } from '@/lib/identities/lifecycle/mutations';
import { createIdentity, proposeIdentity } from '@/lib/identities/registration/mutations';
import { countIdentities, getIdentity, listIdentities } from '@/lib/identities/registry/queries';
import type { IdentityFilter, IdentitySort } from '@/lib/identities/registry/schema';
import { changeIdentity } from '@/lib/identities/versions/mutations';
import { listVersions } from '@/lib/identities/versions/queries';
import { createTeam } from '@/lib/people/teams/mutations';
import { createZone } from '@/lib/zones/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { clearPeople, ctxAs, type Made, makePerson } from '../support/made-people';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let pool: Pool;
let ada: Made;
let bob: Made;
let ctx: RegistryCtx;
let team: string;
let zone: string;
const now = new Date();
const reason = 'as agreed';
const ids: Record<string, string> = {};
const byName: IdentitySort = { by: 'name', isDescending: false };

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  await clearPeople(owner);
  ada = await makePerson(owner, { name: 'Ada' });
  bob = await makePerson(owner, { name: 'Bob', roles: ['analyst'] });
  ctx = { ...ctxAs(db, ada, now), scope: scopeOf() };
  team = await createTeam(ctxAs(db, ada), { name: 'Payments' });
  zone = await createZone(ctx, {
    ...{ name: 'prod', kind: 'workload', environment: 'production', reason },
  });
  const made = await Promise.all([
    createIdentity(ctx, {
      ...{ kind: 'agent', name: 'Returns', names: ['returns_v2'], teamId: team, zoneId: zone },
      ...{ tags: ['shop', 'eu'], purpose: 'Handles 100% of returns', days: 10 },
    }),
    createIdentity(ctx, { kind: 'agent', name: 'billing', ownerId: bob.id, tags: ['eu'], days: 5 }),
    createIdentity(ctx, {
      kind: 'service',
      name: 'collector',
      reportsFor: 'all',
      issuesKey: false,
    }),
    createIdentity(
      { ...ctx, actor: { kind: 'operator', name: 'root' } },
      { kind: 'daemon', name: 'nightly' },
    ),
  ]);
  for (const { identity } of made) ids[identity.name] = identity.id;
  await createIdentity(ctx, { kind: 'service', name: 'relay', reportsFor: ['Returns', 'billing'] });
  await suspendIdentity(ctx, { identityId: ids.nightly ?? '', reason });
  await proposeIdentity(ctx, { kind: 'agent', name: 'offered' });
  const hour = new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000 - 2 * 3_600_000);
  await pool.query(
    `INSERT INTO coverage (identity, shard, interactions, first_at, last_at) VALUES ($1, 1, 7, $2, $2), ($1, 2, 1, $2, $2)`,
    [ids.Returns, hour],
  );
  await pool.query(
    `INSERT INTO coverage_hour SELECT $1, $2, 1, 7, 1, 0,0,0,0,0,0,0,0,0,0,0,0,0,0`,
    [ids.Returns, hour],
  );
});
afterAll(async () => {
  await Promise.all([owner.$disconnect(), db.$disconnect(), pool.end()]);
  await database.drop();
});

const namesOf = async (filter: IdentityFilter, sort = byName, scope = scopeOf()) =>
  (await listIdentities(scope, { filter, sort, cursor: null, now }, pool)).rows.map(
    ({ name }) => name,
  );

describe('a list of identities', () => {
  const soon = new Date(now.getTime() + 7 * 86_400_000);
  const yesterday = new Date(now.getTime() - 86_400_000);
  test.each<[string, () => IdentityFilter, string[]]>([
    ['nothing', () => ({}), ['billing', 'collector', 'nightly', 'offered', 'relay', 'Returns']],
    ['a kind', () => ({ kind: ['service', 'daemon'] }), ['collector', 'nightly', 'relay']],
    ['a state', () => ({ state: ['suspended', 'proposed'] }), ['nightly', 'offered']],
    ['a team', () => ({ team: [team] }), ['Returns']],
    [
      'a team or none',
      () => ({ team: [team, 'none'], kind: ['agent'], state: ['active'] }),
      ['billing', 'Returns'],
    ],
    ['an owner', () => ({ owner: [bob.id] }), ['billing']],
    ['no owner', () => ({ owner: ['none'] }), ['nightly']],
    ['a sponsor', () => ({ sponsor: [bob.id] }), ['billing']],
    ['a zone', () => ({ zone: [zone] }), ['Returns']],
    ['an environment', () => ({ environment: ['production'] }), ['Returns']],
    ['trust', () => ({ trust: ['trusted'] }), []],
    ['all of some tags', () => ({ tag: ['eu', 'shop'] }), ['Returns']],
    ['credentials that end', () => ({ endsBefore: soon }), ['billing']],
    ['seen since', () => ({ seenAfter: yesterday }), ['Returns']],
    ['not seen since', () => ({ seenBefore: yesterday, kind: ['agent'] }), ['billing', 'offered']],
    ['nobody answers', () => ({ isUnowned: true }), ['nightly']],
    ['words of a name', () => ({ search: 'RETURN' }), ['Returns']],
    ['words of several texts', () => ({ search: 'eu handles' }), ['Returns']],
    ['a further name', () => ({ search: 'returns_v' }), ['Returns']],
    ['what a pattern would read otherwise', () => ({ search: '100%' }), ['Returns']],
    ['a pattern', () => ({ search: 'r%s' }), []],
  ])('narrowed by %s', async (_what, filter, expected) => {
    expect(await namesOf(filter())).toEqual(expected);
  });

  test.each<[IdentitySort, string[]]>([
    [{ by: 'name', isDescending: true }, ['Returns', 'relay', 'nightly', 'collector', 'billing']],
    [{ by: 'ends', isDescending: false }, ['billing', 'Returns', 'nightly', 'relay', 'collector']],
    [{ by: 'seen', isDescending: true }, ['Returns', 'relay', 'nightly', 'collector', 'billing']],
  ])('is in order by %o', async (sort, expected) => {
    const found = await namesOf({ state: ['active', 'suspended'] }, sort);
    if (sort.by === 'name') expect(found).toEqual(expected);
    else expect(found[0]).toBe(expected[0]);
    if (sort.by === 'ends') expect([found[1], found.at(-1)]).toEqual(['Returns', 'collector']);
  });

  test.each<IdentitySort>([
    { by: 'name', isDescending: false },
    { by: 'registered', isDescending: true },
    { by: 'seen', isDescending: true },
    { by: 'ends', isDescending: false },
  ])('goes on and back without a gap by %o', async (sort) => {
    const page = (cursor: Parameters<typeof listIdentities>[1]['cursor']) =>
      listIdentities(scopeOf(), { filter: {}, sort, cursor, now, limit: 2 }, pool);
    const first = await page(null);
    expect(first).toMatchObject({ before: null, total: 6 });
    const second = await page({ direction: 'after', place: first.after ?? '' });
    const third = await page({ direction: 'after', place: second.after ?? '' });
    expect(third.after).toBeNull();
    const seen = [first, second, third].flatMap(({ rows }) => rows.map(({ name }) => name));
    expect(new Set(seen).size).toBe(6);
    const back = await page({ direction: 'before', place: third.before ?? '' });
    expect(back.rows.map(({ name }) => name)).toEqual(seen.slice(2, 4));
    expect((await page({ direction: 'before', place: back.before ?? '' })).before).toBeNull();
    // What nobody made is no place, and what is of another order fails nothing.
    expect((await page({ direction: 'after', place: 'nonsense' })).rows).toHaveLength(2);
    const odd = Buffer.from(JSON.stringify(["'; --", ids.Returns])).toString('base64url');
    await page({ direction: 'after', place: odd });
  });

  test('shows of each what it can prove, when that ends and what it did', async () => {
    const { rows } = await listIdentities(
      scopeOf(),
      { filter: { search: 'returns_v2' }, sort: byName, cursor: null, now },
      pool,
    );
    expect(rows).toMatchObject([
      {
        owner: { name: 'Ada', isGone: false },
        team: { name: 'Payments' },
        zone: { name: 'prod', environment: 'production' },
        credentials: { live: 1, classes: ['bearer'] },
        lastSeenAt: expect.any(Date),
      },
    ]);
    expect(rows[0]?.hours.slice(-4)).toEqual([0, 7, 0, 0]);
  });

  test('is told of in counts, of what the scope reaches', async () => {
    expect(await countIdentities(scopeOf(), pool)).toMatchObject({
      kind: { agent: 2, daemon: 1, service: 2, external_api: 0 },
      state: { proposed: 1, active: 4, suspended: 1, decommissioned: 0 },
      unowned: 1,
    });
    const ours = scopeOf({ reach: 'teams', teams: [team] });
    expect(await namesOf({}, byName, ours)).toEqual(['Returns']);
    expect((await countIdentities(ours, pool)).kind.agent).toBe(1);
  });
});

test('of one identity all is told, of others only those that are reached', async () => {
  const id = ids.Returns ?? '';
  expect(await getIdentity(scopeOf(), { id, now }, pool)).toMatchObject({
    by: `person:${ada.id}`,
    reportedBy: [{ name: 'relay' }],
    actsFor: { people: [], teams: [] },
    counts: { interactions: 8, credentials: 1, versions: 1, sessions: 0 },
  });
  const ours = scopeOf({ reach: 'teams', teams: [team] });
  expect((await getIdentity(ours, { id, now }, pool)).reportedBy).toEqual([]);
  await expect(getIdentity(ours, { id: ids.billing ?? '', now }, pool)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('its past is told version by version, with what each changed', async () => {
  const id = ids.Returns ?? '';
  await changeIdentity(ctx, {
    ...{ identityId: id, seenRevision: 1, purpose: 'Less', sponsorId: bob.id, reason },
  });
  const { versions, next, names } = await listVersions(scopeOf(), { id }, pool);
  expect(next).toBeNull();
  expect(versions).toMatchObject([
    { revision: 2, by: `person:${ada.id}`, reason, changed: ['sponsor', 'purpose'] },
    { revision: 1, attributes: { purpose: 'Handles 100% of returns' } },
  ]);
  expect([bob.id, team, zone].map((each) => names.get(each))).toEqual(['Bob', 'Payments', 'prod']);
  const ours = scopeOf({ reach: 'teams', teams: [] });
  await expect(listVersions(ours, { id }, pool)).rejects.toMatchObject({ code: 'not_found' });
});
