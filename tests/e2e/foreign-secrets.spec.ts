import { createHash } from 'node:crypto';
import { newId } from '@/lib/core/ids';
import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { signInAs } from '../support/sign-in-as';

test.use({ database: 'foreign_secrets' });
test.describe.configure({ mode: 'serial' });

const secret = 'a-provider-gave-this-9f8e7d6c5b4a';
const print = (text: string) => createHash('sha256').update(text).digest('hex');

test('a secret is noted by a fingerprint that the browser makes; the secret itself is never sent', async ({
  page,
  installation,
}) => {
  const { db } = installation;
  await db.identity.create({
    data: {
      id: newId(),
      kind: 'agent',
      name: 'returns',
      names: [],
      state: 'active',
      createdAt: new Date(),
    },
  });
  const posted: string[] = [];
  page.on('request', (request) => posted.push(`${request.url()} ${request.postData() ?? ''}`));
  await signIn(page, installation);
  await page.goto('/credentials/elsewhere');
  await expect(page.getByText('No secret is noted.')).toBeVisible();
  await page.getByRole('button', { name: 'Note a secret' }).click();
  const dialog = page.getByRole('dialog', { name: 'Note a secret used elsewhere' });
  await dialog.getByLabel('Identity that uses it').fill('returns');
  await dialog.getByLabel('Who gave it').fill('OpenAI');
  await dialog.getByLabel('What it is for').fill('Key of the nightly batch');
  await dialog.getByLabel('The secret, which does not leave').fill('hunter2');
  await dialog.getByLabel('Fingerprint').focus();
  await expect(dialog.getByText('This secret is short or repeats itself')).toBeVisible();
  await dialog.getByLabel('The secret, which does not leave').fill(secret);
  await dialog.getByLabel('Fingerprint').focus();
  await expect(dialog.getByLabel('Fingerprint')).toHaveValue(print(secret));
  await expect(dialog.getByLabel('The secret, which does not leave')).toHaveValue('');
  await expect(dialog.getByText('This secret is short')).toHaveCount(0);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Note it' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('rowheader', { name: 'Key of the nightly batch' })).toBeVisible();
  expect(posted.some((each) => each.includes(print(secret)))).toBe(true);
  expect(posted.filter((each) => each.includes(secret) || each.includes('hunter2'))).toEqual([]);
});

test('one that is overdue is on the board; what replaces it is noted, the secret itself refused', async ({
  page,
  installation,
}) => {
  await installation.db.foreignSecret.updateMany({ data: { dueAt: new Date(Date.now() - 1000) } });
  await signIn(page, installation);
  await page.goto('/credentials');
  await page
    .getByRole('region', { name: 'Credentials board' })
    .getByRole('link', { name: /Overdue elsewhere/ })
    .click();
  await expect(page.getByText('1 secret is overdue')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: /^Rotated/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Key of the nightly batch was rotated' });
  await dialog.getByLabel('Fingerprint').fill(secret);
  await dialog.getByLabel('Reason').fill('It was due');
  await dialog.getByRole('button', { name: 'Note it' }).click();
  await expect(dialog.getByRole('alert')).toContainText('64 hexadecimal digits');
  await dialog.getByLabel('Fingerprint').fill(print('another one'));
  await dialog.getByRole('button', { name: 'Note it' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('1 secret is overdue')).toHaveCount(0);
});

test('whoever is no administrator sees them and changes nothing; at 390 nothing lies outside', async ({
  page,
  installation,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signInAs(page, installation, { roles: ['viewer'] });
  await page.goto('/credentials/elsewhere');
  await expect(page.getByRole('rowheader', { name: 'Key of the nightly batch' })).toBeVisible();
  await expect(page.getByRole('button', { name: /Rotated|Change|Remove|Note/ })).toHaveCount(0);
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
