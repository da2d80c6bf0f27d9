import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { listLags, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { newNamesPerHourMax, resources } from '@/lib/resources/project';
import { listLeftOut } from '@/lib/resources/queries';
import { resourceIdOf } from '@/lib/resources/resource-id';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { scopeOf } from '../support/people';
import { seedShard } from '../support/seed-log';
import { agent, appendTold, aReporter, type Told } from '../support/told';

let database: TestDatabase;
let migrator: Pool;
let worker: Pool;
let client: PoolClient;

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  await migrator.query(
    `SELECT ensure_partitions((now() - interval '20 days')::date, (now() + interval '1 day')::date)`,
  );
});
afterAll(async () => {
  await worker.end();
  await migrator.end();
  await database.drop();
});

/** Shards and names are never reused, so that each test has a log of its own. */
let shard = 10;
beforeEach(async () => {
  shard += 1;
  await seedShard(migrator, shard);
  client = await worker.connect();
  return () => client.release(true);
});

const hour = 3_600_000;
const today = Math.floor(Date.now() / (24 * hour)) * 24 * hour;
const moment = (ms: number) => new Date(today + ms);
const own = (name: string) => `${name} of ${shard}`;

async function drain(entriesMax?: number): Promise<void> {
  for (;;) {
    const behind = (await listLags(client, [resources])).filter(({ entries }) => entries > 0);
    if (behind.length === 0) return;
    for (const lag of behind) await projectBatch(client, resources, lag.shard, entriesMax);
  }
}
const tell = (...entries: Told[]) => appendTold(migrator, shard, entries);
const acts = (name: string, at = 0, over: Partial<Told> = {}): Told => ({
  receivedAt: moment(at),
  identity: agent(1),
  kind: 'tool_call',
  resource: ['tool', name],
  ...over,
});

async function outputs(): Promise<string[]> {
  const { rows } = await migrator.query<{ line: string }>(
    `SELECT (r.kind, r.name, r.state, s.shard, s.reporter, s.interactions, s.first_at, s.last_at, s.last_received_at)::text AS line
     FROM resource r LEFT JOIN resource_seen s ON s.resource_id = r.id ORDER BY 1`,
  );
  return rows.map(({ line }) => line);
}
const rowOf = async (kind: string, name: string) =>
  (
    await migrator.query(
      `SELECT r.state, sum(s.interactions)::int AS interactions, min(s.first_at) AS first, max(s.last_at) AS last
       FROM resource r JOIN resource_seen s ON s.resource_id = r.id WHERE r.id = $1 GROUP BY 1`,
      [resourceIdOf({ kind, name })],
    )
  ).rows[0];

