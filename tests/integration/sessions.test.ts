import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { rangeOf, unregistered } from '@/lib/inventory/address';
import { bounded, tooMuch } from '@/lib/inventory/bounded';
import { formatEntryId } from '@/lib/inventory/entry-id';
import type { SessionFilter } from '@/lib/inventory/sessions/address';
import { forgetSessions } from '@/lib/inventory/sessions/project';
import {
  findSession,
  hasSessions,
  listSessionEntries,
  listSessions,
} from '@/lib/inventory/sessions/queries';
import { rebuildProjection } from '@/lib/log/projection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { scopeOf } from '../support/people';
import { seedInteractions, seedShard } from '../support/seed-log';
import {
  agent,
  gatherAll,
  link as linkIn,
  type Place,
  sessions,
  type Told,
  tell as tellIn,
} from '../support/tell';

const scope = scopeOf();
const now = new Date();
const range = rangeOf('30d', now);
const none: SessionFilter = { identity: null, actor: null, hasErrors: false };
const minuteAgo = new Date(now.getTime() - 60_000);
const daemon = '00000000-0000-7000-8000-000000000002';

let database: TestDatabase;
let migrator: Pool;
let reader: Pool;
let worker: Pool;
let client: PoolClient;

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  reader = createPool(database.consoleUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  client = await worker.connect();
  client.on('error', () => undefined);
  await migrator.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at)
     VALUES ($1, 'agent', 'billing-agent', '{}', 'active', now()), ($2, 'daemon', 'nightly', '{}', 'active', now())`,
    [agent, daemon],
  );
});

afterAll(async () => {
  client.release(true);
  await worker.end();
  await reader.end();
  await migrator.end();
  await database.drop();
});

let shard = 0;
beforeEach(async () => {
  shard += 1;
  await seedShard(migrator, shard);
});

const gather = (entriesMax?: number) => gatherAll(client, entriesMax);
const tell = (told: Omit<Told, 'at'> & { at?: Date }) =>
  tellIn(migrator, shard, { at: minuteAgo, ...told });
const link = (at: Place, other: Place, relation: string, uncounted: 'this' | 'other') =>
  linkIn(migrator, at, other, relation, uncounted);

let numbered = 0;
const newSession = () => `00000000-0000-8000-8000-${String(++numbered).padStart(12, '0')}`;
const sessionOf = async (id: string) => {
  const found = await findSession(scope, id, reader);
  if (found === null || found === 'waiting') throw new Error(`session ${id} is ${found}`);
  return found;
};
const snapshot = async () =>
  (await migrator.query('SELECT * FROM session ORDER BY id')).rows.map((row) => ({
    ...row,
    cost: Math.round(row.cost * 1e6),
  }));

describe('the sessions', () => {
  it('hold what their entries come to: tokens and cost of inference and embedding only', async () => {
    const id = newSession();
    await tell({ session: id, tokens: 100, cost: 0.25, startedMs: now.getTime() - 90_000 });
    await tell({ session: id, kind: 'embedding', tokens: 7, cost: null });
    await tell({ session: id, kind: 'tool_call', tokens: 999, cost: 9, status: 'error' });
    await tell({ session: id, kind: 'step', tokens: 999, cost: 9 });
    await tell({ session: id, kind: 'event' });
    expect(await findSession(scope, id, reader)).toBe('waiting');
    await gather();
    expect(await sessionOf(id)).toMatchObject({
      identityName: 'billing-agent',
      declaredName: 'it-says-so',
      startedAt: new Date(now.getTime() - 90_000),
      endedAt: new Date(minuteAgo.getTime() + 100),
      exchanges: 3,
      steps: 1,
      events: 1,
      inferences: 1,
      toolCalls: 1,
      errors: 1,
      inputTokens: 107,
      outputTokens: 2,
      cost: 0.25,
      priced: 1,
      usages: 2,
    });
    expect(await findSession(scope, newSession(), reader)).toBeNull();
    expect(await hasSessions(scope, reader)).toBe(true);
  });

  it('have an unknown cost, not a free one, where no entry told of any', async () => {
    const id = newSession();
    await tell({ session: id, cost: null });
    await gather();
    expect((await sessionOf(id)).cost).toBeNull();
  });

  it('come to the same in batches of any size, and after a rebuild', async () => {
    await seedInteractions(migrator, { shard, count: 300, firstAt: minuteAgo });
    const id = newSession();
    for (let index = 0; index < 20; index += 1)
      await tell({
        session: id,
        at: now,
        status: index % 3 === 0 ? 'error' : 'ok',
        cost: index / 7,
      });
    await gather(7);
    const small = await snapshot();
    await rebuildProjection(client, sessions);
    expect(await snapshot()).toEqual([]);
    await gather();
    expect(await snapshot()).toEqual(small);
    await gather();
    expect(await snapshot()).toEqual(small);
  });

  it('count once what two signals tell in one batch', async () => {
    const id = newSession();
    const span = await tell({ session: id });
    await link(await tell({ session: id }), span, 'same_call', 'other');
    const kept = await tell({ session: id });
    await link(await tell({ session: id }), kept, 'counterpart', 'this');
    await gather();
    expect(await sessionOf(id)).toMatchObject({ exchanges: 2, inputTokens: 20, cost: 1 });
  });

  it('take away, once, what a later batch shows to be told twice', async () => {
    const id = newSession();
    const elsewhere = newSession();
    const span = await tell({ session: id, status: 'error' });
    await tell({ session: id });
    await gather();
    expect(await sessionOf(id)).toMatchObject({ exchanges: 2, errors: 1, inputTokens: 20 });
    await link(await tell({ session: elsewhere }), span, 'same_call', 'other');
    await gather();
    expect(await sessionOf(id)).toMatchObject({
      exchanges: 1,
      errors: 0,
      inputTokens: 10,
      cost: 0.5,
    });
    await link(await tell({ session: elsewhere }), span, 'counterpart', 'other');
    await gather();
    expect(await sessionOf(id)).toMatchObject({ exchanges: 1, inputTokens: 10 });
    expect(await sessionOf(elsewhere)).toMatchObject({ exchanges: 2, inputTokens: 20 });
  });

  it('saturate at absurd tokens, costs and times instead of stopping for ever', async () => {
    const id = newSession();
    for (const cost of [1e308, 1e7, Number.NaN, Number.POSITIVE_INFINITY, -3, 0.5])
      await tell({ session: id, cost });
    await migrator.query('ALTER TABLE interaction DISABLE TRIGGER interaction_no_update');
    await migrator.query(
      `UPDATE interaction SET input_tokens = 9223372036854775807, output_tokens = -5,
         started_ns = (ARRAY[-9223372036854775808, 9223372036854775807])[position % 2 + 1],
         ended_ns = (ARRAY[9223372036854775807, -9223372036854775808])[position % 2 + 1], marks = CASE WHEN position < 3 THEN 2 ELSE 0 END
       WHERE session = $1`,
      [id],
    );
    await migrator.query('ALTER TABLE interaction ENABLE ALWAYS TRIGGER interaction_no_update');
    await gather(2);
    const { inputTokens, outputTokens, cost, endedAt } = await sessionOf(id);
    expect({ inputTokens, outputTokens, cost }).toEqual({
      inputTokens: 2 ** 63,
      outputTokens: 0,
      cost: 0.5,
    });
    expect(endedAt).toEqual(new Date(minuteAgo.getTime() + 600_000));
    expect(
      (await listSessionEntries(scope, { id, firstReceivedAt: minuteAgo }, reader)).entries,
    ).toHaveLength(6);
  });

  it('are forgotten when no facts of theirs are left', async () => {
    const id = newSession();
    await tell({ session: id });
    await gather();
    await migrator.query(
      `UPDATE session SET last_received_at = now() - interval '9 days', ended_at = now() - interval '40 days' WHERE id = $1`,
      [id],
    );
    const before = (await snapshot()).length;
    expect(await forgetSessions(worker)).toBe(false);
    expect(await snapshot()).toHaveLength(before - 1);
  });

  it('hold nothing a sender wrote', async () => {
    const id = newSession();
    const place = await tell({ session: id });
    await gather();
    await migrator.query(`SELECT erase_entry($1, $2, $3, 'all', 'a test', 'tests')`, [
      place.receivedAt,
      place.shard,
      place.position,
    ]);
    expect(await sessionOf(id)).toMatchObject({ declaredName: null, exchanges: 1 });
    const { rows } = await migrator.query('SELECT s::text AS row FROM session s WHERE id = $1', [
      id,
    ]);
    expect(rows[0].row).toContain(id);
    expect(rows[0].row).not.toContain('it-says-so');
  });
});

describe('the list of sessions', () => {
  it('goes by latest activity and pages by what stands at the edge, both ways', async () => {
    await migrator.query('DELETE FROM session');
    const ids = Array.from({ length: 120 }, newSession);
    for (const [index, session] of ids.entries())
      await tell({ session, startedMs: minuteAgo.getTime() - Math.floor(index / 2) * 1000 });
    await gather();
    const expected = [...ids.keys()]
      .sort((a, b) => Math.floor(a / 2) - Math.floor(b / 2) || b - a)
      .map((index) => ids[index]);
    const page = (cursor: Parameters<typeof listSessions>[1]['cursor']) =>
      listSessions(scope, { filter: none, range, cursor }, reader);
    const first = await page(null);
    expect(first).toMatchObject({ hasNewer: false, hasOlder: true });
    const edge = first.rows[49];
    if (edge === undefined) throw new Error('the first page is short');
    const second = await page({ direction: 'before', endedAt: edge.endedAt, id: edge.id });
    const other = second.rows[0];
    if (other === undefined) throw new Error('the second page is empty');
    const back = await page({ direction: 'after', endedAt: other.endedAt, id: other.id });
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(expected.slice(0, 100));
    expect(back.rows).toEqual(first.rows);
    expect(back).toMatchObject({ hasNewer: false, hasOlder: true });
  });

  it('says so when too much would have to be read, within seconds', async () => {
    const startedMs = performance.now();
    const slowly = await bounded(reader, async (client) => {
      for (let n = 0; n < 10; n += 1) await client.query('SELECT pg_sleep(0.9)');
    });
    expect(slowly).toBe(tooMuch);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    const blocker = await migrator.connect();
    await blocker.query('BEGIN; LOCK TABLE session IN ACCESS EXCLUSIVE MODE');
    expect(await listSessions(scope, { filter: none, range, cursor: null }, reader)).toEqual({
      rows: [],
      hasNewer: false,
      hasOlder: false,
      isTooMuch: true,
    });
    await blocker.query('ROLLBACK');
    blocker.release();
  });

  it('finds them by identity, kind of actor, failure and time, and combines these', async () => {
    await migrator.query('DELETE FROM session');
    const [ofAgent, failed, ofDaemon, ofNobody] = [1, 2, 3, 4].map(newSession);
    const old = newSession();
    await tell({ session: ofAgent ?? '' });
    await tell({ session: failed ?? '', status: 'error' });
    await tell({ session: ofDaemon ?? '', identity: daemon });
    await tell({ session: ofNobody ?? '', identity: null, status: 'error' });
    await tell({ session: old, startedMs: now.getTime() - 90 * 86_400_000 });
    await gather();
    const found = async (filter: Partial<SessionFilter>) =>
      (
        await listSessions(scope, { filter: { ...none, ...filter }, range, cursor: null }, reader)
      ).rows
        .map(({ id }) => id)
        .toSorted();
    expect(await found({})).toEqual([ofAgent, failed, ofDaemon, ofNobody]);
    expect(await found({ identity: 'billing-agent' })).toEqual([ofAgent, failed]);
    expect(await found({ identity: daemon })).toEqual([ofDaemon]);
    expect(await found({ identity: 'nobody-of-this-name' })).toEqual([]);
    expect(await found({ actor: 'daemon' })).toEqual([ofDaemon]);
    expect(await found({ actor: unregistered })).toEqual([ofNobody]);
    expect(await found({ identity: unregistered, hasErrors: true })).toEqual([ofNobody]);
    expect(await found({ actor: 'agent', hasErrors: true })).toEqual([failed]);
    expect(await found({ actor: 'daemon', identity: 'billing-agent' })).toEqual([]);
    expect(await found({ actor: unregistered, identity: 'billing-agent' })).toEqual([]);
  });
});

describe("a session's entries", () => {
  it('come in the order in which they happened, with what is late and what is not counted', async () => {
    const id = newSession();
    const second = await tell({
      session: id,
      startedMs: minuteAgo.getTime(),
      span: 'bb',
      parent: 'aa',
      cost: 0.5,
    });
    const first = await tell({
      session: id,
      startedMs: minuteAgo.getTime() - 300_000,
      span: 'aa',
      cost: 0.25,
    });
    const told = await tell({ session: id, startedMs: minuteAgo.getTime() + 1, cost: 9 });
    await link(told, second, 'same_call', 'this');
    const implausible = await tell({ session: id, startedMs: 5, marks: 2, cost: -1 });
    const { entries, isMore } = await listSessionEntries(
      scope,
      { id, firstReceivedAt: minuteAgo },
      reader,
    );
    expect(isMore).toBe(false);
    const shown = (at: Place) => formatEntryId({ ...at, position: BigInt(at.position) });
    expect(
      entries.map((each) => [each.id, each.isLate, each.uncounted, each.tokens, each.cost]),
    ).toEqual([
      [shown(first), true, null, 11, 0.25],
      [shown(second), false, null, 11, 0.5],
      [shown(implausible), false, null, 11, null],
      [shown(told), false, 'same_call', null, null],
    ]);
    expect(entries.map(({ span, parent }) => [span, parent])).toEqual([
      ['aa', null],
      ['bb', 'aa'],
      [null, null],
      [null, null],
    ]);
  });

  it('are the first 5,000 to arrive where there are more', async () => {
    await seedInteractions(migrator, { shard, count: 5_003, firstAt: minuteAgo, stepMs: 0 });
    await migrator.query('ALTER TABLE interaction DISABLE TRIGGER interaction_no_update');
    const id = newSession();
    await migrator.query('UPDATE interaction SET session = $1 WHERE shard = $2', [id, shard]);
    await migrator.query('ALTER TABLE interaction ENABLE ALWAYS TRIGGER interaction_no_update');
    const { entries, isMore } = await listSessionEntries(
      scope,
      { id, firstReceivedAt: minuteAgo },
      reader,
    );
    expect({ shown: entries.length, isMore }).toEqual({ shown: 5000, isMore: true });
  });
});

it('keeps up: batches of 20,000 entries, half of them told twice, take the time of a few', async () => {
  await seedInteractions(migrator, { shard, count: 40_000, firstAt: minuteAgo, stepMs: 0 });
  const link = (of: string, to: string) =>
    migrator.query(
      `INSERT INTO entry_link SELECT received_at, shard, ${of}, 'same_call', received_at, shard, ${to}, 'this', gen_random_uuid()
       FROM interaction WHERE shard = $1 AND position < 10000`,
      [shard],
    );
  await link('position', 'position + 10000');
  await link('position + 10000', 'position + 30000');
  const started = performance.now();
  await gather();
  // 1,500 interactions a second are 13 seconds' worth; the bound is for machines far slower than that.
  expect(performance.now() - started).toBeLessThan(10_000);
});
