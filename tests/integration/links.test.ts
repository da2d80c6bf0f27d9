import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { activity } from '@/lib/inventory/activity/project';
import { projectBatch } from '@/lib/log/projection';
import { agents, type Call, seedCalls } from '../support/calls';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { seedShard } from '../support/seed-log';

let database: TestDatabase;
let migrator: Pool;
let worker: Pool;
let client: PoolClient;
const [ours = '', other = '', stranger = ''] = agents;

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

/** A shard and a session of its own for each test. */
let shard = 0;
beforeEach(async () => {
  shard += 1;
  await seedShard(migrator, shard);
});
const session = () => `00000000-0000-7000-8000-0000000001${String(shard).padStart(2, '0')}`;

const drain = async (of = shard, entriesMax?: number) => {
  while ((await projectBatch(client, activity, of, entriesMax)) > 0);
};

/** Positions in this shard that do not count, in order. */
async function uncounted(of = shard): Promise<number[]> {
  const { rows } = await migrator.query<{ position: number }>(
    `SELECT DISTINCT position::int FROM entry_link WHERE uncounted = 'this' AND shard = $1 ORDER BY 1`,
    [of],
  );
  return rows.map(({ position }) => position);
}

const counted = async (of = shard) =>
  (
    await migrator.query<{ n: number; tokens: number }>(
      `SELECT coalesce(sum(interactions), 0)::int AS n, coalesce(sum(output_tokens), 0)::int AS tokens
       FROM rollup_hour WHERE shard = $1`,
      [of],
    )
  ).rows[0];

const seed = (...calls: Call[]) =>
  seedCalls(
    migrator,
    shard,
    calls.map((call) => ({ session: session(), ...call })),
  );

describe('one call told by two signals', () => {
  const span = { responseId: 'resp-1', outputTokens: 7 };
  const log = { signal: 'log', responseId: 'resp-1', outputTokens: 7 };

  it.each([
    ['span then log', [span, log], [0]],
    ['log then span', [log, span], [1]],
  ])('is counted by its log: %s', async (_, calls, expected) => {
    await seed(...calls);
    await drain();
    expect(await uncounted()).toEqual(expected);
    expect(await counted()).toEqual({ n: 1, tokens: 7 });
  });

  it('that come in two batches is taken out of the hour it was counted in', async () => {
    await seed(span);
    await drain();
    expect(await counted()).toEqual({ n: 1, tokens: 7 });
    await seed({ ...log, outputTokens: 8 });
    await drain();
    expect(await uncounted()).toEqual([0]);
    expect(await counted()).toEqual({ n: 1, tokens: 8 });
    await seed({ ...span, reporter: other });
    await drain();
    expect(await uncounted()).toEqual([0, 2]);
    expect(await counted()).toEqual({ n: 1, tokens: 8 });
  });

  it('that come through two gateways is counted once', async () => {
    const second = 500 + shard;
    await seedShard(migrator, second);
    await seed(span);
    await drain();
    await seedCalls(migrator, second, [{ session: session(), ...log }]);
    await drain(second);
    expect(await uncounted()).toEqual([0]);
    expect(await counted()).toEqual({ n: 0, tokens: 0 });
    expect(await counted(second)).toEqual({ n: 1, tokens: 7 });
  });

  it('is found by a request id or a tool use id too, but a tool is no model', async () => {
    await seed(
      { requestId: 'req-1' },
      { signal: 'log', requestId: 'req-1', responseId: 'msg-1' },
      { kind: 'tool_call', toolCallId: 'use-1' },
      { kind: 'tool_call', toolCallId: 'use-1', signal: 'log' },
      { toolCallId: 'use-1', signal: 'log' },
    );
    await drain();
    expect(await uncounted()).toEqual([0, 2]);
  });

  it('by two reporters is counted as the first told it, and twice by one reporter is two calls', async () => {
    await seed(span, { ...span, reporter: other }, span);
    await drain();
    expect(await uncounted()).toEqual([1]);
    expect(await counted()).toEqual({ n: 2, tokens: 14 });
  });

  it('is never joined across owners or sessions: ids are chosen by whoever sends', async () => {
    await seed(
      span,
      { ...log, identity: stranger, reporter: stranger },
      { ...log, identity: null, reporter: stranger },
      { ...log, session: '00000000-0000-7000-8000-0000000000ff' },
    );
    await drain();
    expect(await uncounted()).toEqual([]);
    expect((await counted())?.n).toBe(4);
  });

  // If this fails, one log record hides as many calls as its sender likes, from the lists too.
  it('hides one span behind a log record, however many name its id', async () => {
    const tool = { kind: 'tool_call', toolCallId: 'use-1' };
    await seed({ ...tool, signal: 'log' }, ...Array.from({ length: 9 }, () => tool));
    await drain(shard, 3);
    expect(await uncounted()).toEqual([1]);
    expect((await counted())?.n).toBe(9);
  });

  it('leads from each of its ids to what else tells of it', async () => {
    await seed(
      { signal: 'log', requestId: 'req-1' },
      { requestId: 'req-1', responseId: 'msg-1' },
      { responseId: 'msg-1', reporter: other },
    );
    await drain(shard, 1);
    expect(await uncounted()).toEqual([1, 2]);
    expect((await counted())?.n).toBe(1);
  });

  it('is taken out once, by however many ids and signals it is told again', async () => {
    await seed({ requestId: 'req-1', responseId: 'msg-1', outputTokens: 7 });
    await drain();
    await seed({ signal: 'log', requestId: 'req-1', responseId: 'msg-1', outputTokens: 7 });
    await drain();
    await seed({ signal: 'log', responseId: 'msg-1', reporter: other });
    await drain();
    expect(await uncounted()).toEqual([0, 2]);
    expect(await counted()).toEqual({ n: 1, tokens: 7 });
  });

  it('a flood of one id takes no longer than as many ids', async () => {
    await migrator.query(
      `WITH head AS (UPDATE shard SET next_position = 20000, last_received_at = now() WHERE id = $1), entry AS (
         INSERT INTO log_entry SELECT date_trunc('milliseconds', now()), $1, n, 'interaction', $2, '' FROM generate_series(0, 19999) n)
       INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, session, signal, response_id,
         trace, span, parent, dialect, kind, name, model, resource_kind, status, started_ns, ended_ns, marks, bodies, salt)
       SELECT date_trunc('milliseconds', now()), $1, n, CASE WHEN n % 2 = 0 THEN $2 ELSE $3 END::uuid, $2, 'self', $4,
         CASE WHEN n % 3 = 0 THEN 'log' ELSE 'trace' END, 'one', 'trace', CASE WHEN n % 2 = 0 THEN 'one' ELSE 'two' END::bytea,
         CASE WHEN n % 2 = 0 THEN 'two' ELSE 'one' END::bytea, 'genai', 'inference', 'flood', 'm', 'model', 'ok', 1, 2, 0, '', ''
       FROM generate_series(0, 19999) n`,
      [shard, ours, other, session()],
    );
    const started = performance.now();
    await drain();
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(((await counted())?.n ?? 0) + (await uncounted()).length).toBe(20_000);
  });

  it('looks up the keys of a batch, not all there are, before the table has statistics', async () => {
    await migrator.query(
      `INSERT INTO call_id SELECT gen_random_uuid(), 1, $1, now() - interval '1 hour' + n * interval '1 ms', 999, n
       FROM generate_series(1, 300000) n`,
      [ours],
    );
    const calls = Array.from({ length: 300 }, (_, n) => ({ ...span, responseId: `many-${n}` }));
    await seed(...calls, ...calls.map((call) => ({ ...call, signal: 'log' })));
    const started = performance.now();
    await drain();
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await uncounted()).toHaveLength(300);
  });
});

