import { createPool, type Pool } from '@/lib/db/pool';
import { activity } from '@/lib/inventory/activity/project';
import { projectBatch } from '@/lib/log/projection';
import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import {
  exportRequest,
  genaiChatSpan,
  openInferenceSpan,
  toolSpan,
  unknownSpan,
} from '../support/spans';

test.use({ database: 'overview' });
test.describe.configure({ mode: 'serial' });

let gateway: TestGateway;
let owner: Pool;
let worker: Pool;
let sent = 0;

test.beforeAll(async ({ installation }) => {
  const { kek, urls } = installation;
  owner = createPool(urls.migrator, { applicationName: 'tests' });
  worker = createPool(urls.worker, { applicationName: 'worker' });
  gateway = await startGateway({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
});

test.afterAll(async () => {
  await gateway?.close();
  await Promise.all([owner?.end(), worker?.end()]);
});

/** What the worker does, at once. */
async function project() {
  const client = await worker.connect();
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM shard WHERE kind = 'telemetry'`,
  );
  for (const { id } of rows) while ((await projectBatch(client, activity, id)) > 0);
  client.release();
}

type Make = (options: { at: number; startedMs: number }) => ReturnType<typeof genaiChatSpan>;

async function send(key: string, make: Make, count: number) {
  const spans = Array.from({ length: count }, () => {
    sent += 1;
    return make({ at: 900_000 + sent, startedMs: Date.now() - 800 });
  });
  const answer = await postTraces(gateway.url, key, JSON.stringify(exportRequest(spans, 'none')));
  expect(answer.status).toBe(200);
}

const figure = (page: import('@playwright/test').Page, label: string) =>
  page.locator('a.stat', { has: page.getByText(label, { exact: true }) });

test('the figures are those of what was sent, and each leads to as many entries', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const names = ['invoice-agent', 'room-agent'];
  const [invoices, rooms] = await Promise.all(
    names.map((name) => registerReporter(owner, { name: `${name}-${Date.now()}` })),
  );
  const { rows: before } = await owner.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM interaction WHERE kind NOT IN ('step', 'event')`,
  );
  const chat: Make = (options) =>
    genaiChatSpan({ ...options, attributes: { 'gen_ai.agent.name': '' } });
  await send(invoices?.key ?? '', chat, 7);
  await send(
    invoices?.key ?? '',
    (options) => toolSpan({ ...options, attributes: { 'gen_ai.agent.name': '' } }),
    5,
  );
  await send(rooms?.key ?? '', openInferenceSpan, 3);
  await send(rooms?.key ?? '', unknownSpan, 2);
  await project();

  await page.goto('/overview');
  const total = (before[0]?.n ?? 0) + 17;
  await expect(figure(page, 'Exchanges').locator('.v')).toHaveText(total.toLocaleString('en-GB'));
  const actors = page.getByRole('region', { name: /Most active identities/ });
  const { rows: told } = await owner.query<{ name: string; n: number; errors: number }>(
    `SELECT d.name, count(*)::int AS n, (count(*) FILTER (WHERE status = 'error'))::int AS errors
     FROM interaction i JOIN identity d ON d.id = i.identity WHERE i.kind NOT IN ('step', 'event') AND d.id = ANY ($1::uuid[]) GROUP BY 1`,
    [[invoices?.id, rooms?.id]],
  );
  for (const { name, n, errors } of told) {
    const row = actors.getByRole('row', { name: new RegExp(name) });
    await expect(row.getByRole('cell').nth(0)).toHaveText(String(n));
    await expect(row.getByRole('cell').nth(3)).toHaveText(String(errors));
  }

  const model = page.getByRole('link', { name: 'claude-sonnet-4-5' });
  await expect(page.getByRole('row', { name: /claude-sonnet-4-5/ })).toContainText('3');
  await model.click();
  await page.waitForURL(/\/inventory\?.*model=claude-sonnet-4-5/);
  await expect(page.getByRole('rowheader')).toHaveCount(3);

  await page.goto('/overview');
  await figure(page, 'Errors').click();
  await page.waitForURL(/\/inventory\?kind=exchange&status=error/);
  await expect(page.locator('.term')).toHaveCount(3);
  const { rows: errors } = await owner.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM interaction WHERE status = 'error' AND kind NOT IN ('step', 'event')`,
  );
  await expect(page.getByRole('rowheader')).toHaveCount(Math.min(50, errors[0]?.n ?? 0));
});

test('cost is the sum of what is known and says of how much it is', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const { rows } = await owner.query<{ cost: number; known: number; all: number }>(
    `SELECT sum(cost) AS cost, count(cost)::int AS known, count(*)::int AS all
     FROM interaction WHERE kind IN ('inference', 'embedding')`,
  );
  await page.goto('/overview');
  expect(rows[0]?.known).toBeGreaterThan(0);
  expect(rows[0]?.all).toBeGreaterThan(rows[0]?.known ?? 0);
  const cost = figure(page, 'Cost of models');
  const words = (rows[0]?.cost ?? 0).toLocaleString('en-GB', { maximumSignificantDigits: 2 });
  await expect(cost.locator('.v')).toContainText(words);
  await expect(cost.locator('.d')).toContainText(/known of \d+(\.\d)? %/);
});

test('each chart has its numbers as a table, whose rows lead to their entries', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await expect(page.locator('.recharts-bar-rectangle path').first()).toBeVisible();
  const chart = page.getByRole('region', { name: 'Exchanges', exact: true });
  await expect(chart.getByRole('img', { name: /Exchanges, per hour/ })).toBeVisible();
  await chart.getByRole('button', { name: 'View as table' }).click();
  const rows = chart.getByRole('row');
  await expect(rows).toHaveCount(25);
  // The newest hour may have begun a moment ago, after all that was sent.
  const last = rows.filter({ has: page.getByRole('cell', { name: /[1-9]/ }) }).last();
  const counts = (await last.getByRole('cell').allTextContents()).map(Number);
  await last.getByRole('link').click();
  await page.waitForURL(/\/inventory\?.*from=.*to=/);
  const shown = counts.reduce((sum, count) => sum + count, 0);
  await expect(page.getByRole('rowheader')).toHaveCount(Math.min(50, shown));
  expect(shown).toBeGreaterThan(0);
});

test('a period is a preset or two times, and a wrong one gets a sentence', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.getByText('Last 24 hours', { exact: true }).first().click();
  await page.getByRole('link', { name: /Last 30 days/ }).click();
  await page.waitForURL(/from=30d/);
  const menu = page.locator('.range-menu');
  await menu.locator('summary').click();
  await page.keyboard.press('Escape');
  await expect(menu).not.toHaveAttribute('open');
  await expect(menu.locator('summary')).toBeFocused();
  await menu.locator('summary').click();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(menu).not.toHaveAttribute('open');
  await expect(page.getByText('Compared with the previous 30 d')).toBeVisible();
  await expect(page.getByText('per day, by kind')).toBeVisible();

  await page.goto('/overview?from=2026-01-01T00:10&to=2026-01-01T05:50');
  await expect(figure(page, 'Exchanges').locator('.v')).toHaveText('0');
  await expect(page.getByText('Nobody acted in this period.')).toBeVisible();
  await expect(page.getByText('2026-01-01 00:00 to 06:00 UTC')).toBeVisible();

  await page.goto('/overview?from=whenever');
  await expect(page.getByText('The period is not understood.')).toBeVisible();
});

test('the page is accessible in both themes and works at 390', async ({ page, installation }) => {
  await signIn(page, installation);
  await expectAccessible(page);
  for (const name of ['Exchanges', 'Tokens', 'Errors'])
    await page
      .getByRole('region', { name, exact: true })
      .getByRole('button', { name: 'View as table' })
      .click();
  await expectAccessible(page);
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto('/overview');
    await page.locator('.range-menu summary').click();
    const box = await page.locator('.range-menu .popover').boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? width)).toBeLessThanOrEqual(width);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    ).toBeLessThanOrEqual(0);
  }
  await expectAccessible(page);
});

test('what cannot be read says so under its own heading, and the rest stands', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await owner.query('REVOKE SELECT ON rollup_hour FROM sallyport_console');
  try {
    await page.goto('/overview');
    for (const name of ['Models', 'Resources', 'Identities'])
      await expect(page.getByRole('region', { name, exact: true })).toContainText(
        `${name} could not be read.`,
      );
    for (const name of ['Exchanges', 'Tokens', 'Errors'])
      await expect(page.getByText(`${name} over time could not be read.`)).toBeVisible();
    await expect(page.getByRole('region', { name: 'Needs a person' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Is the instrument healthy' })).toBeVisible();
    await expectAccessible(page);
  } finally {
    await owner.query('GRANT SELECT ON rollup_hour TO sallyport_console');
  }
});
