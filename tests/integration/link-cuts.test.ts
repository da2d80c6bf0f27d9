import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const drain = async (of: number) => {
  while ((await projectBatch(client, activity, of)) > 0);
};

describe('what counts', () => {
  const pick = fc.constantFrom;
  const hexOf = (n: number) => n.toString(16).padStart(16, 'e');
  const anyCall = fc.record(
    {
      kind: pick('inference', 'inference', 'tool_call', 'mcp', 'agent_call'),
      signal: pick('trace', 'trace', 'log'),
      spanKind: pick('client', 'server', 'internal', null),
      status: pick('ok', 'error'),
      identity: pick<string | null>(ours, other, stranger, null),
      reporter: pick(ours, other),
      requestId: pick('r1', 'r2'),
      responseId: pick('r1', 'm1', 'm2'),
      toolCallId: pick('t1', 't2'),
      span: fc.nat(4).map(hexOf),
      parent: fc.nat(4).map(hexOf),
      promptId: pick('p1', 'p2'),
      outputTokens: pick(10, 20),
    },
    { requiredKeys: ['kind', 'signal', 'spanKind', 'status', 'identity', 'reporter'] },
  );
  const anyLog = fc.array(fc.tuple(anyCall, fc.nat(1), fc.nat(4_000)), {
    minLength: 8,
    maxLength: 30,
  });
  const steps = fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 6 })), {
    minLength: 1,
    maxLength: 40,
  });

  /** Seeds the same log anew and reads it in these steps. Returns what counts of it, by the order in which it arrived. */
  async function read(log: [Call, number, number][], order: [number, number][]) {
    const first = nextShards();
    const at = Date.now();
    for (const of of [first, first + 1]) await seedShard(migrator, of);
    const places: string[] = [];
    for (const [index, [call, of, ms]] of log.entries()) {
      const isLog = call.signal === 'log';
      const { span, spanKind, ...rest } = call;
      const [position] = await seedCalls(migrator, first + of, [
        {
          ...rest,
          session: `00000000-0000-7000-8000-${String(first).padStart(12, '0')}`,
          trace: first.toString(16).padStart(32, 'f'),
          ...(isLog ? {} : { spanKind: spanKind ?? null, span: span ?? hexOf(100 + index) }),
          receivedAt: new Date(at + index),
          endedNs: BigInt(at + ms) * 1_000_000n,
        },
      ]);
      places.push(`${of}-${position}`);
    }
    for (const [of, entries] of order) await projectBatch(client, activity, first + of, entries);
    for (const of of [first, first + 1]) await drain(of);
    const { rows } = await migrator.query<{ at: string }>(
      `SELECT DISTINCT (shard - $1::int) || '-' || position AS at FROM entry_link
       WHERE uncounted = 'this' AND shard IN ($1, $1::int + 1)`,
      [first],
    );
    const gone = new Set(rows.map((row) => row.at));
    const { rows: rolled } = await migrator.query(
      `SELECT sum(interactions)::int AS n, sum(output_tokens)::int AS tokens FROM rollup_hour WHERE shard IN ($1, $1::int + 1)`,
      [first],
    );
    const { rows: gathered } = await migrator.query(
      `SELECT exchanges::int, output_tokens::int, errors::int FROM session WHERE id = $1`,
      [`00000000-0000-7000-8000-${String(first).padStart(12, '0')}`],
    );
    return {
      counted: places.flatMap((place, index) => (gone.has(place) ? [] : [index])),
      rolled,
      gathered,
    };
  }
  let shards = 1000;
  const nextShards = () => {
    shards += 2;
    return shards;
  };

  it('is the same however batches are cut and whichever shard is read first', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, steps, async (log, order) => {
        const whole = await read(log, []);
        const parts = await read(log, order);
        expect(parts).toEqual(whole);
        expect(whole.rolled[0]?.n).toBe(whole.counted.length);
        expect(whole.gathered[0]?.exchanges).toBe(whole.counted.length);
        const isUsage = (index: number) => log[index]?.[0].kind === 'inference';
        const tokens = whole.counted
          .filter(isUsage)
          .reduce((sum, index) => sum + (log[index]?.[0].outputTokens ?? 0), 0);
        expect(whole.rolled[0]?.tokens).toBe(tokens);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