describe('what is acted on', () => {
  it('is observed with when it was first and last seen, a model by the model that answered', async () => {
    await tell(
      acts(own('send_money'), 0, { at: moment(-hour) }),
      acts(own('send_money'), hour, { identity: null }),
      acts(own('m'), hour, { kind: 'inference', resource: ['model', own('gpt')] }),
      { receivedAt: moment(hour), kind: 'step' },
    );
    await drain();
    expect(await rowOf('tool', own('send_money'))).toEqual({
      state: 'observed',
      interactions: 2,
      first: moment(-hour),
      last: moment(hour),
    });
    expect(await rowOf('model', own('gpt'))).toMatchObject({ interactions: 1 });
  });

  it('is the same whatever the batches, and after a rebuild', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map(own);
    await tell(
      ...Array.from({ length: 300 }, (_, n) =>
        acts(names[n % 5] ?? '', n * 60_000, { reporter: agent(n % 3) }),
      ),
    );
    await drain(7);
    const before = await outputs();
    await rebuildProjection(client, resources);
    await drain();
    expect(await outputs()).toEqual(before);
  });

  it('keeps names that hide, reorder or command as they are', async () => {
    const hostile = [
      '\u202etxt.exe',
      'a\u200bb',
      '<script>',
      "'); DROP TABLE resource; --",
      '\u{E0041}',
    ].map(own);
    await tell(...hostile.map((name) => acts(name)));
    await drain();
    for (const name of hostile)
      expect(await rowOf('tool', name)).toMatchObject({ state: 'observed' });
  });

  it('is bounded by reporter and hour: a flood of names takes no room from others', async () => {
    const flooding = Array.from({ length: newNamesPerHourMax + 50 }, (_, n) =>
      acts(own(`flood ${n}`)),
    );
    await tell(
      ...flooding,
      acts(own('quiet'), 0, { reporter: agent(9) }),
      acts(own('flood 149'), hour),
    );
    await drain(40);
    const { rows } = await migrator.query(
      `SELECT count(*)::int AS count FROM resource WHERE name LIKE $1`,
      [`flood % of ${shard}`],
    );
    expect(rows[0].count).toBe(newNamesPerHourMax + 1);
    expect(await rowOf('tool', own('quiet'))).toMatchObject({ interactions: 1 });
    const out = await migrator.query(
      'SELECT names, left_out FROM resource_name_hour WHERE shard = $1 AND reporter = $2 ORDER BY hour',
      [shard, aReporter],
    );
    expect(out.rows).toEqual([
      { names: newNamesPerHourMax, left_out: 50 },
      { names: 1, left_out: 0 },
    ]);
    const consolePool = createPool(database.consoleUrl, { applicationName: 'tests' });
    const told = await listLeftOut(scopeOf(), moment(2 * hour), consolePool);
    await consolePool.end();
    expect(told).toEqual([{ reporter: 'a removed reporter', names: 50 }]);
    const before = await outputs();
    await rebuildProjection(client, resources);
    await drain();
    expect(await outputs()).toEqual(before);
  });

  it('always finds room where a person registered it, and what was said survives a rebuild', async () => {
    const name = own('registered');
    await migrator.query(
      `INSERT INTO resource (id, kind, name, state, revision, trust, created_at, changed_at)
       VALUES (resource_id('tool', $1), 'tool', $1, 'registered', 1, 'trusted', now(), now())`,
      [name],
    );
    await tell(
      ...Array.from({ length: newNamesPerHourMax + 5 }, (_, n) => acts(own(`more ${n}`))),
      acts(name),
    );
    await drain();
    expect(await rowOf('tool', name)).toMatchObject({ state: 'registered', interactions: 1 });
    await rebuildProjection(client, resources);
    await drain();
    expect(await rowOf('tool', name)).toMatchObject({ state: 'registered', interactions: 1 });
  });

  it('goes with the last entry that names it, unless somebody said something of it', async () => {
    const [gone, kept, said] = [own('gone'), own('kept'), own('said')];
    await tell(acts(gone), acts(kept), acts(kept), acts(said));
    await drain();
    await migrator.query(
      `UPDATE resource SET state = 'registered', revision = 1 WHERE id = resource_id('tool', $1)`,
      [said],
    );
    for (const name of [gone, kept, said])
      await migrator.query(
        `SELECT erase_entry(received_at, shard, position, 'all', 'asked for', 'operator:root', NULL, NULL)
         FROM interaction WHERE resource = $1 LIMIT 1`,
        [name],
      );
    expect(await rowOf('tool', gone)).toBeUndefined();
    expect(await rowOf('tool', kept)).toMatchObject({ interactions: 2 });
    const { rows } = await migrator.query(`SELECT state FROM resource WHERE name = $1`, [said]);
    expect(rows).toEqual([{ state: 'registered' }]);
  });
});

describe('the login of the worker', () => {
  it('registers nothing and removes nothing that somebody said', async () => {
    const name = own('guarded');
    await migrator.query(
      `INSERT INTO resource (id, kind, name, state, revision, created_at, changed_at)
       VALUES (resource_id('tool', $1), 'tool', $1, 'registered', 1, now(), now())`,
      [name],
    );
    await expect(client.query('DELETE FROM resource WHERE name = $1', [name])).rejects.toThrow(
      'removes nothing that somebody said',
    );
    await expect(
      client.query(`UPDATE resource SET state = 'registered' WHERE name = $1`, [name]),
    ).rejects.toThrow('permission denied');
    await expect(
      client.query(
        `INSERT INTO resource (id, kind, name, state, created_at, changed_at)
         VALUES (resource_id('tool', 'x'), 'tool', 'x', 'registered', now(), now())`,
      ),
    ).rejects.toThrow('permission denied');
  });
});
