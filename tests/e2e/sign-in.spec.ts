import {
  administrator,
  expect,
  expectAccessible,
  showCode,
  showPassword,
  signInByForm,
  test,
} from '../support/e2e';
import { forgetCookies } from '../support/forget-cookies';

test.beforeEach(({ installation }) => installation.db.throttle.deleteMany());

test('whoever is not signed in sees the sign-in page and nothing of the organisation', async ({
  page,
  installation,
}) => {
  await signInByForm(page, installation);
  await forgetCookies(page);
  for (const path of [
    '/',
    '/overview',
    '/inventory',
    '/health',
    '/connect',
    '/health/quarantine',
  ]) {
    await page.goto(path);
    await expect(page, path).toHaveURL(/\/sign-in(\?to=|$)/);
  }
  expect(await page.content()).not.toContain('Blue Sparrow');
  await expectAccessible(page);
});

test('a deep link survives signing in', async ({ page, installation }) => {
  await signInByForm(page, installation);
  await forgetCookies(page);
  await page.goto('/health/quarantine?reason=too_large');
  await showPassword(page);
  await showCode(page, installation);
  await expect(page).toHaveURL(`${installation.url}/health/quarantine?reason=too_large`);
});

test('a person signs in, moves about by keyboard and signs out', async ({ page, installation }) => {
  await signInByForm(page, installation);
  await expectAccessible(page);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  await page.getByRole('button', { name: 'Account: ada' }).click();
  await expect(page.getByText(administrator.email)).toBeVisible();
  await expectAccessible(page);
  const kept = await page.context().cookies();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');

  // The cookie of before, put back, opens nothing: the sign-in has ended on the server.
  await page.context().addCookies(kept);
  await page.goto('/overview');
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('a wrong password is answered with a sentence, and five with a wait', async ({
  page,
  installation,
}) => {
  await signInByForm(page, installation);
  await forgetCookies(page);
  await page.goto('/sign-in');
  await page.getByLabel('Work e-mail').fill(administrator.email);
  for (let n = 0; n < 5; n++) {
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await expect(page.getByText('E-mail or password is wrong. Check both.')).toBeVisible();
    await expect(page.getByLabel('Password')).toHaveValue('');
  }
  await expect(page.getByLabel('Work e-mail')).toHaveValue(administrator.email);
  await page.getByLabel('Password').fill(administrator.password);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await expect(
    page.getByText(/^Too many wrong passwords\. Try again in \d+ seconds\.$/),
  ).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expectAccessible(page);
});

test('the session cookie is out of reach of scripts and other sites and says nothing', async ({
  page,
  installation,
}) => {
  await signInByForm(page, installation);
  const cookie = (await page.context().cookies()).find(({ name }) => name.endsWith('.session'));
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  expect(cookie?.value).not.toContain('ada');
  const forged = { name: cookie?.name ?? '', value: 'x'.repeat(200), url: installation.url };
  await forgetCookies(page);
  await page.context().addCookies([forged]);
  await page.goto('/overview');
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('next-auth serves nothing but the two things the form needs', async ({
  page,
  installation,
}) => {
  await signInByForm(page, installation);
  for (const path of [
    'session',
    'providers',
    'signin',
    'signout',
    'error',
    'verify-request',
    '_log',
  ])
    expect((await page.request.get(`/api/auth/${path}`)).status(), path).toBe(404);
  const elsewhere = await page.request.post('/api/auth/callback/password', {
    form: { ...administrator, csrfToken: 'forged', callbackUrl: 'https://elsewhere.example' },
    maxRedirects: 0,
  });
  expect(elsewhere.headers().location ?? '').not.toContain('elsewhere');
  expect(elsewhere.headers()['set-cookie'] ?? '').not.toContain('.session=');
  const long = await page.request.post('/api/auth/callback/password', {
    form: { password: 'x'.repeat(20_000) },
  });
  expect(long.status()).toBe(413);
});

test('every page carries the security headers, and each answer its own nonce', async ({
  page,
  installation,
}) => {
  await signInByForm(page, installation);
  const nonces = new Set<string>();
  for (const path of ['/overview', '/sign-in', '/nowhere', '/api/auth/csrf']) {
    const headers = (await page.request.get(path)).headers();
    const policy = headers['content-security-policy'] ?? '';
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).toContain("style-src-attr 'none'");
    expect(policy, path).not.toContain('unsafe');
    nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? path);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['permissions-policy']).toContain('camera=()');
    expect(headers['x-powered-by']).toBeUndefined();
  }
  expect(nonces.size).toBe(4);
});

test.describe('with markup of a stranger in the page', () => {
  test.use({ hasViolations: true });
  test('an inline script does not run', async ({ page, installation }) => {
    await signInByForm(page, installation);
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.documentElement.dataset.ran = "yes"';
      document.body.insertAdjacentHTML('beforeend', script.outerHTML);
      const image = document.createElement('div');
      image.innerHTML =
        '<img src="data:," onerror="document.documentElement.dataset.ran = \'yes\'">';
      document.body.append(image);
      return new Promise<string | undefined>((resolve) =>
        setTimeout(() => resolve(document.documentElement.dataset.ran), 300),
      );
    });
    expect(ran).toBeUndefined();
  });
});

test('a theme once chosen stays, without a flash of the other', async ({ page, installation }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await signInByForm(page, installation);
  await page.getByRole('button', { name: /^Theme: as the system/ }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  const html = await (await page.request.get('/inventory')).text();
  expect(html).toContain('data-theme="light"');
});

test('on a narrow screen the navigation opens over the page, which never scrolls sideways', async ({
  page,
  installation,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signInByForm(page, installation);
  const navigation = page.getByRole('navigation', { name: 'Main' });
  await expect(navigation).toBeHidden();
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await expect(navigation).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(navigation).toBeHidden();
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    // Charts take the new width a moment after the page has it.
    await expect
      .poll(
        () =>
          page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          ),
        { message: `at ${width}` },
      )
      .toBe(0);
  }
});
