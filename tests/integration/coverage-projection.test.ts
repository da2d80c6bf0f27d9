import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { coverage } from '@/lib/inventory/coverage/project';
import { listLags, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { bodyRoles } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seedShard } from '../support/seed-log';
import { agent, appendTold, manyTold, print, session, type Told } from '../support/told';

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
const [input, output] = [bodyRoles.indexOf('input'), bodyRoles.indexOf('output')];

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

const one = async (statement: string) => (await migrator.query(statement, [shard])).rows[0];

describe('what arrives of an identity', () => {
  it('is counted by the hour in which it happened, and remembered when it was last seen', async () => {
    const at = (ms: number) => ({
      receivedAt: moment(2 * hour),
      at: moment(ms),
      identity: agent(1),
    });
    await appendTold(migrator, shard, [
      { ...at(0), roles: [input, output], signal: null },
      { ...at(10 * minute), roles: [input, 5] },
      { ...at(hour), kind: 'tool_call', roles: [output], dialect: 'codex', signal: 'log' },
      { ...at(hour), kind: 'event', roles: [input], dialect: 'codex', signal: 'log' },
      { ...at(hour), kind: 'memory' },
    ]);
    await drain();
    const { rows } = await migrator.query(
      `SELECT hour, interactions::int, inference::int, input::int, output::int, tool_call::int, argument::int, result::int,
         prompt::int, retrieval::int, trace::int, log::int FROM coverage_hour WHERE shard = $1 ORDER BY hour`,
      [shard],
    );
    const none = {
      inference: 0,
      input: 0,
      output: 0,
      tool_call: 0,
      argument: 0,
      result: 0,
      prompt: 0,
      retrieval: 0,
      log: 0,
    };
    expect(rows).toEqual([
      { ...none, hour: moment(0), interactions: 2, inference: 2, input: 2, output: 1, trace: 2 },
      {
        ...none,
        hour: moment(hour),
        interactions: 3,
        tool_call: 1,
        result: 1,
        prompt: 1,
        retrieval: 1,
        trace: 1,
        log: 2,
      },
    ]);
    expect(
      await one(
        'SELECT first_at, last_at, input, output, argument, result, transfer, dialects FROM coverage WHERE shard = $1',
      ),
    ).toEqual({
      first_at: moment(0),
      last_at: moment(hour),
      input: moment(10 * minute),
      output: moment(0),
      argument: null,
      result: moment(hour),
      transfer: null,
      dialects: ['codex', 'genai'],
    });
  });

  it('includes data points of metrics, which are no interactions', async () => {
    await migrator.query(
      `WITH head AS (UPDATE shard SET next_position = 1, last_received_at = $2 WHERE id = $1), entry AS (
         INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
         VALUES ($2, $1, 0, 'measurement', $3, sha256('leaf')))
       INSERT INTO measurement (received_at, shard, position, reporter, identity, vantage, name, form, ended_ns, marks,
         bodies, salt) VALUES ($2, $1, 0, $3, $3, 'self', 'tokens', 'sum', $4, 0, '', '')`,
      [shard, moment(hour), agent(1), String(BigInt(moment(5 * minute).getTime()) * 1_000_000n)],
    );
    await drain();
    expect(
      await one('SELECT hour, interactions::int, metric::int FROM coverage_hour WHERE shard = $1'),
    ).toEqual({ hour: moment(0), interactions: 0, metric: 1 });
    expect(await one('SELECT last_at, metric FROM coverage WHERE shard = $1')).toEqual({
      last_at: moment(5 * minute),
      metric: moment(5 * minute),
    });
  });

  it('goes by arrival where the time sent is implausible', async () => {
    await appendTold(migrator, shard, [
      { receivedAt: moment(0), at: new Date(0), identity: agent(1), isImplausible: true },
    ]);
    await drain();
    expect(await one('SELECT first_at FROM coverage WHERE shard = $1')).toEqual({
      first_at: moment(0),
    });
  });

  it('is the same whatever the batches, after a batch that is asked for again, and after a rebuild', async () => {
    await appendTold(migrator, shard, manyTold(today, 3_000));
    await drain(170);
    expect(await projectBatch(client, coverage, shard)).toBe(0);
    const first = await outputs();
    for (const table of tables) expect(first[table]?.length, table).toBeGreaterThan(3);
    await rebuildProjection(client, coverage);
    expect((await outputs()).coverage).toEqual([]);
    await drain(20_000);
    expect(await outputs()).toEqual(first);
  });

  it('adds up to what was sent', async () => {
    const entries = manyTold(today, 2_000);
    await appendTold(migrator, shard, entries);
    await drain(333);
    const attributed = entries.filter(({ identity }) => identity != null);
    const sum = async (table: string, column = 'interactions') =>
      Number((await one(`SELECT sum(${column}) AS n FROM ${table} WHERE shard = $1`)).n);
    expect(await sum('coverage')).toBe(attributed.length);
    expect(await sum('shadow_actor')).toBe(entries.length - attributed.length);
    const sessionsOf = (some: Told[]) =>
      new Set(
        some.map(
          (entry) => `${entry.identity} ${entry.fingerprint?.toString('hex')} ${entry.session}`,
        ),
      ).size;
    expect(await sum('shadow_actor', 'sessions')).toBe(
      sessionsOf(entries.filter(({ identity }) => identity == null)),
    );
    const keptFrom =
      Math.floor(((entries.at(-1)?.receivedAt.getTime() ?? 0) - 8 * day) / hour) * hour;
    const recent = attributed.filter(
      ({ at, receivedAt, isImplausible }) =>
        (isImplausible ? receivedAt : (at ?? receivedAt)).getTime() >= keptFrom,
    );
    expect(await sum('coverage_hour')).toBe(recent.length);
    expect(await sum('coverage_hour', 'input')).toBe(
      recent.filter(({ kind, roles }) => kind === 'inference' && roles?.includes(input)).length,
    );
  });

  it('goes on over times and bodies that no honest sender writes', async () => {
    await appendTold(
      migrator,
      shard,
      [-9e12, 0, 9e12].map((ms) => ({
        receivedAt: moment(0),
        at: new Date(ms),
        identity: agent(1),
        roles: [255, 200],
      })),
    );
    await drain();
    expect(await one('SELECT interactions::int FROM coverage WHERE shard = $1')).toEqual({
      interactions: 3,
    });
  });
});

