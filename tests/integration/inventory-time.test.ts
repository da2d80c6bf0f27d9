import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { emptyFilter } from '@/lib/inventory/address';
import { bounded, tooMuch } from '@/lib/inventory/bounded';
import { listFacets, listPulse } from '@/lib/inventory/counts/queries';
import { countNewer, getInteraction, listInteractions } from '@/lib/inventory/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seedInteraction } from '../support/interactions';
import { scopeOf } from '../support/people';

const scope = scopeOf();
const none = emptyFilter();
const minuteMs = 60_000;
const start = new Date(Math.floor(Date.now() / minuteMs) * minuteMs - 30 * minuteMs);
const at = (ms: number) => new Date(start.getTime() + ms);

let database: TestDatabase;
let gateway: Pool;
let db: Pool;
let owner: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'test' });
  gateway = createPool(database.gatewayUrl, { applicationName: 'test' });
  db = createPool(database.consoleUrl, { applicationName: 'test' });
  await owner.query(`SELECT ensure_partitions(current_date - 2, current_date + 2)`);
});

afterAll(async () => {
  await Promise.all([gateway?.end(), db?.end(), owner?.end()]);
  await database?.drop();
});

describe('a time range', () => {
  const hour = 60 * minuteMs;
  const ns = (ms: number) => `${BigInt(ms) * 1_000_000n}`;
  const shard = 40;

  beforeAll(async () => {
    const rows: [number, number, number, number][] = [
      // position, arrived, happened, marks
      [1, -3 * hour, -3 * hour, 0],
      [2, -1 * hour, -3 * hour + 1, 0],
      [3, -1 * hour, -1 * hour, 0],
      [4, -3 * hour, -400 * 24 * hour, 2],
      [5, -3 * hour - 5 * minuteMs, -3 * hour + 2, 0],
    ];
    for (const [position, arrived, happened, marks] of rows) {
      await seedInteraction(gateway, {
        receivedAt: at(arrived),
        shard,
        position,
        kind: 'mcp',
        marks,
        startedNs: ns(at(happened).getTime()),
      });
    }
  });

  const found = async (from: number, to: number | null) => {
    const asked = { preset: null, from: at(from), to: to === null ? null : at(to) };
    const filter = { ...none, kind: ['mcp' as const] };
    const { rows } = await listInteractions(scope, { filter, range: asked, cursor: null }, db);
    const unfiltered = await listInteractions(
      scope,
      { filter: none, range: asked, cursor: null },
      db,
    );
    const positions = rows.map(({ id }) => Number(id.split('-')[2]));
    const counts = await listFacets(scope, { filter, range: asked }, db);
    expect(counts?.total.count).toBe(positions.length);
    if (to !== null) expect(unfiltered.rows).toEqual(rows);
    return positions;
  };

  it('asks when it happened, however late it arrived, and pages by arrival', async () => {
    expect(await found(-3 * hour, -2 * hour)).toEqual([2, 4, 1, 5]);
    expect(await found(-2 * hour, null)).toEqual([3]);
  });

  it('asks when it arrived where the time it says is implausible', async () => {
    expect(await found(-3 * hour - minuteMs, -3 * hour)).toEqual([]);
    expect(await found(-401 * 24 * hour, -399 * 24 * hour)).toEqual([]);
  });
});

describe('one call told by two signals', () => {
  const shard = 41;
  const range = { preset: null, from: at(-10 * 60 * minuteMs), to: at(-9 * 60 * minuteMs) };
  const view = { filter: none, range, cursor: null };
  const twin = { receivedAt: at(-9.5 * 60 * minuteMs), shard, position: 2n };

  beforeAll(async () => {
    for (const position of [1, 2, 3, 4])
      await seedInteraction(gateway, { receivedAt: twin.receivedAt, shard, position });
    await owner.query(
      `INSERT INTO entry_link (received_at, shard, position, relation, other_received_at, other_shard, other_position, uncounted, key)
       SELECT $1, $2, entry, relation, $1, $2, other, uncounted, gen_random_uuid()
       FROM (VALUES (2, 'same_call', 1, 'this'), (4, 'same_call', 3, 'this'), (1, 'counterpart', 3, 'this'),
         (3, 'counterpart', 1, 'none')) AS l(entry, relation, other, uncounted)`,
      [twin.receivedAt, shard],
    );
  });

  it('is listed and counted once, and both ends of an exchange are shown', async () => {
    const { rows } = await listInteractions(scope, view, db);
    expect(rows.map(({ id }) => id.split('-')[2])).toEqual(['3', '1']);
    expect((await listFacets(scope, view, db))?.total.count).toBe(2);
    expect(await countNewer(scope, { filter: none, range, place: null }, db)).toBe(2);
    const bars = await listPulse(
      scope,
      { ...view, filter: { ...none, resource: ['send_money'] } },
      new Date(),
      db,
    );
    expect(bars?.bars.reduce((sum, bar) => sum + bar.interactions, 0)).toBe(2);
  });

  it('is listed once, of an exchange too, for whoever comes from a figure', async () => {
    const filter = { ...none, isCounted: true as const };
    const { rows } = await listInteractions(scope, { ...view, filter }, db);
    expect(rows.map(({ id }) => id.split('-')[2])).toEqual(['3']);
    expect((await listFacets(scope, { ...view, filter }, db))?.total.count).toBe(1);
  });

  it('is there in both entries for whoever opens one', async () => {
    expect(await getInteraction(scope, twin, db)).toMatchObject({ state: 'kept' });
  });
});

// If this fails, one address keeps a connection of the console busy for as long as somebody likes.
it('a read that takes too long is stopped and says so', async () => {
  const asked = performance.now();
  expect(await bounded(db, (client) => client.query('SELECT pg_sleep(20)'))).toBe(tooMuch);
  expect(performance.now() - asked).toBeLessThan(4_000);
  expect(await bounded(db, async (client) => (await client.query('SELECT 1 AS n')).rows)).toEqual([
    { n: 1 },
  ]);
  await expect(bounded(db, (client) => client.query('SELECT nothing'))).rejects.toThrow('nothing');
});
