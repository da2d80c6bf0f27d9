import type { Page } from '@playwright/test';
import { refusals } from '@/lib/auth/sso/refusals';
import { newId } from '@/lib/core/ids';
import { startConsole } from '../support/console';
import {
  administrator,
  test as base,
  ensureAdministrator,
  expect,
  expectAccessible,
} from '../support/e2e';
import { type Known, type RunningIssuer, startIssuer } from '../support/issuer';

const client = { clientId: 'sallyport', clientSecret: 'not a secret: these tests only' };

type Sso = { url: string; issuer: RunningIssuer };

/** A console that is told of an issuer, beside the installation's own and on its database. */
const test = base.extend<object, { sso: Sso }>({
  sso: [
    async ({ installation }, use) => {
      await ensureAdministrator(installation);
      const { urls, kek } = installation;
      const issuer = await startIssuer();
      const running = await startConsole(
        { consoleUrl: urls.console, kek },
        {
          OIDC_ISSUER: issuer.url,
          OIDC_CLIENT_ID: client.clientId,
          OIDC_CLIENT_SECRET: client.clientSecret,
          OIDC_ROLES: 'soc=analyst,platform=admin,authors=policy_author,authors=viewer',
          OIDC_MFA: 'amr:mfa,acr:urn:example:two',
          OIDC_NAME: 'Blue Sparrow ID',
        },
      );
      issuer.serve({ ...client, consoleUrl: running.url });
      await use({ url: running.url, issuer });
      await running.stop();
      await issuer.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ sso }, use) => use(sso.url),
});
test.use({ database: 'e2e_sso' });

const grace: Known = {
  email: 'grace@example.org',
  emailVerified: true,
  name: 'Grace Hopper',
  groups: ['staff', 'soc'],
  amr: ['pwd', 'mfa'],
};

test.beforeEach(({ sso: { issuer } }) => {
  issuer.people.clear();
  issuer.people.set('grace', grace);
  issuer.next = 'grace';
});

/** What the button does, up to where it sends the browser. */
async function askToGo(page: Page, sent: Record<string, string> = {}): Promise<string> {
  await page.goto('/sign-in');
  return page.evaluate(async (more) => {
    const { csrfToken } = await (await fetch('/api/auth/csrf')).json();
    const body = new URLSearchParams({ csrfToken, json: 'true', ...more });
    const response = await fetch('/api/auth/signin/sso', { method: 'POST', body });
    return (await response.json()).url;
  }, sent);
}

/** Goes to the issuer and comes back; where a page is not there yet does not matter. */
async function goBySso(page: Page, sent: Record<string, string> = {}): Promise<void> {
  const away = await askToGo(page, sent);
  await page.goto(new URL(away, page.url()).href);
}

/** Where the issuer sends this browser back to, not yet asked for. */
async function answerOf(page: Page, sso: Sso): Promise<URL> {
  let url = await askToGo(page);
  while (!url.startsWith(sso.url)) {
    const step = await page.request.get(url, { maxRedirects: 0 });
    url = new URL(step.headers().location ?? '', url).href;
  }
  return new URL(url);
}

const isSignedIn = async (page: Page) => (await page.request.get('/api/live/ingest')).status();

test('a person of a mapped group signs in, with the role of that group, to the page asked for', async ({
  page,
  installation: { db },
  sso,
}) => {
  await page.goto('/health');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Continue with Blue Sparrow ID' }).click();
  await expect(page).toHaveURL(`${sso.url}/health`);
  expect(await isSignedIn(page)).toBe(200);
  await page.getByRole('button', { name: 'Account: Grace Hopper' }).click();
  await expect(page.getByText('grace@example.org')).toBeVisible();
  const row = await db.person.findUniqueOrThrow({ where: { email: 'grace@example.org' } });
  expect(row).toMatchObject({
    issuer: sso.issuer.url,
    subject: 'grace',
    roles: ['analyst'],
    contentRead: 'none',
    passwordHash: null,
  });
});

