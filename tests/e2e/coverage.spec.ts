import type { Page } from '@playwright/test';
import { createPool, type Pool } from '@/lib/db/pool';
import { expect, expectAccessible, type Installation, signIn, test } from '../support/e2e';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { exportRequest, genaiChatSpan, toolSpan } from '../support/spans';
import { startWorker, type WorkerProcess } from '../support/worker-process';

test.use({ database: 'coverage' });
test.describe.configure({ mode: 'serial' });

let gateway: TestGateway;
let worker: WorkerProcess;
let db: Pool;
let collector: { id: string; key: string };
let sent = 0;

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
  worker = await startWorker(urls.worker, kek, '--roles', 'projections');
  db = createPool(urls.migrator, { applicationName: 'tests' });
  collector = await registerReporter(db, { name: 'edge-collector', kind: 'service' });
  await db.query(`UPDATE identity SET names = '{}' WHERE id = $1`, [collector.id]);
});

test.afterAll(async () => {
  worker?.child.kill('SIGTERM');
  await worker?.exited;
  await gateway?.close();
  await db?.end();
});

async function send(agent: string, make = genaiChatSpan, key = collector.key): Promise<void> {
  sent += 1;
  const span = make({
    at: 810_000 + sent,
    startedMs: Date.now() - 900,
    attributes: { 'gen_ai.agent.name': agent, 'gen_ai.conversation.id': `conversation ${agent}` },
  });
  const answer = await postTraces(gateway.url, key, JSON.stringify(exportRequest([span], 'edge')));
  expect(answer.status).toBe(200);
}

/** Until what was sent is projected. */
const seen = ({ db: prisma }: Installation, interactions: number) =>
  expect
    .poll(
      async () =>
        Number(
          (await prisma.shadowActor.aggregate({ _sum: { interactions: true } }))._sum
            .interactions ?? 0,
        ),
      {
        timeout: 20_000,
      },
    )
    .toBe(interactions);

/** By what it declares: its reporter stands in the row as well. */
const rowOf = (page: Page, declared: RegExp) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: declared }) });

test('an unregistered agent is seen, registered with what it declares, and attributed from then on', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await send('parcel-tracker');
  await send('parcel-tracker', toolSpan);
  await send('<img src=x onerror=alert(1)>\u202E');
  await send('edge-c\u043Ellector');
  await seen(installation, 4);

  await page.goto('/coverage');
  await expect(page.getByRole('link', { name: 'Coverage 3 waiting' })).toBeVisible();
  await page.getByRole('link', { name: 'Shadow activity 3' }).click();
  await expect(page).toHaveURL(/view=shadow/);
  await expect(rowOf(page, /edge-c.llector/)).toContainText('looks like edge-collector');
  await expect(page.getByRole('row', { name: /img src/ })).toContainText('U+202E');
  await expectAccessible(page);

  const row = page.getByRole('link', { name: 'parcel-tracker' });
  await row.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary');
  await expect(panel).toContainText('2 entries in 1 session');
  await expect(panel.getByLabel('Name', { exact: true })).toHaveValue('parcel-tracker');
  await expect(panel.getByRole('checkbox', { name: 'edge-collector' })).toBeChecked();
  await expect(panel.getByRole('heading', { name: 'parcel-tracker' })).toBeFocused();
  await expectAccessible(page);

  const collects = panel.getByRole('checkbox', { name: 'edge-collector' });
  await panel.getByLabel('Name', { exact: true }).fill('edge-collector');
  await panel.getByLabel('Kind').selectOption('daemon');
  await panel.getByLabel('Further names').fill('parcel-tracker');
  await collects.uncheck();
  await panel.getByRole('button', { name: 'Register' }).click();
  await expect(panel.getByRole('alert')).toContainText('edge-collector has this name already');
  await expect(panel.getByLabel('Name', { exact: true })).toHaveValue('edge-collector');
  await expect(panel.getByLabel('Kind')).toHaveValue('daemon');
  await expect(panel.getByLabel('Further names')).toHaveValue('parcel-tracker');
  await expect(collects).not.toBeChecked();

  const leave = page.getByRole('dialog', { name: 'Leave this panel?' });
  await page.keyboard.press('Escape');
  await expect(leave).toContainText('What you wrote in it is lost');
  await expectAccessible(page);
  await leave.getByRole('button', { name: 'Stay' }).click();
  await panel.getByLabel('Kind').selectOption('agent');
  await panel.getByLabel('Name', { exact: true }).fill('parcels');
  await collects.check();
  await panel.getByRole('button', { name: 'Register' }).click();
  await expect(panel.getByText('slp_ik_')).toBeVisible();
  await row.click();
  await expect(leave).toContainText('shown this once');
  await leave.getByRole('button', { name: 'Stay' }).click();
  await panel.getByRole('link', { name: 'Close, Escape' }).click();
  await expect(leave).toContainText('shown this once');
  await page.keyboard.press('Escape');
  await expect(leave).toBeHidden();
  await expect(panel.getByText('slp_ik_')).toBeVisible();
  await expectAccessible(page);
  for (const answer of ['Stay', 'Stay', 'Leave']) {
    await expect(panel.getByText('slp_ik_')).toBeVisible();
    await page.goBack();
    await expect(leave).toContainText('shown this once');
    await leave.getByRole('button', { name: answer }).click();
  }
  await expect(page).toHaveURL(/view=shadow$/);
  await expect(panel).toBeHidden();

  await expect
    .poll(
      async () => {
        await send('parcel-tracker');
        const { rows } = await db.query(
          `SELECT 1 FROM interaction i JOIN identity d ON d.id = i.identity WHERE d.name = 'parcels'`,
        );
        return rows.length;
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(0);
  await page.goto('/coverage?view=shadow&shadow=registered');
  await expect(rowOf(page, /parcel-tracker/)).toContainText('parcels');
  await page.goto('/coverage');
  await expect
    .poll(
      async () => {
        await page.reload();
        return page.getByRole('row', { name: /parcels/ }).textContent();
      },
      { timeout: 20_000 },
    )
    .toContain('Arrives');
  await page.getByRole('link', { name: 'parcels' }).click();
  await expect(page.getByRole('complementary')).toContainText('Before it was registered');
  await expect(page.getByRole('complementary')).toContainText(/(\d+) of \1 inferences? in 7 days/);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary')).toBeHidden();
});

test('another is ignored with a reason, found under ignored, and put back', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/overview');
  const needs = page.getByRole('table', { name: 'Needs a person' });
  await expect(needs).toContainText('2 unregistered actors act');
  await needs.getByRole('link', { name: 'Decide' }).click();
  await page.waitForURL('**/coverage?view=shadow');
  await page.getByRole('link', { name: /edge-c.llector/ }).click();
  const panel = page.getByRole('complementary');
  await expect(panel).toContainText('Its name looks like edge-collector');
  await panel.getByLabel('Reason').fill('the load test of November');
  await panel.getByRole('button', { name: 'Ignore' }).click();
  await expect(panel).toContainText('for good: the load test of November');
  await page.goBack();
  await expect(page).toHaveURL(/view=shadow$/);
  await expect(panel).toBeHidden();
  await page.goto('/overview');
  await expect(needs).toContainText('1 unregistered actor acts');
  await page.goto('/coverage?view=shadow');
  await page.getByRole('link', { name: 'Ignored' }).click();
  await expect(rowOf(page, /edge-c.llector/)).toContainText('the load test of November');
  await expectAccessible(page);
  await page.getByRole('link', { name: /edge-c.llector/ }).click();
  await panel.getByRole('button', { name: 'Stop ignoring' }).click();
  await expect(panel.getByRole('button', { name: 'Ignore' })).toBeVisible();
  const { rows } = await db.query(
    `SELECT kind FROM control_event WHERE kind IN ('shadow_ignored', 'shadow_unignored') ORDER BY position`,
  );
  expect(rows.map(({ kind }) => kind)).toEqual(['shadow_ignored', 'shadow_unignored']);
});

