import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { arrivals } from '@/lib/log/project';
import { listLags, type Projection, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { readArrivals, recountArrivals, seedInteractions, seedShard } from '../support/seed-log';

let database: TestDatabase;
let migrator: Pool;
let worker: Pool;
let client: PoolClient;
const today = new Date(new Date().setUTCHours(3, 0, 0, 0));

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
});

afterAll(async () => {
  await worker.end();
  await migrator.end();
  await database.drop();
});

/** Shards are never reused, so that each test has a log of its own. */
let shard = 0;
beforeEach(async () => {
  shard += 1;
  await seedShard(migrator, shard);
  client = await worker.connect();
  return () => client.release(true);
});

async function drain(projection: Projection, entriesMax?: number): Promise<number> {
  let batches = 0;
  for (;;) {
    const behind = (await listLags(client, [projection])).filter(({ entries }) => entries > 0);
    if (behind.length === 0) return batches;
    for (const lag of behind) await projectBatch(client, projection, lag.shard, entriesMax);
    batches += 1;
  }
}

const cursorOf = async () =>
  (await migrator.query('SELECT position FROM projection_cursor WHERE shard = $1', [shard])).rows[0]
    ?.position;

describe('a projection', () => {
  it('equals a recount, whatever the batches, over minutes and shards', async () => {
    const other = 1000 + shard;
    await seedShard(migrator, other);
    await seedInteractions(migrator, { shard, count: 1_000, firstAt: today, stepMs: 10_000 });
    await seedInteractions(migrator, { shard: other, count: 333, firstAt: today, stepMs: 0 });
    expect(await drain(arrivals, 100)).toBe(10);
    await seedInteractions(migrator, {
      shard,
      count: 500,
      firstAt: new Date(today.getTime() + 10_000_000),
    });
    await drain(arrivals);
    expect(await readArrivals(migrator)).toEqual(await recountArrivals(migrator));
    expect((await recountArrivals(migrator)).length).toBeGreaterThan(100);
  });

  it('does not count a batch twice that is asked for again', async () => {
    await seedInteractions(migrator, { shard, count: 50, firstAt: today });
    expect(await projectBatch(client, arrivals, shard)).toBe(50);
    expect(await projectBatch(client, arrivals, shard)).toBe(0);
    expect(await readArrivals(migrator)).toEqual(await recountArrivals(migrator));
  });

  it('counts entries of one arrival time that fall into two batches once each', async () => {
    await seedInteractions(migrator, { shard, count: 100, firstAt: today, stepMs: 0 });
    expect(await drain(arrivals, 33)).toBe(4);
    expect(await readArrivals(migrator)).toEqual(await recountArrivals(migrator));
  });

  it('is untouched by a batch that fails after its outputs were written', async () => {
    await seedInteractions(migrator, { shard, count: 200, firstAt: today });
    const before = await readArrivals(migrator);
    const failing: Projection = {
      ...arrivals,
      async apply(inside, batch) {
        await arrivals.apply(inside, batch);
        throw new Error('out of memory');
      },
    };
    await expect(projectBatch(client, failing, shard)).rejects.toThrow('out of memory');
    expect(await readArrivals(migrator)).toEqual(before);
    await drain(arrivals);
    expect(await readArrivals(migrator)).toEqual(await recountArrivals(migrator));
  });

  it('is untouched by a connection that dies between outputs and commit', async () => {
    await seedInteractions(migrator, { shard, count: 200, firstAt: today });
    const lost = await worker.connect();
    lost.on('error', () => undefined);
    const dying: Projection = {
      ...arrivals,
      async apply(inside, batch) {
        await arrivals.apply(inside, batch);
        const { rows } = await inside.query('SELECT pg_backend_pid() AS pid');
        await migrator.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
      },
    };
    await expect(projectBatch(lost, dying, shard)).rejects.toThrow();
    lost.release(true);
    expect(await readArrivals(migrator)).not.toEqual(await recountArrivals(migrator));
    await drain(arrivals);
    expect(await readArrivals(migrator)).toEqual(await recountArrivals(migrator));
  });

  it('counts once what two workers project at the same time', async () => {
    await seedInteractions(migrator, { shard, count: 2_000, firstAt: today });
    const others = await Promise.all([worker.connect(), worker.connect(), worker.connect()]);
    const counts = await Promise.all(
      others.map(async (each) => {
        let entries = 0;
        for (let batch = 1; batch > 0; entries += batch)
          batch = await projectBatch(each, arrivals, shard, 150);
        return entries;
      }),
    );
    for (const each of others) each.release();
    expect(counts.reduce((sum, count) => sum + count)).toBe(2_000);
    expect(await readArrivals(migrator)).toEqual(await recountArrivals(migrator));
  });

  it('goes on over entries whose facts were erased', async () => {
    await seedInteractions(migrator, { shard, count: 10, firstAt: today });
    await migrator.query(`SELECT erase_entry($1, $2, 4, 'all', 'a test', 'tests')`, [
      new Date(today.getTime() + 4),
      shard,
    ]);
    await drain(arrivals);
    expect(await cursorOf()).toBe(9n);
    expect(await readArrivals(migrator)).toEqual(await recountArrivals(migrator));
  });

  it('is the same after a rebuild, which keeps minutes whose facts have expired', async () => {
    const expired = new Date(today.getTime() - 400 * 86_400_000);
    await migrator.query(`INSERT INTO arrival_minute VALUES ($1, 1, 7)`, [expired]);
    await seedInteractions(migrator, { shard, count: 300, firstAt: today });
    await drain(arrivals);
    await migrator.query(
      'UPDATE arrival_minute SET interactions = interactions + 1 WHERE shard = $1',
      [shard],
    );
    expect((await readArrivals(migrator)).slice(1)).not.toEqual(await recountArrivals(migrator));

    await rebuildProjection(client, arrivals);
    expect((await readArrivals(migrator)).map((row) => row)).toHaveLength(1);
    await drain(arrivals);
    expect((await readArrivals(migrator)).slice(1)).toEqual(await recountArrivals(migrator));
    expect((await readArrivals(migrator))[0]).toMatchObject({ interactions: 7 });
  });
});

