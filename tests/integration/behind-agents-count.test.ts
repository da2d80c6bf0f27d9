import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { countOpenBehind } from '@/lib/people/behind/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let migrator: Pool;
let console: Pool;
const scope = scopeOf({ id: 'a' });

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests', max: 2 });
  console = createPool(database.consoleUrl, { applicationName: 'tests', max: 1 });
});
afterAll(async () => {
  await console.end();
  await migrator.end();
  await database.drop();
});

it('the people who are open are counted at once among 200,000 rows of those who are expected', async () => {
  await migrator.query(
    `SET session_replication_role = replica;
     INSERT INTO person_behind (person, identity, reporter, shard, evidence, interactions, points, first_at, last_at,
       last_received_at, open_from)
     SELECT md5('p' || n / 2)::uuid, md5('i' || n % 2)::uuid, md5('r')::uuid, 1, 'declared', 1, 0, now(), now(), now(),
       CASE WHEN n / 2 % 2500 = 0 THEN timestamptz 'epoch' WHEN n % 2 = 0 THEN now() + interval '30 days' END
     FROM generate_series(0, 199999) n;
     SET session_replication_role = DEFAULT;
     ANALYZE person_behind`,
  );
  const took: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const from = performance.now();
    expect(await countOpenBehind(scope, console)).toEqual({ count: 40, isMore: false });
    took.push(performance.now() - from);
  }
  expect(Math.min(...took)).toBeLessThan(50);
}, 60_000);

it('a count that would hold up the overview is given up', async () => {
  const other = await migrator.connect();
  await other.query('BEGIN; LOCK TABLE person_behind');
  expect(await countOpenBehind(scope, console)).toBeNull();
  await other.query('ROLLBACK');
  other.release();
});
