import { readFileSync } from 'node:fs';
import { createConnection } from '@/lib/db/pool';
import { seedControl } from '../support/audit';
import { expect, expectAccessible, type Installation, test } from '../support/e2e';
import { parseCsv } from '../support/parse-csv';
import { signInAs } from '../support/sign-in-as';

test.use({ database: 'audit' });

const agent = '01930000-0000-7000-8000-00000000a6e7';
const ada = '01930000-0000-7000-8000-0000000000ad';
const who = { by: `person:${ada}`, address: '192.0.2.7', sign_in: 's' };
let seeded: Promise<void> | undefined;

/** An hour ago: Ada registers, changes a price, reads five interactions within a minute, and is told of by a stranger. */
async function seed({ urls }: Installation): Promise<void> {
  const owner = createConnection(urls.migrator, { applicationName: 'tests' });
  await owner.connect();
  await owner.query(
    `INSERT INTO person (id, email, name, roles, created_at)
     VALUES ($1, 'ada.reads@example.org', 'Ada Lovelace', '{analyst}', now())`,
    [ada],
  );
  await owner.query(
    `INSERT INTO identity (id, kind, name, names, state, reports_for_all, created_at)
     VALUES ($1, 'agent', 'billing-agent', '{}', 'active', false, now())`,
    [agent],
  );
  const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000);
  const at = (seconds: number) => new Date(minute.getTime() + seconds * 1000);
  const price = { input_per_million: 2, output_per_million: 8 };
  await seedControl(owner, [
    { at: at(-300), kind: 'days_expired', facts: { facts_before: '2025-11-30', partitions: [] } },
    {
      at: at(-240),
      kind: 'identity_created',
      facts: { by: 'operator:root', identity: agent, kind: 'agent', name: 'billing-agent' },
    },
    {
      at: at(-180),
      kind: 'price_set',
      facts: {
        ...who,
        model: 'gpt-4.1',
        before: price,
        after: { ...price, output_per_million: 9 },
      },
    },
    {
      at: at(-120),
      kind: 'credential_revoked',
      facts: { ...who, identity: agent, credential: ada, reason: 'leaked in a \u202Echat' },
    },
    ...[0, 1, 2, 3, 4].map((n) => ({
      at: at(n),
      kind: 'content_opened',
      facts: { ...who, subject: `m3x${n}-1-1` },
    })),
    { at: at(60), kind: 'sign_in_refused', facts: { person: ada, address: '203.0.113.9' } },
  ]);
  await owner.end();
}

test.beforeEach(async ({ page, installation }) => {
  seeded ??= seed(installation);
  await seeded;
  await signInAs(page, installation, { roles: ['analyst'], name: 'Grace' });
});

test('an analyst sees who did what, filters it and walks it with the panel open', async ({
  page,
}) => {
  await page.goto('/overview');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' }).click();
  const rows = page.getByRole('table', { name: 'Audit, newest first' }).getByRole('row');
  const row = (text: string) => rows.filter({ hasText: text });
  await expect(row('Read the content of 5 interactions')).toContainText('Ada Lovelace');
  await expect(row('Read the content of 5 interactions')).toContainText('192.0.2.7');
  await expect(row('Registered an identity')).toContainText('root');
  await expect(row('Let days expire')).toContainText('Sallyport');
  await expect(row('Sign-in refused')).toContainText('Nobody signed in');
  await expect(
    row('Registered an identity').getByRole('link', { name: 'billing-agent' }),
  ).toHaveAttribute('href', `/identities/${agent}`);
  await expectAccessible(page);

  await page.getByRole('combobox', { name: 'Who' }).selectOption(`person:${ada}`);
  await page.getByRole('combobox', { name: 'What', exact: true }).selectOption('settings');
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page).toHaveURL(/who=person%3A.*what=settings/);
  await expect(rows).toHaveCount(2);

  await row('Set the price').getByRole('link', { name: 'Set the price of a model' }).click();
  const panel = page.getByRole('complementary', { name: 'Set the price of a model' });
  const change = panel.getByRole('table', { name: 'What was changed, before and after' });
  await expect(change.getByRole('row', { name: /Output per million/ })).toContainText(
    /changed.*8.*9/s,
  );
  await expect(change.getByRole('row', { name: /Input per million/ })).not.toContainText('changed');
  await expect(panel).toContainText('The leaf is that of these facts.');
  await panel.getByText('Raw JSON').click();
  await expect(panel.getByRole('region', { name: 'Facts as JSON' })).toContainText('"after":{');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(page.getByRole('link', { name: 'Set the price of a model' })).toBeFocused();

  await page.getByRole('link', { name: 'Clear filters' }).click();
  await row('Revoked a credential').getByRole('link', { name: 'Revoked a credential' }).click();
  const revoked = page.getByRole('complementary', { name: 'Revoked a credential' });
  await expect(revoked.getByRole('region', { name: 'Reason' })).toContainText('leaked in a');
  // What would turn the text around is named instead.
  await expect(revoked.locator('.named-char').first()).toBeVisible();
  await page.keyboard.press('j');
  const next = page.getByRole('complementary', { name: 'Set the price of a model' });
  await expect(next).toBeVisible();
  await next.getByRole('link', { name: 'All that they did' }).click();
  await expect(page).toHaveURL(/who=person%3A[^&]*&from=all$/);
  await expect(page.getByRole('complementary')).toHaveCount(0);
});

