import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mintScope } from '@/lib/auth/scope';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { recordOpened } from '@/lib/inventory/mutations';
import { sql } from '@/lib/inventory/sql';
import { appendControl } from '@/lib/log/append-control';
import { type AuditFilter, parseAuditView } from '@/lib/people/audit/address';
import { auditConditions } from '@/lib/people/audit/conditions';
import { controlKinds } from '@/lib/people/audit/labels';
import { startAuditExport } from '@/lib/people/audit/mutations';
import { findAuditEntry, listAudit, listAuditNames } from '@/lib/people/audit/queries';
import type { AuditRow } from '@/lib/people/audit/schema';
import { readsSentence } from '@/lib/people/audit/tell';
import { seedControl, type ToldEntry } from '../support/audit';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { actorOf, personOf, scopeOf } from '../support/people';

/** Days that partitions can be made for, whenever this runs. */
const [firstDay, nextDay] = [10, 9].map((days) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10),
);
const ada = '01930000-0000-7000-8000-0000000000ad';
const ben = '01930000-0000-7000-8000-0000000000be';
const agent = '01930000-0000-7000-8000-00000000a6e7';
const scope = scopeOf({ id: ada });
/** All that is seeded lies in this hour, apart from what the tests themselves write. */
const hour = new Date(`${firstDay}T10:00:00Z`);
const at = (seconds: number) => new Date(hour.getTime() + seconds * 1000);
const within = `from=${firstDay}T10:00Z&to=${firstDay}T13:00Z`;

let database: TestDatabase;
let owner: Pool;
let db: Pool;
let records: PrismaClient;

const opened = (seconds: number, person: string, subject: string): ToldEntry => ({
  at: at(seconds),
  kind: 'content_opened',
  facts: { by: `person:${person}`, address: '192.0.2.7', sign_in: 's', subject },
});
const signedIn = (seconds: number): ToldEntry => ({
  at: at(seconds),
  kind: 'signed_in',
  facts: { person: ben, sign_in: `s${seconds}`, address: '192.0.2.8', factor: 'password' },
});

/** Minute by minute: what Ada and Ben read, between sign-ins; three pages of it. */
const seeded: ToldEntry[] = Array.from({ length: 70 }, (_, minute) => [
  opened(minute * 60, ada, `m3x${minute}a-1-1`),
  signedIn(minute * 60 + 5),
  opened(minute * 60 + 10, ben, `m3x${minute}b-1-1`),
  opened(minute * 60 + 59, ada, `m3x${minute}c-1-1`),
]).flat();

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  db = createPool(database.consoleUrl, { applicationName: 'tests' });
  records = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 2 });
  await owner.query(
    `INSERT INTO person (id, email, name, roles, created_at) VALUES
       ($1, 'ada@example.org', 'Ada', '{admin}', now()), ($2, 'ben@example.org', 'Ben', '{viewer}', now())`,
    [ada, ben],
  );
  await owner.query(
    `INSERT INTO identity (id, kind, name, names, state, reports_for_all, created_at)
     VALUES ($1, 'agent', 'billing-agent', '{}', 'active', false, now())`,
    [agent],
  );
  await seedControl(owner, seeded);
});
afterAll(async () => {
  await records?.$disconnect();
  await Promise.all([owner?.end(), db?.end()]);
  await database?.drop();
});

const viewOf = (search: string) => {
  const params = Object.fromEntries(new URLSearchParams(search));
  const view = parseAuditView(params, new Date());
  expect(view.problems).toEqual([]);
  return view;
};
const list = (search: string) => listAudit(scope, viewOf(search), db);

/** Every row of a view, page by page in one direction. */
async function walk(search: string, direction: 'before' | 'after') {
  const pages: AuditRow[][] = [];
  let place = direction === 'before' ? '' : `&after=${(await oldest(search)).id}`;
  for (;;) {
    const page = await list(`${search}${place}`);
    pages.push(page.rows);
    const [first, last] = [page.rows[0], page.rows.at(-1)];
    if (direction === 'before' ? !page.hasOlder : !page.hasNewer) return pages;
    place = direction === 'before' ? `&before=${last?.id}` : `&after=${first?.id}`;
  }
}

