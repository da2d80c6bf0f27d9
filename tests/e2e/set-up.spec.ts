import http from 'node:http';
import { generateSync } from 'otplib';
import { createSetupCode } from '@/lib/people/mutations';
import { administrator, expect, expectAccessible, test } from '../support/e2e';

// Nobody has set this one up.
test.use({ database: 'set_up' });
test.describe.configure({ mode: 'serial' });

/** Status of a request that a browser would not send. */
const statusOf = (port: number, path: string, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject);
  });

test('without a live code there is no set-up page', async ({ page }) => {
  const response = await page.goto('/set-up');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    'There is nothing at this address',
  );
});

test('the set-up page answers only to this machine, straight', async ({ installation }) => {
  await createSetupCode(installation.db, new Date());
  const { port } = installation;
  const host = `localhost:${port}`;
  expect(await statusOf(port, '/set-up', { host })).toBe(200);
  // A proxy on this machine, or whoever claims to be behind one, is not this machine.
  for (const name of ['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'x-real-ip', 'via'])
    expect(await statusOf(port, '/set-up', { host, [name]: '127.0.0.1' }), name).toBe(404);
  // Nor does saying so help.
  const forged = { 'x-sallyport-local': 'yes', 'x-sallyport-address': '127.0.0.1' };
  expect(await statusOf(port, '/set-up', { host, 'x-forwarded-for': '192.0.2.7', ...forged })).toBe(
    404,
  );
});

test('a name that somebody else pointed here is not answered', async ({ installation }) => {
  const { port } = installation;
  for (const path of ['/set-up', '/sign-in', '/api/auth/csrf'])
    expect(await statusOf(port, path, { host: `rebound.example:${port}` }), path).toBe(421);
});

test('the person at the terminal sets Sallyport up and lands on the overview', async ({
  page,
  installation,
}) => {
  test.slow();
  const code = (await createSetupCode(installation.db, new Date())) ?? '';
  await page.goto('/set-up');
  await expectAccessible(page);
  const fields = {
    'Code from the terminal': '0000-0000-0000-0000-0000-0000-0000-0000',
    Organisation: 'Blue Sparrow',
    'Your name': 'Ada Lovelace',
    'Work e-mail': administrator.email,
    Password: 'password1234',
  };
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByLabel('Time zone of the organisation').selectOption('Europe/Vienna');
  const submit = page.getByRole('button', { name: 'Set up and sign in' });

  await submit.click();
  await expect(page.getByText('That is among the first guesses. Choose another.')).toBeVisible();
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute(
    'aria-invalid',
    'true',
  );
  await expectAccessible(page);
  await page.getByLabel('Password', { exact: true }).fill(administrator.password);

  await submit.click();
  await expect(page.getByText('That is not the code on the terminal. Check it.')).toBeVisible();
  await expect(page.getByLabel('Organisation', { exact: true })).toHaveValue('Blue Sparrow');
  await expect(page.getByLabel('Time zone of the organisation')).toHaveValue('Europe/Vienna');
  await page.getByLabel('Code from the terminal').fill(code.toLowerCase());

  await submit.click();
  // Nothing opens before there is a second factor.
  await page.waitForURL('**/sign-in/enrol');
  await page.goto('/overview');
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto('/sign-in/enrol');
  await page.getByRole('button', { name: 'Use an authenticator app' }).click();
  const qr = page.getByRole('img', { name: 'QR code for an authenticator app' });
  await expect(qr).toBeVisible();
  // A camera sees it only where it is dark on light.
  const [light, dark] = await qr.evaluate((svg) =>
    ['rect', 'path'].map((name) => {
      const context = document.createElement('canvas').getContext('2d');
      const drawn = svg.querySelector(name);
      if (context === null || drawn === null) return null;
      context.fillStyle = getComputedStyle(drawn).fill;
      context.fillRect(0, 0, 1, 1);
      return context.getImageData(0, 0, 1, 1).data[0] ?? null;
    }),
  );
  expect(light).toBeGreaterThan(240);
  expect(dark).toBeLessThan(40);
  await expectAccessible(page);
  const typed = (await page.locator('.app-seed code').textContent()) ?? '';
  await page.getByLabel('Code that the app shows').fill('000000');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('That code is not right')).toBeVisible();
  const secret = typed.replaceAll(' ', '');
  await page.getByLabel('Code that the app shows').fill(generateSync({ secret }));
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(
    page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem'),
  ).toHaveCount(10);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.waitForURL('**/overview');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
  await expect(page.getByRole('navigation', { name: 'Main' })).toContainText('Blue Sparrow');
  expect(await installation.db.setting.findFirst()).toMatchObject({ timeZone: 'Europe/Vienna' });

  const again = await page.goto('/set-up');
  expect(again?.status()).toBe(404);
});
