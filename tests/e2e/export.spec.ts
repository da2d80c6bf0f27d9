import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mintScope } from '@/lib/auth/scope';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool } from '@/lib/db/pool';
import { requestExport, runningMax } from '@/lib/inventory/export/mutations';
import { expect, expectAccessible, hangUp, signIn, test } from '../support/e2e';
import { actorOf, personOf } from '../support/people';
import { seedInteractions, seedShard } from '../support/seed-log';

const shard = 70;
const count = 1230;

test.beforeAll(async ({ installation }) => {
  const owner = createPool(installation.urls.migrator, { applicationName: 'tests' });
  await seedShard(owner, shard);
  const firstAt = new Date(Date.now() - 120_000);
  await seedInteractions(owner, { shard, count, firstAt, isTimely: true });
  await owner.end();
});

test('what is filtered is exported, and the file has as many lines as the page counts', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory?kind=embedding&status=error');
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export interactions' });
  const counted = dialog.getByText(/[\d,]+\+? interactions/);
  await expect(counted).toBeVisible();
  await expect(dialog).toContainText('kind: Embedding');
  const expected = Number((await counted.textContent())?.replace(/\D/g, ''));
  expect(expected).toBeGreaterThan(50);
  await expectAccessible(page);

  const file = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const download = await file;
  expect(download.suggestedFilename()).toMatch(/^sallyport-\d{8}T\d{6}Z\.ndjson$/);
  const lines = readFileSync(await download.path(), 'utf8')
    .split('\n')
    .slice(0, -1);
  expect(lines).toHaveLength(expected);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'embedding', status: 'error' });
  await expect(dialog.getByText('Exported. The file is among your downloads.')).toBeVisible();
  await expect(dialog).toContainText(`${expected} of ${expected} rows`);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Close' }).click();

  await page.getByRole('button', { name: 'Export' }).click();
  await dialog.getByLabel('Format').selectOption('csv');
  await dialog.getByLabel(/With content/).check();
  const second = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const csv = readFileSync(await (await second).path(), 'utf8');
  expect(csv.split('\r\n')).toHaveLength(expected + 2);
  await expect(dialog.getByText('Exported.')).toBeVisible();
});

