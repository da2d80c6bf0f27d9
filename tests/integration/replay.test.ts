import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { unpackBodies } from '@/lib/log/leaf';
import { marks } from '@/lib/telemetry/schema';
import { type ReplayOptions, replayFiles } from '@/server/cli/replay';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startGateway, type TestGateway } from '../support/gateway';
import { dojoRun, sweRun, tauRun } from '../support/trajectories';

let database: TestDatabase;
let gateway: TestGateway;
let db: PrismaClient;
let sql: Pool;
const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-replay-'));

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database);
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 2 });
  sql = createPool(database.migratorUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await gateway.close();
  await db.$disconnect();
  await sql.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (files: string[], change: Partial<ReplayOptions> = {}) =>
  replayFiles(
    { db, sql, actor: { kind: 'operator', name: 'ada' } },
    {
      files,
      rate: null,
      speed: null,
      gatewayUrl: gateway.url,
      perReporter: 1_000_000,
      signal: new AbortController().signal,
      say: () => {},
      ...change,
    },
  );

function write(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** Interactions in the log of the identities that `like` names. */
async function countsOf(like: string): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ kind: string; count: bigint }>(
    `SELECT interaction.kind, count(*) FROM interaction JOIN identity ON identity.id = interaction.identity
     WHERE identity.name LIKE $1 GROUP BY interaction.kind`,
    [like],
  );
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, Number(count)]));
}

test('every form becomes interactions of a registered agent, once however often it is replayed', async () => {
  const dojo = write(
    'runs.jsonl',
    `${JSON.stringify(dojoRun(1))}\nnot json\n${JSON.stringify(dojoRun(2))}\n`,
  );
  const tau = write('gpt-4o-airline.json.gz', gzipSync(JSON.stringify([tauRun(0), tauRun(1)])));
  const swe = write('fix.traj', JSON.stringify(sweRun()));
  const transcript = write(
    'few.jsonl',
    `${JSON.stringify({ messages_display: 'user: hi' })}\n`.repeat(3),
  );
  const files = [dojo, tau, swe, transcript];
  const sent = { inference: 4 + 8 + 3, tool_call: 6 + 4 + 2, agent_call: 2 + 2 + 1 };
  const broken = [
    { file: dojo, line: 2, reason: expect.stringContaining('Not JSON') },
    { file: transcript, line: 1, reason: expect.stringContaining('plain transcript') },
  ];
  expect(await run(files)).toEqual({ files: 4, runs: 5, sent, repeated: 0, refused: 0, broken });
  expect(await countsOf('%')).toEqual(sent);

  // What the log remembers of repeats ends after two days; the log itself does not.
  await sql.query('DELETE FROM seen');
  expect(await run(files)).toEqual({
    files: 4,
    runs: 5,
    sent: {},
    repeated: 5,
    refused: 0,
    broken,
  });
  expect(await countsOf('%')).toEqual(sent);

  const { rows } = await sql.query<Record<string, unknown>>(
    `SELECT marks & $1 = $1 AS marked, marks & $2 AS odd, vantage, input_tokens, cost,
       started_ns / 1000000 > $3 AS recent, ended_ns / 1000000 <= $4 AS past
     FROM interaction`,
    [marks.replayed, ~marks.replayed, Date.now() - 3_600_000, Date.now()],
  );
  for (const row of rows)
    expect(row).toEqual({
      marked: true,
      odd: 0,
      vantage: 'self',
      input_tokens: null,
      cost: null,
      recent: true,
      past: true,
    });
  const { rows: sessions } = await sql.query(
    'SELECT DISTINCT session, conversation FROM interaction',
  );
  expect(sessions).toHaveLength(5);
});

