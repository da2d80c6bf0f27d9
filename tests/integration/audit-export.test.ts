import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { parseAuditView } from '@/lib/people/audit/address';
import {
  type AuditExportEnd,
  finishAuditExport,
  startAuditExport,
} from '@/lib/people/audit/mutations';
import {
  findAuditEntry,
  listAudit,
  listAuditNames,
  listAuditPeople,
  listExportedEntries,
} from '@/lib/people/audit/queries';
import { runAuditExport } from '@/lib/people/audit/run';
import { seedControl } from '../support/audit';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { parseCsv } from '../support/parse-csv';
import { actorOf, scopeOf } from '../support/people';

/** Days that partitions can be made for, whenever this runs. */
const [firstDay, nextDay] = [10, 9].map((days) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10),
);
const ada = '01930000-0000-7000-8000-0000000000ad';
const agent = '01930000-0000-7000-8000-00000000a6e7';
const scope = scopeOf({ id: ada });
const within = `from=${firstDay}T10:00Z&to=${firstDay}T13:00Z`;

let database: TestDatabase;
let owner: Pool;
let db: Pool;
let records: PrismaClient;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  db = createPool(database.consoleUrl, { applicationName: 'tests' });
  records = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 2 });
  await owner.query(
    `INSERT INTO person (id, email, name, roles, created_at)
     VALUES ($1, 'ada@example.org', 'Ada', '{admin}', now())`,
    [ada],
  );
  await owner.query(
    `INSERT INTO identity (id, kind, name, names, state, reports_for_all, created_at)
     VALUES ($1, 'agent', 'billing-agent', '{}', 'active', false, now())`,
    [agent],
  );
  // More than two pages of it, many of one millisecond.
  await seedControl(
    owner,
    Array.from({ length: 450 }, (_, n) => ({
      at: new Date(Date.parse(`${firstDay}T10:00:00Z`) + Math.floor(n / 50) * 1000),
      kind: 'content_opened',
      facts: { by: `person:${ada}`, address: '192.0.2.7', sign_in: 's', subject: `m3x${n}-1-1` },
    })),
  );
});
afterAll(async () => {
  await records?.$disconnect();
  await Promise.all([owner?.end(), db?.end()]);
  await database?.drop();
});

const viewOf = (search: string) =>
  parseAuditView(Object.fromEntries(new URLSearchParams(search)), new Date());
const list = (search: string) => listAudit(scope, viewOf(search), db);

