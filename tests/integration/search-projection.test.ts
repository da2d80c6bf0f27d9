import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintScope } from '@/lib/auth/scope';
import { systemClock } from '@/lib/core/clock';
import { contentKeyOf, keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createConnection, createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { parseView } from '@/lib/inventory/address';
import { listFacets, listPulse } from '@/lib/inventory/counts/queries';
import { countNewer, listInteractions } from '@/lib/inventory/queries';
import { searchContent } from '@/lib/inventory/search/mutations';
import { createSearchProjection } from '@/lib/inventory/search/project';
import { eraseEntry } from '@/lib/log/mutations';
import { listLags, type Projection, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { LogWriter } from '@/lib/log/writer';
import { marks } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { anEntry } from '../support/entries';
import { postTraces, registerReporter, startGateway } from '../support/gateway';
import { actorOf, nobodyOf, scopeOf } from '../support/people';
import { exportRequest, genaiChatSpan } from '../support/spans';
import { startWorker } from '../support/worker-process';

const person = { id: '00000000-0000-7000-8000-0000000000ad', email: 'a@example.com', name: 'A' };
const scope = scopeOf(person);

let database: TestDatabase;
let owner: Pool;
let worker: Pool;
let consolePool: Pool;
let client: PoolClient;
let writer: LogWriter;

const kek = () => keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
const projection = createSearchProjection(() => kek().content);

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  consolePool = createPool(database.consoleUrl, { applicationName: 'tests' });
  client = await worker.connect();
  writer = new LogWriter({
    connect: async () => {
      const connection = createConnection(database.gatewayUrl, { applicationName: 'gateway' });
      await connection.connect();
      return connection;
    },
    kek: kek(),
    clock: systemClock,
  });
  await writer.start();
});

afterAll(async () => {
  await writer?.close();
  client?.release(true);
  await Promise.all([worker?.end(), owner?.end(), consolePool?.end()]);
  await database?.drop();
});

async function keep(said: Record<string, string>, change: Parameters<typeof anEntry>[0] = {}) {
  const bodies = Object.entries(said).map(([role, text]) => ({
    // The keys of what the tests say are roles.
    role: role as 'input' | 'output',
    text,
  }));
  const now = BigInt(Date.now()) * 1_000_000n;
  const entry = anEntry({ startedNs: now, endedNs: now, ...change, bodies });
  const { reporter } = entry.interaction;
  await writer.append({ reporter, entries: [entry], refused: [], bytes: 1000 });
  const { rows } = await owner.query(
    'SELECT received_at AS "receivedAt", shard, position FROM interaction WHERE span = $1',
    [entry.interaction.span],
  );
  return rows[0];
}

async function project(by: Projection = projection): Promise<void> {
  for (const lag of await listLags(client, [by])) {
    let entries = 1;
    while (entries > 0) entries = await projectBatch(client, by, lag.shard);
  }
}

async function asked(query: string, as = scope) {
  const params = Object.fromEntries(new URLSearchParams(query));
  const view = parseView(params, new Date());
  const opening = { now: new Date(), db: consolePool, kek: kek() };
  const { filter, problems } = await searchContent(as, view, opening);
  return { view: { ...view, filter }, problems: [...view.problems, ...problems] };
}

async function find(query: string): Promise<string[]> {
  const { view, problems } = await asked(query);
  expect(problems).toEqual([]);
  const page = await listInteractions(scope, view, consolePool);
  return page.rows.map(({ id }) => id.split('-')[2] ?? '');
}

const positionsOf = (...places: { position: bigint }[]) =>
  places.map(({ position }) => String(position));

