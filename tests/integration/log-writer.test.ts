import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@/lib/core/clock';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createConnection, createPool, type Pool } from '@/lib/db/pool';
import { factColumns } from '@/lib/log/columns';
import { leafOf, unpackBodies } from '@/lib/log/leaf';
import { measurementColumns } from '@/lib/log/measurement-columns';
import { readBodies } from '@/lib/log/queries';
import { leafOfStored } from '@/lib/log/recompute';
import { LogWriter } from '@/lib/log/writer';
import { marks } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { anEntry } from '../support/entries';

const reporter = '019ab000-0000-7000-8000-000000000001';
const other = '019ab000-0000-7000-8000-000000000002';
const request = (entries: ReturnType<typeof anEntry>[]) => ({
  reporter,
  entries,
  refused: [],
  bytes: 1000,
});

let database: TestDatabase;
let pool: Pool;
let writer: LogWriter;

async function startWriter(): Promise<LogWriter> {
  const made = new LogWriter({
    connect: async () => {
      const connection = createConnection(database.gatewayUrl, { applicationName: 'gateway' });
      await connection.connect();
      return connection;
    },
    kek: keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
    clock: systemClock,
  });
  await made.start();
  return made;
}

/** An entry that the database refuses, whatever this side made of its text. */
function poison() {
  const entry = anEntry();
  entry.interaction.name = 'nul \0 inside';
  return entry;
}
const refusedCount = async () =>
  (await pool.query("SELECT count(*)::int AS n FROM quarantine WHERE reason = 'storage_refused'"))
    .rows[0].n;

const countOf = async (table: string) =>
  Number((await pool.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n);

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  writer = await startWriter();
});

afterAll(async () => {
  await writer?.close();
  await pool?.end();
  await database?.drop();
});