test('a minute of reading is one row, whose panel lists what was read', async ({ page }) => {
  await page.goto(`/audit?who=person:${ada}&what=content_read`);
  await page.getByRole('link', { name: 'Read the content of 5 interactions' }).click();
  const reads = page.getByRole('region', { name: 'Read within this minute' });
  await expect(reads.getByRole('listitem')).toHaveCount(5);
  await expect(reads.getByRole('link', { name: 'Entry m3x0-1-1' })).toHaveAttribute(
    'href',
    '/inventory?interaction=m3x0-1-1',
  );
  // Each of them has its own panel, and the row that stands for all of them stays chosen.
  await reads.getByRole('listitem').last().getByRole('link').first().click();
  await expect(page.getByRole('complementary')).toContainText('m3x0-1-1');
  await expect(page.getByRole('row', { name: /5 interactions/ })).toHaveAttribute(
    'aria-selected',
    'true',
  );
});

test('what is filtered leaves as a file, and that it did is in the audit', async ({ page }) => {
  await page.goto('/audit?what=content_read');
  await page.getByText('Export', { exact: true }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^sallyport-audit-\d{8}T\d{6}Z\.csv$/);
  const [head = [], ...lines] = parseCsv(readFileSync(await download.path(), 'utf8'));
  expect(lines).toHaveLength(5);
  expect(lines[0]?.[head.indexOf('name')]).toBe('Ada Lovelace');
  await page.goto('/audit?what=audit_exported');
  await page.getByRole('link', { name: 'Exported the audit as csv' }).first().click();
  const panel = page.getByRole('complementary', { name: 'Exported the audit as csv' });
  await expect(panel).toContainText('content_read');
  await expect(panel).toContainText('Grace');
});

test('a filter with a slip is said to be one, and is not exported', async ({ page }) => {
  await page.goto('/audit?what=everything&subject=x');
  await expect(page.getByText('what=everything is not known.')).toBeVisible();
  const { status, title } = await page.evaluate(async () => {
    const response = await fetch('/api/audit?format=csv&what=everything');
    return { status: response.status, title: (await response.json()).title };
  });
  expect([status, title]).toEqual([400, expect.stringContaining('what=everything is not known.')]);
});

test('a viewer is told whom to ask, and gets neither page nor file', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, { roles: ['viewer'] });
  await page.goto('/audit');
  await expect(
    page.getByText('Only an analyst, an approver or an administrator may read who did what'),
  ).toBeVisible();
  await expect(page.getByRole('table')).toHaveCount(0);
  await expectAccessible(page);
  const status = await page.evaluate(
    async () => (await fetch('/api/audit?format=ndjson&from=all')).status,
  );
  expect(status).toBe(403);
});

test('an administrator of some teams is told why there is nothing', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, { roles: ['admin'], reach: 'teams' });
  await page.goto('/audit');
  await expect(page.getByText('you are shown what your teams do')).toBeVisible();
  await expect(page.getByRole('table')).toHaveCount(0);
  await expectAccessible(page);
  const status = await page.evaluate(
    async () => (await fetch('/api/audit?format=ndjson&from=all')).status,
  );
  expect(status).toBe(403);
});
