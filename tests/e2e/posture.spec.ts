import { expect, expectAccessible, signIn, test } from '../support/e2e';

test.use({ database: 'posture' });
test.describe.configure({ mode: 'serial' });

test('an administrator lets a scanner attest, changes what it may, and ends it', async ({
  page,
  installation,
}) => {
  const { db } = installation;
  await signIn(page, installation);
  await page.goto('/settings/posture');
  await expect(page.getByRole('heading', { name: 'No service attests posture' })).toBeVisible();
  await expectAccessible(page);
  const scanner = '01890000-0000-7000-8000-0000000000a1';
  await db.identity.createMany({
    data: [
      {
        id: scanner,
        kind: 'service',
        name: 'host-scanner',
        state: 'active',
        createdAt: new Date(),
      },
      {
        id: '01890000-0000-7000-8000-0000000000a2',
        kind: 'agent',
        name: 'billing-agent',
        state: 'active',
        createdAt: new Date(),
      },
    ],
  });
  await page.reload();
  const form = page.getByRole('form', { name: 'Let a service attest' });
  await form.getByLabel('Service').selectOption('host-scanner');
  await form.getByLabel('Of whom').selectOption('These identities');
  await form.getByLabel('Names of identities').fill('billing-agent\nnobody');
  await form.getByRole('textbox', { name: 'Reason' }).fill('The scanner of the platform team');
  await form.getByRole('button', { name: 'Let it attest' }).click();
  await expect(form.getByRole('alert').getByText('Choose one fact at least')).toBeVisible();
  await form.getByLabel('Disk encrypted').check();
  await form.getByRole('button', { name: 'Let it attest' }).click();
  await expect(form.getByRole('alert').getByText('no identity named nobody')).toBeVisible();
  await form.getByLabel('Names of identities').fill('billing-agent');
  await form.getByRole('button', { name: 'Let it attest' }).click();
  await expect(form.getByText('It may attest from now on.')).toBeVisible();
  const row = page.getByRole('row', { name: /^host-scanner/ });
  await expect(row).toContainText('billing-agent');
  await expect(row).toContainText('disk_encrypted');
  await expect(row).toContainText('never');

  await page.getByRole('link', { name: 'Change host-scanner' }).click();
  const change = page.getByRole('form', { name: 'Change host-scanner' });
  await change.getByLabel('Of whom').selectOption('All identities');
  await change.getByLabel('Sandboxed').check();
  await change.getByRole('textbox', { name: 'Reason' }).fill('It scans everything now');
  await change.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(row).toContainText('All identities');
  await expect(row).toContainText('disk_encrypted, sandboxed');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Remove host-scanner' }).click();
  const dialog = page.getByRole('dialog', { name: 'Let host-scanner attest no more?' });
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Replaced');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
  await expect(page.getByText('It attests no more')).toBeFocused();
});

test('a fact of a list is registered, its choices change, and it goes', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/settings/posture');
  const form = page.getByRole('form', { name: 'Register a fact' });
  await form.getByLabel('Name').fill('Patch Ring');
  await form.getByLabel('What is said').selectOption('One of a list');
  await form.getByLabel('Choices, one a line').fill('early\nbroad');
  await form.getByLabel('Description').fill('Which ring of updates it is in');
  await form.getByRole('textbox', { name: 'Reason' }).fill('Asked for by operations');
  await form.getByRole('button', { name: 'Register fact' }).click();
  await expect(form.getByRole('alert').getByText('small letters, digits')).toBeVisible();
  await form.getByLabel('Name').fill('patch_ring');
  await form.getByRole('button', { name: 'Register fact' }).click();
  await expect(form.getByText('Registered. Let an attester say it.')).toBeVisible();
  const row = page.getByRole('row', { name: /^patch_ring/ });
  await expect(row).toContainText('early, broad');
  await expect(row).toContainText('1 day');

  await page.getByRole('link', { name: 'Change patch_ring' }).click();
  const change = page.getByRole('form', { name: 'Change a fact' });
  await change.getByLabel('Choices, one a line').fill('early\nbroad\nlast');
  await change.getByLabel('Longest validity').fill('120');
  await change.getByRole('textbox', { name: 'Reason' }).fill('A third ring');
  await change.getByRole('button', { name: 'Change fact' }).click();
  await expect(row).toContainText('early, broad, last');
  await expect(row).toContainText('2 hours');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Remove patch_ring' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove patch_ring?' });
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Not used');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
});