describe('a coding agent whose signals share no id', () => {
  const at = 1_795_416_179_000_000_000n;
  const call = { promptId: 'prompt-1', outputTokens: 42, endedNs: at };

  it('is counted once by prompt, model, tokens and the second in which it ended', async () => {
    await seed(
      { ...call, responseId: 'msg-1' },
      { ...call, signal: 'log', requestId: 'req-1', endedNs: at + 3_000_000_000n },
      { ...call, signal: 'log', requestId: 'req-2', endedNs: at + 4_000_000_000n },
    );
    await drain();
    expect(await uncounted()).toEqual([0]);
    expect(await counted()).toEqual({ n: 2, tokens: 84 });
  });

  it.each([
    ['another prompt', { promptId: 'prompt-2' }],
    ['another model', { model: 'orchid-3' }],
    ['other tokens', { outputTokens: 43 }],
    ['six seconds later', { endedNs: at + 6_000_000_000n }],
    ['the same signal', { signal: 'trace' }],
    ['another owner', { identity: stranger }],
  ])('is two calls with %s', async (_, change) => {
    await seed(call, { ...call, signal: 'log', ...change });
    await drain();
    expect(await uncounted()).toEqual([]);
  });

  it('pairs each log with one span, over batches and the edge of a bucket', async () => {
    const calls = [0n, 6n, 12n].flatMap((s) => [
      { ...call, endedNs: at + s * 1_000_000_000n },
      { ...call, signal: 'log', endedNs: at + s * 1_000_000_000n + 1_500_000_000n },
    ]);
    await seed(...calls);
    await drain(shard, 1);
    expect(await uncounted()).toEqual([0, 2, 4]);
    expect(await counted()).toEqual({ n: 3, tokens: 126 });
  });
});

const trace = () => shard.toString(16).padStart(32, 'c');
const under = (span: string, parent?: string) => ({
  trace: trace(),
  span,
  ...(parent === undefined ? {} : { parent }),
});
const [a1, b1, c1] = ['00000000000000a1', '00000000000000b1', '00000000000000c1'] as const;

describe('a call told by the log record that was written in its span', () => {
  const span = () => ({ ...under(a1), session: agents[0] ?? '', outputTokens: 60 });
  const log = () => ({ trace: trace(), parent: a1, signal: 'log', outputTokens: 60 });

  it.each([
    ['log then span', [log, span], [1]],
    ['span then log', [span, log], [0]],
  ])(
    'is counted by its log without any id, in whatever session: %s',
    async (_, calls, expected) => {
      await seed(...calls.map((call) => call()));
      await drain(shard, 1);
      expect(await uncounted()).toEqual(expected);
      expect(await counted()).toEqual({ n: 1, tokens: 60 });
    },
  );

  it('is another call for another owner, another kind, and a second record', async () => {
    await seed(
      span(),
      { ...log(), kind: 'tool_call' },
      { ...log(), identity: null },
      { ...log(), identity: other, reporter: other },
    );
    await drain();
    expect(await uncounted()).toEqual([]);
    await seed(log(), log());
    await drain();
    expect(await uncounted()).toEqual([0]);
    expect((await counted())?.n).toBe(5);
  });

  it('that was instrumented twice is counted by one, and another response is another call', async () => {
    await seed(
      { ...under(b1, a1), responseId: 'resp-1', outputTokens: 5 },
      { ...under(c1, a1), responseId: 'resp-2', outputTokens: 5 },
      { ...under(a1), responseId: 'resp-1', outputTokens: 5 },
    );
    await drain(shard, 1);
    expect(await uncounted()).toEqual([2]);
    expect(await counted()).toEqual({ n: 2, tokens: 10 });
  });
});
