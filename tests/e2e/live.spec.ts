import type { Page } from '@playwright/test';
import { createPool, type Pool } from '@/lib/db/pool';
import { expect, expectAccessible, hangUp, signIn, test } from '../support/e2e';
import { seedInteractions, seedShard } from '../support/seed-log';

const shard = 71;
let owner: Pool;

test.beforeAll(async ({ installation }) => {
  owner = createPool(installation.urls.migrator, { applicationName: 'tests' });
  await seedShard(owner, shard);
  await arrive(60);
});
test.afterAll(() => owner?.end());

const arrive = (count: number) =>
  seedInteractions(owner, { shard, count, firstAt: new Date(), stepMs: 0, isTimely: true });

const goLive = async (page: Page) => {
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  await expect(page.locator('.live-line [role=status]')).toHaveText('Live');
};

test('live, rows appear at the top; whoever reads stops them, and they wait', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory');
  const rows = page.locator('tr[data-id]');
  await expect(rows).toHaveCount(50);
  const first = () => rows.first().getAttribute('data-id');
  const before = await first();
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  const state = page.locator('.live-line [role=status]');
  await expect(state).toHaveText('Live');
  expect(await first()).toBe(before);
  await arrive(3);
  await expect(rows).toHaveCount(53);
  expect(await first()).not.toBe(before);
  await expectAccessible(page);

  const atTop = await first();
  await rows.first().focus();
  await expect(state).toHaveText('Paused');
  await arrive(4);
  await expect(page.getByText('4 waiting')).toBeVisible();
  await expect(state).toHaveText('Paused');
  expect(await first()).toBe(atTop);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(rows).toHaveCount(57);

  await page.locator('.rows .tbl-wrap').evaluate((table) => table.scrollBy(0, 200));
  await expect(state).toHaveText('Paused');
  await page.getByRole('button', { name: 'End live' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Live', exact: true })).toBeFocused();
  await arrive(2);
  await page.getByRole('button', { name: '2 new interactions' }).click();
  await expect(rows).toHaveCount(50);
});

test('no row moves under the pointer, and those that wait come once it has left', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory');
  const rows = page.locator('tr[data-id]');
  await page.getByRole('button', { name: 'Live', exact: true }).click();
  const state = page.locator('.live-line [role=status]');
  await expect(state).toHaveText('Live');
  const atTop = await rows.first().getAttribute('data-id');
  await rows.nth(2).hover();
  await arrive(3);
  await expect(page.getByText('3 waiting')).toBeVisible();
  expect(await rows.first().getAttribute('data-id')).toBe(atTop);
  await expect(state).toHaveText('Live');
  await page.getByRole('heading', { name: 'Inventory' }).hover();
  await expect(rows).toHaveCount(53);
});

test('what live rows push out of the page is found under Older, and where nothing is live it says why', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory');
  const rows = page.locator('tr[data-id]');
  await goLive(page);
  for (let count = 150; count <= 550; count += 100) {
    await arrive(100);
    await expect(rows).toHaveCount(Math.min(count, 500));
  }
  const ids = () => rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-id')));
  const live = await ids();
  await page.getByRole('link', { name: 'Older' }).click();
  await page.waitForURL(/before=/);
  await expect(rows).toHaveCount(50);
  const older = await ids();
  const positionOf = (id: string | null | undefined) => Number(id?.split('-')[2]);
  expect(positionOf(older[0])).toBe(positionOf(live.at(-1)) - 1);
  await expect(page.getByRole('button', { name: 'Live', exact: true })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await expect(page.getByText('Live is on the newest page.')).toBeVisible();
});

test('what does not fit while somebody reads is told as such, and where it is missing', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory');
  await goLive(page);
  await page.getByRole('button', { name: 'Pause' }).click();
  for (let count = 100; count <= 600; count += 100) {
    await arrive(100);
    await expect(page.getByText(`${Math.min(count, 500)} waiting`)).toBeVisible();
  }
  const told = page.getByText('100 more arrived while you read; load the page again.');
  await expect(told).toBeVisible();
  await expect(page.getByText('Sampled')).toBeHidden();
  await page.getByRole('button', { name: 'Resume' }).click();
  const rows = page.locator('tr[data-id]');
  await expect(rows).toHaveCount(500);
  await expect(page.locator('tr[data-id]:nth-last-child(2) + tr')).toHaveText(
    '100 that arrived while you read are not shown here',
  );
  await page.reload();
  await expect(rows).toHaveCount(50);
  await expect(told).toBeHidden();
});

test('a filter holds live too, and faster than anybody reads is sampled', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory?status=error');
  await goLive(page);
  await arrive(900);
  await expect(page.getByText('Sampled: 200 came too fast to show')).toBeVisible();
  const states = await page.locator('tr[data-id] .state').allTextContents();
  expect(new Set(states)).toEqual(new Set(['Error']));
});

test('whoever is signed out elsewhere sees nothing of what was live within seconds', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory');
  await goLive(page);
  await installation.db.signIn.updateMany({
    where: { endedAt: null },
    data: { endedAt: new Date() },
  });
  await page.waitForURL(/\/sign-in\?to=%2Finventory/, { timeout: 8000 });
  await expect(page.getByRole('table')).toHaveCount(0);
});

test('three at once are one too many for a person, and no other site gets one', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const statuses = await page.evaluate(async () => {
    const left = new AbortController();
    const open = () => fetch('/api/live/tail', { signal: left.signal });
    const found: number[] = [];
    for (let at = 0; at < 3; at += 1) found.push((await open()).status);
    left.abort();
    return found;
  });
  expect(statuses).toEqual([200, 200, 429]);
  const forged = await page.request.get('/api/live/tail', {
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  expect(forged.status()).toBe(403);
  // The two that were left give their seats back.
  await expectSeats(page);
});

// If this failed, four requests that nobody reads would keep a person from live lists for as long as they are signed in.
test('whoever asks for heads, or leaves before an answer, holds no seat', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  for (let round = 0; round < 6; round += 1) {
    const head = await page.request.head('/api/live/tail');
    expect([head.status(), head.headers().allow]).toEqual([405, 'GET']);
  }
  await expectSeats(page);
  for (let afterMs = 0; afterMs < 24; afterMs += 1)
    await hangUp(page, installation, { path: '/api/live/tail', afterMs });
  await expectSeats(page);
});

test('what a page asks by itself does not keep a sign-in from lapsing', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const identity = '00000000-0000-7000-8000-000000000001';
  const seen = async () =>
    await installation.db.signIn.findFirstOrThrow({
      where: { endedAt: null },
      orderBy: { createdAt: 'desc' },
      select: { id: true, lastSeenAt: true },
    });
  const lastSeenAt = new Date(Date.now() - 600_000);
  const { id } = await seen();
  await installation.db.signIn.update({ where: { id }, data: { lastSeenAt } });
  for (const path of [
    'arrivals',
    `arrived?identity=${identity}&after=0`,
    'exports',
    'health',
    'ingest',
  ])
    expect((await page.request.get(`/api/live/${path}`)).status(), path).toBe(200);
  await expectSeats(page);
  expect((await seen()).lastSeenAt).toEqual(lastSeenAt);
  await page.request.get('/api/live/export-preview');
  expect((await seen()).lastSeenAt.getTime()).toBeGreaterThan(lastSeenAt.getTime());
});

/** Both seats of a person are free. */
async function expectSeats(page: Page) {
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const left = new AbortController();
        const open = () => fetch('/api/live/tail', { signal: left.signal });
        const statuses = [(await open()).status, (await open()).status];
        left.abort();
        return statuses;
      }),
    )
    .toEqual([200, 200]);
}
