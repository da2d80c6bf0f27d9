import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Page } from '@playwright/test';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma } from '@/lib/db/prisma';
import { replayFiles } from '../../server/cli/replay';
import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { exportRequest, toolSpan } from '../support/spans';
import { dojoRun, poisonedRun } from '../support/trajectories';
import { startWorker, type WorkerProcess } from '../support/worker-process';

test.use({ database: 'investigation', timezoneId: 'Asia/Tokyo' });
test.describe.configure({ mode: 'serial' });

const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-investigation-'));
const recorded = [
  process.env.SALLYPORT_DATASETS,
  path.join(import.meta.dirname, '../../../shared/data'),
]
  .map((each) => path.join(each ?? '', 'agentdyn', 'gpt-4o-2024-08-06.jsonl.gz'))
  .find((each) => existsSync(each));

let gateway: TestGateway;
let worker: WorkerProcess;
let db: Pool;

type Message = { role: string; tool_calls?: { function: string }[] | null };
/** Counted by reading the runs here: an agent call each, an inference for each assistant message, its tool calls. */
const counted = { agentCalls: 0, inferences: 0, toolCalls: 0, sendMoney: 0 };

function count({ messages }: { messages: Message[] }): void {
  counted.agentCalls += 1;
  for (const { role, tool_calls: calls } of messages) {
    if (role !== 'assistant') continue;
    counted.inferences += 1;
    counted.toolCalls += calls?.length ?? 0;
    counted.sendMoney += (calls ?? []).filter((call) => call.function === 'send_money').length;
  }
}

/** Runs made up here, one of them poisoned, and some that others recorded where they are at hand. */
async function writeRuns(): Promise<string> {
  const lines = [dojoRun(1), poisonedRun(), dojoRun(2)].map((run) => JSON.stringify(run));
  if (recorded !== undefined) {
    const read = createInterface({ input: createReadStream(recorded).pipe(createGunzip()) });
    for await (const line of read) {
      lines.push(line);
      if (lines.length >= 43) break;
    }
  }
  for (const line of lines) count(JSON.parse(line));
  const file = path.join(folder, 'runs.jsonl');
  writeFileSync(file, lines.join('\n'));
  return file;
}

test.beforeAll(async ({ installation }) => {
  test.setTimeout(120_000);
  const { kek, urls } = installation;
  gateway = await startGateway({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
  worker = await startWorker(urls.worker, kek, '--roles', 'projections');
  db = createPool(urls.migrator, { applicationName: 'tests' });
  const prisma = createPrisma(urls.console, { applicationName: 'tests', max: 2 });
  const outcome = await replayFiles(
    { db: prisma, sql: db, actor: { kind: 'operator', name: 'ada' } },
    {
      files: [await writeRuns()],
      rate: null,
      speed: null,
      gatewayUrl: gateway.url,
      perReporter: 1_000_000,
      signal: new AbortController().signal,
      say: () => {},
    },
  );
  await prisma.$disconnect();
  expect(outcome).toMatchObject({ broken: [], refused: 0 });
});

test.afterAll(async () => {
  await gateway?.close();
  worker?.child.kill('SIGTERM');
  await worker?.exited;
  await db?.end();
  rmSync(folder, { recursive: true, force: true });
});

const figure = (page: Page, label: string) =>
  page.locator('a.stat', { has: page.getByText(label, { exact: true }) });
const written = (n: number) => n.toLocaleString('en-GB');

test('the overview counts what was replayed as often as the files hold it', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const { agentCalls, inferences, toolCalls } = counted;
  await expect(async () => {
    await page.goto('/overview');
    await expect(figure(page, 'Exchanges').locator('.v')).toHaveText(
      written(agentCalls + inferences + toolCalls),
      { timeout: 1000 },
    );
  }).toPass({ timeout: 20_000 });
  await expect(page.getByText('waiting')).toHaveCount(0);
});

test('the bars have their numbers as a table, whose rows lead to their time', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory?from=24h&kind=tool_call');
  // What is streamed is hidden until it is whole, and cannot have the focus before.
  const summary = page.getByText('View as table', { exact: true });
  await expect(summary).toBeVisible();
  await summary.focus();
  await page.keyboard.press('Enter');
  const table = page.getByRole('table', { name: /Interactions by time/ });
  await expect(table).toBeVisible();
  await expectAccessible(page);
  const counts = await table.getByRole('cell').allTextContents();
  const last = Number(counts.at(-1));
  expect(last).toBeGreaterThan(0);
  await table.getByRole('link').last().click();
  await page.waitForURL(/kind=tool_call.*from=.*to=/);
  await expect(page.getByRole('rowheader')).toHaveCount(Math.min(50, last));
});

