import { createPool } from '@/lib/db/pool';
import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { exportRequest, genaiChatSpan } from '../support/spans';
import { startWorker, type WorkerProcess } from '../support/worker-process';

test.use({ database: 'search' });
test.describe.configure({ mode: 'serial' });

let gateway: TestGateway;
let worker: WorkerProcess;
let key: string;

test.beforeAll(async ({ installation }) => {
  const { kek, urls } = installation;
  gateway = await startGateway({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
  worker = await startWorker(urls.worker, kek);
  const owner = createPool(urls.migrator, { applicationName: 'tests', max: 1 });
  key = (await registerReporter(owner, { name: 'florist-agent' })).key;
  await owner.end();
});

test.afterAll(async () => {
  worker?.child.kill('SIGTERM');
  await worker?.exited;
  await gateway?.close();
});

let sent = 900_000;
async function say(content: string): Promise<void> {
  sent += 1;
  const span = genaiChatSpan({
    at: sent,
    startedMs: Date.now() - 900,
    attributes: {
      'gen_ai.input.messages': JSON.stringify([
        { role: 'user', parts: [{ type: 'text', content }] },
      ]),
    },
  });
  const answer = await postTraces(gateway.url, key, JSON.stringify(exportRequest([span])));
  expect(answer.status).toBe(200);
}

test('what an agent said is found from the query bar within five seconds', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await say('water the poppies');
  await say('order "two seats" for the marigold show');
  const saidMs = Date.now();
  const query = page.getByLabel('Filter interactions');
  await expect(async () => {
    await page.goto('/inventory');
    await query.fill('kind:inference marigold "two seats"');
    await query.press('Enter');
    await page.waitForURL(/kind=inference&text=marigold&text=two\+seats/);
    await expect(page.getByRole('rowheader')).toHaveCount(1, { timeout: 500 });
  }).toPass({ timeout: 10_000, intervals: [100] });
  expect(Date.now() - saidMs).toBeLessThan(5_000);
  await expect(page.getByText('This search is on record')).toBeVisible();
  await expect(page.getByText('“two seats”')).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('rowheader').first().click();
  await expect(page.getByRole('complementary')).toContainText('marigold show');
  await page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
  await page.getByRole('link', { name: /^Remove kind / }).click();
  await page.waitForURL((url) => !url.search.includes('kind'));
  await expect(page.getByRole('rowheader')).toHaveCount(1);
});

test('hostile words are words, and a search that cannot be is a sentence', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const query = page.getByLabel('Filter interactions');
  page.on('dialog', () => expect(false, 'a script of the address ran').toBe(true));
  await page.goto('/inventory');
  await query.fill(`<script>alert(1)</script> "'; DROP TABLE person; --" \u202Egpj`);
  await query.press('Enter');
  await page.waitForURL(/text=/);
  await expect(page.getByText('No interactions match')).toBeVisible();
  expect(await page.getByRole('main').textContent()).not.toContain('\u202E');
  await expectAccessible(page);
  await page.goto('/inventory?text=-marigold');
  await expect(page.getByText('needs a word to find')).toBeVisible();
  await page.goto('/inventory');
  await query.fill('"marigold');
  await query.press('Enter');
  await expect(page.getByText('quotation mark is missing')).toBeVisible();
  await expect(query).toHaveValue('"marigold');
  await expectAccessible(page);
});

test('what is erased is found no more', async ({ page, installation }) => {
  await signIn(page, installation);
  await page.goto('/inventory?text=marigold');
  await page.getByRole('rowheader').first().click();
  const panel = page.getByRole('complementary');
  await panel.getByRole('button', { name: 'Erase' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase this interaction?' });
  await dialog.getByLabel('Reason').fill('Asked for by the customer');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await expect(panel).toContainText('Asked for by the customer');
  await page.goto('/inventory?text=marigold');
  await expect(page.getByText('No interactions match')).toBeVisible();
  await page.goto('/inventory?text=poppies');
  await expect(page.getByRole('rowheader')).toHaveCount(1);
});

test('the query bar with terms works at 390', async ({ page, installation }) => {
  await signIn(page, installation);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/inventory?text=poppies&text=water+the&kind=inference');
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await expectAccessible(page);
});
