import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { canonicalJson } from '@/lib/log/canonical';
import { eraseEntry, eraseQuarantined } from '@/lib/log/mutations';
import { readBodies } from '@/lib/log/queries';
import { leafOfStored } from '@/lib/log/recompute';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postSignal,
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
} from '../support/gateway';
import { actorOf } from '../support/people';
import { dataPoint, metricsRequest, sumMetric } from '../support/records';
import { attributesOf, exportRequest, genaiChatSpan } from '../support/spans';

let database: TestDatabase;
let owner: Pool;
let consolePool: Pool;
let gateway: TestGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  consolePool = createPool(database.consoleUrl, { applicationName: 'console' });
  gateway = await startGateway(database);
});
afterAll(async () => {
  await gateway?.close();
  await Promise.all([owner?.end(), consolePool?.end()]);
  await database?.drop();
});

/** Tables and materialised views whose rows hold the text, in any column, as text or as bytes. */
async function whoHolds(marker: string): Promise<string[]> {
  const { rows } = await owner.query(
    `SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'm') ORDER BY 1`,
  );
  expect(rows.length).toBeGreaterThan(20);
  const holders: string[] = [];
  for (const { name } of rows) {
    const found = await owner.query(
      `SELECT 1 FROM ${name} t WHERE t::text LIKE '%' || $1 || '%' OR t::text LIKE '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%' LIMIT 1`,
      [marker],
    );
    if (found.rows.length > 0) holders.push(name.replace(/_\d{8}$/, ''));
  }
  return holders;
}

async function store(marker: string, at: number) {
  const reporter = await registerReporter(owner);
  const span = genaiChatSpan({ at, startedMs: Date.now() });
  const attributes = [
    ...span.attributes,
    ...attributesOf({ 'app.note': `unclaimed ${marker}` }),
  ].map((attribute) =>
    attribute.key === 'user.id' ? { key: 'user.id', value: { stringValue: marker } } : attribute,
  );
  const body = JSON.stringify(exportRequest([{ ...span, attributes }])).replace(
    'Why is invoice',
    `${marker} Why is invoice`,
  );
  expect((await postTraces(gateway.url, reporter.key, body)).status).toBe(200);
  const { rows } = await owner.query(
    'SELECT i.received_at, i.shard, i.position, e.leaf FROM interaction i JOIN log_entry e USING (received_at, shard, position) WHERE i.reporter = $1',
    [reporter.id],
  );
  return {
    place: { receivedAt: rows[0].received_at, shard: rows[0].shard, position: rows[0].position },
    leaf: rows[0].leaf.toString('hex'),
    body,
    reporter,
  };
}

const ctx = () => ({ db: consolePool, actor: actorOf({ id: '0198' }) });
const kek = () => keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));

it('an erased entry is nowhere any more, its leaf and a tombstone stay, and a repeat does not bring it back', async () => {
  const marker = 'MARKER-marigold-7731';
  const { place, leaf, body, reporter } = await store(marker, 1);
  expect(await whoHolds(marker)).toEqual(['interaction']);
  expect((await readBodies(consolePool, kek(), place)).map(({ text }) => text).join()).toContain(
    marker,
  );
  expect(await leafOfStored(consolePool, place)).toBe(leaf);

  await eraseEntry(ctx(), { ...place, scope: 'all', reason: 'asked for by the customer' });

  expect(await whoHolds(marker)).toEqual([]);
  expect(await readBodies(consolePool, kek(), place)).toEqual([]);
  expect(await leafOfStored(consolePool, place)).toBeNull();
  const { rows } = await owner.query(
    'SELECT leaf FROM log_entry WHERE received_at = $1 AND shard = $2 AND position = $3',
    [place.receivedAt, place.shard, place.position],
  );
  expect(rows[0].leaf.toString('hex')).toBe(leaf);
  const tombstones = await owner.query(
    "SELECT facts FROM control_event WHERE kind = 'entry_erased'",
  );
  expect(tombstones.rows.map((row) => JSON.parse(row.facts))).toEqual([
    {
      address: '192.0.2.1',
      by: 'person:0198',
      entry: {
        position: Number(place.position),
        received_at: place.receivedAt.toISOString(),
        shard: place.shard,
      },
      reason: 'asked for by the customer',
      scope: 'all',
      sign_in: 's',
    },
  ]);
  expect((await postTraces(gateway.url, reporter.key, body)).status).toBe(200);
  expect(await whoHolds(marker)).toEqual([]);
  await expect(eraseEntry(ctx(), { ...place, scope: 'all', reason: 'again' })).rejects.toThrow(
    'nothing left',
  );
});

it('erasing only the bodies leaves the facts, and the leaf still recomputes from them', async () => {
  const { place, leaf } = await store('MARKER-bluebell-1', 2);
  await eraseEntry(ctx(), { ...place, scope: 'bodies', reason: 'content only' });
  const bodies = await readBodies(consolePool, kek(), place);
  expect(bodies.length).toBeGreaterThan(0);
  for (const { text, bytes } of bodies) expect([text, bytes > 0]).toEqual([null, true]);
  expect(await leafOfStored(consolePool, place)).toBe(leaf);
});