test('roles follow the groups at the next sign-in, and whoever is in none does not come back in', async ({
  page,
  installation: { db },
  sso: { issuer },
}) => {
  await goBySso(page);
  issuer.people.set('grace', { ...grace, groups: ['authors'] });
  await goBySso(page);
  const rolesOf = async () =>
    (await db.person.findUniqueOrThrow({ where: { email: 'grace@example.org' } })).roles;
  expect(await rolesOf()).toEqual(['viewer', 'policy_author']);

  issuer.people.set('grace', { ...grace, groups: ['staff'] });
  await goBySso(page);
  await expect(page).toHaveURL(/\/sign-in\?error=sso_refused$/);
  expect(await isSignedIn(page)).toBe(401);
  expect(await rolesOf()).toEqual([]);
});

test('a person of no mapped group is refused and not made', async ({
  page,
  installation: { db },
  sso: { issuer },
}) => {
  issuer.people.set('mallory', { ...grace, email: 'mallory@example.org', groups: ['staff'] });
  issuer.next = 'mallory';
  await goBySso(page);
  await expect(page).toHaveURL(/\/sign-in\?error=sso_refused$/);
  await expect(page.getByText(refusals.refused)).toBeVisible();
  await expectAccessible(page);
  expect(await isSignedIn(page)).toBe(401);
  expect(await db.person.count({ where: { email: 'mallory@example.org' } })).toBe(0);
});

// If this fails, whoever may write an address at the issuer takes over the account of the administrator.
test("an account is not taken over by its e-mail's being the same", async ({
  page,
  sso: { issuer },
}) => {
  issuer.people.set('eve', { ...grace, email: administrator.email, groups: ['platform'] });
  issuer.next = 'eve';
  await goBySso(page);
  await expect(page).toHaveURL(/\/sign-in\?error=sso_unlinked$/);
  await expect(page.getByText(refusals.unlinked)).toBeVisible();
  expect(await isSignedIn(page)).toBe(401);
});

test('where the issuer tells of no second factor that counts, one of here must be shown, and none is set up', async ({
  page,
  sso,
  installation: { db },
}) => {
  sso.issuer.people.set('lin', {
    ...grace,
    email: 'lin@example.org',
    name: 'Lin',
    amr: ['pwd'],
    acr: 'urn:example:one',
  });
  sso.issuer.next = 'lin';
  await goBySso(page, { callbackUrl: '/health' });
  await expect(page).toHaveURL(/\/sign-in\?error=sso_no_factor$/);
  await expect(page.getByText(refusals.no_factor)).toBeVisible();
  expect(await isSignedIn(page)).toBe(401);

  const { id: personId } = await db.person.findFirstOrThrow({ where: { subject: 'lin' } });
  const bytes = new Uint8Array([1]);
  await db.passkey.create({
    data: {
      id: newId(),
      personId,
      credentialId: bytes,
      publicKey: bytes,
      counter: 0n,
      transports: [],
      name: 'Laptop',
      isSynced: false,
      createdAt: new Date(),
    },
  });
  await goBySso(page, { callbackUrl: '/health' });
  await expect(page).toHaveURL(`${sso.url}/sign-in/factor?to=%2Fhealth`);
  expect(await isSignedIn(page)).toBe(401);
  await page.goto('/health');
  await expect(page).toHaveURL(`${sso.url}/sign-in?to=%2Fhealth`);
});

test('an acr that counts is a second factor', async ({ page, sso: { issuer } }) => {
  issuer.people.set('ann', {
    ...grace,
    email: 'ann@example.org',
    amr: ['pwd'],
    acr: 'urn:example:two',
  });
  issuer.next = 'ann';
  await goBySso(page);
  expect(await isSignedIn(page)).toBe(200);
});

