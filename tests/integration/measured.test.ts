import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { measured } from '@/lib/inventory/measured/project';
import { listLags, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { marks } from '@/lib/telemetry/schema';
import { agents } from '../support/calls';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { appendMeasured, type Measured } from '../support/measurements';
import { seedShard } from '../support/seed-log';

let database: TestDatabase;
let migrator: Pool;
let worker: Pool;
let client: PoolClient;

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  await migrator.query(
    `SELECT ensure_partitions((now() - interval '9 days')::date, (now() + interval '1 day')::date)`,
  );
});
afterAll(async () => {
  await worker.end();
  await migrator.end();
  await database.drop();
});

/** Shards and series are never used again, so that each test has a log of its own. */
let shard = 10;
beforeEach(async () => {
  shard += 1;
  await seedShard(migrator, shard);
  client = await worker.connect();
  return () => client.release(true);
});

const today = new Date(new Date().setUTCHours(3, 0, 0, 0));
const minutes = (n: number) => n * 60_000;
const nsAt = (minute: number) => BigInt(today.getTime() + minutes(minute)) * 1_000_000n;
const seriesOf = (n: number) =>
  `${shard.toString(16).padStart(8, '0')}${n.toString(16).padStart(24, '0')}`;
const point = (minute: number, value: number | null, change: Partial<Measured> = {}): Measured => ({
  receivedAt: new Date(today.getTime() + minutes(minute)),
  identity: agents[0] ?? null,
  endedNs: nsAt(minute),
  startedNs: null,
  value,
  series: seriesOf(0),
  ...change,
});

/** Arrival never goes back in a shard, whatever the time that is told. */
const append = async (points: Measured[], of = shard) => {
  const receivedAt = new Date(Math.max(...points.map((each) => each.receivedAt.getTime())));
  await appendMeasured(
    migrator,
    of,
    points.map((each) => ({ ...each, receivedAt })),
  );
};

async function drain(entriesMax?: number): Promise<void> {
  for (;;) {
    const behind = (await listLags(client, [measured])).filter(({ entries }) => entries > 0);
    if (behind.length === 0) return;
    for (const lag of behind) await projectBatch(client, measured, lag.shard, entriesMax);
  }
}

/** By identity, metric, figure and hour of the day what was measured, in whole units. */
async function hours(of = [shard]): Promise<Record<string, number>> {
  const { rows } = await migrator.query<{ key: string; amount: number }>(
    `SELECT to_char(at AT TIME ZONE 'UTC', 'HH24') || ' ' || figure AS key, (sum(amount_nano) / 1e9)::float8 AS amount
     FROM measured_hour WHERE shard = ANY ($1) GROUP BY at, figure ORDER BY at, figure`,
    [of],
  );
  return Object.fromEntries(rows.map(({ key, amount }) => [key, amount]));
}
const sumOf = async (of = [shard]): Promise<number> =>
  (
    await migrator.query(
      'SELECT (coalesce(sum(amount_nano), 0) / 1e9)::float8 AS sum FROM measured_hour WHERE shard = ANY ($1)',
      [of],
    )
  ).rows[0].sum;
const leftOut = async () =>
  (
    await migrator.query(
      `SELECT coalesce(sum(implausible), 0)::int AS implausible, coalesce(sum(unfollowed), 0)::int AS unfollowed
       FROM measured_hour WHERE shard = $1`,
      [shard],
    )
  ).rows[0];

describe('what senders measure', () => {
  it('is added up by the hour of which it was measured: deltas, and what grew of what only grows', async () => {
    await append([
      point(10, 100, { temporality: 'delta', startedNs: nsAt(9) }),
      point(61, 60, { temporality: 'delta', startedNs: nsAt(59) }),
      point(10, 5, { temporality: 'delta', tokenType: 'output' }),
      point(10, 7, { temporality: 'delta', tokenType: 'reasoning' }),
      point(10, 9, { temporality: 'delta', name: 'app.requests' }),
      point(20, 1_000, { startedNs: nsAt(19) }),
      point(30, 1_500, { startedNs: nsAt(19) }),
    ]);
    await drain();
    expect(await hours()).toEqual({
      '03 input_tokens': 100 + 30 + 1_500,
      '03 output_tokens': 5,
      '04 input_tokens': 30,
    });
  });

  it('of a histogram is its sum, or how many it recorded', async () => {
    const histogram = { form: 'histogram', count: 4, sum: 90.5, value: null } as const;
    await append([
      point(1, null, { ...histogram, temporality: 'delta', name: 'gen_ai.client.token.usage' }),
      point(1, null, {
        ...histogram,
        temporality: 'delta',
        name: 'gen_ai.client.operation.duration',
        operation: 'chat',
      }),
      point(1, null, {
        ...histogram,
        temporality: 'delta',
        name: 'gen_ai.client.operation.duration',
        operation: 'execute_tool',
      }),
    ]);
    await drain();
    expect(await hours()).toEqual({ '03 calls': 4, '03 input_tokens': 90.5 });
  });

  it('is the last less the first of each run, whatever the order, batches, shards and repeats', async () => {
    const run = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 600 }), fc.nat({ max: 5_000 })), {
      selector: ([at]) => at,
      minLength: 1,
      maxLength: 8,
    });
    let used = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { minLength: 1, maxLength: 2 }),
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 2, max: 9 }),
        async (runs, random, batch) => {
          shard += 2;
          used += 1;
          const shards = [shard, shard - 1];
          for (const of of shards) await seedShard(migrator, of);
          const begun = (at: number) => (at === 0 ? null : nsAt(-60 * at));
          const points = runs.flatMap((readings, at) =>
            readings.map(([minute, value]) =>
              point(minute, value, { startedNs: begun(at), series: seriesOf(used) }),
            ),
          );
          const sent = [...points, ...points.slice(0, 5)]
            .map((each) => ({ each, by: random.next().value ?? 0 }))
            .sort((a, b) => a.by - b.by)
            .map(({ each }) => each);
          const cut = Math.floor(sent.length / 2);
          await append(sent.slice(0, cut).concat(sent.slice(0, 1)), shards[0]);
          await drain(batch);
          await append(sent.slice(cut), shards[1]);
          await drain(batch);
          const expected = runs.reduce((sum, readings) => {
            const inOrder = readings.toSorted(([a], [b]) => a - b).map(([, value]) => value);
            return inOrder.reduce((all, value, at) => {
              const before = inOrder[at - 1] ?? value;
              return all + (value < before ? value : value - before);
            }, sum);
          }, 0);
          expect(await sumOf(shards)).toBe(expected);
        },
      ),
      { numRuns: 25 },
    );
    const hoursOfAll = () => hours(Array.from({ length: shard + 1 }, (_, of) => of));
    const once = await hoursOfAll();
    await rebuildProjection(client, measured);
    await drain();
    expect(await hoursOfAll()).toEqual(once);
  });

  it('of nobody registered is not held against anybody', async () => {
    await append([point(1, 10, { temporality: 'delta', identity: null })]);
    await drain();
    expect(await hours()).toEqual({});
  });
});

