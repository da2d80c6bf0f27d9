import {
  codeOfApp,
  expect,
  expectAccessible,
  showCode,
  showPassword,
  signInByForm,
  test,
} from '../support/e2e';
import { forgetCookies } from '../support/forget-cookies';
import { addAuthenticator } from '../support/virtual-authenticator';

// Passkeys and stale factors are set here, which other files do not expect.
test.use({ database: 'factors' });
test.beforeEach(async ({ installation: { db } }) => {
  await db.throttle.deleteMany();
  await db.passkey.deleteMany();
});

/** As if the factor of every sign-in had been shown an hour ago. */
const makeStale = ({ db }: { db: Parameters<typeof signInByForm>[1]['db'] }) =>
  db.signIn.updateMany({ data: { factorAt: new Date(Date.now() - 3_600_000) } });

test('a passkey is set up, signs in by itself, and is asked for again before a dangerous act', async ({
  page,
  installation,
}) => {
  const authenticator = await addAuthenticator(page);
  await signInByForm(page, installation);
  await page.goto('/account');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('The passkey is set up.')).toBeVisible();
  await expect(page.getByRole('row', { name: /Linux device/ })).toBeVisible();
  expect(await authenticator.credentials()).toHaveLength(1);
  await expectAccessible(page);

  await forgetCookies(page);
  await page.goto('/sign-in?to=%2Faccount');
  await page.getByRole('button', { name: 'Continue with a passkey' }).click();
  await page.waitForURL('**/account');

  await makeStale(installation);
  await page.getByRole('button', { name: 'Make new recovery codes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Show your second factor again' });
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(dialog).toBeHidden();
  await expect(
    page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem'),
  ).toHaveCount(10);
  const kinds = await installation.db.controlEvent.findMany({
    where: {
      kind: { in: ['passkey_enrolled', 'signed_in', 'factor_proved', 'recovery_codes_made'] },
    },
    orderBy: { position: 'asc' },
    select: { kind: true },
  });
  expect(kinds.map(({ kind }) => kind).slice(-4)).toEqual([
    'passkey_enrolled',
    'signed_in',
    'factor_proved',
    'recovery_codes_made',
  ]);
});

test('whoever leaves the question alone has done nothing, and a wrong code says so', async ({
  page,
  installation,
}) => {
  await signInByForm(page, installation);
  await page.goto('/account');
  await makeStale(installation);
  const before = await installation.db.recoveryCode.count();
  await page.getByRole('button', { name: 'Make new recovery codes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Show your second factor again' });
  await dialog.getByRole('button', { name: 'Leave it' }).click();
  await expect(page.getByText('Show your second factor again to do this.')).toBeVisible();
  expect(await installation.db.recoveryCode.count()).toBe(before);

  await page.getByRole('button', { name: 'Make new recovery codes' }).click();
  await dialog.getByLabel('Code from your authenticator app').fill('000000');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(dialog.getByText('That code is not right')).toBeVisible();
  await dialog.getByLabel('Code from your authenticator app').fill(await codeOfApp(installation));
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('list', { name: 'Recovery codes' })).toBeVisible();
});

test('a passkey whose user is not verified opens nothing', async ({ page, installation }) => {
  const authenticator = await addAuthenticator(page);
  await signInByForm(page, installation);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('The passkey is set up.')).toBeVisible();
  await forgetCookies(page);
  await authenticator.failVerification();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Continue with a passkey' }).click();
  await expect(page.getByText('No passkey was shown.')).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('the second factor is skipped by no address and no request', async ({
  page,
  installation,
}) => {
  await signInByForm(page, installation);
  await forgetCookies(page);
  await page.goto('/sign-in');
  await showPassword(page);
  await page.waitForURL('**/sign-in/factor');
  await expectAccessible(page);
  for (const path of [
    '/overview',
    '/account',
    '/inventory?q=x',
    '/settings/prices',
    '/sign-in/enrol',
  ])
    await expect(async () => {
      await page.goto(path);
      expect(new URL(page.url()).pathname).toMatch(/^\/sign-in(\/factor)?$/);
    }, path).toPass();
  for (const path of ['ingest', 'sign-in', 'tail', 'health'])
    expect((await page.request.get(`/api/live/${path}`)).status(), path).toBe(401);
  await page.goto('/sign-in/factor');
  await showCode(page, installation);
  await page.waitForURL('**/overview');
});

test('a recovery code opens once where the app is lost', async ({ page, installation }) => {
  await signInByForm(page, installation);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Make new recovery codes' }).click();
  const code = await page.locator('.recovery-codes code').first().textContent();
  for (const isFirst of [true, false]) {
    await forgetCookies(page);
    await page.goto('/sign-in');
    await showPassword(page);
    await page.getByRole('link', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill(code ?? '');
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    if (isFirst) await page.waitForURL('**/overview');
    else await expect(page.getByText('That code is not right')).toBeVisible();
  }
});

test('a sign-in that is ended elsewhere leaves its open pages within five seconds', async ({
  page,
  browser,
  installation,
}) => {
  await signInByForm(page, installation);
  const other = await browser.newContext({ baseURL: installation.url });
  const open = await other.newPage();
  await signInByForm(open, installation);
  await open.goto('/inventory');
  await expect(open.getByRole('heading', { level: 1 })).toHaveText('Inventory');

  await page.goto('/account');
  await expect(page.getByRole('row', { name: /Chrome on Linux · this one/ })).toBeVisible();
  await page.getByRole('button', { name: 'End all others' }).click();
  await expect(page.getByText(/^[1-9]\d* ended, at once everywhere\.$/)).toBeVisible();
  const endedAt = Date.now();
  await open.waitForURL(/\/sign-in\?to=%2Finventory$/, { timeout: 5000 });
  expect(Date.now() - endedAt).toBeLessThan(5000);
  expect(await open.content()).not.toContain('Blue Sparrow');
  await other.close();
});

test('a changed password opens, the one of before does not', async ({ page, installation }) => {
  await signInByForm(page, installation);
  await page.goto('/account');
  await page.getByLabel('Password of now').fill('correct horse battery');
  await page.getByLabel('New password').fill('Football2026!');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('known from breaches')).toBeVisible();
  await page.getByLabel('New password').fill('seven lanterns by the harbour');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Changed. Every other sign-in of yours has ended.')).toBeVisible();
  await forgetCookies(page);
  await page.goto('/sign-in');
  await showPassword(page);
  await expect(page.getByText('E-mail or password is wrong.')).toBeVisible();
  await showPassword(page, 'seven lanterns by the harbour');
  await page.waitForURL('**/sign-in/factor');
});