describe('content', () => {
  it('is found by its words, phrases, identifiers and tool arguments', async () => {
    const first = await keep({
      input:
        '[{"role":"user","parts":[{"type":"text","content":"Pay the marigold invoice\\nnow"}]}]',
      output: 'two seats were added',
    });
    const second = await keep(
      { input: '{"recipient":"bob@evil.example","amount":1250}', output: 'seats: two' },
      { kind: 'tool_call', resource: 'send_money', resourceKind: 'tool', model: null },
    );
    await project();
    expect(await find('q=marigold')).toEqual(positionsOf(first));
    expect(await find('q=MARIGOLD invoice now')).toEqual(positionsOf(first));
    expect(await find('q="two seats"')).toEqual(positionsOf(first));
    expect(await find('q=two seats')).toEqual(positionsOf(second, first));
    expect(await find('q=seats -marigold')).toEqual(positionsOf(second));
    expect(await find('q=evil.example 1250')).toEqual(positionsOf(second));
    expect(await find('q=kind:tool_call recipient')).toEqual(positionsOf(second));
    expect(await find('q=kind:inference recipient')).toEqual([]);
    expect(await find('q="now two"')).toEqual([]);
    expect(await find('q=parts')).toEqual([]);
    expect(await find('q=marigol')).toEqual([]);
    const { view } = await asked('q=seats');
    const counts = await listFacets(scope, view, consolePool);
    expect(counts?.total).toEqual({ count: 2, isMore: false });
    expect(counts?.values.kind?.map(({ value }) => value).sort()).toEqual([
      'inference',
      'tool_call',
    ]);
    const pulse = await listPulse(scope, view, new Date(), consolePool);
    expect(pulse?.bars.reduce((sum, bar) => sum + bar.interactions, 0)).toBe(2);
    const newer = { filter: view.filter, range: view.range, place: first };
    expect(await countNewer(scope, newer, consolePool)).toBe(1);
  });

  it('pages both ways through what more than 10,000 entries hold', async () => {
    const made = await owner.query(
      `WITH source AS (SELECT * FROM search_document ORDER BY position LIMIT 1),
         row AS (SELECT i.* FROM interaction i JOIN source USING (received_at, shard, position)),
         copied AS (
           INSERT INTO search_document SELECT s.received_at, 99, n, s.document, false
           FROM source s, generate_series(1, 10100) n
         )
       INSERT INTO interaction (received_at, shard, position, reporter, vantage, session, dialect, kind, name, status,
         started_ns, ended_ns, marks, bodies, salt)
       SELECT r.received_at, 99, n, r.reporter, 'self', r.session, 'genai', 'step', 'many', 'ok', r.started_ns,
         r.ended_ns, 0, '', '' FROM row r, generate_series(1, 10100) n RETURNING 1`,
    );
    expect(made.rowCount).toBe(10_100);
    const { view } = await asked('q=kind:step marigold');
    const first = await listInteractions(scope, view, consolePool);
    expect(first.rows.map(({ id }) => Number(id.split('-')[2]))).toEqual(
      Array.from({ length: 50 }, (_, index) => 10_100 - index),
    );
    expect((await listFacets(scope, view, consolePool))?.total).toEqual({
      count: 10_000,
      isMore: true,
    });
    const place = {
      receivedAt: new Date(first.rows[49]?.receivedAt ?? 0),
      shard: 99,
      position: 10_051n,
    };
    const cursor = { direction: 'before', place } as const;
    const second = await listInteractions(scope, { ...view, cursor }, consolePool);
    expect(second.rows[0]?.id.split('-')[2]).toBe('10050');
    const back = { direction: 'after', place: { ...place, position: 10_050n } } as const;
    const again = await listInteractions(scope, { ...view, cursor: back }, consolePool);
    expect(again.rows.map(({ id }) => id)).toEqual(first.rows.map(({ id }) => id));
    await owner.query('DELETE FROM search_document WHERE shard = 99');
  });

  it('reduced to digests is not found', async () => {
    await keep({ input: 'secretive periwinkle' }, { marks: marks.digest_only });
    await project();
    expect(await find('q=periwinkle')).toEqual([]);
  });

  it('lies in the index as hashes only', async () => {
    await keep({ input: 'camellia' });
    await project();
    expect(await find('q=camellia')).toHaveLength(1);
    const { rows } = await owner.query(
      "SELECT 1 FROM search_document s WHERE s.document::text ILIKE '%camel%'",
    );
    expect(rows).toEqual([]);
  });
});

describe('an erased entry', () => {
  it.each(['all', 'bodies'] as const)('is found by nothing any more: %s', async (what) => {
    const word = `foxglove${what}`;
    const place = await keep({ input: word });
    await project();
    expect(await find(`q=${word}`)).toHaveLength(1);
    const ctx = { db: consolePool, actor: actorOf({ id: '0198' }) };
    await eraseEntry(ctx, { ...place, scope: what, reason: 'a test' });
    expect(await find(`q=${word}`)).toEqual([]);
    const { rows } = await owner.query('SELECT 1 FROM search_document WHERE position = $1', [
      place.position,
    ]);
    expect(rows).toEqual([]);
  });

  // If this fails, what was erased while it was being indexed is found for as long as bodies are kept.
  it('waits for the batch that has read it, and takes with it what that wrote', async () => {
    const place = await keep({ input: 'larkspur' });
    const ctx = { db: consolePool, actor: actorOf({ id: '0198' }) };
    let erasing: Promise<void> = Promise.resolve();
    const slow: Projection = {
      ...projection,
      async apply(inside, batch) {
        const reached = await projection.apply(inside, batch);
        if (batch.shard !== place.shard) return reached;
        erasing = eraseEntry(ctx, { ...place, scope: 'all', reason: 'a test' });
        await sleep(200);
        return reached;
      },
    };
    await project(slow);
    await erasing;
    const { rows } = await owner.query('SELECT 1 FROM search_document WHERE position = $1', [
      place.position,
    ]);
    expect(rows).toEqual([]);
  });
});

