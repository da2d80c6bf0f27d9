import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintScope } from '@/lib/auth/scope';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { parseView } from '@/lib/inventory/address';
import {
  type ExportCtx,
  mayExportContent,
  requestExport,
  runningMax,
  runningOfAllMax,
  stopExport,
  takeExport,
} from '@/lib/inventory/export/mutations';
import { listExports, pageRows, previewExport } from '@/lib/inventory/export/queries';
import { runExport } from '@/lib/inventory/export/run';
import { type ExportFormat, freshMs } from '@/lib/inventory/export/schema';
import { listInteractions } from '@/lib/inventory/queries';
import { forgetStale } from '@/lib/log/retention';
import type { Person } from '@/lib/people/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { seedInteraction } from '../support/interactions';
import { parseCsv } from '../support/parse-csv';
import { actorOf, nobodyOf, personOf } from '../support/people';
import { seedInteractions, seedShard } from '../support/seed-log';
import { exportRequest, genaiChatSpan } from '../support/spans';

let database: TestDatabase;
let gateway: TestGateway;
let log: Pool;
let owner: Pool;
let db: PrismaClient;
let ada: Person;
let ben: Person;

const hostile = [
  '=1+1',
  '  @SUM(1)',
  'a "quoted", cell',
  'two\r\nlines',
  '\u001b[31mred',
  '+\u202Ex',
];
const manyRows = pageRows * 2 + 17;
// And one that arrives while the tests run.
const everything = manyRows + hostile.length + 1;

beforeAll(async () => {
  database = await createTestDatabase();
  log = createPool(database.consoleUrl, { applicationName: 'test' });
  owner = createPool(database.migratorUrl, { applicationName: 'test' });
  db = createPrisma(database.consoleUrl, { applicationName: 'test' });
  ada = await addPerson('ada@example.org', ['admin']);
  ben = await addPerson('ben@example.org', ['analyst']);
  gateway = await startGateway(database);
  const { key } = await registerReporter(owner, { name: 'billing-agent' });
  const spans = hostile.map((text, at) =>
    genaiChatSpan({
      at: at + 1,
      startedMs: Date.now() - 1000,
      attributes: { 'user.id': text, 'gen_ai.output.messages': `[{"content":"said ${at}"}]` },
    }),
  );
  const sent = await postTraces(gateway.url, key, JSON.stringify(exportRequest(spans)));
  expect(sent.status).toBe(200);
  await seedShard(owner, 90);
  const firstAt = new Date(Date.now() - 3_600_000);
  await seedInteractions(owner, { shard: 90, count: manyRows, firstAt, stepMs: 1, isTimely: true });
});

afterAll(async () => {
  await gateway?.close();
  await Promise.all([log?.end(), owner?.end(), db?.$disconnect()]);
  await database?.drop();
});

async function addPerson(email: string, roles: Person['roles']): Promise<Person> {
  const whose = { id: newId(), email, roles };
  const person = roles.includes('admin') ? personOf(whose) : nobodyOf(whose);
  await owner.query(
    `INSERT INTO person (id, email, name, password_hash, roles, created_at) VALUES ($1, $2, $2, '', $3, now())`,
    [person.id, email, roles],
  );
  return person;
}

const ctxOf = (person: Person, now = new Date()): ExportCtx => ({
  actor: actorOf(person),
  scope: mintScope(person),
  now,
  db,
  pool: log,
  kek: keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
});
const running = (person: Person, isAllowed = async () => true) => ({
  scope: mintScope(person),
  isAllowed,
  db,
  pool: log,
  kek: () => keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
});
const ask = (person: Person, search: string, format: ExportFormat, withContent = false) =>
  requestExport(ctxOf(person), { search, format, withContent });
const progressOf = async (person: Person, id: string) =>
  (await listExports(mintScope(person), new Date(), db)).find((each) => each.id === id);
const settled = (person: Person, id: string, timeout = 8000) =>
  expect
    .poll(async () => (await progressOf(person, id))?.state, { timeout })
    .not.toMatch(/queued|running/);
