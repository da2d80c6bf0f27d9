import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { forgetDerived } from '@/lib/inventory/activity/project';
import { ensurePartitions, expireDays, forgetSeen, forgetStale } from '@/lib/log/retention';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seedInteractions, seedShard } from '../support/seed-log';

let database: TestDatabase;
let migrator: Pool;
let worker: Pool;

const daysAgo = (days: number) => new Date(new Date().setUTCHours(12, 0, 0, 0) - days * 86_400_000);
const dayName = (at: Date) => at.toISOString().slice(0, 10).replaceAll('-', '');

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  await migrator.query('SELECT ensure_partitions($1::date, $2::date)', [daysAgo(60), daysAgo(1)]);
  await seedShard(migrator, 1);
  for (const days of [50, 31, 30, 10, 5, 0])
    await seedInteractions(migrator, { shard: 1, count: 3, firstAt: daysAgo(days) });
});

afterAll(async () => {
  await worker.end();
  await migrator.end();
  await database.drop();
});

async function partitionsOf(parent: string): Promise<string[]> {
  const { rows } = await migrator.query<{ day: string }>(
    `SELECT right(c.relname, 8) AS day FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
     WHERE h.inhparent = $1::regclass ORDER BY 1`,
    [parent],
  );
  return rows.map(({ day }) => day);
}