describe('lag', () => {
  const lagHere = async () =>
    (await listLags(client, [arrivals])).find((lag) => lag.shard === shard);

  it('tells how many entries wait and since when the oldest', async () => {
    expect(await lagHere()).toEqual({
      projection: 'arrivals',
      shard,
      entries: 0,
      oldestAt: null,
    });
    await seedInteractions(migrator, { shard, count: 10, firstAt: today });
    expect(await lagHere()).toMatchObject({ entries: 10, oldestAt: today });
    await projectBatch(client, arrivals, shard, 4);
    expect(await lagHere()).toMatchObject({ entries: 6, oldestAt: new Date(today.getTime() + 4) });
    await projectBatch(client, arrivals, shard);
    expect(await lagHere()).toMatchObject({ entries: 0, oldestAt: null });
  });

  it('includes the control shard', async () => {
    await allDone();
    await migrator.query(`SELECT append_control('something_happened', '{}')`);
    const control = (await listLags(client, [arrivals])).find((lag) => lag.shard === 0);
    expect(control).toMatchObject({ entries: 1 });
    await allDone();
  });

  const allDone = () => drain(arrivals);
});

describe('the head of a shard', () => {
  it('is moved on by the gateway, and by nobody back', async () => {
    const gateway = createPool(database.gatewayUrl, { applicationName: 'tests' });
    const move = (position: number, at: string) =>
      gateway.query('UPDATE shard SET next_position = $2, last_received_at = $3 WHERE id = $1', [
        shard,
        position,
        at,
      ]);
    try {
      await move(5, '2026-11-01T00:00:05Z');
      await expect(move(4, '2026-11-01T00:00:06Z')).rejects.toThrow('never goes back');
      await expect(move(6, '2026-11-01T00:00:04Z')).rejects.toThrow('never goes back');
      await expect(gateway.query(`UPDATE shard SET kind = 'control'`)).rejects.toThrow(
        'permission denied',
      );
      await expect(
        client.query('UPDATE shard SET next_position = 9 WHERE id = $1', [shard]),
      ).rejects.toThrow('permission denied');
    } finally {
      await gateway.end();
    }
  });
});
