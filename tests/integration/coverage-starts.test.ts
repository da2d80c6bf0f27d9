import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { manyNamesHex } from '@/lib/identities/attribute';
import { coverage } from '@/lib/inventory/coverage/project';
import { namesPerHourMax } from '@/lib/inventory/coverage/shadow/admit';
import { listLags, projectBatch } from '@/lib/log/projection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seedShard } from '../support/seed-log';
import { agent, appendTold, print, session, type Told } from '../support/told';

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

/** Shards are never reused, so that each test has a log of its own. */
let shard = 10;
beforeEach(async () => {
  shard += 1;
  await seedShard(migrator, shard);
  client = await worker.connect();
  return () => client.release(true);
});

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const today = new Date(new Date().setUTCHours(3, 0, 0, 0)).getTime();
const moment = (ms: number) => new Date(today + ms);

async function drain(entriesMax?: number): Promise<void> {
  for (;;) {
    const behind = (await listLags(client, [coverage])).filter(({ entries }) => entries > 0);
    if (behind.length === 0) return;
    for (const lag of behind) await projectBatch(client, coverage, lag.shard, entriesMax);
  }
}

const tables = ['coverage_hour', 'coverage', 'coverage_start', 'coverage_session', 'shadow_actor'];
async function outputs(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const { rows } = await migrator.query<{ line: string }>(
      `SELECT t::text AS line FROM ${table} t WHERE shard = $1 ORDER BY 1`,
      [shard],
    );
    found[table] = rows.map(({ line }) => line);
  }
  return found;
}

/** Whatever the batches: each cut has a shard of its own, with a number that nothing else in its rows is. */
async function expectSame(entries: readonly Told[], cuts: readonly number[]): Promise<void> {
  const found = new Set<string>();
  for (const cut of cuts) {
    shard += 10_007;
    await seedShard(migrator, shard);
    await appendTold(migrator, shard, entries);
    await drain(cut);
    found.add(JSON.stringify(await outputs()).replaceAll(String(shard), 'own'));
  }
  const [first, ...others] = [...found];
  for (const other of others) expect(other).toBe(first);
}

const one = async (statement: string) => (await migrator.query(statement, [shard])).rows[0];