describe('what cannot be believed', () => {
  it('adds nothing, stops nothing, and is told', async () => {
    const delta = { temporality: 'delta' } as const;
    await append([
      point(1, null, delta),
      point(2, -5, delta),
      point(3, 1e308, delta),
      point(4, 1e308),
      point(5, 10, { temporality: null }),
      point(6, 10, { form: 'gauge' }),
      point(7, 10, { series: null }),
      point(8, 40, delta),
    ]);
    await drain();
    expect(await sumOf()).toBe(40);
    expect(await leftOut()).toEqual({ implausible: 6, unfollowed: 1 });
  });

  it('of a time that cannot be is of when it arrived', async () => {
    const far = { marks: marks.implausible_time, endedNs: 2n ** 63n - 1n, startedNs: 1n };
    await append([
      point(1, 10, { ...far, temporality: 'delta' }),
      point(2, 100, far),
      point(3, 30, { startedNs: nsAt(2) }),
    ]);
    await drain();
    expect(await hours()).toEqual({ '03 input_tokens': 40 });
  });

  it('is followed up to 2,000 series of an identity, and the rest is told', async () => {
    const own = { identity: '00000000-0000-7000-8000-0000000000ff' };
    const started = { ...own, startedNs: nsAt(0) };
    const each = (minute: number, value: number) =>
      Array.from({ length: 2_100 }, (_, n) =>
        point(minute, value, { ...started, series: seriesOf(n) }),
      );
    await append(each(1, 5));
    await append(each(2, 6));
    await append([
      point(3, 7, { ...started, identity: agents[1] ?? null, series: seriesOf(9_999) }),
    ]);
    await drain(900);
    expect(await sumOf()).toBe(2_000 * 6 + 7);
    expect(await leftOut()).toEqual({ implausible: 0, unfollowed: 200 });
  });

  it('keeps 400 readings of a run, and what is older than those is not placed any more', async () => {
    await append(Array.from({ length: 450 }, (_, n) => point(n + 1, n)));
    await drain();
    const { receivedAt } = point(451, 0);
    await append([point(0.5, 0, { receivedAt }), point(449.5, 448, { receivedAt })]);
    await drain();
    expect(await sumOf()).toBe(449);
    expect(await leftOut()).toEqual({ implausible: 0, unfollowed: 1 });
    const { rows } = await migrator.query(
      `SELECT count(*)::int AS n FROM measured_reading WHERE series = decode($1, 'hex')`,
      [seriesOf(0)],
    );
    expect(rows[0].n).toBeLessThanOrEqual(401);
  });

  it('is forgotten when quiet for two days, and begins again without being counted twice', async () => {
    const ago = (hoursAgo: number) => -hoursAgo * 60;
    const own = { series: seriesOf(1) };
    await appendMeasured(migrator, shard, [
      point(ago(72), 10, own),
      point(ago(71), 30, own),
      point(ago(2), 5, { series: seriesOf(2) }),
      point(ago(1), 10, { series: seriesOf(2) }),
      point(0, 90, own),
      point(1, 95, own),
    ]);
    await drain(1);
    expect(await sumOf()).toBe(20 + 5 + 5);
  });
});

it('keeps up: 20,000 data points of 1,000 series at 15,000 a second', async () => {
  await append(
    Array.from({ length: 20_000 }, (_, n) =>
      point(Math.floor(n / 1_000), n, { series: seriesOf(n % 1_000) }),
    ),
  );
  await migrator.query('ANALYZE measurement');
  const started = performance.now();
  await drain();
  // A fifth of what is wanted of it, since tests share the machine.
  expect(20_000 / ((performance.now() - started) / 1000)).toBeGreaterThan(3_000);
});

it('leaves no word of a sender in what is derived, so that an erasure need not look there', async () => {
  const { rows } = await migrator.query<{ column: string }>(
    `SELECT table_name || '.' || column_name AS column FROM information_schema.columns
     WHERE table_name IN ('measured_hour', 'measured_run', 'measured_reading') AND data_type = 'text' ORDER BY 1`,
  );
  // Both of closed lists.
  expect(rows.map(({ column }) => column)).toEqual([
    'measured_hour.figure',
    'measured_hour.metric',
  ]);
});