test('asked to prove a person anew, the issuer does, and the sign-in of before is given up', async ({
  page,
  installation: { db },
}) => {
  await goBySso(page);
  const before = await db.signIn.findFirstOrThrow({
    where: { endedAt: null, person: { subject: 'grace' } },
    orderBy: { createdAt: 'desc' },
  });
  const away = new URL(await askToGo(page, { fresh: 'true' }));
  expect(away.searchParams.get('prompt')).toBe('login');
  expect(away.searchParams.get('max_age')).toBe('0');
  await page.goto(away.href);
  expect(await isSignedIn(page)).toBe(200);
  const after = await db.signIn.findUniqueOrThrow({ where: { id: before.id } });
  expect(after.endedWhy).toBe('replaced');
});

test('a session that ends at the issuer ends here at once, and its open page with it', async ({
  page,
  installation: { db },
  sso: { issuer },
}) => {
  await goBySso(page);
  await expect(page).toHaveURL(/\/overview$/);
  expect(await isSignedIn(page)).toBe(200);
  const { id, ssoSid } = await db.signIn.findFirstOrThrow({
    where: { endedAt: null, person: { subject: 'grace' } },
    orderBy: { createdAt: 'desc' },
  });
  expect(ssoSid).toMatch(/./);
  const there = await page.context().newPage();
  await there.goto(`${issuer.url}/session/end`);
  await there.getByRole('button', { name: 'Yes, sign me out' }).click();
  await there.waitForURL(`${issuer.url}/session/end/success`);
  expect(await isSignedIn(page)).toBe(401);
  // The page that is open asks for itself.
  await expect(page).toHaveURL(/\/sign-in/, { timeout: 10_000 });
  const ended = await db.signIn.findUniqueOrThrow({ where: { id } });
  expect(ended).toMatchObject({ endedWhy: 'sso_logout' });
  const entry = await db.controlEvent.findFirstOrThrow({
    where: { kind: 'sign_in_ended' },
    orderBy: { position: 'desc' },
  });
  expect(JSON.parse(entry.facts)).toMatchObject({ sign_in: id, why: 'sso_logout', by: 'sso' });
});

test('an answer with another state, without cookies, or of another issuer opens nothing', async ({
  page,
  browser,
  sso,
}) => {
  const comeBack = () => answerOf(page, sso);
  const stranger = await browser.newContext({ baseURL: sso.url });
  const elsewhere = await comeBack();
  const answered = await stranger.request.get(elsewhere.href, { maxRedirects: 0 });
  expect(answered.headers().location).toBe('/sign-in?error=sso_failed');
  expect(answered.headers()['set-cookie'] ?? '').not.toContain('.session=');
  await stranger.close();

  const changes: ((url: URL) => void)[] = [
    (url) => url.searchParams.set('state', 'of-another'),
    (url) => url.searchParams.delete('state'),
    (url) => url.searchParams.set('iss', 'https://elsewhere.example'),
    (url) => url.searchParams.delete('iss'),
    (url) => url.searchParams.set('code', 'made-up'),
    (url) => url.searchParams.delete('code'),
  ];
  for (const change of changes) {
    const url = await comeBack();
    change(url);
    const tampered = await page.request.get(url.href, { maxRedirects: 0 });
    expect(tampered.headers().location, url.search).toBe('/sign-in?error=sso_failed');
    expect(await isSignedIn(page), url.search).toBe(401);
  }
});

test('an ID token with the nonce of another request is refused', async ({ page, context }) => {
  const cookies = async () => (await context.cookies()).filter(({ name }) => /\.nonce$/.test(name));
  await askToGo(page);
  const other = await cookies();
  const away = await askToGo(page);
  expect(await cookies()).not.toEqual(other);
  await context.addCookies(other);
  await page.goto(away);
  await expect(page).toHaveURL(/\/sign-in\?error=sso_failed$/);
  expect(await isSignedIn(page)).toBe(401);
});

test('no address leads elsewhere', async ({ page, sso }) => {
  for (const callbackUrl of [
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/\\elsewhere.example',
    '/api/auth/csrf',
  ]) {
    await goBySso(page, { callbackUrl });
    await expect(page, callbackUrl).toHaveURL(`${sso.url}/overview`);
  }
  const tried = await page.request.get(
    '/api/auth/callback/sso?callbackUrl=https://elsewhere.example&error=access_denied',
    { maxRedirects: 0 },
  );
  expect(tried.headers().location).toBe('/sign-in?error=sso_denied');
});