describe('starts of sessions', () => {
  const starts = () =>
    migrator.query<{ at: Date; session: string; has_user: boolean }>(
      'SELECT at, session, has_user FROM coverage_start WHERE shard = $1 ORDER BY at',
      [shard],
    );

  it('a session starts once, over batches, and again after a pause of a day', async () => {
    const from = moment(-4 * day);
    const told = (ms: number, change: Partial<Told> = {}): Told => ({
      receivedAt: new Date(from.getTime() + ms),
      identity: agent(2),
      session: session(1),
      ...change,
    });
    await appendTold(migrator, shard, [
      told(0),
      told(minute),
      told(2 * minute, { onBehalfOf: 'somebody' }),
    ]);
    await drain(1);
    expect((await starts()).rows).toEqual([{ at: from, session: session(1), has_user: true }]);
    await appendTold(migrator, shard, [told(20 * hour), told(44 * hour), told(69 * hour)]);
    await drain();
    expect((await starts()).rows.map(({ at }) => at)).toEqual([
      from,
      new Date(from.getTime() + 69 * hour),
    ]);
  });

  it('two identities in one trace start it each', async () => {
    const both = { receivedAt: moment(0), session: session(2) };
    await appendTold(migrator, shard, [
      { ...both, identity: agent(1) },
      { ...both, identity: agent(2) },
      { ...both, identity: agent(1) },
    ]);
    await drain(1);
    expect((await starts()).rows).toHaveLength(2);
  });

  it('are the same however batches are cut: interleaved actors, users named late, pauses within a batch', async () => {
    const [one, two] = [agent(1), agent(2)];
    const told = (ms: number, identity: string | null, change: Partial<Told> = {}): Told => ({
      receivedAt: new Date(today - 3 * day + ms),
      identity,
      fingerprint: identity === null ? print(1) : null,
      session: session(900),
      ...change,
    });
    const entries = [
      ...Array.from({ length: 200 }, (_, n) => told(n, n % 3 === 0 ? one : null)),
      told(minute, two),
      told(2 * minute, two, { onBehalfOf: 'somebody' }),
      told(30 * hour, two),
      told(30 * hour, one, { session: session(901) }),
      told(31 * hour, one, { onBehalfOf: 'somebody' }),
    ];
    await expectSame(entries, [20_000, 1, 7, 64]);
    const { coverage_start: starts } = await outputs();
    expect(starts).toHaveLength(5);
    expect(starts?.filter((line) => line.endsWith(',t)'))).toHaveLength(3);
  });

  it('are found without reading what else a session holds, also what came through another shard', async () => {
    const other = 5_000 + shard;
    await seedShard(migrator, other);
    await migrator.query(
      `WITH head AS (UPDATE shard SET next_position = 60000 WHERE id = $1), entry AS (
         INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
         SELECT $2, $1, n, 'interaction', $3, '' FROM generate_series(0, 59999) n)
       INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, session, dialect, kind, name,
         status, started_ns, ended_ns, marks, bodies, salt)
       SELECT $2, $1, n, $3, $3, 'self', $4, 'genai', 'inference', 'item', 'ok', 0, 0, 0, '', ''
       FROM generate_series(0, 59999) n`,
      [other, moment(0), agent(9), session(7)],
    );
    await appendTold(
      migrator,
      shard,
      Array.from({ length: 300 }, (_, n) => ({
        receivedAt: moment(minute + n),
        fingerprint: Buffer.from(n.toString(16).padStart(32, '0'), 'hex'),
        reporter: agent(n % 200),
        session: session(7),
      })),
    );
    // Reading the session's 60,000 rows for each of the 300 takes many seconds.
    await client.query(`SET statement_timeout = '1500ms'`);
    expect(await projectBatch(client, coverage, shard)).toBe(300);
    await client.query('RESET statement_timeout');
    await drain();
    expect((await one('SELECT sum(sessions)::int AS n FROM shadow_actor WHERE shard = $1')).n).toBe(
      300,
    );
  });

  it('are remembered for a day of the log, and no longer', async () => {
    await appendTold(
      migrator,
      shard,
      Array.from({ length: 400 }, (_, n) => ({
        receivedAt: new Date(today - 5 * day + n * 15 * minute),
        identity: agent(1),
        session: session(2_000 + n),
      })),
    );
    await drain(50);
    expect(
      (await one('SELECT count(*)::int AS n FROM coverage_session WHERE shard = $1')).n,
    ).toBeLessThanOrEqual(4 * 26);
  });

  it('keeps the newest 64 of an identity', async () => {
    await appendTold(
      migrator,
      shard,
      Array.from({ length: 200 }, (_, n) => ({
        receivedAt: moment(n * 1000),
        identity: agent(3),
        session: session(n),
      })),
    );
    await drain(90);
    const { rows } = await starts();
    expect(rows).toHaveLength(64);
    expect(rows[0]?.at).toEqual(moment(136_000));
  });
});

describe('names that a reporter makes up', () => {
  const invented = (n: number) => Buffer.from(`b${n.toString(16).padStart(31, '0')}`, 'hex');

  it('are told under one, where they are too many for their hour', async () => {
    const flood = (from: number, ms: number): Told[] =>
      Array.from({ length: 3 * namesPerHourMax }, (_, n) => ({
        receivedAt: moment(ms + n),
        fingerprint: invented(from + n),
        reporter: agent(1),
        session: session(77),
      }));
    const real = { fingerprint: print(9), reporter: agent(2), session: session(78) };
    const entries = [
      ...flood(0, 0),
      { ...real, receivedAt: moment(minute) },
      // Known by then, so never among those that are too many.
      { ...real, receivedAt: moment(2 * minute), fingerprint: invented(5), reporter: agent(1) },
      ...flood(1_000, hour),
    ];
    await appendTold(migrator, shard, entries);
    await drain(20_000);
    const told = async () =>
      (
        await migrator.query(
          `SELECT encode(fingerprint, 'hex') AS print, reporter, interactions::int, sessions::int, first_at, last_at
           FROM shadow_actor WHERE shard = $1 AND (fingerprint = $2 OR reporter = $3)`,
          [shard, Buffer.alloc(16), agent(2)],
        )
      ).rows;
    expect(await told()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ print: print(9).toString('hex'), interactions: 1 }),
        {
          print: manyNamesHex,
          reporter: agent(1),
          interactions: 4 * namesPerHourMax,
          sessions: 1,
          first_at: moment(namesPerHourMax),
          last_at: moment(hour + 3 * namesPerHourMax - 1),
        },
      ]),
    );
    expect(
      (await one('SELECT count(DISTINCT fingerprint)::int AS n FROM shadow_actor WHERE shard = $1'))
        .n,
    ).toBe(2 * namesPerHourMax + 2);
    await expectSame(entries, [20_000, 33]);
  });
});
