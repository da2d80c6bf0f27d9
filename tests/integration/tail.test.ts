import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findLiveSignIn } from '@/lib/auth/queries';
import { newId } from '@/lib/core/ids';
import { secretHash } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { parseView } from '@/lib/inventory/address';
import type { InteractionRow } from '@/lib/inventory/schema';
import { createHub } from '@/lib/inventory/tail/hub';
import { readGap, startLooking, viewKey } from '@/lib/inventory/tail/open';
import { batchMax } from '@/lib/inventory/tail/queries';
import { readEvents } from '@/lib/inventory/tail/read-events';
import { createTailSeats } from '@/lib/inventory/tail/seats';
import { streamTail, type Watch } from '@/lib/inventory/tail/stream';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { scopeOf } from '../support/people';
import { seedInteractions, seedShard } from '../support/seed-log';

const scope = scopeOf();
const pollMs = 100;
const viewOf = (search: string) =>
  parseView(Object.fromEntries(new URLSearchParams(search)), new Date());

let database: TestDatabase;
let db: Pool;
let owner: Pool;
let prisma: PrismaClient;
let hub = createHub(pollMs);
const open: AbortController[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPool(database.consoleUrl, { applicationName: 'test' });
  owner = createPool(database.migratorUrl, { applicationName: 'test' });
  prisma = createPrisma(database.consoleUrl, { applicationName: 'test' });
  for (const shard of [11, 12]) await seedShard(owner, shard);
});
afterEach(async () => {
  for (const each of open.splice(0)) each.abort();
  hub = createHub(pollMs);
});
afterAll(async () => {
  await Promise.all([db?.end(), owner?.end(), prisma?.$disconnect()]);
  await database?.drop();
});

const arrive = (shard: number, count: number, firstAt = new Date()) =>
  seedInteractions(owner, { shard, count, firstAt, stepMs: 0, isTimely: true });

type Watched = { rows: InteractionRow[]; leftOut: number; ended: string | null; text: string };

/** A watcher that reads everything as it comes. */
function watch(search = '', change: Partial<Watch> = {}): Watched {
  const { filter, range } = viewOf(search);
  const stream = streamTail({
    join: (listener) =>
      hub.join(
        viewKey(scope, filter, range),
        () => startLooking(scope, { filter, range }, db),
        listener,
      ),
    first: async () => ({ rows: [], leftOut: 0 }),
    refusal: async () => null,
    release: () => undefined,
    ...change,
  });
  const left = new AbortController();
  open.push(left);
  const watched: Watched = { rows: [], leftOut: 0, ended: null, text: '' };
  const [events, raw] = stream.tee();
  void (async () => {
    const reader = raw.getReader();
    left.signal.addEventListener('abort', () => void reader.cancel());
    for (let read = await reader.read(); !read.done; read = await reader.read())
      watched.text += Buffer.from(read.value).toString();
  })();
  void (async () => {
    for await (const { name, data } of readEvents(events)) {
      if (left.signal.aborted) break;
      const json = JSON.parse(data);
      if (name === 'rows') watched.rows.push(...json.rows);
      if (name === 'sampled') watched.leftOut += json.leftOut;
      if (name === 'ended') watched.ended = json.message;
    }
  })();
  return watched;
}

const idsOf = ({ rows }: Watched) => rows.map(({ id }) => id);
const settle = () => new Promise((resolve) => setTimeout(resolve, pollMs * 3));