test('a browser may add nothing to what is asked of the issuer', async ({ page, sso }) => {
  const away = await askToGo(page);
  const url = await page.evaluate(async () => {
    const { csrfToken } = await (await fetch('/api/auth/csrf')).json();
    const body = new URLSearchParams({ csrfToken, json: 'true', scope: 'openid everything' });
    const query = 'redirect_uri=https://elsewhere.example&scope=everything&response_mode=fragment';
    const response = await fetch(`/api/auth/signin/sso?${query}`, { method: 'POST', body });
    return (await response.json()).url;
  });
  const asked = ({ searchParams }: URL) =>
    [...searchParams].filter(([name]) => !['state', 'nonce', 'code_challenge'].includes(name));
  expect(asked(new URL(url))).toEqual(asked(new URL(away)));
  expect(new URL(url).searchParams.get('redirect_uri')).toBe(`${sso.url}/api/auth/callback/sso`);
  expect(new URL(url).searchParams.get('max_age')).toBe('43200');
});

test('without the CSRF token of this browser nobody is sent anywhere', async ({ page }) => {
  const tried = await page.request.post('/api/auth/signin/sso', {
    form: { csrfToken: 'forged', json: 'true' },
  });
  expect(await tried.json()).toEqual({ url: '/sign-in?error=sso_failed' });
  expect(tried.headers()['set-cookie'] ?? '').not.toContain('.state=');
});

test('the cookies of the way there are out of reach, short-lived and forgotten after it', async ({
  page,
  context,
}) => {
  const away = await askToGo(page);
  const ofTheWay = async () =>
    (await context.cookies()).filter(({ name }) => /\.(?:state|nonce|pkce)$/.test(name));
  const cookies = await ofTheWay();
  expect(cookies).toHaveLength(3);
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(cookie.expires * 1000).toBeLessThan(Date.now() + 16 * 60_000);
  }
  await page.goto(away);
  expect(await ofTheWay()).toEqual([]);
});

test('whoever is refused at the issuer is told so', async ({ page, sso: { issuer } }) => {
  issuer.next = null;
  await goBySso(page);
  await expect(page).toHaveURL(/\/sign-in\?error=sso_denied$/);
});

test('a console that is told wrongly refuses to start, with the reason', async ({
  installation: { urls, kek },
  sso: { issuer },
}) => {
  const wrong = { OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: 'sallyport', OIDC_ROLES: 'soc=root' };
  const database = { consoleUrl: urls.console, kek };
  await expect(startConsole(database, wrong)).rejects.toThrow('ends with no role');
  await expect(startConsole(database, { OIDC_ISSUER: issuer.url })).rejects.toThrow(
    'OIDC_CLIENT_ID: is missing',
  );
});

test('a console that knows no issuer has neither routes nor a back channel, nor a button', async ({
  installation,
  request,
}) => {
  const at = (path: string) => installation.url + path;
  expect((await request.get(at('/api/auth/callback/sso'))).status()).toBe(404);
  expect((await request.post(at('/api/auth/signin/sso'), { form: { a: 'b' } })).status()).toBe(404);
  const told = await request.post(at('/api/oidc/backchannel-logout'), {
    form: { logout_token: 'x' },
  });
  expect(told.status()).toBe(404);
  const page = await (await request.get(at('/sign-in?error=sso_refused'))).text();
  expect(page).toContain('Continue with a passkey');
  expect(page).not.toMatch(/Continue with (?!a passkey)|may not use this console/);
});

test('the back channel answers what is no logout token with 400, uncached', async ({ request }) => {
  const told = await request.post('/api/oidc/backchannel-logout', { form: { logout_token: 'x' } });
  expect(told.status()).toBe(400);
  expect(told.headers()['cache-control']).toBe('no-store');
  expect((await told.json()).error).toBe('invalid_request');
});
