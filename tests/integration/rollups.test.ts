import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { activity } from '@/lib/inventory/activity/project';
import { type Projection, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { agents, type Call, seedCalls } from '../support/calls';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seedInteractions, seedShard } from '../support/seed-log';

let database: TestDatabase;
let migrator: Pool;
let worker: Pool;
let client: PoolClient;
const [ours = '', other = ''] = agents;
const today = new Date(new Date().setUTCHours(3, 0, 0, 0));

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  client = await worker.connect();
});
afterAll(async () => {
  client?.release(true);
  await Promise.all([worker?.end(), migrator?.end()]);
  await database?.drop();
});

/** Shards are never reused, so that each test has a log of its own. */
let shard = 0;
beforeEach(async () => {
  shard += 1;
  await seedShard(migrator, shard);
});

const drain = async (entriesMax?: number, of = shard) => {
  while ((await projectBatch(client, activity, of, entriesMax)) > 0);
};
const seed = (...calls: Call[]) => seedCalls(migrator, shard, calls);
const ns = (at: string) => BigInt(Date.parse(at)) * 1_000_000n;

const read = async (table: 'rollup_minute' | 'rollup_hour' | 'rollup_day', of = shard) =>
  (
    await migrator.query<Record<string, unknown>>(
      `SELECT to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS at, identity, kind, status, resource_kind, t.text AS resource,
         interactions::int, input_tokens::int, output_tokens::int, cost_nano::float AS cost_nano, costed::int
       FROM ${table} r LEFT JOIN term t ON t.id = r.resource WHERE shard = $1 ORDER BY 1, 2, 3, 4, 5, 6`,
      [of],
    )
  ).rows;

/** What the rollups must say, counted in other words than the projection's. */
const recount = async (unit = 'hour') =>
  (
    await migrator.query<Record<string, unknown>>(
      `SELECT to_char(date_trunc($2, timestamp '1970-01-01' + (started_ns / 1000) * interval '1 microsecond'), 'YYYY-MM-DD HH24:MI') AS at,
         CASE WHEN identity IS NULL THEN '00000000-0000-0000-0000-000000000000' ELSE identity::text END AS identity, kind, status,
         coalesce(resource_kind, '') AS resource_kind, coalesce(CASE resource_kind WHEN 'model' THEN model ELSE resource END, '') AS resource,
         count(*)::int AS interactions,
         coalesce(sum(input_tokens) FILTER (WHERE kind = ANY ('{inference,embedding}')), 0)::int AS input_tokens,
         coalesce(sum(output_tokens) FILTER (WHERE kind = ANY ('{inference,embedding}')), 0)::int AS output_tokens,
         coalesce(round(sum(cost::numeric) FILTER (WHERE kind = ANY ('{inference,embedding}')) * 1e9), 0)::float AS cost_nano,
         (count(cost) FILTER (WHERE kind = ANY ('{inference,embedding}')))::int AS costed
       FROM interaction WHERE shard = $1 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`,
      [shard, unit],
    )
  ).rows;

/** Tools, models, agents, errors and costs of two days, with late and paired ones among them. */
const mixed = (count: number): Call[] =>
  Array.from({ length: count }, (_, n) => ({
    receivedAt: new Date(today.getTime() + n),
    identity: n % 4 === 0 ? null : (agents[n % 3] ?? ours),
    reporter: ours,
    kind: ['inference', 'tool_call', 'embedding', 'step'][n % 4] ?? 'event',
    resourceKind: n % 2 === 0 ? 'model' : 'tool',
    model: n % 2 === 0 ? `orchid-${n % 3}` : null,
    resource: n % 2 === 0 ? `orchid-${n % 3}` : `tool-${n % 5}`,
    status: n % 6 === 0 ? 'error' : 'ok',
    startedNs: ns('2026-11-20T00:00:00Z') + BigInt(n) * 400_000_000_000n,
    inputTokens: n,
    outputTokens: 2 * n,
    ...(n % 8 === 0 ? { cost: n / 1000 } : {}),
  }));