async function fileOf(person: Person, search: string, format: ExportFormat, withContent = false) {
  const { id } = await ask(person, search, format, withContent);
  const taken = await takeExport(ctxOf(person), id);
  return { id, text: await new Response(runExport(taken, running(person))).text() };
}
const lines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
async function entriesOf(id: string) {
  const { rows } = await owner.query<{ kind: string; facts: string }>(
    `SELECT kind, facts FROM control_event WHERE facts LIKE $1 ORDER BY position`,
    [`%${id}%`],
  );
  return rows.map(({ kind, facts }) => ({ kind, ...JSON.parse(facts) }));
}

describe('the file holds what the list shows', () => {
  it.each(['', 'status=error', 'kind=tool_call&status=ok', 'identity=unregistered', 'model=none'])(
    'by %j, in either format, each entry once and in order of arrival',
    async (search) => {
      const params = Object.fromEntries(new URLSearchParams(search));
      const view = parseView(params, new Date());
      const ids: string[] = [];
      for (let cursor = view.cursor; ; ) {
        const page = await listInteractions(mintScope(ben), { ...view, cursor }, log);
        ids.push(...page.rows.map(({ id }) => id));
        const last = page.rows.at(-1);
        if (last === undefined || !page.hasOlder) break;
        cursor = parseView({ before: last.id }, new Date()).cursor;
      }
      ids.reverse();
      const { text } = await fileOf(ben, search, 'ndjson');
      expect(lines(text).map(({ id }) => id)).toEqual(ids);
      const [head = [], ...rows] = parseCsv((await fileOf(ben, search, 'csv')).text);
      expect(head.slice(0, 2)).toEqual(['id', 'leaf']);
      expect(rows.map(([id]) => id)).toEqual(ids);
      expect(rows.every((row) => row.length === head.length)).toBe(true);
    },
  );

  it('with leaf, arrival, occurrence to the nanosecond, the three whos and the facts', async () => {
    const { text } = await fileOf(ben, 'identity=billing-agent', 'ndjson');
    expect(lines(text)).toHaveLength(hostile.length);
    expect(lines(text)[0]).toMatchObject({
      leaf: expect.stringMatching(/^[0-9a-f]{64}$/),
      received_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      started_at: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/),
      reporter_name: 'billing-agent',
      identity_name: 'billing-agent',
      declared_name: 'billing-agent',
      model: 'gpt-4.1-mini-2025-04-14',
      input_tokens: 412,
      bodies: expect.arrayContaining([expect.objectContaining({ role: 'output' })]),
    });
    expect(text).not.toContain('said 0');
  });

  it('and what arrives after it was asked for is not in it', async () => {
    const { id } = await ask(ben, 'resource=late', 'ndjson');
    const receivedAt = new Date(Date.now() + 5);
    await seedInteraction(owner, { receivedAt, position: 900_001, resource: 'late' });
    const taken = await takeExport(ctxOf(ben), id);
    expect(await new Response(runExport(taken, running(ben))).text()).toBe('');
  });

  it('what would be a formula is text in CSV, and exactly what was sent in NDJSON', async () => {
    const { text: csv } = await fileOf(ben, 'identity=billing-agent', 'csv');
    const [head = [], ...rows] = parseCsv(csv);
    const column = head.indexOf('on_behalf_of');
    expect(rows.map((row) => row[column])).toEqual([
      "'=1+1",
      "'  @SUM(1)",
      'a "quoted", cell',
      'two\r\nlines',
      '\\u001b[31mred',
      "'+\\u202ex",
    ]);
    const { text } = await fileOf(ben, 'identity=billing-agent', 'ndjson');
    expect(lines(text).map((row) => row.on_behalf_of)).toEqual(hostile);
    for (const trick of ['\u001b', '\u202E']) expect(text).not.toContain(trick);
  });

  it('its preview says the same in words and in number', async () => {
    expect(
      await previewExport(mintScope(ben), 'kind=tool_call&identity=unregistered', new Date(), {
        db: log,
      }),
    ).toMatchObject({
      terms: ['Last 24 hours', 'identity: Unregistered', 'kind: Tool call'],
      total: expect.any(Number),
    });
    const preview = await previewExport(mintScope(ben), 'status=error', new Date(), { db: log });
    const { id, text } = await fileOf(ben, 'status=error', 'ndjson');
    expect(lines(text)).toHaveLength(preview.total ?? -1);
    expect(await progressOf(ben, id)).toMatchObject({ rowsEstimated: preview.total });
  });
});

