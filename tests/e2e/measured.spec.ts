import { createPool, type Pool } from '@/lib/db/pool';
import { seedCalls } from '../support/calls';
import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { registerReporter } from '../support/gateway';
import { appendMeasured } from '../support/measurements';
import { seedShard } from '../support/seed-log';
import { startWorker, type WorkerProcess } from '../support/worker-process';

test.use({ database: 'measured' });
test.describe.configure({ mode: 'serial' });

const shard = 10;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** The whole hour before the last. */
const from = new Date(Math.floor(Date.now() / hourMs) * hourMs - 2 * hourMs);

let db: Pool;
let worker: WorkerProcess;
const ids: Record<string, string> = {};

/** So many calls of 100 tokens each in the hour, and deltas of tokens measured before, in and after it. */
async function tell(
  name: string,
  calls: number,
  tokens: number,
  types: readonly string[] = ['input'],
): Promise<void> {
  const { id } = await registerReporter(db, { name });
  ids[name] = id;
  const receivedAt = new Date();
  await seedCalls(
    db,
    shard,
    Array.from({ length: calls }, (_, n) => ({
      receivedAt,
      identity: id,
      startedNs: BigInt(from.getTime() + n * 1_000) * 1_000_000n,
      endedNs: BigInt(from.getTime() + n * 1_000 + 500) * 1_000_000n,
      inputTokens: 100,
      trace: `${n + 1}`.padStart(32, id.slice(0, 4)),
      span: `${n + 1}`.padStart(16, id.slice(0, 4)),
    })),
  );
  const ns = (minutes: number) => BigInt(from.getTime() + minutes * minuteMs) * 1_000_000n;
  await appendMeasured(
    db,
    shard,
    types.flatMap((tokenType, n) =>
      [
        { at: -5, value: 10 },
        { at: 30, value: tokens / 2 },
        { at: 60, value: tokens / 2 },
        { at: 61, value: 0 },
      ].map(({ at, value }) => ({
        receivedAt: new Date(),
        identity: id,
        temporality: 'delta',
        series: `${n}e`.repeat(16),
        tokenType,
        startedNs: ns(at - 1),
        endedNs: ns(at),
        value,
      })),
    ),
  );
}

test.beforeAll(async ({ installation }) => {
  db = createPool(installation.urls.migrator, { applicationName: 'tests' });
  worker = await startWorker(installation.urls.worker, installation.kek, '--roles', 'projections');
});
test.afterAll(async () => {
  worker?.child.kill('SIGTERM');
  await worker?.exited;
  await db?.end();
});

/** Until that many measure themselves, and that many entries are counted: from then on the rows keep their order. */
const projected = (measuring: number, entries: number) =>
  expect
    .poll(
      async () =>
        (
          await db.query(
            `SELECT (SELECT count(DISTINCT identity)::int FROM measured_hour) AS measuring,
               (SELECT coalesce(sum(interactions), 0)::int FROM rollup_hour) AS entries`,
          )
        ).rows[0],
      { timeout: 20_000 },
    )
    .toEqual({ measuring, entries });

test('until somebody measures, the page says what measuring is for', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await registerReporter(db, { name: 'quiet-agent' });
  await page.goto('/coverage');
  await page.getByRole('link', { name: 'Measured and counted' }).click();
  await expect(page).toHaveURL(/view=measured/);
  await expect(page.getByText('No identity measured its own usage')).toBeVisible();
  await expectAccessible(page);
});

test('what was measured stands beside what was counted, the largest difference first, with its meaning', async ({
  page,
  installation,
}) => {
  await seedShard(db, shard);
  await tell('returns-agent', 5, 500);
  await tell('pricing-agent', 5, 1_000);
  await tell('night-batch', 8, 200);
  await tell('dark-agent', 0, 400);
  await tell('<img src=x onerror=alert(1)>\u202E', 1, 100);
  await signIn(page, installation);
  await projected(5, 19);

  await page.goto('/coverage?view=measured');
  const rows = page.getByRole('table', { name: /measured/ }).getByRole('row');
  await expect(rows).toHaveCount(6);
  await expect(rows.nth(1)).toContainText('dark-agent');
  await expect(rows.nth(1)).toContainText('None counted');
  const row = (name: string) => page.getByRole('row', { name });
  await expect(row('night-batch')).toContainText('-75 %');
  await expect(row('night-batch')).toContainText('More counted');
  await expect(row('pricing-agent')).toContainText('+100 %');
  await expect(row('pricing-agent')).toContainText('More measured');
  await expect(row('returns-agent')).toContainText('Alike');
  await expect(row('img src')).toContainText('U+202E');
  await expectAccessible(page);

  // By keyboard to one of them, and back.
  await page.getByRole('link', { name: 'pricing-agent' }).focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary');
  await expect(panel.getByRole('heading', { name: 'Measured and counted' })).toBeVisible();
  await expect(panel).toContainText('1,000 measured, 500 counted, +100 %');
  await expect(panel).toContainText('no entry arrived');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(page.getByRole('link', { name: 'pricing-agent' })).toBeFocused();

  // A figure leads to the entries it is counted from.
  await row('pricing-agent').getByRole('link', { name: '500' }).click();
  await expect(page).toHaveURL(new RegExp(`inventory\\?.*identity=${ids['pricing-agent']}`));
  await expect(page.getByRole('table', { name: /Interactions/ }).getByRole('row')).toHaveCount(6);

  await page.setViewportSize({ width: 390, height: 844 });
  for (const search of ['', `&identity=${ids['pricing-agent']}`]) {
    await page.goto(`/coverage?view=measured${search}`);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    ).toBeLessThanOrEqual(0);
    await expectAccessible(page);
  }
});

test('an identity of several figures is passed in one step by J and K, and Escape leads back to the row it was opened from', async ({
  page,
  installation,
}) => {
  await tell('twofold-agent', 5, 600, ['input', 'output']);
  await signIn(page, installation);
  await projected(6, 24);
  await page.goto('/coverage?view=measured');
  const own = page
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: 'twofold-agent' }) });
  await expect(own).toHaveCount(2);
  const rows = page.locator('tr[data-id]');
  const names = (await rows.getByRole('rowheader').allTextContents()).map((name) => name.trim());
  const name = (at: number) => names[at] ?? '';
  const last = names.lastIndexOf('twofold-agent');
  expect(new Set(await rows.evaluateAll((all) => all.map((row) => row.dataset.id))).size).toBe(7);
  const link = rows.nth(last).getByRole('link').first();
  const heading = page.getByRole('complementary').getByRole('heading').first();

  await link.focus();
  await page.keyboard.press('Enter');
  await expect(heading).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(link).toBeFocused();

  const others = (step: 1 | -1) => {
    let at = last;
    while (names[at] === 'twofold-agent') at += step;
    return name(at);
  };
  const ways = [
    { key: 'j', to: others(1) },
    { key: 'k', to: others(-1) },
  ].filter(({ to }) => to !== '');
  expect(ways.length).toBeGreaterThan(0);
  for (const { key, to } of ways) {
    await link.focus();
    await page.keyboard.press('Enter');
    await expect(heading).toHaveText('twofold-agent');
    await expect(heading).toBeFocused();
    await page.keyboard.press(key);
    await expect(heading).toHaveText(to);
    await page.keyboard.press('Escape');
    await expect(heading).toBeHidden();
  }
});