describe('the zone of the days', () => {
  it('is the one that the organisation chose, also for what was counted before it did', async () => {
    await seed(...mixed(200));
    await drain();
    const utc = await read('rollup_day');
    expect(await activity.isStale?.(client)).toBe(false);
    await migrator.query(
      `INSERT INTO setting VALUES (1, 'Example', 'Asia/Kolkata', 'redact', 30, 365, now())`,
    );
    expect(await activity.isStale?.(client)).toBe(true);
    // Until it is rebuilt all days are of one zone, so that what is taken out again finds its day.
    await seed(...mixed(20));
    await drain();
    expect((await read('rollup_day')).map(({ at }) => String(at).slice(11))).not.toContain('18:30');
    await rebuildProjection(client, activity);
    await drain();
    expect(await activity.isStale?.(client)).toBe(false);
    const days = await read('rollup_day');
    expect(new Set(days.map(({ at }) => String(at).slice(11)))).toEqual(new Set(['18:30']));
    expect(days).not.toEqual(utc);
    await migrator.query('DELETE FROM setting');
    await rebuildProjection(client, activity);
    for (let each = 1; each <= shard; each += 1) await drain(undefined, each);
  });
});

it('a crash of PostgreSQL empties no table that the projections rest on', async () => {
  const { rows } = await migrator.query(
    `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relpersistence <> 'p'`,
  );
  expect(rows).toEqual([]);
});

describe('the rollups', () => {
  it('equal a recount by the hour in which things happened, whatever the batches', async () => {
    await seed(...mixed(200));
    await drain(17);
    expect(await read('rollup_hour')).toEqual(await recount());
    expect((await recount()).length).toBeGreaterThan(60);
    expect(JSON.stringify(await recount())).toContain('"costed":1');
  });

  it('equal a recount by the minute for two days, and keep no longer what was told late', async () => {
    const late = mixed(200).map((call, n) => ({
      ...call,
      startedNs: BigInt(today.getTime() - n * 10 * 60_000) * 1_000_000n,
    }));
    await seed(...late);
    await drain(17);
    const twoDaysBefore = new Date(today.getTime() - 48 * 3_600_000).toISOString();
    const isKept = ({ at }: Record<string, unknown>) =>
      String(at) >= twoDaysBefore.slice(0, 16).replace('T', ' ');
    expect(await read('rollup_minute')).toEqual(await recount('minute'));
    await seed(
      ...late.slice(0, 3).map((call) => ({ ...call, startedNs: ns('2026-11-20T00:00Z') })),
    );
    await drain();
    expect((await read('rollup_minute')).filter((row) => !isKept(row))).toEqual([]);
    expect((await recount('minute')).filter((row) => !isKept(row))).not.toEqual([]);
  });

  it('count what happened at no plausible time when it arrived', async () => {
    await seed({ receivedAt: today, startedNs: 7n, marks: 2 });
    await drain();
    expect((await read('rollup_hour'))[0]?.at).toBe(
      today.toISOString().slice(0, 16).replace('T', ' '),
    );
  });

  it('saturate at absurd tokens and costs instead of stopping for ever', async () => {
    const absurd = [1e308, Number.NaN, Number.POSITIVE_INFINITY, -3, 0.5];
    await seed(...absurd.map((cost) => ({ cost, startedNs: ns('2026-11-20T00:00Z') })));
    await migrator.query('ALTER TABLE interaction DISABLE TRIGGER interaction_no_update');
    await migrator.query(
      'UPDATE interaction SET input_tokens = 9223372036854775807, output_tokens = -5 WHERE shard = $1',
      [shard],
    );
    await migrator.query('ALTER TABLE interaction ENABLE ALWAYS TRIGGER interaction_no_update');
    await drain(2);
    const { rows } = await migrator.query(
      'SELECT interactions, input_tokens, output_tokens, cost_nano, costed FROM rollup_day WHERE shard = $1',
      [shard],
    );
    expect(rows).toEqual([
      {
        interactions: 5n,
        input_tokens: 9223372036854775807n,
        output_tokens: 0n,
        cost_nano: 500_000_000n,
        costed: 1n,
      },
    ]);
  });

  it('are untouched by a batch that fails after its outputs were written', async () => {
    await seed(...mixed(40), { signal: 'log', responseId: 'a' }, { responseId: 'a' });
    const failing: Projection = {
      ...activity,
      async apply(inside, batch) {
        await activity.apply(inside, batch);
        throw new Error('out of memory');
      },
    };
    await expect(projectBatch(client, failing, shard)).rejects.toThrow('out of memory');
    expect(await read('rollup_hour')).toEqual([]);
    await drain();
    expect(
      (await read('rollup_hour')).reduce((sum, row) => sum + Number(row.interactions), 0),
    ).toBe(41);
  });

  it('are the same after a rebuild, even one that is cut short and begun again', async () => {
    await seed(
      ...mixed(100),
      { responseId: 'b', cost: 0.1 },
      ...mixed(10),
      { responseId: 'b', signal: 'log', cost: 0.3 },
      { responseId: 'b', reporter: other },
    );
    await drain(9);
    const all = async () =>
      Promise.all([
        read('rollup_hour'),
        read('rollup_day'),
        migrator
          .query('SELECT * FROM entry_link WHERE shard = $1 ORDER BY position', [shard])
          .then(({ rows }) => rows),
      ]);
    const before = await all();
    await migrator.query('UPDATE rollup_hour SET interactions = interactions + 1');
    await rebuildProjection(client, activity);
    await projectBatch(client, activity, shard, 50);
    await rebuildProjection(client, activity);
    await drain(31);
    expect(await all()).toEqual(before);
    for (let of = 1; of < shard; of += 1) await drain(undefined, of);
  });

  it('keep up: a large batch at 15,000 entries a second', async () => {
    await seedInteractions(migrator, { shard, count: 20_000, firstAt: today, stepMs: 0 });
    await migrator.query('ANALYZE interaction');
    const started = performance.now();
    await drain();
    // A fifth of what is wanted of it, since tests share the machine.
    expect(20_000 / ((performance.now() - started) / 1000)).toBeGreaterThan(3_000);
  });
});

