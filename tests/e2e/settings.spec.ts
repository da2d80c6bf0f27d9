import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { startGateway, type TestGateway } from '../support/gateway';
import { askApi } from '../support/management-api';
import { signInAs } from '../support/sign-in-as';

test.use({ database: 'settings' });
test.describe.configure({ mode: 'serial' });

let gateway: TestGateway;

test.beforeAll(async ({ installation: { kek, urls } }) => {
  gateway = await startGateway({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
});
test.afterAll(async () => gateway?.close());

test('an administrator renames the organisation, and is told first what another time zone brings about', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await page.getByLabel('Name').fill('Red Sparrow');
  await expect(page.getByText('Days are counted again')).toHaveCount(0);
  await page.getByLabel('Time zone').selectOption('Europe/Berlin');
  await expect(page.getByText('Days are counted again in Europe/Berlin')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('textbox', { name: 'Reason' }).fill('We moved');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await expect(page.getByRole('navigation').getByText('Red Sparrow').first()).toBeVisible();
  await expect(page.getByText('Days are counted again')).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Reason' })).toHaveValue('');

  // Somebody else changes it while this page stands.
  await installation.db.setting.updateMany({ data: { organisation: 'Blue Sparrow' } });
  await page.getByLabel('Name').fill('Green Sparrow');
  await page.getByRole('textbox', { name: 'Reason' }).fill('Again');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').getByText('Somebody else changed these')).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Green Sparrow');
});

test('fewer days are confirmed, with what they remove, before they are saved', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/settings/content');
  await page.getByLabel('Digest only').check();
  await page.getByLabel('Days of content').fill('400');
  await page.getByRole('textbox', { name: 'Reason' }).fill('As the data protection officer asked');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(
    page.getByText('Content is kept no longer than facts.', { exact: true }),
  ).toBeVisible();
  await page.getByLabel('Days of content').fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Keep fewer days?' });
  await expect(dialog).toContainText('Nothing that is kept today is that old');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Keep all days' }).click();
  expect(await installation.db.setting.findFirst()).toMatchObject({
    content: 'redact',
    retentionBodyDays: 30,
  });
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('button', { name: 'Keep fewer days' }).click();
  await expect(page.getByText('Saved. Every gateway follows')).toBeVisible();
  await expect
    .poll(() => installation.db.setting.findFirst())
    .toMatchObject({ content: 'digest', retentionBodyDays: 7, retentionFactsDays: 365 });
});

test('a network is named, changed and removed, and overlaps are said', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/settings/networks');
  await expect(page.getByRole('heading', { name: 'No networks are named' })).toBeVisible();
  const name = async (called: string, cidrs: string) => {
    await page.getByLabel('Name', { exact: true }).fill(called);
    await page.getByLabel('Addresses, one block a line').fill(cidrs);
    await page.getByRole('textbox', { name: 'Reason' }).fill('The plan of the network team');
    await page.getByRole('button', { name: 'Name network' }).click();
  };
  await name('Office', '10.0.0.0/8\nthe office');
  await expect(page.getByRole('alert').getByText('“the office” is neither')).toBeVisible();
  await name('Office', '10.1.2.3/8\n2001:DB8::/32');
  const office = page.getByRole('row', { name: /^Office/ });
  await expect(office).toContainText('10.0.0.0/8, 2001:db8::/32');
  await name('Build', '10.1.0.0/16\n127.0.0.1');
  await expect(office).toContainText('Build');
  await expect(page.getByText('You come from 127.0.0.1 (Build).')).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Change Office' }).click();
  await expect(page.getByRole('heading', { name: 'Change a network' })).toBeVisible();
  await page.getByLabel('Addresses, one block a line').fill('192.0.2.0/24');
  await page.getByRole('textbox', { name: 'Reason' }).fill('It moved');
  await page.getByRole('button', { name: 'Change network' }).click();
  await expect(office).toContainText('192.0.2.0/24');
  await page.getByRole('button', { name: 'Remove Office' }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove Office?' });
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('It is closed');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(office).toHaveCount(0);
  await expect(page.getByText('Removed. Its addresses')).toBeFocused();
});

test('an API key is made, used, rotated and revoked', async ({ page, installation }) => {
  const status = async (secret: string) => (await askApi(gateway.url, '/self', secret)).status;
  await signIn(page, installation);
  await page.goto('/settings/keys');
  await expect(page.getByRole('heading', { name: 'No API keys work' })).toBeVisible();
  await page.getByLabel('Name').fill('nightly report');
  await page.getByRole('textbox', { name: 'Reason' }).fill('The report of the security team');
  await page.getByRole('button', { name: 'Make key' }).click();
  await expect(page.getByRole('alert').getByText('one scope at least')).toBeVisible();
  await page.getByLabel('log:read').check();
  await page.getByLabel('Build').check();
  await page.getByRole('button', { name: 'Make key' }).click();
  const secret = page.locator('[data-shown-once] code');
  await expect(secret).toHaveText(/^slp_ak_/);
  const first = (await secret.textContent()) ?? '';
  await expectAccessible(page);
  expect(await status(first)).toBe(200);
  await page.reload();
  await expect(page.getByRole('row', { name: /^nightly report/ })).toContainText('Build');
  expect(await page.content()).not.toContain(first.slice(7, 30));

  await page.getByRole('button', { name: 'Rotate nightly report' }).click();
  const dialog = page.getByRole('dialog', { name: /nightly report/ });
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Every quarter');
  await dialog.getByRole('button', { name: 'Rotate' }).click();
  await expect(secret).toHaveText(/^slp_ak_/);
  const second = (await secret.textContent()) ?? '';
  expect([await status(first), await status(second)]).toEqual([200, 200]);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('row', { name: /Lapsing/ })).toContainText(first.slice(-4));

  await page.getByRole('button', { name: `Revoke nightly report …${second.slice(-4)}` }).click();
  const revoking = page.getByRole('dialog', { name: /^Revoke nightly report/ });
  await revoking.getByRole('textbox', { name: 'Reason' }).fill('It was in a ticket');
  await revoking.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('Revoked. Every gateway refuses it')).toBeFocused();
  const ended = page.getByRole('region', { name: 'API keys that have ended' });
  await expect(ended.getByRole('row', { name: /Revoked/ })).toContainText(second.slice(-4));
  expect([await status(first), await status(second)]).toEqual([200, 401]);
  await expectAccessible(page);
});

test('a viewer sees what is set and who may change it, and changes nothing', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, { roles: ['viewer'] });
  for (const [path, shown] of [
    ['/settings', 'Blue Sparrow'],
    ['/settings/networks', 'Build'],
    ['/settings/content', 'Digest only'],
    ['/settings/prices', 'No prices are set'],
  ] as const) {
    await page.goto(path);
    const main = page.getByRole('main');
    await expect(main).toContainText(shown);
    await expect(main).toContainText('Only an administrator may');
    await expect(main.getByRole('button')).toHaveCount(0);
    await expectAccessible(page);
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    const chosen = page.getByRole('navigation', { name: 'Settings' }).locator('[aria-current]');
    await expect(chosen).toBeInViewport({ ratio: 1 });
    await page.setViewportSize({ width: 1280, height: 720 });
  }
  // Which keys there are, and where they may come from, helps whoever found one.
  await expect(page.getByRole('link', { name: 'API keys' })).toHaveCount(0);
  await page.goto('/settings/keys');
  await expect(page.getByRole('main')).toContainText('Your roles do not open this page');
  expect(await page.content()).not.toContain('nightly report');
  await expectAccessible(page);
});