describe('content', () => {
  it('leaves for whoever may export it, and that it did is on record before', async () => {
    const { id, text } = await fileOf(ada, 'identity=billing-agent', 'ndjson', true);
    expect(text).toContain('said 0');
    const [started, finished] = await entriesOf(id);
    expect(started).toMatchObject({
      kind: 'export_started',
      by: `person:${ada.id}`,
      format: 'ndjson',
      with_content: true,
      filter: { within: { identity: [expect.any(String)] } },
    });
    expect(finished).toMatchObject({ kind: 'export_finished', state: 'done', rows: 6 });
    const [head = [], first = []] = parseCsv(
      (await fileOf(ada, 'identity=billing-agent', 'csv', true)).text,
    );
    expect(first[head.indexOf('content_output')]).toContain('said 0');
  });

  it('is refused to everybody else, at asking and at fetching, and nothing is recorded', async () => {
    expect([ada, ben].map((each) => mayExportContent(mintScope(each)))).toEqual([true, false]);
    await expect(ask(ben, '', 'csv', true)).rejects.toMatchObject({ code: 'forbidden' });
    const { id } = await ask(ada, '', 'csv', true);
    await expect(takeExport(ctxOf({ ...ada, contentExport: 'none' }), id)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await entriesOf(id)).toEqual([]);
    await stopExport(ctxOf(ada), id);
  });
});