describe('the log writer', () => {
  it('stores an interaction, its bodies and its leaf, and the leaf recomputes from what is stored', async () => {
    const entry = anEntry({
      cacheWriteTokens: 2 ** 40 + 3,
      cost: 1e-7,
      fingerprint: Buffer.alloc(16, 7),
      identity: null,
    });
    expect(await writer.append(request([entry]))).toEqual({
      stored: 1,
      duplicates: 0,
      conflicting: 0,
      refused: [],
    });
    const { rows } = await pool.query(
      `SELECT e.leaf, e.received_at, e.shard, e.position FROM log_entry e JOIN interaction i USING (received_at, shard, position) WHERE i.span = $1`,
      [entry.interaction.span],
    );
    const place = {
      receivedAt: rows[0].received_at,
      shard: rows[0].shard,
      position: rows[0].position,
    };
    expect(await leafOfStored(pool, place)).toEqual(rows[0].leaf.toString('hex'));
    const bodies = await readBodies(
      pool,
      keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
      place,
    );
    expect(bodies.map(({ role, text }) => ({ role, text }))).toEqual(entry.interaction.bodies);
    const raw = await pool.query('SELECT content FROM body');
    for (const row of raw.rows) expect(row.content.includes(Buffer.from('parcel'))).toBe(false);
  });

  it('counts a repeat once, within a request, across requests and after a restart', async () => {
    const entry = anEntry();
    const before = await countOf('log_entry');
    expect(await writer.append(request([entry, entry]))).toEqual({
      stored: 1,
      duplicates: 1,
      conflicting: 0,
      refused: [],
    });
    const both = await Promise.all([
      writer.append(request([entry])),
      writer.append(request([entry, anEntry()])),
    ]);
    expect(both).toEqual([
      { stored: 0, duplicates: 1, conflicting: 0, refused: [] },
      { stored: 1, duplicates: 1, conflicting: 0, refused: [] },
    ]);
    await writer.close();
    writer = await startWriter();
    expect(await writer.append(request([entry]))).toEqual({
      stored: 0,
      duplicates: 1,
      conflicting: 0,
      refused: [],
    });
    expect(await countOf('log_entry')).toBe(before + 2);
  });

  it('keeps the same key with other content, marked, and its repeat once', async () => {
    const first = anEntry();
    const { trace, span } = first.interaction;
    const other = () => anEntry({ trace, span, name: 'something else' });
    await writer.append(request([first]));
    expect(await writer.append(request([other()]))).toEqual({
      stored: 1,
      duplicates: 0,
      conflicting: 1,
      refused: [],
    });
    expect(await writer.append(request([other()]))).toEqual({
      stored: 0,
      duplicates: 1,
      conflicting: 0,
      refused: [],
    });
    const { rows } = await pool.query(
      'SELECT name, marks FROM interaction WHERE span = $1 ORDER BY position',
      [span],
    );
    expect(rows).toEqual([
      { name: 'chat orchid-2', marks: 0 },
      { name: 'something else', marks: marks.conflicting },
    ]);
  });

  it('gives contiguous positions in each shard, and two writers two shards', async () => {
    const second = await startWriter();
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? writer : second).append(request([anEntry(), anEntry(), anEntry()])),
      ),
    );
    await second.close();
    const { rows } = await pool.query(
      'SELECT shard, count(*)::int AS n, (max(position) - min(position) + 1)::int AS span, min(position)::int AS first FROM log_entry GROUP BY shard HAVING shard > 0 ORDER BY shard',
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ first: 0, n: row.span });
  });

  it('two writers given the same new items at once store each once', async () => {
    const second = await startWriter();
    const entries = Array.from({ length: 200 }, () => anEntry());
    const outcomes = await Promise.all([
      writer.append(request(entries)),
      second.append(request([...entries].reverse())),
    ]);
    await second.close();
    expect(outcomes.reduce((sum, { stored }) => sum + stored, 0)).toBe(200);
    expect(outcomes.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(200);
  });

  it('text that the database would refuse, or store other than it was hashed, is stored sound', async () => {
    const entry = anEntry({ name: 'a\ud800b', resource: 'nul \0 inside' });
    expect(await writer.append(request([entry]))).toMatchObject({ stored: 1, refused: [] });
    const { rows } = await pool.query(
      `SELECT e.leaf, e.received_at, e.shard, e.position, i.name, i.resource FROM log_entry e JOIN interaction i USING (received_at, shard, position) WHERE i.span = $1`,
      [entry.interaction.span],
    );
    const [{ leaf, name, resource, ...place }] = rows;
    expect({ name, resource }).toEqual({ name: 'a\ufffdb', resource: 'nul \ufffd inside' });
    expect(
      await leafOfStored(pool, {
        receivedAt: place.received_at,
        shard: place.shard,
        position: place.position,
      }),
    ).toEqual(leaf.toString('hex'));
  });

  it('sets aside an item that the database refuses, and stores its neighbours', async () => {
    const outcome = await writer.append(request([anEntry(), poison(), anEntry(), anEntry()]));
    expect(outcome).toMatchObject({ stored: 3, refused: [{ reason: 'storage_refused' }] });
    expect(await refusedCount()).toBe(1);
  });

  it('a request full of what the database refuses costs few writes, and nobody else their turn', async () => {
    const before = await refusedCount();
    const entries = Array.from({ length: 2000 }, (_, at) => (at % 10 === 9 ? poison() : anEntry()));
    const startedMs = Date.now();
    const [bad, good] = await Promise.all([
      writer.append(request(entries)),
      writer.append({ ...request([anEntry()]), reporter: other }),
    ]);
    expect(good.stored).toBe(1);
    expect(bad.stored + bad.refused.length).toBe(2000);
    expect(await refusedCount()).toBe(before + bad.refused.length);
    // One by one it would be two hundred transactions and more, with half of the request in many of them.
    expect(Date.now() - startedMs).toBeLessThan(5_000);
  });

  it('a connection lost while neighbours are told apart leaves nothing half stored', async () => {
    const lost = await startWriter();
    const good = [anEntry(), anEntry(), anEntry()];
    const bad = poison();
    const before = { entries: await countOf('log_entry'), refused: await refusedCount() };
    // Its text is asked for when everything is told apart, just before all of it is written.
    bad.raw = () => {
      throw new Error('lost');
    };
    await expect(lost.append(request([...good, bad]))).rejects.toThrow('send it again');
    expect(await countOf('log_entry')).toBe(before.entries);
    expect(await refusedCount()).toBe(before.refused);
    bad.raw = () => Buffer.from('{}');
    await expect
      .poll(async () => (await lost.append(request([...good, bad])).catch(() => null))?.stored, {
        timeout: 10_000,
      })
      .toBe(3);
    expect(await refusedCount()).toBe(before.refused + 1);
    await lost.close();
  });

  it('a conflict in one group refuses nobody in the group behind it', async () => {
    const first = anEntry();
    const { trace, span } = first.interaction;
    await writer.append(request([first]));
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index));
        return await writer.append(
          request([index % 3 === 0 ? anEntry({ trace, span, name: `other ${index}` }) : anEntry()]),
        );
      }),
    );
    expect(outcomes.map(({ stored }) => stored)).toEqual(Array(30).fill(1));
  });

  it('answers what is appended at the very moment the last group is done', async () => {
    await writer.append(request([anEntry()]));
    await null;
    expect(await writer.append(request([anEntry()]))).toMatchObject({ stored: 1 });
  });

  it('an item that has no binary form is set aside, also while another group is being written', async () => {
    const broken = anEntry({ session: 'not a session' });
    const outcomes = await Promise.all([
      writer.append(request([anEntry()])),
      ...Array.from({ length: 6 }, (_, index) =>
        writer.append(request(index === 3 ? [anEntry(), broken, anEntry()] : [anEntry()])),
      ),
    ]);
    expect(outcomes.map(({ stored }) => stored)).toEqual([1, 1, 1, 1, 2, 1, 1]);
  });

  it('refuses what waits when the database connection is lost, and goes on after', async () => {
    const { rows } = await pool.query(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'sallyport-gateway' AND datname = current_database()",
    );
    await pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
    const entry = anEntry();
    for (let attempt = 0; attempt < 50; attempt += 1) {
      try {
        await writer.append(request([entry]));
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    expect(await writer.append(request([entry]))).toEqual({
      stored: 0,
      duplicates: 1,
      conflicting: 0,
      refused: [],
    });
  });
});

