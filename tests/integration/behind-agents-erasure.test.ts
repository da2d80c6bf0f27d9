import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { listLags, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { behind, forgetBehind } from '@/lib/people/behind/project';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { nsOf } from '../support/records';
import { seedShard } from '../support/seed-log';
import { agent, appendTold, type Told } from '../support/told';

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
  await migrator.query(
    `INSERT INTO person (id, email, name, roles, created_at)
     VALUES (gen_random_uuid(), 'ada@example.org', 'Ada', '{analyst}', now())`,
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
const day = 24 * 60 * minute;
const today = new Date(new Date().setUTCHours(3, 0, 0, 0)).getTime();
const moment = (ms: number) => new Date(today + ms);

async function drain(): Promise<void> {
  for (;;) {
    const waiting = (await listLags(client, [behind])).filter(({ entries }) => entries > 0);
    if (waiting.length === 0) return;
    for (const lag of waiting) await projectBatch(client, behind, lag.shard);
  }
}

const tables = [
  'person_behind',
  'person_behind_name',
  'person_behind_day',
  'person_behind_decision',
] as const;
const linesOf = async (table: (typeof tables)[number]): Promise<string[]> =>
  (
    await migrator.query<{ line: string }>(`SELECT t::text AS line FROM ${table} t ORDER BY 1`)
  ).rows.map(({ line }) => line);
const outputs = async () => ({
  people: await linesOf('person_behind'),
  names: await linesOf('person_behind_name'),
});

type Row = { who: string | null; identity: string; interactions: number; points: number };
/** What is known of this test's own shard. */
async function here(): Promise<Row[]> {
  const { rows } = await migrator.query<Row>(
    `SELECT n.text AS who, b.identity, b.interactions::int, b.points::int FROM person_behind b
     LEFT JOIN person_behind_name n ON n.id = b.person WHERE b.shard = $1 ORDER BY n.text, b.identity`,
    [shard],
  );
  return rows;
}

const append = (...entries: Told[]) =>
  appendTold(
    migrator,
    shard,
    entries.map((entry) => ({ dialect: 'claude_code', ...entry })),
  );
const erase = (receivedAt: Date, position: number) =>
  migrator.query(`SELECT erase_entry($1, $2, $3, 'all', 'a test', 'tests')`, [
    receivedAt,
    shard,
    position,
  ]);

describe('what is erased', () => {
  const holders = async (text: string) => {
    const found: string[] = [];
    for (const table of tables)
      if ((await linesOf(table)).some((line) => line.includes(text))) found.push(table);
    return found;
  };
  const idOf = async (text: string) =>
    (await migrator.query<{ id: string }>('SELECT term_id($1) AS id', [text])).rows[0]?.id ?? '';

  /** Somebody said so, of each agent and reporter that tells of them. */
  const expected = (text: string, reason: string) =>
    migrator.query(
      `INSERT INTO person_behind_decision (person, identity, reporter, state, reason, decided_by, decided_at, until)
       SELECT DISTINCT person, identity, reporter, 'expected', $2, p.id, now(), now() + interval '30 days'
       FROM person_behind, person p WHERE person = term_id($1)`,
      [text, reason],
    );

  it('is gone with the last entry that says it: name, hash and what was decided; a rebuild agrees', async () => {
    const marker = 'MARKER-foxglove@example.com';
    const receivedAt = moment(5 * minute);
    await append(
      { receivedAt, identity: agent(1), onBehalfOf: marker },
      { receivedAt, identity: agent(2), onBehalfOf: marker },
      { receivedAt, identity: agent(2), onBehalfOf: 'stays@example.com' },
    );
    await drain();
    await expected(marker, 'MARKER-foxglove signs in at our provider');
    await expected('stays@example.com', 'stays');
    expect(await holders('MARKER-foxglove')).toEqual([
      'person_behind_name',
      'person_behind_decision',
    ]);
    await erase(receivedAt, 0);
    expect(await holders('MARKER-foxglove')).toEqual([
      'person_behind_name',
      'person_behind_decision',
    ]);
    await erase(receivedAt, 1);
    expect(await holders('MARKER-foxglove')).toEqual([]);
    expect(await holders(await idOf(marker))).toEqual([]);
    const left = await outputs();
    await rebuildProjection(client, behind);
    await drain();
    expect(await outputs()).toEqual(left);
    expect(await holders('stays@example.com')).toEqual(['person_behind_name']);
    expect(await holders(await idOf('stays@example.com'))).toContain('person_behind_decision');
  });

  it('is gone with the last data point too', async () => {
    const marker = 'MARKER-hawthorn@example.com';
    const at = moment(6 * minute);
    await migrator.query(
      `WITH head AS (UPDATE shard SET next_position = 1, last_received_at = $2 WHERE id = $1), entry AS (
         INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
         VALUES ($2, $1, 0, 'measurement', $3, sha256('leaf')))
       INSERT INTO measurement (received_at, shard, position, reporter, identity, vantage, on_behalf_of, name, form, ended_ns,
         marks, bodies, salt) VALUES ($2, $1, 0, $3, $3, 'self', $5, 'tokens', 'sum', $4, 0, '', '')`,
      [shard, at, agent(1), nsOf(at.getTime()), marker],
    );
    await drain();
    expect(await here()).toEqual([{ who: marker, identity: agent(1), interactions: 0, points: 1 }]);
    await migrator.query(`SELECT erase_measurement($1, $2, 0, 'a test', 'tests')`, [at, shard]);
    expect(await holders(marker)).toEqual([]);
    expect(await here()).toEqual([]);
  });

  it('is not written by a batch that read it before', async () => {
    const marker = 'MARKER-larch@example.com';
    const receivedAt = moment(7 * minute);
    await append({ receivedAt, identity: agent(1), onBehalfOf: marker });
    const reading = await worker.connect();
    await reading.query('BEGIN');
    await behind.apply(reading, {
      shard,
      after: { receivedAt: new Date(0), position: -1n },
      through: { receivedAt, position: 0n },
      entries: 1,
    });
    const erased = erase(receivedAt, 0);
    const isWaiting = async () =>
      (
        await migrator.query(
          `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 7305008 AND NOT granted`,
        )
      ).rowCount === 1;
    await expect.poll(isWaiting).toBe(true);
    await reading.query('COMMIT');
    reading.release();
    await erased;
    expect(await holders(marker)).toEqual([]);
  });

  it('goes with the day whose facts are no longer kept', async () => {
    await append(
      { receivedAt: moment(-18 * day), identity: agent(1), onBehalfOf: 'long ago' },
      { receivedAt: moment(-18 * day), identity: agent(1), onBehalfOf: 'both' },
      { receivedAt: moment(0), identity: agent(2), onBehalfOf: 'both' },
    );
    await drain();
    await expected('long ago', 'long ago it was so');
    await expected('both', 'both are so');
    expect(await forgetBehind(worker)).toBe(false);
    expect(await holders('long ago')).toEqual(['person_behind_name', 'person_behind_decision']);
    await migrator.query(
      `SELECT expire_days((now() - interval '15 days')::date, (now() - interval '15 days')::date)`,
    );
    expect(await forgetBehind(worker)).toBe(false);
    expect(await holders('long ago')).toEqual([]);
    expect(await holders(await idOf('long ago'))).toEqual([]);
    expect(await holders('both are so')).toEqual(['person_behind_decision']);
    expect((await here()).map(({ who, identity }) => [who, identity])).toEqual([
      ['both', agent(2)],
    ]);
  });
});