describe('a live list', () => {
  it('tells every row once, also one whose shard commits after newer ones of another', async () => {
    const watched = watch();
    await settle();
    const at = new Date();
    await arrive(12, 3, at);
    await settle();
    await arrive(11, 2, new Date(at.getTime() - 400));
    await arrive(12, 1, new Date(at.getTime() + 10));
    await expect.poll(() => watched.rows.length, { timeout: 5000 }).toBe(6);
    await settle();
    expect(new Set(idsOf(watched)).size).toBe(6);
    expect(watched.rows).toHaveLength(6);
  });

  it('tells only what its filter lets through', async () => {
    const watched = watch('status=error');
    await settle();
    await arrive(11, 9);
    await expect.poll(() => watched.rows.length, { timeout: 5000 }).toBe(3);
    expect(watched.rows.every(({ status }) => status === 'error')).toBe(true);
  });

  it(`tells ${batchMax} rows at most between two looks, and how many it left out`, async () => {
    const watched = watch();
    await settle();
    await arrive(11, 730);
    await expect.poll(() => watched.leftOut, { timeout: 5000 }).toBe(730 - batchMax);
    expect(watched.rows).toHaveLength(batchMax);
  });

  it('begins with what arrived since the page was loaded', async () => {
    const { filter, range } = viewOf('');
    const { rows } = await readGap(scope, { filter, range, place: null }, db);
    const view = viewOf(`after=${rows[3]?.id}`);
    const gap = await readGap(scope, { filter, range, place: view.cursor?.place ?? null }, db);
    expect(gap.rows.map(({ id }) => id)).toEqual(rows.slice(0, 3).map(({ id }) => id));
    expect(gap.leftOut).toBe(0);
  });

  it('that cannot be read says so and ends, after looks that come less and less often', async () => {
    let looks = 0;
    const start = async () => async () => {
      looks += 1;
      throw new Error('no answer');
    };
    const quick = createHub(20);
    let released = 0;
    const watched = watch('', {
      join: (listener) => quick.join('broken', start, listener),
      release: () => {
        released += 1;
      },
    });
    const beganMs = Date.now();
    await expect.poll(() => watched.ended, { timeout: 5000 }).toMatch('could not be read live');
    expect(Date.now() - beganMs).toBeGreaterThan(20 * (1 + 2 + 4 + 8) - 20);
    expect([looks, quick.watched(), released > 0]).toEqual([4, 0, true]);
  });

  it('has a heartbeat', async () => {
    const timing = { heartbeatMs: 200, checkMs: 5000, aheadBytes: 65_536 };
    const watched = watch('', { timing });
    await expect.poll(() => watched.text, { timeout: 3000 }).toContain(': heartbeat\n\n');
  });

  it('costs a client that does not read rows, never memory', async () => {
    const { filter, range } = viewOf('');
    const stream = streamTail({
      join: (listener) =>
        hub.join('slow', () => startLooking(scope, { filter, range }, db), listener),
      first: async () => ({ rows: [], leftOut: 0 }),
      refusal: async () => null,
      release: () => undefined,
      timing: { heartbeatMs: 60_000, checkMs: 60_000, aheadBytes: 16 * 1024 },
    });
    await settle();
    for (let round = 0; round < 4; round += 1) {
      await arrive(11, 90);
      await settle();
    }
    let told = 0;
    let leftOut = 0;
    const events = readEvents(stream);
    const after = setTimeout(() => void arrive(11, 10), 100);
    for await (const { name, data } of events) {
      if (name === 'rows') told += JSON.parse(data).rows.length;
      if (name === 'sampled') leftOut += JSON.parse(data).leftOut;
      if (leftOut > 0) break;
    }
    clearTimeout(after);
    expect(told + leftOut).toBe(370);
    expect(leftOut).toBeGreaterThanOrEqual(180);
  });
});

describe('whoever may not watch any more', () => {
  // If this failed, somebody who was signed out or disabled would go on reading.
  it('is told so within 5 s of being signed out or disabled, and nothing follows', async () => {
    const [out, disabled] = [await watchSignedIn(), await watchSignedIn()];
    await settle();
    await owner.query('UPDATE sign_in SET ended_at = now() WHERE person_id = $1', [out.person]);
    await owner.query('UPDATE person SET disabled_at = now() WHERE id = $1', [disabled.person]);
    const began = Date.now();
    for (const { watched } of [out, disabled])
      await expect.poll(() => watched.ended, { timeout: 8000 }).toBe('Signed out.');
    expect(Date.now() - began).toBeLessThan(6500);
    await arrive(11, 5);
    await settle();
    for (const { watched, isReleased } of [out, disabled])
      expect([watched.rows, isReleased()]).toEqual([[], true]);
  });

  async function watchSignedIn() {
    const person = newId();
    const token = `token-${person}`;
    await owner.query(
      `INSERT INTO person (id, email, name, password_hash, roles, created_at) VALUES ($1, $2, 'Q', '', '{}', now())`,
      [person, `${person}@example.org`],
    );
    await owner.query(
      `INSERT INTO sign_in (id, token_hash, person_id, address, user_agent, created_at, last_seen_at, expires_at)
       VALUES ($1, $2, $3, '', '', now(), now(), now() + interval '1 hour')`,
      [newId(), secretHash(token), person],
    );
    let released = 0;
    const watched = watch('', {
      refusal: async () =>
        (await findLiveSignIn(prisma, token, new Date(), false)) === null ? 'Signed out.' : null,
      release: () => {
        released += 1;
      },
    });
    return { person, watched, isReleased: () => released > 0 };
  }
});

describe('what it costs', () => {
  it('nothing where nobody watches, and one look for all who watch the same', async () => {
    let looks = 0;
    const start = async () => async () => {
      looks += 1;
      return { rows: [], leftOut: 0 };
    };
    const quick = createHub(20);
    const nobody = { tell: () => undefined, lose: () => undefined };
    const leave = [await quick.join('a', start, nobody)];
    leave.push(await quick.join('a', start, nobody));
    expect(quick.watched()).toBe(1);
    for (const each of leave) each();
    expect(quick.watched()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const after = looks;
    expect(after).toBeLessThanOrEqual(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(looks).toBe(after);
  });

  it('a seat, of which one person has few and all together not many', () => {
    const seats = createTailSeats({ max: 3, perPersonMax: 2 });
    const give = seats.take('ada');
    seats.take('ada');
    expect(() => seats.take('ada')).toThrow('2 live lists');
    seats.take('ben');
    expect(() => seats.take('cem')).toThrow('Too many people');
    give();
    give();
    seats.take('cem');
    expect(() => seats.take('ada')).toThrow('Too many people');
  });
});