test('the session in which an agent sent money after reading a poisoned file is found and read', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  // From what was done: the tool, among those that were called …
  await page.goto('/inventory?from=24h');
  await page.getByLabel('Filter interactions').fill('resource:send_money');
  await page.keyboard.press('Enter');
  await page.waitForURL(/resource=send_money/);
  await expect(page.getByRole('columnheader', { name: 'Time, Tokyo' })).toBeVisible();
  await expect(page.getByRole('rowheader')).toHaveCount(Math.min(50, counted.sendMoney));
  // … and from what was read: words that only the file says.
  await expect(async () => {
    await page.goto('/inventory?from=24h');
    await page.getByLabel('Filter interactions').fill('"overdue since march"');
    await page.getByLabel('Filter interactions').press('Enter');
    await expect(page.getByRole('rowheader').first()).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 20_000 });
  await expectAccessible(page);
  await page.getByRole('rowheader').first().getByRole('link').click();
  const panel = page.getByRole('complementary');
  await panel.getByRole('link', { name: /^[0-9a-f-]{36}$/ }).click();
  await expect(page.getByRole('heading', { name: 'Session of ledger-gpt-4o-test' })).toBeVisible();
  await page.getByRole('button', { name: 'Reader' }).click();
  const reader = page.getByRole('region', { name: 'What was read, said and done' });
  const turns = reader.getByRole('listitem');
  await expect(turns.filter({ hasText: 'Which bills are due?' }).first()).toBeVisible();
  const texts = await turns.allTextContents();
  const read = texts.findIndex((text) => text.includes('overdue since March'));
  const sent = texts.findIndex((text) => text.includes('send_money'));
  expect(texts[read]).toContain('content from outside');
  expect(texts[read]).toContain('read_file');
  expect(texts[sent]).toContain('XX00 4711');
  expect(sent).toBeGreaterThan(read);
  await expectAccessible(page);
});

test('the agent that nobody registered is registered, and acts under its name from then on', async ({
  page,
  installation,
}) => {
  const collector = await registerReporter(db, { name: 'edge-collector', kind: 'service' });
  await db.query(`UPDATE identity SET names = '{}' WHERE id = $1`, [collector.id]);
  let sent = 0;
  const act = async () => {
    sent += 1;
    const span = toolSpan({
      at: 820_000 + sent,
      startedMs: Date.now() - 900,
      attributes: { 'gen_ai.agent.name': 'night-courier' },
    });
    const answer = await postTraces(
      gateway.url,
      collector.key,
      JSON.stringify(exportRequest([span], 'night-courier')),
    );
    expect(answer.status).toBe(200);
  };
  await act();
  await signIn(page, installation);
  await expect(async () => {
    await page.goto('/coverage?view=shadow');
    await expect(page.getByRole('link', { name: 'night-courier' })).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 20_000 });
  await page.getByRole('link', { name: 'night-courier' }).click();
  const panel = page.getByRole('complementary');
  await expect(panel.getByLabel('Name', { exact: true })).toHaveValue('night-courier');
  await panel.getByRole('button', { name: 'Register' }).click();
  await expect(panel.getByText('slp_ik_')).toBeVisible();
  await expectAccessible(page);
  await expect(async () => {
    await act();
    await page.goto('/inventory?identity=night-courier');
    await expect(page.getByRole('rowheader').first()).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 20_000 });
});

test('what is exported is as much as the files hold', async ({ page, installation }) => {
  await signIn(page, installation);
  await page.goto('/inventory?from=24h&kind=tool_call&resource=send_money');
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export interactions' });
  await expect(dialog).toContainText('kind: Tool call');
  const file = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const lines = readFileSync(await (await file).path(), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(counted.sendMoney);
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ kind: 'tool_call', resource: 'send_money' });
  await expect(dialog).toContainText('Exported.');
  await expectAccessible(page);
});