test('a replay that was cut short goes on where it stopped, at the same times', async () => {
  const file = write('more.jsonl', `${JSON.stringify(dojoRun(7, { suite_name: 'cut' }))}\n`);
  await run([file]);
  const before = await countsOf('cut-%');
  const times = async () =>
    (
      await sql.query(
        `SELECT span, started_ns, ended_ns FROM interaction WHERE service LIKE 'cut-%' ORDER BY span`,
      )
    ).rows;
  const all = await times();
  await sql.query('DELETE FROM seen');
  await sql.query(`ALTER TABLE interaction DISABLE TRIGGER USER`);
  await sql.query(`DELETE FROM interaction WHERE service LIKE 'cut-%' AND kind <> 'inference'`);
  await sql.query(`ALTER TABLE interaction ENABLE TRIGGER USER`);
  expect(await run([file])).toMatchObject({ sent: { tool_call: 3, agent_call: 1 }, repeated: 0 });
  expect(await countsOf('cut-%')).toEqual(before);
  expect(await times()).toEqual(all);
});

test('live, a run takes its time divided by the speed and ends now', async () => {
  const file = write('live.jsonl', JSON.stringify(dojoRun(9, { suite_name: 'live' })));
  const began = Date.now();
  await run([file], { speed: 25 });
  const { rows } = await sql.query<{ from: bigint; to: bigint }>(
    `SELECT min(started_ns) / 1000000 AS from, max(ended_ns) / 1000000 AS to FROM interaction WHERE service LIKE 'live-%'`,
  );
  expect(Number(rows[0]?.from)).toBeGreaterThanOrEqual(began);
  expect(Number(rows[0]?.to) - Number(rows[0]?.from)).toBeCloseTo(500, -1);
});