describe('the export', () => {
  const start = (search: string, format: 'csv' | 'ndjson') =>
    startAuditExport(
      { actor: actorOf({ id: ada }), scope, db: records, now: new Date() },
      { ...viewOf(search), format },
    );
  const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

  test('holds each entry of the filter once and in order, and is in the audit before it leaves', async () => {
    const asked = await start(`${within}&what=content_read`, 'ndjson');
    const { rows } = await list('what=audit_exported&from=24h');
    expect(rows[0]?.facts).toMatchObject({
      by: `person:${ada}`,
      address: '192.0.2.1',
      format: 'ndjson',
      filter: { what: 'content_read', who: null, from: `${firstDay}T10:00:00.000Z` },
    });
    const lines = (await textOf(runAuditExport(asked, { scope, isAllowed: async () => true, db })))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(450);
    expect(new Set(lines.map(({ entry }) => entry)).size).toBe(450);
    expect(lines[0]).toMatchObject({
      kind: 'content_opened',
      name: 'Ada',
      address: '192.0.2.7',
      facts: { subject: 'm3x0-1-1' },
      leaf: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const times = lines.map(({ received_at }) => received_at);
    expect(times).toEqual([...times].sort());
  });

  test('has nothing that a spreadsheet would calculate', async () => {
    const when = new Date(`${nextDay}T10:00:00Z`);
    const reason = '=HYPERLINK("http://evil.example")';
    await seedControl(
      owner,
      [
        {
          at: when,
          kind: 'credential_revoked',
          facts: { by: `person:${ada}`, identity: agent, reason },
        },
      ],
      4_000_000,
    );
    const asked = await start(`from=${nextDay}T09:00Z&to=${nextDay}T11:00Z`, 'csv');
    const [head = [], line = []] = parseCsv(
      await textOf(runAuditExport(asked, { scope, isAllowed: async () => true, db })),
    );
    const cell = (name: string) => line[head.indexOf(name)];
    expect(cell('reason')).toBe(`'${reason}`);
    expect([cell('name'), cell('subject_name'), cell('group')]).toEqual([
      'Ada',
      'billing-agent',
      'Registry',
    ]);
  });

  test('ends with an error for whoever may not have it any more', async () => {
    const asked = await start('from=all', 'ndjson');
    let isAllowed = true;
    const ends: AuditExportEnd[] = [];
    const stream = runAuditExport(asked, {
      scope,
      isAllowed: async () => isAllowed,
      checkMs: 20,
      db,
      onEnd: (end) => {
        ends.push(end);
      },
    });
    const reader = stream.getReader();
    await reader.read();
    isAllowed = false;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow('stopped');
    await expect.poll(() => ends).toMatchObject([{ state: 'cancelled' }]);
  });

  test('tells how it ended and after how many entries', async () => {
    const asked = await start(`${within}&what=content_read`, 'csv');
    const ctx = { actor: actorOf({ id: ada }), db: records };
    const onEnd = (end: AuditExportEnd) => finishAuditExport(ctx, asked, end);
    await textOf(runAuditExport(asked, { scope, isAllowed: async () => true, db, onEnd }));
    const told = async () => (await list('what=audit_export_finished&from=24h')).rows[0]?.facts;
    await expect.poll(told).toMatchObject({
      by: `person:${ada}`,
      address: '192.0.2.1',
      format: 'csv',
      until: asked.until.toISOString(),
      state: 'done',
      rows: 450,
    });
  });

  describe('while a page of it takes long', () => {
    /** Holds every read of the audit up until `release`. */
    async function hold() {
      const holder = await owner.connect();
      await holder.query('BEGIN; LOCK TABLE control_event IN ACCESS EXCLUSIVE MODE');
      return async () => {
        await holder.query('ROLLBACK');
        holder.release();
      };
    }
    const running = { scope, isAllowed: async () => true };

    // If it ended sooner, who comes and goes would leave statements behind on every connection of exports.
    test('it has ended for nobody until the statement has, even where its reader left', async () => {
      const asked = await start(within, 'ndjson');
      const release = await hold();
      const ends: AuditExportEnd[] = [];
      const onEnd = (end: AuditExportEnd) => {
        ends.push(end);
      };
      const reader = runAuditExport(asked, { ...running, db, onEnd }).getReader();
      try {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await reader.cancel();
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(ends).toEqual([]);
      } finally {
        await release();
      }
      await expect.poll(() => ends).toEqual([{ state: 'cancelled', rows: 0 }]);
    });

    test.each(['ndjson', 'csv'] as const)(
      'it is cut as %s, and says so in its last line',
      async (format) => {
        const asked = await start(within, format);
        const release = await hold();
        const ends: AuditExportEnd[] = [];
        const onEnd = (end: AuditExportEnd) => {
          ends.push(end);
        };
        const bounds = { statementMs: 100, totalMs: 200 };
        const text = await textOf(runAuditExport(asked, { ...running, db, bounds, onEnd }));
        await release();
        expect(text.trim().split('\n').at(-1)).toContain('This file is cut');
        await expect.poll(() => ends).toEqual([{ state: 'cut', rows: 0 }]);
      },
    );
  });
});

// If this went through, an administrator of one team would read what everybody of the others did.
test('is refused to whoever sees some teams alone, and so are its parts', async () => {
  const narrow = scopeOf({ id: ada, reach: 'teams', teams: [agent] });
  const refused = { code: 'forbidden', message: expect.stringContaining('of all teams') };
  const ctx = { actor: actorOf({ id: ada }), scope: narrow, db: records, now: new Date() };
  const exported = { ...viewOf(within), format: 'csv', until: new Date() } as const;
  for (const read of [
    () => listAudit(narrow, viewOf(within), db),
    () => findAuditEntry(narrow, '1-0-1', db),
    () => listAuditNames(narrow, [ada], db),
    () => listAuditPeople(narrow, db),
    () => listExportedEntries(narrow, exported, null, db),
    () => startAuditExport(ctx, exported),
  ])
    await expect(read()).rejects.toMatchObject(refused);
});
