import { generateKeyPairSync } from 'node:crypto';
import { issueAuthority, issueCertificate } from '../support/authority';
import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { signInAs } from '../support/sign-in-as';

test.use({ database: 'authorities' });
test.describe.configure({ mode: 'serial' });

const here = '/credentials/authorities';

test('an authority is compared before it is believed, rotated, and believed no more', async ({
  page,
  installation,
}) => {
  const [root, next, leaf] = [
    await issueAuthority({ subject: 'CN=Workloads 2026' }),
    await issueAuthority({ subject: 'CN=Workloads 2027' }),
    await issueCertificate(),
  ];
  await signIn(page, installation);
  await page.goto('/credentials');
  await page.getByRole('link', { name: 'Authorities and issuers' }).click();
  await expect(page.getByText('No authority is believed')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Believe an authority' }).click();
  const dialog = page.getByRole('dialog', { name: 'Believe an authority' });
  await dialog.getByLabel('Name', { exact: true }).fill('Workloads');
  await dialog.getByLabel('Certificates, PEM', { exact: true }).fill(leaf.pem);
  await dialog.getByRole('button', { name: 'Read it' }).click();
  await expect(dialog.getByRole('alert')).toContainText('lack CA=true');
  await dialog.getByLabel('Certificates, PEM, from a file').setInputFiles({
    name: 'ca.pem',
    mimeType: 'application/x-pem-file',
    buffer: Buffer.from(root.pem),
  });
  await dialog.getByRole('button', { name: 'Read it' }).click();
  await expect(dialog.getByText('CN=Workloads 2026')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel('Reason').fill('It signs our workloads');
  await dialog.getByRole('button', { name: 'Believe it' }).click();
  await expect(dialog).toBeHidden();

  const rows = page.getByRole('table', { name: 'Authorities' });
  await rows.getByRole('link', { name: 'Workloads' }).click();
  const panel = page.getByRole('complementary', { name: 'Workloads' });
  await panel.getByRole('button', { name: 'Rotate' }).click();
  const rotate = page.getByRole('dialog', { name: /Rotate what is believed/ });
  await rotate.getByLabel('Certificates, PEM', { exact: true }).fill(next.pem);
  await rotate.getByRole('button', { name: 'Read it' }).click();
  await expect(rotate.getByText('CN=Workloads 2027')).toBeVisible();
  await rotate.getByLabel('Reason').fill('The new year');
  await rotate.getByRole('button', { name: 'Believe it' }).click();
  await expect(rotate).toBeHidden();
  await expect(panel.getByText('CN=Workloads 2027').first()).toBeVisible();
  await panel.getByRole('button', { name: /^Take away CN=Workloads 2026/ }).click();
  const away = page.getByRole('dialog', { name: /^Take away CN=Workloads 2026/ });
  await away.getByLabel('Reason').fill('Nothing uses it any more');
  await away.getByRole('button', { name: 'Take away' }).click();
  await expect(panel.getByText('CN=Workloads 2026')).toHaveCount(0);
  await expectAccessible(page);
  await panel.getByRole('button', { name: 'Believe no more: Workloads' }).click();
  const stop = page.getByRole('dialog', { name: 'Believe Workloads no more?' });
  await expect(stop).toContainText('No live credential goes by it.');
  await stop.getByLabel('Reason').fill('It was broken into');
  await stop.getByRole('button', { name: 'Believe no more' }).click();
  await expect(rows.getByText('Not believed')).toBeVisible();
});

test('an issuer is believed with uploaded keys, and not with an address inside', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto(here);
  await page.getByRole('button', { name: 'Believe an issuer' }).click();
  const dialog = page.getByRole('dialog', { name: 'Believe an issuer of tokens' });
  await dialog.getByLabel('What it is').selectOption('Any OpenID issuer');
  await dialog.getByLabel('Name', { exact: true }).fill('Build service');
  await dialog.getByLabel('Issuer, as it stands in iss').fill('https://127.0.0.1');
  await dialog.getByLabel('Reason').fill('It attests our builds');
  await dialog.getByRole('button', { name: 'Believe it' }).click();
  await expect(dialog.getByRole('alert')).toContainText('FEDERATION_NETWORKS');
  await dialog.getByLabel('Issuer, as it stands in iss').fill('https://builds.example.org');
  await dialog.getByLabel('Its keys are').selectOption('uploaded');
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  });
  await dialog
    .getByLabel('Keys, a JWK Set', { exact: true })
    .fill(JSON.stringify({ keys: [{ ...jwk, kid: 'build-1' }] }));
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Believe it' }).click();
  await expect(dialog).toBeHidden();
  await page
    .getByRole('table', { name: 'Issuers of tokens' })
    .getByRole('link', { name: 'Build service' })
    .click();
  await expect(page.getByText('Uploaded: build-1')).toBeVisible();
  await expectAccessible(page);
});

test('whoever is no administrator sees whose word is taken, and changes nothing; at 390 nothing lies outside', async ({
  page,
  installation,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signInAs(page, installation, { roles: ['viewer'] });
  await page.goto(here);
  await expect(page.getByText('Build service')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Believe/ })).toHaveCount(0);
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