describe('who acts unregistered', () => {
  it('is counted by fingerprint with reporters, kinds, errors and times', async () => {
    const told = { fingerprint: print(9), session: session(5), declaredName: 'ghost' };
    await appendTold(migrator, shard, [
      { ...told, receivedAt: moment(0), at: moment(-hour) },
      { ...told, receivedAt: moment(minute), kind: 'tool_call', status: 'error' },
      { ...told, receivedAt: moment(2 * minute), reporter: agent(1), session: session(6) },
    ]);
    await drain(2);
    expect(
      await one(
        `SELECT sum(interactions)::int AS interactions, sum(sessions)::int AS sessions, sum(errors)::int AS errors,
           count(DISTINCT reporter)::int AS reporters, count(DISTINCT kind)::int AS kinds, min(first_at) AS first,
           max(last_received_at) AS last FROM shadow_actor WHERE shard = $1`,
      ),
    ).toEqual({
      interactions: 3,
      sessions: 2,
      errors: 1,
      reporters: 2,
      kinds: 2,
      first: moment(-hour),
      last: moment(2 * minute),
    });
  });

  it('is found by fingerprint through an index that attributed interactions never touch', async () => {
    const size = async () =>
      Number(
        (
          await migrator.query(
            `SELECT sum(pg_relation_size(i.indexrelid)) / 8192 AS pages FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             WHERE c.relname ~ 'fingerprint' AND c.relkind = 'i' AND i.indrelid = $1::regclass`,
            [`interaction_${moment(0).toISOString().slice(0, 10).replaceAll('-', '')}`],
          )
        ).rows[0].pages,
      );
    const before = await size();
    await appendTold(
      migrator,
      shard,
      Array.from({ length: 3_000 }, (_, n) => ({ receivedAt: moment(n), identity: agent(1) })),
    );
    expect(await size()).toBe(before);
    await appendTold(
      migrator,
      shard,
      Array.from({ length: 3_000 }, (_, n) => ({
        receivedAt: moment(n),
        fingerprint: print(n % 5),
      })),
    );
    expect(await size()).toBeGreaterThan(before);
    await migrator.query('ANALYZE interaction');
    const { rows } = await migrator.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT declared_name FROM interaction WHERE fingerprint = '\\x01010101010101010101010101010101'
       ORDER BY received_at DESC, shard DESC, position DESC LIMIT 1`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('fingerprint');
    expect(plan).not.toMatch(/Seq Scan on interaction|Sort/);
    await drain();
  });
});

it('holds nothing that a sender wrote, so an erased entry leaves only counts', async () => {
  const marker = 'MARKER-larkspur-2207';
  const receivedAt = moment(5 * minute);
  await appendTold(migrator, shard, [
    {
      receivedAt,
      fingerprint: print(1),
      declaredName: marker,
      service: marker,
      onBehalfOf: marker,
    },
    { receivedAt, identity: agent(1), declaredName: marker, onBehalfOf: marker },
  ]);
  await drain();
  for (const table of tables) {
    const { rows } = await migrator.query(
      `SELECT 1 FROM ${table} t WHERE t::text LIKE '%' || $1 || '%'`,
      [marker],
    );
    expect(rows, table).toEqual([]);
  }
  for (const position of [0, 1])
    await migrator.query(`SELECT erase_entry($1, $2, $3, 'all', 'a test', 'tests')`, [
      receivedAt,
      shard,
      position,
    ]);
  await rebuildProjection(client, coverage);
  await drain();
  expect((await outputs()).coverage).toEqual([]);
  expect((await outputs()).shadow_actor).toEqual([]);
});