describe('the facts', () => {
  it.each([
    ['interaction', factColumns],
    ['measurement', measurementColumns],
  ])('of an %s are columns of the table, in the order of their names', async (table, columns) => {
    const names = columns.map(({ column }) => column);
    expect(names).toEqual([...names].sort());
    const { rows } = await pool.query(
      'SELECT column_name FROM information_schema.columns WHERE table_name = $1',
      [table],
    );
    const outside = new Set(['received_at', 'shard', 'position', 'bodies', 'salt']);
    expect(
      rows
        .map((row) => row.column_name)
        .filter((name) => !outside.has(name))
        .sort(),
    ).toEqual([...names].sort());
  });

  it('of a control entry give the leaf that the database computed', async () => {
    await pool.query("SELECT append_control('test_event', $1)", ['{"by":"Ångström \\u0007"}']);
    const { rows } = await pool.query(
      "SELECT e.received_at, e.leaf, c.facts, c.salt FROM log_entry e JOIN control_event c USING (received_at, shard, position) WHERE e.kind = 'test_event'",
    );
    const { createHash } = await import('node:crypto');
    const factsDigest = createHash('sha256')
      .update(rows[0].salt)
      .update(rows[0].facts)
      .digest('hex');
    const leaf = leafOf({
      kind: 'test_event',
      receivedAt: rows[0].received_at.toISOString(),
      reporter: null,
      factsDigest,
      bodies: [],
    });
    expect(leaf).toBe(rows[0].leaf.toString('latin1'));
    expect(unpackBodies(Buffer.alloc(0))).toEqual([]);
  });
});