test('interactions of a fingerprint are found in the inventory, and silence is told with its likely cause', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/coverage?view=shadow');
  await page.getByRole('link', { name: /img src/ }).focus();
  await page.keyboard.press('Enter');
  const heading = page.getByRole('complementary').getByRole('heading').first();
  await expect(heading).toBeFocused();
  await page.keyboard.press('k');
  await expect(heading).toHaveText(/edge-c.llector/);
  await page.keyboard.press('j');
  await expect(heading).toHaveText(/img src/);
  await page.getByRole('complementary').getByRole('link', { name: 'All in the inventory' }).click();
  await expect(page).toHaveURL(/inventory\?fingerprint=[0-9a-f]{32}/);
  await expect(page.getByRole('table', { name: /Interactions/ }).getByRole('row')).toHaveCount(2);

  await page.goto('/coverage?view=silent');
  await expect(page.getByRole('row', { name: /edge-collector/ })).toContainText('never connected');
  await expectAccessible(page);
  for (const search of ['', '?view=silent', '?view=shadow']) {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`/coverage${search}`);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    ).toBeLessThanOrEqual(0);
    const chosen = page.getByRole('navigation', { name: 'Parts' }).locator('[aria-current]');
    await expect(chosen).toBeInViewport({ ratio: 1 });
  }
  await page.goto('/coverage?view=nothing&colour=red');
  await expect(page.getByText('view=nothing is not known')).toBeVisible();
  await expect(page.getByText('which this page does not know')).toBeVisible();
});

test('of several reporters only the one that is looked at is chosen to speak for it, and each has its row', async ({
  page,
  installation,
}) => {
  const west = await registerReporter(db, { name: 'west-collector', kind: 'service' });
  await send('twice-told');
  await send('twice-told');
  await send('twice-told', genaiChatSpan, west.key);
  await signIn(page, installation);
  const rows = rowOf(page, /twice-told/);
  await expect
    .poll(
      async () => {
        await page.goto('/coverage?view=shadow');
        return [
          await rows.count(),
          await page.getByRole('link', { name: 'Coverage 3 waiting', exact: true }).count(),
        ];
      },
      { timeout: 20_000 },
    )
    .toEqual([2, 1]);

  await rows.first().getByRole('link').focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary');
  const chosen = (name: string) => panel.getByRole('checkbox', { name });
  await expect(chosen('west-collector, 1 entry')).toBeChecked();
  await expect(chosen('edge-collector, 2 entries')).not.toBeChecked();
  await expect(panel.getByRole('link', { name: 'of all its reporters' })).toBeVisible();
  await expectAccessible(page);

  const heading = panel.getByRole('heading').first();
  await expect(heading).toBeFocused();
  await page.keyboard.press('j');
  await expect(page).toHaveURL(new RegExp(`reporter=${collector.id}`));
  await expect(chosen('edge-collector')).toBeChecked();
  await expect(chosen('west-collector')).not.toBeChecked();
  await page.keyboard.press('j');
  await expect(heading).not.toHaveText(/twice-told/);
  await page.keyboard.press('k');
  await expect(heading).toHaveText(/twice-told/);
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(rows.nth(1).getByRole('link')).toBeFocused();

  await rows.first().getByRole('link').focus();
  await page.keyboard.press('Enter');
  await expect(heading).toBeFocused();
  await page.keyboard.press('Escape');
  await rows.nth(1).getByRole('link').focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`reporter=${collector.id}`));
  await expect(heading).toBeFocused();
});
