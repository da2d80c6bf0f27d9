import { expect, expectAccessible, signIn, test } from '../support/e2e';

test.use({ database: 'identities_import' });

const file = [
  'kind,name,owner,tags,purpose',
  'agent,returns-bot,ada@example.org,eu;shop,Handles returns',
  'robot,odd-one,,,',
  'daemon,nightly-sync,nobody@example.org,,',
  'service,relay,,,Passes on what others say',
].join('\n');

test('many are imported: seen line by line first, then done, and what is wrong is left out', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/identities');
  await page.getByRole('link', { name: 'Import' }).click();
  await page.getByLabel('File of identities').setInputFiles({
    name: 'identities.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(file),
  });
  await expect(page.getByLabel('Or paste its text')).toHaveValue(file);
  await page.getByRole('button', { name: 'Check' }).click();
  const lines = page.getByRole('table', { name: 'Lines of the file' });
  await expect(lines.getByRole('row', { name: /odd-one/ })).toContainText('A kind is one of');
  await expect(lines.getByRole('row', { name: /nightly-sync/ })).toContainText(
    'There is no person nobody@example.org',
  );
  await expect(page.getByText('2 identities to register')).toBeVisible();
  await expectAccessible(page);
  expect(await installation.db.identity.count()).toBe(0);
  await page.getByLabel('Reason').fill('As the shop asked');
  await page.getByRole('button', { name: 'Import 2 identities' }).click();
  await expect(page.getByText('2 identities registered')).toBeVisible();
  await page.goto('/identities?tag=shop');
  await expect(page.getByRole('row', { name: /returns-bot/ })).toContainText('ada');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/identities/import');
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
  ).toBeLessThanOrEqual(0);
});

test('a file that is too big is refused before it is read, and one that is none with a sentence', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/identities/import');
  await page.getByLabel('File of identities').setInputFiles({
    name: 'big.csv',
    mimeType: 'text/csv',
    buffer: Buffer.alloc(900_001, 'x'),
  });
  await expect(page.getByText('big.csv has more than 900 kB')).toBeVisible();
  await page.getByLabel('Or paste its text').fill('colour,size\nred,1');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByText('The first line names the columns')).toBeVisible();
});