it('an erased measurement is nowhere any more, and only its own function erases it', async () => {
  const marker = 'MARKER-campion-1';
  const reporter = await registerReporter(owner);
  const body = JSON.stringify(
    metricsRequest([sumMetric('uses', [dataPoint({ tool_name: marker, note: `the ${marker}` })])]),
  );
  expect((await postSignal('metric', gateway.url, reporter.key, body)).status).toBe(200);
  const { rows } = await owner.query(
    'SELECT m.received_at, m.shard, m.position, e.leaf FROM measurement m JOIN log_entry e USING (received_at, shard, position) WHERE m.reporter = $1',
    [reporter.id],
  );
  const [row] = rows;
  const place = { receivedAt: row.received_at, shard: row.shard, position: row.position };
  expect(await whoHolds(marker)).toEqual(['measurement']);
  expect(await leafOfStored(consolePool, place)).toBe(row.leaf.toString('hex'));
  const at = [place.receivedAt, place.shard, place.position];
  await expect(
    consolePool.query("SELECT erase_entry($1, $2, $3, 'all', 'because', 'someone')", at),
  ).rejects.toThrow('erase_measurement');

  await eraseEntry(ctx(), { ...place, scope: 'bodies', reason: 'content first' });
  expect(await leafOfStored(consolePool, place)).toBe(row.leaf.toString('hex'));
  await eraseEntry(ctx(), { ...place, scope: 'all', reason: 'asked for' });
  expect(await whoHolds(marker)).toEqual([]);
  expect(await leafOfStored(consolePool, place)).toBeNull();
  const { rows: told } = await owner.query(
    "SELECT facts FROM control_event WHERE kind = 'entry_erased' ORDER BY position DESC LIMIT 1",
  );
  expect(JSON.parse(told[0].facts)).toEqual({
    address: '192.0.2.1',
    by: 'person:0198',
    entry: {
      position: Number(place.position),
      received_at: place.receivedAt.toISOString(),
      shard: place.shard,
    },
    reason: 'asked for',
    scope: 'all',
    sign_in: 's',
  });
  expect(told[0].facts).toBe(canonicalJson(JSON.parse(told[0].facts)));
  await expect(eraseEntry(ctx(), { ...place, scope: 'all', reason: 'again' })).rejects.toThrow(
    'nothing left',
  );
  expect((await postSignal('metric', gateway.url, reporter.key, body)).status).toBe(200);
  expect(await whoHolds(marker)).toEqual([]);
});

it('refuses whoever is not an administrator, and an erasure without a reason', async () => {
  const { place } = await store('MARKER-tansy-1', 3);
  await expect(
    eraseEntry(
      { ...ctx(), actor: actorOf({ roles: ['analyst'] }) },
      { ...place, scope: 'all', reason: 'because' },
    ),
  ).rejects.toThrow('administrator');
  await expect(eraseEntry(ctx(), { ...place, scope: 'all', reason: ' ' })).rejects.toThrow(
    'Say why',
  );
  expect(await whoHolds('MARKER-tansy-1')).toEqual(['interaction']);
});

it('neither gateway nor worker may erase', async () => {
  const { place } = await store('MARKER-yarrow-1', 4);
  for (const url of [database.gatewayUrl, database.workerUrl]) {
    const pool = createPool(url, { applicationName: 'tests' });
    await expect(
      eraseEntry({ ...ctx(), db: pool }, { ...place, scope: 'all', reason: 'because' }),
    ).rejects.toThrow('permission denied');
    await pool.end();
  }
  expect(await whoHolds('MARKER-yarrow-1')).toEqual(['interaction']);
});

it('a refused item is erased with its key, and who did it and why is in the log', async () => {
  const id = '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53';
  await owner.query(
    `INSERT INTO quarantine (id, received_at, reporter, signal, reason, detail, bytes, digest, key_id, item, replay_state)
     VALUES ($1, now(), $1, 'traces', 'too_deep', 'd', 3, '\\x00', $1, 'abc', 'requested')`,
    [id],
  );
  const input = { id, reason: 'a "quoted"\nline' };
  await expect(
    eraseQuarantined({ ...ctx(), actor: actorOf({ roles: ['analyst'] }) }, input),
  ).rejects.toThrow('administrator');
  await eraseQuarantined(ctx(), input);
  const { rows } = await owner.query(
    'SELECT key_id, item, replay_state, reason, bytes FROM quarantine WHERE id = $1',
    [id],
  );
  expect(rows).toEqual([
    { key_id: null, item: null, replay_state: null, reason: 'too_deep', bytes: 3 },
  ]);
  const entries = await owner.query(
    "SELECT facts FROM control_event WHERE kind = 'quarantined_erased'",
  );
  expect(entries.rows).toEqual([
    {
      facts: canonicalJson({
        address: '192.0.2.1',
        by: 'person:0198',
        item: id,
        reason: input.reason,
        sign_in: 's',
      }),
    },
  ]);
  await expect(eraseQuarantined(ctx(), input)).rejects.toThrow('nothing left');
});

it('the gateway removes the bytes of an item that it stored', async () => {
  const pool = createPool(database.gatewayUrl, { applicationName: 'tests' });
  await pool.query('UPDATE quarantine SET item = NULL, key_id = NULL');
  await expect(pool.query("UPDATE quarantine SET reason = ''")).rejects.toThrow('denied');
  await pool.end();
});
