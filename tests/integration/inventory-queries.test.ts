import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import {
  type Cursor,
  emptyFilter,
  type Filter,
  parseView,
  unregistered,
} from '@/lib/inventory/address';
import { listFacets, listPulse, type Pulse } from '@/lib/inventory/counts/queries';
import { parseEntryId } from '@/lib/inventory/entry-id';
import {
  countNewer,
  getInteraction,
  hasInteractions,
  listInteractions,
  pageSize,
  resolveIdentities,
} from '@/lib/inventory/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seedInteraction } from '../support/interactions';
import { scopeOf } from '../support/people';

const scope = scopeOf();
const none = emptyFilter();
const agent = '00000000-0000-7000-8000-00000000000a';
const rareSession = '0af76519-16cd-43dd-8448-eb211c80319c';
const minuteMs = 60_000;
const start = new Date(Math.floor(Date.now() / minuteMs) * minuteMs - 30 * minuteMs);
const range = { preset: null, from: start, to: null };
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
  await owner.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at) VALUES ($1, 'agent', 'treasury', '{}', 'active', now())`,
    [agent],
  );
});

afterAll(async () => {
  await Promise.all([gateway?.end(), db?.end(), owner?.end()]);
  await database?.drop();
});

const view = (filter: Partial<Filter>, cursor: Cursor | null = null) => ({
  filter: { ...none, ...filter },
  range,
  cursor,
});

async function facetsOf(filter: Partial<Filter>) {
  const counts = await listFacets(scope, view(filter), db);
  if (counts === null) throw new Error('too much to count');
  return counts;
}

const sumOf = (pulse: Pulse | null) =>
  pulse?.bars.reduce((sum, { interactions }) => sum + interactions, 0) ?? null;

async function walk(
  direction: 'before' | 'after',
  first: Cursor | null,
  during?: () => Promise<void>,
) {
  const ids: string[] = [];
  let cursor = first;
  for (let pages = 0; pages < 50; pages += 1) {
    const page = await listInteractions(scope, view({}, cursor), db);
    await during?.();
    ids.push(...(direction === 'before' ? page.rows : page.rows.toReversed()).map(({ id }) => id));
    const edge = direction === 'before' ? page.rows.at(-1) : page.rows[0];
    const isMore = direction === 'before' ? page.hasOlder : page.hasNewer;
    const place = edge === undefined ? null : parseEntryId(edge.id);
    if (!isMore || place === null) return ids;
    cursor = { direction, place };
  }
  throw new Error('paging does not end');
}

describe('the inventory', () => {
  it('knows that nothing was ever kept', async () => {
    expect(await hasInteractions(scope, db)).toBe(false);
    expect(await listInteractions(scope, view({}), db)).toEqual({
      rows: [],
      hasNewer: false,
      hasOlder: false,
      isTooMuch: false,
    });
  });

  it('visits each row exactly once both ways, over equal times, shards and rows that arrive meanwhile', async () => {
    const places = Array.from({ length: 3 * pageSize + 7 }, (_, index) => ({
      receivedAt: at(Math.floor(index / 10) * 1000),
      shard: 1 + (index % 2),
      position: index,
    }));
    for (const place of places) await seedInteraction(gateway, place);
    let arrived = 10_000;
    const down = await walk('before', null, () =>
      seedInteraction(gateway, { receivedAt: at(600_000), position: arrived++ }),
    );
    expect(new Set(down).size).toBe(down.length);
    expect(down).toHaveLength(places.length);
    const far = { shard: 1, position: 0n };
    const past = { ...far, receivedAt: at(-600_000) };
    const future = { ...far, receivedAt: at(6_000_000) };
    const empty = (cursor: Cursor) => listInteractions(scope, view({}, cursor), db);
    expect(await empty({ direction: 'after', place: future })).toEqual({
      rows: [],
      hasNewer: false,
      hasOlder: true,
      isTooMuch: false,
    });
    expect(await empty({ direction: 'before', place: past })).toEqual({
      rows: [],
      hasNewer: true,
      hasOlder: false,
      isTooMuch: false,
    });
    const oldest = parseEntryId(down.at(-1) ?? '');
    expect(oldest).not.toBeNull();
    if (oldest === null) return;
    const up = await walk('after', { direction: 'after', place: oldest });
    expect(up.slice(0, places.length - 1)).toEqual(down.toReversed().slice(1));
    expect(new Set(up).size).toBe(up.length);
  });

  describe('filters', () => {
    const special = {
      identity: agent,
      kind: 'retrieval',
      resource: 'finance-vectors',
      model: 'rare-model',
      status: 'error',
      session: rareSession,
      onBehalfOf: 'ada@example.org',
    };

    beforeAll(async () => {
      await seedInteraction(gateway, { receivedAt: at(700_000), position: 20_000, ...special });
      await seedInteraction(gateway, { receivedAt: at(700_001), position: 20_001, kind: 'memory' });
      await seedInteraction(gateway, {
        receivedAt: at(700_002),
        position: 20_002,
        kind: 'process',
      });
      await seedInteraction(gateway, {
        receivedAt: at(700_003),
        position: 20_003,
        kind: 'inference',
        resourceKind: 'model',
        resource: 'some-model',
        model: 'some-model',
      });
    });

    it.each<[string, Partial<Filter>, number[]]>([
      ['identity', { identity: [agent] }, [20_000]],
      ['nobody registered', { identity: [unregistered], kind: ['memory'] }, [20_001]],
      [
        'an identity or nobody registered',
        { identity: [agent, unregistered], kind: ['memory', 'retrieval'] },
        [20_001, 20_000],
      ],
      ['kind', { kind: ['retrieval'] }, [20_000]],
      ['several kinds', { kind: ['retrieval', 'process'] }, [20_002, 20_000]],
      [
        'all that are exchanges',
        { kind: ['exchange'], identity: [agent], status: ['error'] },
        [20_000],
      ],
      ['resource', { resource: ['finance-vectors'] }, [20_000]],
      ['a resource that is a model', { resource: ['some-model'] }, [20_003]],
      ['model', { model: ['rare-model'] }, [20_000]],
      [
        'a resource and the model that it is',
        { resource: ['some-model'], model: ['some-model'] },
        [20_003],
      ],
      [
        'a resource and the model that used it',
        { resource: ['finance-vectors'], model: ['rare-model'] },
        [20_000],
      ],
      ['status', { status: ['error'] }, [20_000]],
      ['session', { session: [rareSession] }, [20_000]],
      ['those it was done for', { behalf: ['ada@example.org'] }, [20_000]],
      [
        'those it was done for, and by whom',
        { behalf: ['ada@example.org'], identity: [agent] },
        [20_000],
      ],
      ['a part of what somebody is called', { behalf: ['ada@example'] }, []],
      [
        'all at once',
        { ...view({}).filter, identity: [agent], status: ['error'], kind: ['retrieval'] },
        [20_000],
      ],
      ['what contradicts itself', { identity: [agent], kind: ['memory'] }, []],
    ])('by %s', async (_what, filter, positions) => {
      const { rows } = await listInteractions(scope, view(filter), db);
      expect(rows.map(({ id }) => Number(id.split('-')[2]))).toEqual(positions);
    });
  });

  it('shows the registered name, and what a shadow declares of itself', async () => {
    await seedInteraction(gateway, { receivedAt: at(800_000), position: 30_000, identity: agent });
    await seedInteraction(gateway, {
      receivedAt: at(800_000),
      position: 30_001,
      declaredName: 'langchain',
    });
    const { rows } = await listInteractions(scope, view({}), db);
    expect(rows.find(({ id }) => id.endsWith('-30000'))).toMatchObject({
      identityName: 'treasury',
      identityKind: 'agent',
    });
    expect(rows.find(({ id }) => id.endsWith('-30001'))).toMatchObject({
      identity: null,
      declaredName: 'langchain',
    });
  });

  it('a name that nobody is registered under matches nothing and says so', async () => {
    const found = await resolveIdentities(
      scope,
      { ...none, identity: ['treasury', 'treasry'] },
      db,
    );
    expect(found.filter.identity[0]).toBe(agent);
    expect(found.problems).toEqual(['No identity is called treasry, so nothing matches it.']);
    const { rows } = await listInteractions(
      scope,
      {
        filter: { ...found.filter, identity: [found.filter.identity[1] ?? ''] },
        range,
        cursor: null,
      },
      db,
    );
    expect(rows).toEqual([]);
  });

  it('hostile values are values, never SQL', async () => {
    const text = "x'; DELETE FROM identity; --";
    const { rows } = await listInteractions(scope, view({ resource: [text], model: [text] }), db);
    expect(rows).toEqual([]);
    const { filter } = parseView({ resource: text }, new Date());
    expect(filter.resource).toEqual([text]);
  });

  it('counts what is newer than a row', async () => {
    const place = { receivedAt: at(800_000), shard: 1, position: 30_000n };
    expect(await countNewer(scope, { filter: none, range, place }, db)).toBe(1);
    expect(
      await countNewer(scope, { filter: { ...none, identity: [agent] }, range, place }, db),
    ).toBe(0);
  });

  it('counts each value of a facet within the other filters', async () => {
    const { values } = await facetsOf({ model: ['rare-model'] });
    expect(values.kind).toEqual([{ value: 'retrieval', count: { count: 1, isMore: false } }]);
    expect(values.status).toEqual([{ value: 'error', count: { count: 1, isMore: false } }]);
  });

  it('what is filtered by stays listed, even when nothing matches it', async () => {
    const { values } = await facetsOf({ model: ['no-such-model'] });
    expect(values.model).toContainEqual({
      value: 'rare-model',
      count: { count: 1, isMore: false },
    });
    expect(values.model).toContainEqual({
      value: 'no-such-model',
      count: { count: 0, isMore: false },
    });
  });

  it('what stands for all exchanges counts them all', async () => {
    const { values } = await facetsOf({ model: ['rare-model'], kind: ['exchange'] });
    expect(values.kind).toEqual(
      ['retrieval', 'exchange'].map((value) => ({ value, count: { count: 1, isMore: false } })),
    );
  });

  it('beyond 10,000 counts values over 10,000, and draws bars from the minutes', async () => {
    await owner.query(
      `INSERT INTO interaction (received_at, shard, position, reporter, vantage, session, dialect, kind, name,
         resource_kind, resource, model, status, started_ns, ended_ns, marks, bodies, salt)
       SELECT $1::timestamptz, 3, i, $2, 'self', $2, 'genai', 'embedding', 'embed', 'model', 'm-' || i % 3, 'm-' || i % 3,
         'ok', (extract(epoch FROM $1::timestamptz) * 1e9)::bigint, 0, 0, '', '' FROM generate_series(1, 10050) i`,
      [at(900_000), agent],
    );
    const counted = await facetsOf({ kind: ['embedding'] });
    expect(counted.total).toEqual({ count: 10_000, isMore: true });
    expect(counted.sampled).toContain('status');
    expect(counted.values.model).toHaveLength(3);

    await owner.query(
      `INSERT INTO rollup_minute (at, shard, identity, kind, status, resource_kind, resource, interactions,
         input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_nano, costed)
       SELECT $1::timestamptz, shard, identity, kind, status, '', $3, n, 0, 0, 0, 0, 0, 0 FROM (VALUES
         (1, $2::uuid, 'tool_call', 'ok', 41000), (3, $3::uuid, 'embedding', 'ok', 10040),
         (3, $3, 'embedding', 'error', 10)) AS v(shard, identity, kind, status, n)`,
      [at(900_000), agent, '00000000-0000-0000-0000-000000000000'],
    );
    expect(sumOf(await listPulse(scope, view({ kind: ['embedding'] }), new Date(), db))).toBe(
      10_050,
    );
    expect(sumOf(await listPulse(scope, view({ model: ['rare-model'] }), new Date(), db))).toBe(1);
  });

  it('a bar of the rollups ends where what it counts ends, and holds nothing beyond', async () => {
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 72 * 3_600_000);
    const plus = (minutes: number) => new Date(hour.getTime() + minutes * 60_000);
    await owner.query(
      `INSERT INTO rollup_hour (at, shard, identity, kind, status, resource_kind, resource, interactions,
         input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_nano, costed)
       SELECT at, 1, $3::uuid, 'process', 'ok', '', $3::uuid, n, 0, 0, 0, 0, 0, 0 FROM (VALUES ($1::timestamptz, 7), ($2, 9)) AS v(at, n)`,
      [hour, plus(60), '00000000-0000-0000-0000-000000000000'],
    );
    const asked = {
      ...view({ kind: ['process'] }),
      range: { preset: null, from: plus(15), to: plus(30) },
    };
    expect(await listPulse(scope, asked, new Date(), db)).toEqual({
      stepMinutes: 60,
      bars: [{ at: hour, to: plus(60), interactions: 7 }],
      isCounted: true,
    });
  });

  it('shows all facts of one entry, and tells a stranger that there is none', async () => {
    const place = { receivedAt: at(800_000), shard: 1, position: 30_000n };
    expect(await getInteraction(scope, place, db)).toMatchObject({
      state: 'kept',
      interaction: {
        reporter: expect.any(String),
        position: '30000',
        leaf: expect.stringMatching(/^[0-9a-f]{64}$/),
        bodies: [],
      },
    });
    expect(await getInteraction(scope, { ...place, position: 99n }, db)).toEqual({
      state: 'missing',
    });
  });

  it('an erased entry says when, by whom and why', async () => {
    const place = { receivedAt: at(800_000), shard: 1, position: 30_001n };
    await db.query('SELECT erase_entry($1, $2, $3, $4, $5, $6)', [
      place.receivedAt,
      place.shard,
      place.position.toString(),
      'all',
      'Asked for by the person',
      'operator:root',
    ]);
    expect(await getInteraction(scope, place, db)).toMatchObject({
      state: 'gone',
      entry: {
        cause: 'erased',
        by: 'operator:root',
        reason: 'Asked for by the person',
        erasedAt: expect.any(String),
      },
    });
  });
});