describe('a ticket', () => {
  it("is good once, for a minute, for its own person, and nobody sees another's", async () => {
    const { id } = await ask(ada, 'kind=memory', 'ndjson');
    await expect(takeExport(ctxOf(ben), id)).rejects.toMatchObject({ code: 'not_found' });
    expect([await progressOf(ben, id), await progressOf(ada, id)]).toMatchObject([
      undefined,
      { id, state: 'queued' },
    ]);
    await stopExport(ctxOf(ben), id);
    const late = new Date(Date.now() + freshMs + 1000);
    await expect(takeExport(ctxOf(ada, late), id)).rejects.toMatchObject({ code: 'conflict' });
    const taken = await takeExport(ctxOf(ada), id);
    await expect(takeExport(ctxOf(ada), id)).rejects.toMatchObject({ code: 'conflict' });
    await new Response(runExport(taken, running(ada))).text();
  });

  it('is emptied by the worker when nobody fetched it, and forgotten an hour after its end', async () => {
    const { id } = await ask(ben, 'resource=secret-project', 'ndjson');
    await owner.query(
      `UPDATE export_job SET created_at = now() - interval '2 minutes' WHERE id = $1`,
      [id],
    );
    const worker = createPool(database.workerUrl, { applicationName: 'test', max: 1 });
    await forgetStale(worker);
    const found = () =>
      db.exportJob.findUnique({ where: { id }, select: { search: true, state: true } });
    expect(await found()).toEqual({ search: '', state: 'expired' });
    await expect(worker.query('SELECT search FROM export_job')).rejects.toMatchObject({
      code: '42501',
    });
    await owner.query(
      `UPDATE export_job SET finished_at = now() - interval '2 hours' WHERE id = $1`,
      [id],
    );
    await forgetStale(worker);
    await worker.end();
    expect(await found()).toBeNull();
  });

  it('is emptied when it is taken, and the log keeps what was looked for as hashes only', async () => {
    const { id } = await ask(ben, 'resource=secret-project', 'ndjson');
    const taken = await takeExport(ctxOf(ben), id);
    await new Response(runExport(taken, running(ben))).text();
    const [started] = await entriesOf(id);
    expect(started.filter.within.resource).toHaveLength(1);
    expect(JSON.stringify(started)).not.toContain('secret-project');
    const job = await db.exportJob.findUnique({ where: { id }, select: { search: true } });
    expect(job).toEqual({ search: '' });
  });

  it('for words in content is refused to whoever may not read it', async () => {
    await expect(ask(ben, 'text=parcel', 'csv')).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('of an address with a slip is refused, instead of exporting everything', async () => {
    for (const search of ['kind=nonsense', 'identity=nobody', 'colour=red', 'from=yesterday'])
      await expect(ask(ben, search, 'csv'), search).rejects.toMatchObject({
        code: 'invalid_input',
      });
  });

  it(`is refused while ${runningMax} of the same person run, and given again when one ends`, async () => {
    const [one, two] = [await ask(ben, '', 'csv'), await ask(ben, '', 'csv')];
    await expect(ask(ben, '', 'csv')).rejects.toMatchObject({ code: 'rate_limited' });
    await stopExport(ctxOf(ben), one.id);
    const { id } = await ask(ben, '', 'csv');
    for (const each of [two.id, id]) await stopExport(ctxOf(ben), each);
  });

  it(`is refused while ${runningOfAllMax} of all people run`, async () => {
    const held = [
      [ada, await ask(ada, '', 'csv')],
      [ada, await ask(ada, '', 'csv')],
      [ben, await ask(ben, '', 'csv')],
      [ben, await ask(ben, '', 'csv')],
    ] as const;
    const cem = await addPerson('cem@example.org', ['analyst']);
    await expect(ask(cem, '', 'csv')).rejects.toThrow('4 exports are running');
    for (const [person, { id }] of held) await stopExport(ctxOf(person), id);
    const { id } = await ask(cem, '', 'csv');
    await stopExport(ctxOf(cem), id);
  });

  it('left behind by a process that died is settled, and on record, at the next one', async () => {
    const { id } = await ask(ben, '', 'csv');
    await takeExport(ctxOf(ben), id);
    await owner.query(
      `UPDATE export_job SET moved_at = now() - interval '1 minute', rows_done = 7 WHERE id = $1`,
      [id],
    );
    const next = await ask(ben, '', 'csv');
    expect(await progressOf(ben, id)).toMatchObject({ state: 'failed' });
    expect((await entriesOf(id)).at(-1)).toMatchObject({ state: 'failed', rows: 7 });
    await stopExport(ctxOf(ben), next.id);
  });
});

describe('a download that ends early is cancelled, with the rows that left', () => {
  const start = async (isAllowed = async () => true, clock = () => new Date()) => {
    const { id } = await ask(ben, '', 'ndjson');
    const taken = await takeExport(ctxOf(ben), id);
    const reader = runExport(taken, { ...running(ben, isAllowed), clock }).getReader();
    const first = await reader.read();
    expect(first.done).toBe(false);
    return { id, reader };
  };
  const expectCancelled = async (id: string) => {
    await settled(ben, id);
    const progress = await progressOf(ben, id);
    if (progress === undefined) throw new Error('forgotten');
    expect(progress).toMatchObject({ state: 'cancelled', rowsEstimated: everything });
    expect(progress.rowsDone).toBeGreaterThanOrEqual(pageRows);
    expect(progress.rowsDone).toBeLessThan(everything);
    expect((await entriesOf(id)).map(({ kind, state, rows }) => [kind, state, rows])).toEqual([
      ['export_started', undefined, undefined],
      ['export_finished', 'cancelled', progress.rowsDone],
    ]);
  };

  it('because its client left', async () => {
    const { id, reader } = await start();
    await reader.cancel();
    await expectCancelled(id);
  });

  it('because it was stopped, and then its client sees an error, not an end', async () => {
    const { id, reader } = await start();
    await stopExport(ctxOf(ben), id);
    await expectCancelled(id);
    await expect(reader.read().then(() => reader.read())).rejects.toThrow('stopped');
  });

  it('because its person was signed out', async () => {
    const { id } = await start(async () => false);
    await expectCancelled(id);
  });

  // If these failed, whoever can keep the console from looking would go on reading after a sign-out.
  it('because nobody could say for long whether its person still may, and not before', async () => {
    for (const isAllowed of [
      () => Promise.reject(new Error('no answer')),
      () => new Promise<boolean>(() => undefined),
    ]) {
      let isAhead = 0;
      const clock = () => new Date(Date.now() + isAhead);
      const { id, reader } = await start(isAllowed, clock);
      isAhead = 10_000;
      await new Promise((resolve) => setTimeout(resolve, 1200));
      expect(await progressOf(ben, id)).toMatchObject({ state: 'running' });
      isAhead = 16_000;
      await settled(ben, id);
      expect(await progressOf(ben, id)).toMatchObject({ state: 'cancelled' });
      await expect(reader.read().then(() => reader.read())).rejects.toThrow('stopped');
    }
  });
});
