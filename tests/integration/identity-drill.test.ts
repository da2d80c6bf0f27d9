import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { drillStop } from '@/lib/identities/drill/queries';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { clearPeople, ctxAs, makePerson } from '../support/made-people';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let pool: Pool;
let ctx: RegistryCtx;
const now = new Date();
const ids: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  await clearPeople(owner);
  const ada = await makePerson(owner, { name: 'Ada' });
  ctx = { ...ctxAs(db, ada, now), scope: scopeOf() };
  for (const name of ['returns', 'billing'])
    ids[name] = (await createIdentity(ctx, { kind: 'agent', name })).identity.id;
  for (const name of ['quiet', 'shared'])
    ids[name] = (await createIdentity(ctx, { kind: 'agent', name, issuesKey: false })).identity.id;
  ids.relay = (
    await createIdentity(ctx, {
      kind: 'service',
      name: 'relay',
      reportsFor: ['quiet', 'shared', 'billing'],
    })
  ).identity.id;
  ids.other = (
    await createIdentity(ctx, { kind: 'service', name: 'other', reportsFor: ['shared'] })
  ).identity.id;
  const day = new Date(now.getTime() - 2 * 86_400_000);
  const act = (identity: string | undefined, resource: string) =>
    pool.query(
      `WITH t AS (INSERT INTO term SELECT term_id($3), $3 ON CONFLICT DO NOTHING)
       INSERT INTO rollup_day SELECT $1, 1, $2, 'tool_call', 'ok', 'tool', term_id($3), 1, 0, 0, 0, 0, 0, 0`,
      [day, identity, resource],
    );
  await act(ids.returns, 'refund');
  await act(ids.returns, 'lookup');
  await act(ids.billing, 'lookup');
  await pool.query(
    `INSERT INTO coverage_hour SELECT $1, date_trunc('hour', $2::timestamptz), 1, 9, 1, 0,0,0,0,0,0,0,0,0,0,0,0,0,0`,
    [ids.returns, now],
  );
});
afterAll(async () => {
  await Promise.all([owner.$disconnect(), db.$disconnect(), pool.end()]);
  await database.drop();
});

const drill = async (names: string[], scope = scopeOf()) =>
  drillStop(scope, { ids: names.map((name) => ids[name] ?? ''), now }, pool);

test('a drill says what would stop, what nobody else does, and who hears of it', async () => {
  const [returns] = await drill(['returns']);
  expect(returns).toMatchObject({
    credentials: [{ kind: 'ingest_key', live: 1 }],
    sessions: 0,
    people: 0,
    only: { count: 1, some: [{ kind: 'tool', name: 'refund' }] },
    silenced: { count: 0, some: [] },
    told: [{ name: 'Ada' }],
  });
  // Whoever stops it knows.
  const by = returns?.told[0]?.id ?? '';
  const [own] = await drillStop(scopeOf(), { ids: [ids.returns ?? ''], by, now }, pool);
  expect(own?.told).toEqual([]);
  expect(returns?.hours).toHaveLength(24);
  expect(returns?.hours.at(-1)).toBe(9);
});

test('who has no other voice would fall silent, and of two that stop at once neither counts', async () => {
  const [relay] = await drill(['relay']);
  expect(relay?.silenced).toEqual({ count: 1, some: [{ id: ids.quiet, name: 'quiet' }] });
  const both = await drill(['relay', 'other']);
  expect(both.map(({ name, silenced }) => [name, silenced.count])).toEqual([
    ['other', 1],
    ['relay', 2],
  ]);
});

test('of others than are reached nothing is told, and too many are refused', async () => {
  expect(await drill(['returns'], scopeOf({ reach: 'teams', teams: [] }))).toEqual([]);
  await expect(
    drillStop(scopeOf(), { ids: Array.from({ length: 51 }, () => ids.relay ?? ''), now }, pool),
  ).rejects.toThrow('Fifty at most');
});