async function oldest(search: string): Promise<AuditRow> {
  const last = (await walk(search, 'before')).at(-1)?.at(-1);
  if (last === undefined) throw new Error('nothing is listed');
  return last;
}

describe('a kind of entry', () => {
  test('is one that the database lets be written, and has words for people: each of both', async () => {
    const { rows } = await owner.query<{ name: string }>('SELECT name FROM control_kind');
    const { rows: functions } = await owner.query<{ body: string }>(
      `SELECT prosrc AS body FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
    );
    const owners = functions.flatMap(({ body }) =>
      [...body.matchAll(/write_control\('([a-z_]+)'/g)].map((match) => match[1]),
    );
    const cli = path.resolve(import.meta.dirname, '../../server/cli');
    const operators = readdirSync(cli)
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [
        ...readFileSync(path.join(cli, name), 'utf8').matchAll(/appendControl\(\w+, '([a-z_]+)'/g),
      ])
      .map((match) => match[1]);
    expect(owners).toContain('days_expired');
    expect(operators).toEqual(['key_encryption_key_rotated']);
    const written = new Set([...rows.map(({ name }) => name), ...owners, ...operators]);
    expect(Object.keys(controlKinds).sort()).toEqual([...written].sort());
  });
});

describe('the list', () => {
  test('has each minute of a person reading as one row, and pages neither split nor repeat one', async () => {
    const down = await walk(within, 'before');
    const rows = down.flat();
    expect(down.length).toBeGreaterThan(3);
    // Of four entries a minute, two are Ada's reading.
    expect(rows).toHaveLength(70 * 3);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(70 * 3);
    const folded = rows.filter(({ reads }) => reads !== null);
    expect(folded).toHaveLength(70);
    for (const { reads, facts } of folded) {
      expect(reads).toMatchObject({ interactions: 2, entries: 2, addresses: 1 });
      expect(facts.by).toBe(`person:${ada}`);
    }
    const times = rows.map(({ receivedAt }) => receivedAt.getTime());
    expect(times).toEqual([...times].sort((a, b) => b - a));

    const up = (await walk(within, 'after')).reverse().flat();
    expect([...up, await oldest(within)].map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    expect(up.filter(({ reads }) => reads !== null)).toHaveLength(70);
  });

  test('says of a minute how much of what was read', async () => {
    const minute = at(3 * 3600 + 60);
    const facts = { by: `person:${ada}`, sign_in: 's' };
    const when = (ms: number) => new Date(minute.getTime() + ms);
    await seedControl(
      owner,
      [
        { ...opened(0, ada, 'm3xa-1-1'), at: when(0) },
        { ...opened(0, ada, 'm3xb-1-1'), at: when(1) },
        // The same again, after what this process had forgotten.
        { ...opened(0, ada, 'm3xb-1-1'), at: when(2) },
        {
          at: when(3),
          kind: 'content_opened',
          facts: {
            ...facts,
            address: '198.51.100.1',
            subject: ben,
            first: 'a',
            last: 'b',
            entries: 9,
          },
        },
        { at: when(4), kind: 'content_searched', facts: { ...facts, words: "'x'" } },
        { at: when(5), kind: 'quarantined_item_opened', facts: { ...facts, subject: ben } },
      ],
      2_000_000,
    );
    const page = await list(`from=${firstDay}T13:00Z&to=${firstDay}T14:00Z`);
    expect(page.rows).toHaveLength(1);
    const reads = page.rows[0]?.reads;
    expect(reads).toEqual({
      entries: 6,
      interactions: 2,
      conversations: 1,
      resources: 0,
      searches: 1,
      items: 1,
      addresses: 2,
    });
    if (reads == null) return;
    expect(readsSentence(reads)).toBe(
      'Read the content of 2 interactions, 1 conversation and 1 refused item, searched it once',
    );
    // Only what the filter holds is counted.
    const items = await list(
      `from=${firstDay}T13:00Z&to=${firstDay}T14:00Z&what=quarantined_item_opened`,
    );
    expect(items.rows.map((row) => row.reads)).toEqual([null]);
    const detail = await findAuditEntry(scope, page.rows[0]?.id ?? '', db);
    expect(detail?.reads).toHaveLength(6);
  });

  test.each<[what: string, search: string, rows: number]>([
    ['a person, by either name of the fact', `who=person:${ben}`, 140],
    ['a kind', 'what=signed_in', 70],
    ['a group of kinds', 'what=content_read', 140],
    ['a group and a person', `what=content_read&who=person:${ada}`, 70],
    ['what it was done to', 'subject=m3x5b-1-1', 1],
    ['a kind that nobody wrote', 'what=price_set', 0],
    ['operators', 'who=operators', 0],
    ['what nobody signed in did', 'who=system', 0],
  ])('is filtered by %s', async (_what, search, rows) => {
    const pages =
      rows === 0
        ? [(await list(`${within}&${search}`)).rows]
        : await walk(`${within}&${search}`, 'before');
    expect(pages.flat()).toHaveLength(rows);
  });

  test('finds what operators and Sallyport itself did, and an erasure by the entry that is gone', async () => {
    const from = `from=${nextDay}T10:00Z&to=${nextDay}T11:00Z`;
    const when = new Date(`${nextDay}T10:30:00.000Z`);
    const place = { position: 7, received_at: `${firstDay}T09:00:00.000Z`, shard: 1 };
    await seedControl(
      owner,
      [
        {
          at: when,
          kind: 'key_encryption_key_rotated',
          facts: { by: 'operator:root', data_keys: 2, from: 'a', to: 'b' },
        },
        { at: when, kind: 'days_expired', facts: { facts_before: '2026-01-01', partitions: [] } },
        {
          at: when,
          kind: 'entry_erased',
          facts: { by: 'operator:root', entry: place, reason: 'why', scope: 'all' },
        },
      ],
      3_000_000,
    );
    const kindsOf = async (search: string) =>
      (await list(`${from}&${search}`)).rows.map(({ kind }) => kind);
    expect(await kindsOf('who=operators')).toEqual(['entry_erased', 'key_encryption_key_rotated']);
    expect(await kindsOf('who=operator:root')).toEqual([
      'entry_erased',
      'key_encryption_key_rotated',
    ]);
    expect(await kindsOf('who=operator:other')).toEqual([]);
    expect(await kindsOf('who=system')).toEqual(['days_expired']);
    const gone = new Date(place.received_at).getTime().toString(36);
    expect(await kindsOf(`subject=${gone}-1-7`)).toEqual(['entry_erased']);
    expect(await kindsOf('what=erasures')).toEqual(['entry_erased', 'days_expired']);
  });

  test.each<[what: string, filter: Partial<AuditFilter>, index: RegExp]>([
    ['the newest', {}, /Index Scan Backward using control_event_\d+_pkey/],
    ['a person', { who: `person:${ada}` }, /Backward using control_event_\d+_left_received/],
    ['a kind', { what: 'signed_in' }, /Backward using control_event_\d+_kind_received/],
  ])('of %s is read along an index, in its order', async (_what, filter, index) => {
    const asked = {
      filter: { who: null, what: null, subject: null, ...filter },
      range: viewOf(within).range,
    };
    const { text, values } = sql`EXPLAIN SELECT e.facts FROM control_event e
      WHERE ${auditConditions(asked, 'e')} ORDER BY e.received_at DESC, e.shard DESC, e.position DESC LIMIT 50`;
    const client = await owner.connect();
    await client.query('ANALYZE control_event; BEGIN; SET LOCAL enable_seqscan = off');
    await client.query('SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(text, [...values]);
    await client.query('ROLLBACK');
    client.release();
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(index);
  });

  test('says on an empty page which way the rows are', async () => {
    const last = await oldest(within);
    expect(await list(`${within}&before=${last.id}`)).toMatchObject({
      rows: [],
      hasNewer: true,
      hasOlder: false,
    });
  });

  test('stops reading, and says so, where a filter would read for too long', async () => {
    const slow = createPool(database.consoleUrl, { applicationName: 'tests' });
    const holder = await owner.connect();
    await holder.query('BEGIN; LOCK TABLE control_event IN ACCESS EXCLUSIVE MODE');
    try {
      expect(await listAudit(scope, viewOf(within), slow)).toMatchObject({
        rows: [],
        isTooMuch: true,
      });
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
      await slow.end();
    }
  });

  test('is refused to whoever may not read it, and so are its parts', async () => {
    const viewer = scopeOf({ id: ben, roles: ['viewer', 'policy_author'] });
    await expect(listAudit(viewer, viewOf(within), db)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('an analyst, an approver or an administrator'),
    });
    await expect(findAuditEntry(viewer, '1-0-1', db)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(listAuditNames(viewer, [ben], db)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      startAuditExport(
        { actor: actorOf({ id: ben, roles: ['viewer'] }), scope, db: records, now: new Date() },
        { ...viewOf(within), format: 'csv' },
      ),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('an entry', () => {
  test('has a leaf that is that of its facts, and shows when it is not', async () => {
    const id = `${at(5).getTime().toString(36)}-0-1000001`;
    const detail = await findAuditEntry(scope, id, db);
    expect(detail).toMatchObject({ isIntact: true, leaf: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(detail?.entry.facts).toMatchObject({ person: ben });
    const client = await owner.connect();
    await client.query('BEGIN; ALTER TABLE control_event DISABLE TRIGGER USER');
    const { rows } = await client.query(
      `SELECT tableoid::regclass AS part FROM control_event WHERE position = 1000001`,
    );
    await client.query(
      `ALTER TABLE ${rows[0].part} DISABLE TRIGGER USER; UPDATE control_event SET facts = '{"person":"nobody"}' WHERE position = 1000001`,
    );
    expect(await findAuditEntry(scope, id, client)).toMatchObject({ isIntact: false });
    await client.query('ROLLBACK');
    client.release();
    expect(await findAuditEntry(scope, 'zz-0-1', db)).toBeNull();
  });

  test('is taken and shown with a null character in what a person wrote', async () => {
    await appendControl(db, 'credential_revoked', {
      by: `person:${ada}`,
      identity: agent,
      reason: 'a\0b \\u0000',
    });
    const { rows } = await list(`what=credential_revoked&who=person:${ada}`);
    expect(rows[0]?.facts.reason).toBe('a\0b \\u0000');
  });

  test('of reading content says from where, by which sign-in, and of two sign-ins both', async () => {
    const reader = (signIn: string, address: string) =>
      mintScope(personOf({ id: ben }), { signIn, address, isFresh: true });
    const now = new Date();
    for (const who of [
      reader('one', '192.0.2.1'),
      reader('two', '203.0.113.9'),
      reader('one', '192.0.2.1'),
    ])
      await recordOpened(db, 'content_opened', who, 'm3xd-1-1', now);
    const { rows } = await owner.query<{ facts: string }>(
      'SELECT facts FROM control_event WHERE strpos(facts, $1) > 0 ORDER BY position',
      ['m3xd-1-1'],
    );
    const facts = rows.map((row) => JSON.parse(row.facts));
    expect(facts).toEqual([
      { by: `person:${ben}`, address: '192.0.2.1', sign_in: 'one', subject: 'm3xd-1-1' },
      { by: `person:${ben}`, address: '203.0.113.9', sign_in: 'two', subject: 'm3xd-1-1' },
    ]);
  });

  test('names people and identities as they are called now', async () => {
    const names = await listAuditNames(
      scope,
      [ada, agent, '00000000-0000-7000-8000-00000000ffff'],
      db,
    );
    expect([...names]).toEqual([
      [ada, { name: 'Ada', kind: 'person', email: 'ada@example.org' }],
      [agent, { name: 'billing-agent', kind: 'identity', email: null }],
    ]);
  });
});