const countOf = async (table: string) =>
  (await migrator.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`)).rows[0]?.count;

describe('retention', () => {
  it('follows the first values before the organisation is set up, and keeps entries for ever', async () => {
    const entries = await countOf('log_entry');
    expect(await expireDays(worker, { bodies: 30, facts: 45 })).toBeGreaterThan(0);
    expect((await partitionsOf('body'))[0]).toBe(dayName(daysAgo(30)));
    expect((await partitionsOf('interaction'))[0]).toBe(dayName(daysAgo(45)));
    expect(await countOf('log_entry')).toBe((entries ?? 0) + 1);
    expect(await countOf('interaction')).toBe(15);
  });

  it('follows the settings after, and says so in the log once', async () => {
    await migrator.query(
      `INSERT INTO setting VALUES (1, 'Example', 'UTC', 'redact', 7, 20, now())`,
    );
    const { rows: tables } = await migrator.query<{ dropped: number }>(
      `SELECT sum(CASE expires_with WHEN 'bodies' THEN 23 ELSE 25 END)::int AS dropped
       FROM partitioned_table WHERE expires_with IS NOT NULL`,
    );
    expect(await expireDays(worker, { bodies: 30, facts: 45 })).toBe(tables[0]?.dropped);
    expect((await partitionsOf('body'))[0]).toBe(dayName(daysAgo(7)));
    expect((await partitionsOf('interaction'))[0]).toBe(dayName(daysAgo(20)));
    expect(await expireDays(worker, { bodies: 30, facts: 45 })).toBe(0);
    const { rows } = await migrator.query<{ facts: string }>(
      `SELECT facts FROM control_event WHERE kind = 'days_expired' ORDER BY position`,
    );
    expect(rows).toHaveLength(2);
    expect(rows[1]?.facts).toContain(`"bodies_before":"${daysAgo(7).toISOString().slice(0, 10)}"`);
  });

  it('is not to be made shorter than the settings by the worker', async () => {
    const before = [await partitionsOf('body'), await partitionsOf('interaction')];
    const { rows } = await worker.query(`SELECT expire_days('infinity', 'infinity') AS dropped`);
    expect(rows).toEqual([{ dropped: 0 }]);
    expect([await partitionsOf('body'), await partitionsOf('interaction')]).toEqual(before);
    await expect(worker.query('SELECT expire_days(NULL, NULL)')).rejects.toThrow('missing');
  });

  it('takes refused items as old as expired bodies, however many, and no others', async () => {
    await migrator.query(
      `INSERT INTO quarantine (id, received_at, reporter, signal, reason, detail, bytes, digest)
       SELECT gen_random_uuid(), at, gen_random_uuid(), 'traces', 'too_deep', '', 0, ''
       FROM generate_series(1, 2001) n, unnest(ARRAY[$1, $2]::timestamptz[]) at WHERE n = 1 OR at = $1`,
      [daysAgo(8), daysAgo(7)],
    );
    await worker.query(`SELECT expire_quarantined('infinity', 1)`);
    expect(await countOf('quarantine')).toBe(2001);
    await expireDays(worker, { bodies: 30, facts: 45 });
    expect(await countOf('quarantine')).toBe(1);
  });

  it('never drops facts before bodies, whatever the first values', async () => {
    await migrator.query('DELETE FROM setting');
    await expireDays(worker, { bodies: 365, facts: 3 });
    expect((await partitionsOf('interaction'))[0]).toBe(dayName(daysAgo(3)));
    expect((await partitionsOf('body'))[0]).toBe(dayName(daysAgo(3)));
  });

  it('names days in one way, whatever the date style of the session', async () => {
    const session = await migrator.connect();
    try {
      await session.query(`BEGIN; SET LOCAL datestyle = 'German'`);
      await session.query(`SELECT expire_days('infinity', 'infinity')`);
      const { rows } = await session.query<{ facts: string }>(
        `SELECT facts FROM control_event WHERE kind = 'days_expired' ORDER BY position DESC LIMIT 1`,
      );
      expect(rows[0]?.facts).toContain(
        `"bodies_before":"${daysAgo(1).toISOString().slice(0, 10)}"`,
      );
    } finally {
      await session.query('ROLLBACK');
      session.release();
    }
  });

  it('takes with the facts what was counted and linked of them', async () => {
    const old = daysAgo(100);
    await migrator.query(
      `INSERT INTO term SELECT term_id(name), name FROM unnest(ARRAY['old-name', 'new-name']) AS name`,
    );
    for (const table of ['rollup_minute', 'rollup_hour', 'rollup_day'])
      await migrator.query(
        `INSERT INTO ${table} SELECT at, 1, gen_random_uuid(), 'tool_call', 'ok', 'tool', term_id(name), 1, 0, 0, 0, 0, 0, 0
         FROM (VALUES ($1::timestamptz, 'old-name'), ($2, 'new-name')) AS r(at, name)`,
        [old, new Date()],
      );
    await migrator.query(
      `INSERT INTO entry_link (received_at, shard, position, relation, other_received_at, other_shard, other_position, uncounted, key)
       SELECT at, 1, 0, 'same_call', at, 1, 1, 'this', gen_random_uuid() FROM unnest(ARRAY[$1, $2]::timestamptz[]) at`,
      [old, new Date()],
    );
    await migrator.query(
      `INSERT INTO shadow_actor (fingerprint, shard, reporter, kind, interactions, sessions, errors, first_at, last_at, last_received_at)
       SELECT sha256(at::text::bytea), 1, gen_random_uuid(), 'tool_call', 1, 1, 0, at, at, at FROM unnest(ARRAY[$1, $2]::timestamptz[]) at`,
      [old, new Date()],
    );
    while (await forgetDerived(worker));
    for (const table of [
      'rollup_minute',
      'rollup_hour',
      'rollup_day',
      'entry_link',
      'shadow_actor',
    ])
      expect(await countOf(table), table).toBe(1);
    const { rows } = await migrator.query(`SELECT text FROM term WHERE text LIKE '%name'`);
    expect(rows).toEqual([{ text: 'new-name' }]);
  });

  it('gives way when a page reads for long, so that ingest never queues behind it', async () => {
    const reader = await migrator.connect();
    try {
      await reader.query('BEGIN');
      await reader.query('SELECT count(*) FROM interaction');
      const startedMs = performance.now();
      await expect(expireDays(worker, { bodies: 1, facts: 1 })).rejects.toThrow('lock timeout');
      expect(performance.now() - startedMs).toBeLessThan(10_000);
    } finally {
      await reader.query('ROLLBACK');
      reader.release();
    }
    expect(await expireDays(worker, { bodies: 1, facts: 1 })).toBeGreaterThan(0);
  });
});

describe('upkeep', () => {
  it('makes the partitions of the next seven days', async () => {
    await migrator.query(
      `DROP TABLE body_${dayName(daysAgo(-7))}, log_entry_${dayName(daysAgo(-6))}`,
    );
    await ensurePartitions(worker);
    for (const parent of ['log_entry', 'interaction', 'measurement', 'control_event', 'body'])
      expect((await partitionsOf(parent)).slice(-8)).toEqual(
        [0, -1, -2, -3, -4, -5, -6, -7].map((days) => dayName(daysAgo(days))),
      );
  });

  it('forgets dedupe keys after 48 hours and not before, a batch at a time', async () => {
    await migrator.query(
      `INSERT INTO seen SELECT int8send(n), '\\x00', now() - interval '49 hours' FROM generate_series(1, 12000) n`,
    );
    await migrator.query(
      `INSERT INTO seen SELECT int8send(-n), '\\x00', now() - interval '47 hours' FROM generate_series(1, 5) n`,
    );
    expect(await forgetSeen(worker)).toBe(true);
    expect(await countOf('seen')).toBe(2_005);
    expect(await forgetSeen(worker)).toBe(false);
    expect(await countOf('seen')).toBe(5);
  });

  it('forgets processes and wrong passwords that no longer matter', async () => {
    await migrator.query(
      `INSERT INTO process_status SELECT gen_random_uuid(), 'gateway', '0', now(), now() - age, '{}'
       FROM unnest(ARRAY[interval '2 hours', interval '5 minutes']) age`,
    );
    await migrator.query(
      `INSERT INTO throttle VALUES ('old', 9, now() - interval '2 days'), ('new', 9, now())`,
    );
    await forgetStale(worker);
    expect(await countOf('process_status')).toBe(1);
    expect(await countOf('throttle')).toBe(1);
  });
});