describe('days of the organisation', () => {
  const setZone = async (zone: string) => {
    // As a rebuild would, of nothing: each test has a log of its own.
    await migrator.query('DELETE FROM rollup_zone');
    await migrator.query(
      `INSERT INTO setting (organisation, time_zone, content, retention_body_days, retention_facts_days, created_at)
       VALUES ('Blue Sparrow', $1, 'redact', 30, 365, now()) ON CONFLICT (id) DO UPDATE SET time_zone = $1`,
      [zone],
    );
  };
  const days = async () =>
    (await read('rollup_day')).map(({ at, interactions }) => `${at} ${interactions}`);
  /** One call each half hour of two UTC days. */
  const everyHalfHour = (from: string): Call[] =>
    Array.from({ length: 96 }, (_, n) => ({
      startedNs: ns(from) + BigInt(n) * 1_800_000_000_000n,
    }));

  it('have 23 hours when clocks go forward and 25 when they go back', async () => {
    await setZone('Europe/Vienna');
    await seed(...everyHalfHour('2026-03-28T12:00:00Z'));
    await drain(10);
    expect(await days()).toEqual([
      '2026-03-27 23:00 22',
      '2026-03-28 23:00 46',
      '2026-03-29 22:00 28',
    ]);
    await seed(...everyHalfHour('2026-10-24T12:00:00Z'));
    await drain();
    expect((await days()).slice(3)).toEqual([
      '2026-10-23 22:00 20',
      '2026-10-24 22:00 50',
      '2026-10-25 23:00 26',
    ]);
  });

  it('begin at the half hour where the zone has one', async () => {
    await setZone('Asia/Kolkata');
    await seed(...everyHalfHour('2026-11-20T00:00:00Z'));
    await drain();
    expect(await days()).toEqual([
      '2026-11-19 18:30 37',
      '2026-11-20 18:30 48',
      '2026-11-21 18:30 11',
    ]);
  });

  it('are those of UTC where the database does not know the zone', async () => {
    await setZone('Mars/Olympus');
    await seed({ startedNs: ns('2026-11-20T00:00:00Z') });
    await drain();
    expect(await days()).toEqual(['2026-11-20 00:00 1']);
  });
});