describe('the projection', () => {
  // If this fails, one sender within its quota holds up all that is projected, and every erasure.
  it('reads no more than four million characters in a batch, and goes on behind them', async () => {
    await project();
    const long = 'tansy '.repeat(45_000);
    for (let n = 0; n < 20; n += 1) await keep({ input: long });
    const lag = (await listLags(client, [projection])).find(({ entries }) => entries > 0);
    expect(lag?.entries).toBe(20);
    const batches: number[] = [];
    for (let entries = 1; entries > 0; batches.push(entries))
      entries = await projectBatch(client, projection, lag?.shard ?? 0);
    expect(batches).toEqual([16, 4, 0]);
  });

  it('goes on over a body that is not what was sealed', async () => {
    const place = await keep({ input: 'damaged' });
    await owner.query('ALTER TABLE body DISABLE TRIGGER USER');
    await owner.query(
      `UPDATE body SET content = content || '\\x00' WHERE shard = $1 AND position = $2`,
      [place.shard, place.position],
    );
    await owner.query('ALTER TABLE body ENABLE TRIGGER USER');
    const next = await keep({ input: 'undamaged' });
    await project();
    expect(await find('q=undamaged')).toEqual(positionsOf(next));
  });

  it('stands still, and says so, with a key of before a rotation', async () => {
    await keep({ input: 'begonia' });
    const stale = createSearchProjection(() => contentKeyOf(randomBytes(32)));
    await expect(project(stale)).rejects.toThrow('authenticate');
    await project();
    expect(await find('q=begonia')).toHaveLength(1);
  });

  it('finds the same after it was rebuilt', async () => {
    const before = await find('q=seats');
    await rebuildProjection(client, projection);
    expect(await find('q=seats')).toEqual([]);
    await project();
    expect(await find('q=seats')).toEqual(before);
  });
});

describe('a search', () => {
  const recorded = async () =>
    (
      await owner.query<{ facts: string }>(
        "SELECT facts FROM control_event WHERE kind = 'content_searched' ORDER BY position",
      )
    ).rows.map(({ facts }) => JSON.parse(facts));

  it('is on record once for all its pages, with neither its words nor what senders wrote', async () => {
    const before = (await recorded()).length;
    await asked('q=kind:tool_call resource:send_money "hemlock purchase"');
    await asked('q=kind:tool_call resource:send_money "hemlock purchase"');
    const facts = (await recorded()).slice(before);
    expect(facts).toHaveLength(1);
    expect(facts[0]).toMatchObject({
      by: `person:${person.id}`,
      words: expect.stringMatching(/^\('[\w-]{10}' <1> '[\w-]{10}'\)$/),
      within: { kind: ['tool_call'], resource: [expect.stringMatching(/^[\w-]{10}$/)] },
    });
    expect(JSON.stringify(facts)).not.toMatch(/hemlock|send_money/);
  });

  it('of another time range is another search, and one that moves with the clock is one', async () => {
    const before = (await recorded()).length;
    for (const range of ['', '&from=30d', '&from=30d', '&from=2026-01-01T00:00Z', ''])
      await asked(`q=foxglove${range}`);
    const froms = (await recorded()).slice(before).map(({ from }) => from);
    expect(froms).toHaveLength(3);
    expect(froms[2]).toBe('2026-01-01T00:00:00.000Z');
  });

  it('by whoever may not read content finds nothing, says so, and is not on record', async () => {
    const before = (await recorded()).length;
    const nobody = mintScope(nobodyOf(person));
    const { view, problems } = await asked('q=marigold', nobody);
    expect(problems).toEqual([expect.stringContaining('no right to read content')]);
    expect((await listInteractions(nobody, view, consolePool)).rows).toEqual([]);
    expect((await listFacets(nobody, view, consolePool))?.total.count).toBe(0);
    expect(await recorded()).toHaveLength(before);
  });

  it('only for what must be missing is refused in a sentence', async () => {
    const { view, problems } = await asked('text=-marigold');
    expect(problems).toEqual([expect.stringContaining('needs a word to find')]);
    expect((await listInteractions(scope, view, consolePool)).rows).toEqual([]);
  });

  it.each(["'; DROP TABLE interaction; --", "a' | 'b", '!& <-> (', '\u202Eevil', '%_\\', 'a:*'])(
    'for hostile words is a search for words: %s',
    async (text) => {
      const params = new URLSearchParams({ text });
      const { view } = await asked(params.toString());
      await listInteractions(scope, view, consolePool);
      expect(await find('q=marigold')).toHaveLength(1);
    },
  );
});

it('what a gateway acknowledged is found within five seconds by a real worker', async () => {
  const gateway = await startGateway(database);
  const process = await startWorker(database.workerUrl, database.kek);
  try {
    const { key } = await registerReporter(owner, { name: 'florist' });
    const span = genaiChatSpan({
      at: 77,
      startedMs: Date.now() - 900,
      attributes: {
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: 'water the chrysanthemum' }] },
        ]),
      },
    });
    // It stands by until it has the lock, which is not the log's delay.
    await until(async () => (await find('q=marigold')).length === 1);
    const answer = await postTraces(gateway.url, key, JSON.stringify(exportRequest([span])));
    expect(answer.status).toBe(200);
    const acknowledgedMs = performance.now();
    await until(async () => (await find('q=chrysanthemum')).length === 1);
    expect(performance.now() - acknowledgedMs).toBeLessThan(5_000);
  } finally {
    process.child.kill('SIGKILL');
    await process.exited;
    await gateway.close();
  }
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; await sleep(100))
    if (await holds()) return;
  throw new Error('it never came to this');
}
