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
const [, other = '', stranger = ''] = agents;

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

const trace = () => shard.toString(16).padStart(32, 'c');
const under = (span: string, parent?: string) => ({
  trace: trace(),
  span,
  ...(parent === undefined ? {} : { parent }),
});
const [a1, b1, c1] = ['00000000000000a1', '00000000000000b1', '00000000000000c1'] as const;

describe('both ends of one exchange', () => {
  const client_ = () => ({ kind: 'mcp', spanKind: 'client', ...under(a1) });
  const server = (span: string = b1) => ({
    kind: 'mcp',
    spanKind: 'server',
    ...under(span, a1),
    identity: other,
    reporter: other,
  });

  it.each([
    ['client first', [client_, server], 1],
    ['server first', [server, client_], 0],
  ])('are counted at the client: %s', async (_, ends, expected) => {
    await seed(...ends.map((end) => end()));
    await drain(shard, 1);
    expect(await uncounted()).toEqual([expected]);
    expect((await counted())?.n).toBe(1);
    const { rows } = await migrator.query('SELECT exchanges FROM session WHERE id = $1', [
      session(),
    ]);
    expect(rows).toEqual([{ exchanges: 1n }]);
  });

  it.each([
    ['client first', [client_, server]],
    ['server first', [server, client_]],
  ])('are found up to 15 minutes apart and not later: %s', async (_, [first, last]) => {
    const now = Date.now();
    const [soon, late] = [14, 16].map((minutes) => new Date(now + minutes * 60_000));
    const elsewhere = (end: Call): Call => ({ ...end, trace: trace().replace('cc', 'dd') });
    await seed(
      { ...first?.(), receivedAt: new Date(now) },
      elsewhere({ ...first?.(), receivedAt: new Date(now) }),
    );
    await seed({ ...last?.(), ...(soon && { receivedAt: soon }) });
    await seed(elsewhere({ ...last?.(), ...(late && { receivedAt: late }) }));
    await drain(shard, 1);
    expect((await uncounted()).length).toBe(1);
    expect((await counted())?.n).toBe(3);
  });

  // If this fails, an agent hides all that it did below one span of a name that nobody registered.
  it('a shadow is the other end of nothing, on either side', async () => {
    await seed(
      { ...client_(), identity: null, reporter: other },
      server(),
      { ...client_(), span: c1 },
      { ...server(), parent: c1, span: 'dddddddddddddddd', identity: null, reporter: stranger },
    );
    await drain();
    expect(await uncounted()).toEqual([]);
  });

  it('that do not say which end they were are two interactions', async () => {
    await seed({ ...client_(), spanKind: null }, server());
    await drain();
    shard += 30;
    await seedShard(migrator, shard);
    await seed(client_(), { ...server(), spanKind: 'internal' }, { ...server(c1), spanKind: null });
    await drain();
    expect([...(await uncounted(shard - 30)), ...(await uncounted())]).toEqual([]);
  });

  // If this fails, one calling span swallows whatever its callee does.
  it('one calling end stands for one other', async () => {
    const many = Array.from({ length: 30 }, (_, n) => server(n.toString(16).padStart(16, '5')));
    await seed(...many, client_(), ...many, {
      ...server(),
      identity: stranger,
      reporter: stranger,
    });
    await drain(shard, 7);
    expect((await uncounted()).length).toBe(1);
    expect((await counted())?.n).toBe(61);
  });

  it('is found below any number of its own children', async () => {
    const own = (n: number) => ({ ...client_(), ...under(n.toString(16).padStart(16, '7'), a1) });
    await seed(...Array.from({ length: 60 }, (_, n) => own(n)), server(), client_());
    await drain(shard, 30);
    expect(await uncounted()).toEqual([60]);
  });

  it('two that name each other as parent both count', async () => {
    const two = [
      { ...client_(), ...under(a1, b1) },
      { ...server(), ...under(b1, a1) },
    ];
    const served = [
      { ...two[0], spanKind: 'server', trace: trace().replace('cc', 'dd') },
      { ...two[1], trace: trace().replace('cc', 'dd') },
    ];
    await seed(...served);
    await drain();
    expect((await counted())?.n).toBe(2);
    await seed(...two);
    await drain();
    expect((await counted())?.n).toBe(3);
  });

  it('an agent that another invokes, and the tools that it calls there, are interactions of its own', async () => {
    const ofB = { identity: other, reporter: other, spanKind: 'internal' };
    await seed(
      { kind: 'agent_call', spanKind: 'internal', ...under(a1) },
      { kind: 'agent_call', ...under(b1, a1), ...ofB },
      { kind: 'tool_call', ...under(c1, a1), ...ofB },
    );
    await drain();
    expect(await uncounted()).toEqual([]);
  });

  it('that disagree both count, and both are told of the other', async () => {
    await seed(client_(), { ...server(), status: 'error' });
    await drain();
    expect(await uncounted()).toEqual([]);
    expect((await counted())?.n).toBe(2);
    const { rows } = await migrator.query(
      'SELECT relation, uncounted FROM entry_link WHERE shard = $1',
      [shard],
    );
    expect(rows).toEqual([{ relation: 'counterpart', uncounted: 'none' }]);
  });

  it.each([
    ['error', 'unset'],
    ['error', 'ok'],
    ['unset', 'ok'],
    ['ok', 'unset'],
  ])(
    'a request that ended as %s for who asked and %s for who served is one',
    async (asked, served) => {
      await seed({ ...client_(), status: asked }, { ...server(), status: served });
      await drain();
      expect(await uncounted()).toEqual([1]);
    },
  );

  it('an end that agrees takes the place of one that does not', async () => {
    await seed(client_(), { ...server(), status: 'error' });
    await drain();
    await seed(server(c1));
    await drain();
    expect(await uncounted()).toEqual([2]);
    expect((await counted())?.n).toBe(2);
  });

  it('a callee that names its caller’s span first takes nothing from the caller', async () => {
    const feigned = { ...client_(), identity: other, reporter: other };
    await seed(feigned, server(), client_());
    await drain(shard, 1);
    expect(await uncounted()).toEqual([1]);
    expect((await counted())?.n).toBe(2);
  });

  it('an inference below a tool call of somebody else is another interaction', async () => {
    await seed({ ...client_(), kind: 'tool_call' }, { ...server(), kind: 'inference' });
    await drain();
    expect(await uncounted()).toEqual([]);
  });

  it('that were forgotten take part in nothing else', async () => {
    await seed(client_(), server());
    await drain();
    await migrator.query('DELETE FROM exchange_end WHERE shard = $1 AND position = 1', [shard]);
    await seed({ ...server(c1), identity: stranger, reporter: stranger });
    await drain();
    expect(await uncounted()).toEqual([1]);
    expect((await counted())?.n).toBe(2);
  });
});