test('broken files are told line by line, and everything else is sent', async () => {
  const run1 = (task: number) => JSON.stringify(dojoRun(task, { suite_name: 'mended' }));
  const deep = `{"messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const cut = gzipSync([11, 12, 13].map(run1).join('\n'), { level: 0 });
  const files = [
    write('middle.jsonl', [run1(1), '{"messages": "no end', deep, run1(2)].join('\n')),
    write('cut.jsonl.gz', cut.subarray(0, Math.floor(cut.length * 0.9))),
    write('other.csv', 'suite,pipeline\ngarden,gpt-4o\n'),
    write('bomb.gz', gzipSync(Buffer.alloc(70 * 1024 * 1024))),
    path.join(folder, 'not-there.jsonl'),
    write('last.jsonl', run1(3)),
  ];
  const said: string[] = [];
  const outcome = await run(files, { say: (line) => said.push(line) });
  expect(outcome.broken.map(({ file, line }) => `${path.basename(file)}:${line}`)).toEqual([
    ...['middle.jsonl:2', 'middle.jsonl:3', 'cut.jsonl.gz:3', 'other.csv:1', 'bomb.gz:1'],
    'not-there.jsonl:1',
  ]);
  expect(outcome).toMatchObject({ runs: 5, refused: 0, repeated: 0 });
  expect(await countsOf('mended-%')).toMatchObject({ agent_call: 5 });
  for (const { file, line, reason } of outcome.broken)
    expect(said).toContain(`${file}, line ${line}: ${reason}`);
});

test('no key outlives the command, not even when it is stopped', async () => {
  const stop = new AbortController();
  const file = write('stopped.jsonl', JSON.stringify(dojoRun(3, { suite_name: 'stopped' })));
  await expect(
    run([file], {
      speed: 0.1,
      signal: stop.signal,
      say: () => stop.abort(new Error('told to stop')),
    }),
  ).rejects.toThrow('told to stop');
  const { rows } = await sql.query('SELECT id FROM credential WHERE revoked_at IS NULL');
  expect(rows).toEqual([]);
});

test('refuses a persona whose name is another kind of identity here', async () => {
  await sql.query(`UPDATE identity SET kind = 'service' WHERE name = 'cut-gpt-4o-test'`);
  const file = path.join(folder, 'more.jsonl');
  await expect(run([file])).rejects.toThrow('registered here already');
});

test('refuses files that would register hundreds of agents, before it registers any', async () => {
  const lines = Array.from({ length: 201 }, (_, at) =>
    JSON.stringify(dojoRun(at, { suite_name: `flood${at}` })),
  );
  await expect(run([write('flood.jsonl', lines.join('\n'))])).rejects.toThrow('more than 200');
  expect((await sql.query(`SELECT id FROM identity WHERE name LIKE 'flood%'`)).rows).toEqual([]);
});

const datasets = [
  process.env.SALLYPORT_DATASETS,
  path.join(import.meta.dirname, '../../../shared/data'),
].find((each) => each && existsSync(each));

/** Counted by reading the files here, not by the code under test. */
type Counted = { inference: number; tool_call: number; answered: number };

function countMessages(messages: Record<string, unknown>[], counted: Counted): void {
  for (const { role, tool_calls: calls, content } of messages) {
    if (role === 'assistant') {
      counted.inference += 1;
      counted.tool_call += Array.isArray(calls) ? calls.length : 0;
    }
    const text = Array.isArray(content) ? content.map((part) => part.content).join('') : content;
    if (role === 'tool' && text) counted.answered += 1;
  }
}

/** Tool calls in the log that hold a result. */
async function answeredCalls(): Promise<number> {
  const { rows } = await sql.query<{ bodies: Buffer }>(
    `SELECT bodies FROM interaction WHERE kind = 'tool_call'`,
  );
  return rows.filter(({ bodies }) => unpackBodies(bodies).some(({ role }) => role === 'output'))
    .length;
}

describe.skipIf(datasets === undefined)('runs that others recorded', () => {
  const isLong = process.env.SALLYPORT_TEST_LONG !== undefined;

  test('one inference for each assistant message, one tool call for each entry of tool_calls', async () => {
    const linesMax = isLong ? Number.POSITIVE_INFINITY : 25;
    const counted: Counted = { inference: 0, tool_call: 0, answered: 0 };
    const files: string[] = [];
    const dojo = path.join(datasets ?? '', 'agentdyn');
    for (const name of readdirSync(dojo).filter((each) => each.endsWith('.jsonl.gz'))) {
      const kept: string[] = [];
      const lines = createInterface({
        input: createReadStream(path.join(dojo, name)).pipe(createGunzip()),
      });
      for await (const line of lines) {
        if (kept.length >= linesMax) break;
        kept.push(line);
        countMessages(JSON.parse(line).messages, counted);
      }
      files.push(isLong ? path.join(dojo, name) : write(name, gzipSync(kept.join('\n'))));
    }
    const tau = path.join(datasets ?? '', 'tau-bench', 'gpt-4o-airline.json.gz');
    const runs = JSON.parse(gunzipSync(readFileSync(tau)).toString('utf8')).slice(0, linesMax);
    for (const { traj } of runs) countMessages(traj, counted);
    files.push(isLong ? tau : write('gpt-4o-airline.json', JSON.stringify(runs)));

    const answeredBefore = await answeredCalls();
    const before = await countsOf('%');
    const outcome = await run(files);
    expect(outcome).toMatchObject({ refused: 0, broken: [] });
    const after = await countsOf('%');
    expect((after.inference ?? 0) - (before.inference ?? 0)).toBe(counted.inference);
    expect((after.tool_call ?? 0) - (before.tool_call ?? 0)).toBe(counted.tool_call);
    expect(outcome.sent).toMatchObject({
      inference: counted.inference,
      tool_call: counted.tool_call,
    });
    expect((await answeredCalls()) - answeredBefore).toBe(counted.answered);
    expect((await run(files)).sent).toEqual({});
  }, 600_000);

  test('coding trajectories too: a step each, and a call for each command', async () => {
    const swe = path.join(datasets ?? '', 'swe-agent-demos');
    const files = readdirSync(swe)
      .filter((name) => name !== 'LICENSE')
      .map((name) => path.join(swe, name));
    const counted = { inference: 0, tool_call: 0 };
    for (const file of files) {
      const { trajectory, history } = JSON.parse(readFileSync(file, 'utf8'));
      if (trajectory === undefined) {
        for (const { role, tool_calls: calls } of history) {
          if (role === 'assistant') counted.inference += 1;
          counted.tool_call += calls?.length ?? 0;
        }
        continue;
      }
      counted.inference += trajectory.length;
      counted.tool_call += trajectory.filter(({ action }: { action: string }) =>
        action.trim(),
      ).length;
    }
    expect(await run(files)).toMatchObject({
      runs: files.length,
      sent: counted,
      broken: [],
      refused: 0,
    });
  }, 120_000);
});
