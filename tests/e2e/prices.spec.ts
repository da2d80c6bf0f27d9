import { expect, expectAccessible, signIn, test } from '../support/e2e';

test('an administrator says what a model costs, changes it and takes it back', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/settings/prices');
  await expect(page.getByRole('heading', { name: 'No prices are set' })).toBeVisible();
  await expectAccessible(page);

  await page.getByLabel('Model', { exact: true }).fill('orchid-2*');
  await page.getByLabel('Input', { exact: true }).fill('3');
  await page.getByLabel('Output', { exact: true }).fill('15');
  await page.getByLabel('Cache read').fill('0.3');
  await page.getByLabel('Model', { exact: true }).fill('orchid\u2028two');
  await page.getByRole('button', { name: 'Set price' }).click();
  await expect(page.locator('form').getByRole('alert')).toContainText(
    'one line of visible characters',
  );
  await expect(page.getByLabel('Cache read')).toHaveValue('0.3');
  await page.getByLabel('Model', { exact: true }).fill('orchid-2*');
  await page.getByRole('button', { name: 'Set price' }).click();
  const row = page.getByRole('row', { name: /orchid-2\*/ });
  await expect(row).toContainText('0.3');
  await expect(page.getByText('is priced so from the next call on')).toBeVisible();
  await expect(page.getByLabel('Model', { exact: true })).toHaveValue('');

  await row.getByRole('link', { name: 'Change the price of orchid-2*' }).click();
  await expect(page.getByRole('heading', { name: 'Change a price' })).toBeVisible();
  await page.getByLabel('Input', { exact: true }).fill('4');
  await page.getByRole('button', { name: 'Change price' }).click();
  await expect(row.getByRole('cell').nth(1)).toHaveText('4');
  await expectAccessible(page);

  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);

  await row.getByRole('button', { name: 'Remove the price of orchid-2*' }).click();
  await expect(page.getByRole('heading', { name: 'No prices are set' })).toBeVisible();
  await expect(page.getByText('Removed. What is in the log keeps its cost.')).toBeFocused();
});