describe('names that senders wrote', () => {
  const named = (name: string, reporter = ours): Call => ({
    kind: 'tool_call',
    resourceKind: 'tool',
    resource: name,
    model: null,
    reporter,
    receivedAt: today,
  });
  const namesOf = async () =>
    new Map(
      (await read('rollup_hour')).map(({ resource, interactions }) => [resource, interactions]),
    );

  it('are taken in up to 200 new ones an hour of each reporter, and the rest is other', async () => {
    const flood = Array.from({ length: 230 }, (_, n) => named(`flood-${shard}-${n}`));
    await seed(...flood, named(`quiet-${shard}`, other), named(`flood-${shard}-229`, other));
    await drain(70);
    const names = await namesOf();
    expect(names.get('other')).toBe(29);
    // The first come are taken in, whatever the batches, and nobody takes another's room.
    expect([199, 200].map((n) => names.get(`flood-${shard}-${n}`))).toEqual([1, undefined]);
    expect([names.get(`quiet-${shard}`), names.get(`flood-${shard}-229`)]).toEqual([1, 2]);
  });

  it('that are known are always taken in', async () => {
    await seed(named(`known-${shard}`, other));
    await drain();
    await seed(
      ...Array.from({ length: 201 }, (_, n) => named(`more-${shard}-${n}`)),
      named(`known-${shard}`),
    );
    await drain(60);
    const names = await namesOf();
    expect([names.get(`known-${shard}`), names.get('other')]).toEqual([2, 1]);
  });

  it('are gone with the last entry that had them, and what they counted stays', async () => {
    const [first, second] = await seed(named('MARKER-tool'), named('MARKER-tool'), {
      receivedAt: today,
      model: 'MARKER-model',
    });
    await drain();
    const erase = (position: bigint | undefined) =>
      migrator.query(`SELECT erase_entry($1, $2, $3, 'all', 'a test', 'tests')`, [
        today,
        shard,
        position?.toString(),
      ]);
    const holders = async () =>
      (await migrator.query(`SELECT text FROM term WHERE text LIKE 'MARKER%' ORDER BY 1`)).rows.map(
        ({ text }) => text,
      );
    const resources = async () =>
      (await read('rollup_day')).map(({ resource, interactions }) => `${resource} ${interactions}`);
    await erase(first);
    expect(await holders()).toEqual(['MARKER-model', 'MARKER-tool']);
    expect((await resources()).sort()).toEqual(['MARKER-model 1', 'MARKER-tool 2']);
    await erase(second);
    expect(await holders()).toEqual(['MARKER-model']);
    expect((await resources()).sort()).toEqual(['MARKER-model 1', '[erased] 2']);
    await erase(2n);
    expect(await holders()).toEqual([]);
    const known = await migrator.query(
      'SELECT 1 FROM term_hour h WHERE NOT EXISTS (SELECT FROM term t WHERE t.id = h.term)',
    );
    expect(known.rows).toEqual([]);
  });

  it('are not written by a batch that read the entry before it was erased', async () => {
    await seed({ receivedAt: today, model: 'MARKER-late' });
    const eraser = await migrator.connect();
    const racing: Projection = {
      ...activity,
      async apply(inside, batch) {
        await activity.apply(inside, batch);
        erased = eraser.query(`SELECT erase_entry($1, $2, 0, 'all', 'a test', 'tests')`, [
          today,
          shard,
        ]);
        await new Promise((resolve) => setTimeout(resolve, 200));
      },
    };
    let erased: Promise<unknown> | undefined;
    await projectBatch(client, racing, shard);
    await erased?.finally(() => eraser.release());
    expect((await read('rollup_hour')).map(({ resource }) => resource)).toEqual(['[erased]']);
  });
});