test('an export is for the pages of this console, and for who asked for it', async ({
  page,
  installation,
  playwright,
}) => {
  const id = '00000000-0000-7000-8000-000000000001';
  const stranger = await playwright.request.newContext({ baseURL: installation.url });
  expect((await stranger.get(`/api/exports/${id}`)).status()).toBe(401);
  await stranger.dispose();
  await signIn(page, installation);
  const forged = await page.request.get(`/api/exports/${id}`, {
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  expect(forged.status()).toBe(403);
  expect((await page.request.get(`/api/exports/${id}`)).status()).toBe(404);
});

// If this failed, a filter with a slip would export more than was meant.
test('a view with a slip in its filter is not exported', async ({ page, installation }) => {
  await signIn(page, installation);
  await page.goto('/inventory?kind=embeding');
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export interactions' });
  await expect(dialog.getByRole('alert')).toContainText('embeding is not a kind');
  await expect(dialog.getByText('Counting')).toBeHidden();
  await expect(dialog.getByRole('button', { name: 'Export', exact: true })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await expectAccessible(page);
});

test('an export that runs is found again, and can be stopped, after the page was left', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const id = randomUUID();
  const { id: personId } = await installation.db.person.findFirstOrThrow({ select: { id: true } });
  const now = new Date();
  await installation.db.exportJob.create({
    data: {
      id,
      personId,
      search: '',
      format: 'csv',
      withContent: false,
      state: 'queued',
      rowsEstimated: 40,
      createdAt: now,
      movedAt: now,
    },
  });
  // A head takes no ticket.
  expect((await page.request.head(`/api/exports/${id}`)).status()).toBe(405);
  await page.goto('/inventory');
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog', { name: 'Export interactions' });
  const others = dialog.getByRole('region', { name: 'Your other exports' });
  await expect(others).toContainText('0 of 40 rows');
  await expect(others).toContainText('Waiting for the browser');
  await expectAccessible(page);
  await page.route('**/inventory', (route) => route.abort());
  await others.getByRole('button', { name: 'Stop' }).press('Enter');
  await expect(others.getByRole('alert')).toContainText('did not answer');
  await page.unroute('**/inventory');
  await others.getByRole('button', { name: 'Stop' }).press('Enter');
  await expect(others).toBeHidden();
  await expect(dialog.locator('#export-title')).toBeFocused();
  const job = await installation.db.exportJob.findUniqueOrThrow({ where: { id } });
  expect(job.state).toBe('cancelled');

  await page.route('**/inventory', (route) => route.abort());
  await dialog.getByRole('button', { name: 'Export', exact: true }).press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('did not answer');
  await page.unroute('**/inventory');
  const file = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export', exact: true }).press('Enter');
  await file;
  await expect(dialog.getByText('Exported.')).toBeVisible();
  await expect(dialog.locator('#export-title')).toBeFocused();
});

test('a download whose client left before it began is settled, and holds no place', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const { db, urls, kek } = installation;
  const { id: personId, name, email } = await db.person.findFirstOrThrow();
  const person = personOf({ id: personId, name, email });
  const owner = createPool(urls.migrator, { applicationName: 'tests' });
  // More than is read ahead: what fits would be done before anybody notices that the client left.
  await seedShard(owner, shard);
  await seedInteractions(owner, {
    shard,
    count: 5000,
    firstAt: new Date(),
    stepMs: 0,
    isTimely: true,
  });
  const ids: string[] = [];
  for (let afterMs = 1; afterMs < 40; afterMs += 3) {
    const id = randomUUID();
    const now = new Date();
    const ticket = { format: 'csv', withContent: false, state: 'queued', search: '' };
    await db.exportJob.create({
      data: { ...ticket, id, personId, createdAt: now, movedAt: now },
    });
    await hangUp(page, installation, { path: `/api/exports/${id}`, afterMs });
    ids.push(id);
  }
  const lastAt = Date.now();
  const where = { id: { in: ids } };
  const states = async () =>
    (await db.exportJob.findMany({ where, orderBy: { createdAt: 'asc' } })).map(
      ({ state, finishedAt }) => (finishedAt === null ? state : `${state}, settled`),
    );
  // One whose request never came to be answered stays as it was, which takes a while to be told.
  await expect
    .poll(
      async () => {
        const open = (await states()).filter((state) => !state.endsWith('settled'));
        return open.every((state) => state === 'queued' && Date.now() - lastAt > 3000) ? [] : open;
      },
      { timeout: 15_000 },
    )
    .toEqual([]);
  const settled = (await states()).filter((state) => state.endsWith('settled'));
  expect(settled.length).toBeGreaterThanOrEqual(runningMax);
  await db.exportJob.deleteMany({ where: { ...where, state: 'queued' } });

  const ctx = {
    actor: actorOf(person),
    scope: mintScope(person),
    now: new Date(),
    db,
    pool: owner,
    kek: keyEncryptionKeyOf(Buffer.from(kek, 'base64')),
  };
  const asked = { search: '', format: 'csv', withContent: false } as const;
  for (let place = 0; place < runningMax; place += 1)
    ids.push((await requestExport(ctx, asked)).id);
  await owner.end();
  await db.exportJob.deleteMany({ where: { id: { in: ids } } });
});

test('the dialog works at 390 and by keyboard', async ({ page, installation }) => {
  await signIn(page, installation);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/inventory');
  await page.getByRole('button', { name: 'Export' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Export interactions' });
  await expect(dialog.getByText(/interactions/).first()).toBeVisible();
  await expectAccessible(page);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Export' })).toBeFocused();
});
