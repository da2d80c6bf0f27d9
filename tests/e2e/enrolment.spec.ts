import type { Page } from '@playwright/test';
import { newId } from '@/lib/core/ids';
import { expect, expectAccessible, type Installation, signIn, test } from '../support/e2e';
import {
  assertionOf,
  type EnrolAnswer,
  makeKey,
  postEnrolment,
  signRequest,
  type WorkloadKey,
} from '../support/enrolment';
import { postTraces, startGateway, type TestGateway } from '../support/gateway';
import { signInAs } from '../support/sign-in-as';
import { exportRequest, genaiChatSpan } from '../support/spans';

test.use({ database: 'enrolment' });
test.describe.configure({ mode: 'serial' });

const audience = 'https://gateway.example.org';
let gateway: TestGateway;
let code = '';
let asked = 0;

test.beforeAll(async ({ installation: { kek, urls, db } }) => {
  gateway = await startGateway(
    {
      kek,
      migratorUrl: urls.migrator,
      gatewayUrl: urls.gateway,
      workerUrl: urls.worker,
      consoleUrl: urls.console,
      drop: async () => undefined,
    },
    { GATEWAY_URL: audience, TRUSTED_PROXIES: '127.0.0.1' },
  );
  const now = new Date();
  await db.team.create({ data: { id: newId(), name: 'Research', createdAt: now } });
  await db.zone.create({
    data: {
      id: newId(),
      name: 'Cluster',
      kind: 'workload',
      environment: 'development',
      createdAt: now,
      changedAt: now,
    },
  });
  await db.network.create({
    data: { id: newId(), name: 'Build farm', cidrs: ['203.0.113.0/24'], changedAt: now },
  });
});
test.afterAll(async () => gateway?.close());

async function ask(
  key: WorkloadKey,
  claims: Record<string, unknown>,
  from?: string,
): Promise<EnrolAnswer> {
  asked += 1;
  const request = await signRequest(key, audience, { claims: { code, ...claims } });
  return postEnrolment(gateway.url, { request }, { from: from ?? `198.51.100.${asked}` });
}

const reasonIn = (page: Page, form: string) =>
  page.getByRole('form', { name: form }).getByRole('textbox', { name: 'Reason' });

test('an administrator switches enrolment on and makes a code, which is shown once', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/settings/enrolment');
  await expect(page.getByText('Whoever asks is refused')).toBeVisible();
  await expectAccessible(page);
  const refused = await ask(await makeKey(), { name: 'too-early', code: undefined });
  expect(refused).toMatchObject({ status: 403, body: { reason: 'off' } });

  await reasonIn(page, 'Workloads that ask to be registered').fill('The cluster is rolled out');
  await page.getByRole('button', { name: 'Switch enrolment on' }).click();
  await expect(page.getByText('Workloads may ask, with a code')).toBeVisible();

  const form = page.getByRole('form', { name: 'Make a code' });
  await form.getByLabel('Name').fill('Cluster of November');
  await form.getByLabel('Team').selectOption('Research');
  await form.getByLabel('Zone').selectOption('Cluster, development');
  await form.getByLabel('How many workloads').fill('20');
  await reasonIn(page, 'Make a code').fill('The cluster is rolled out');
  await form.getByRole('button', { name: 'Make code' }).click();
  code = (await page.locator('[data-shown-once] code').textContent()) ?? '';
  expect(code).toMatch(/^slp_ec_[\w-]{32}$/);
  await page.reload();
  await expect(page.getByText(code)).toHaveCount(0);
  await expect(page.getByRole('row', { name: /Cluster of November/ })).toContainText('0 of 20');
});

test('a network is listed and taken off', async ({ page, installation }) => {
  await signIn(page, installation);
  await page.goto('/settings/enrolment');
  const form = page.getByRole('form', { name: 'List a network' });
  await form.getByLabel('Network').selectOption('Build farm');
  await form.getByLabel('Team').selectOption('Research');
  await form.getByLabel('Zone').selectOption('Cluster, development');
  await reasonIn(page, 'List a network').fill('Builds come and go');
  await form.getByRole('button', { name: 'List network' }).click();
  const row = page.getByRole('row', { name: /Build farm/ });
  await expect(row).toContainText('203.0.113.0/24');
  const key = await makeKey();
  const claims = { name: 'build-runner', code: undefined };
  expect((await ask(key, claims, '203.0.113.9')).status).toBe(202);
  await row.getByRole('button', { name: 'Take off Build farm' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Reason' }).fill('Codes instead');
  await page.getByRole('dialog').getByRole('button', { name: 'Take off' }).click();
  await expect(page.getByText('From everywhere a code is needed.')).toBeVisible();
  expect((await ask(await makeKey(), { ...claims, name: 'x' }, '203.0.113.9')).status).toBe(403);
});

/** Opens what asks by its name, from the list under Settings. */
async function open(page: Page, installation: Installation, name: string): Promise<void> {
  await signIn(page, installation);
  await page.goto('/settings/enrolment');
  await page.getByRole('link', { name: /to be accepted/ }).click();
  await page.getByRole('table', { name: 'Workloads that ask' }).getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

test('a workload asks, a person compares its thumbprint and accepts it', async ({
  page,
  installation,
}) => {
  const key = await makeKey();
  const purpose = 'Reads invoices \u202Eand\u202C writes what is owed';
  const hidden = await ask(key, { name: 'invoice-reader', purpose, names: ['invoices', 'счета'] });
  expect(hidden.status, JSON.stringify(hidden.body)).toBe(202);
  await installation.db.identity.create({
    data: {
      id: newId(),
      kind: 'agent',
      name: 'invoice-reeder',
      state: 'active',
      createdAt: new Date(),
    },
  });
  await open(page, installation, 'invoice-reader');
  await expect(page.getByText(`Thumbprint ${key.thumbprint}`)).toBeAttached();
  await expect(page.getByText('Its name is near to that of an identity in use')).toContainText(
    'invoice-reeder',
  );
  await expect(page.getByText('Cyrillic, drawn like c')).toBeVisible();
  await expect(
    page.getByTitle('Changes the direction of text: right-to-left override'),
  ).toBeVisible();
  await expect(page.getByText('the code Cluster of November')).toBeVisible();
  await expectAccessible(page);

  const form = page.getByRole('form', { name: 'Accept' });
  await expect(form.getByLabel('Team')).toHaveValue(/.+/);
  await form.getByRole('textbox', { name: 'Reason' }).fill('Ben read the thumbprint to me');
  await form.getByRole('button', { name: 'Accept and register' }).click();
  // Nothing is accepted that was not compared.
  await expect(form.getByRole('checkbox')).toBeFocused();
  await form.getByRole('checkbox').check();
  await form.getByRole('button', { name: 'Accept and register' }).click();
  await page.waitForURL(/\/identities\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { level: 1, name: 'invoice-reader' })).toBeVisible();
  const made = await installation.db.identity.findFirst({
    where: { name: 'invoice-reader' },
    select: { id: true, state: true, credentials: { select: { kind: true, subject: true } } },
  });
  expect(made).toMatchObject({
    state: 'active',
    credentials: [{ kind: 'public_key', subject: key.thumbprint }],
  });
  const status = await fetch(`${gateway.url}/v1/enrolments/${hidden.body.id}`);
  expect(await status.json()).toMatchObject({ state: 'accepted', identity: { id: made?.id } });

  const span = genaiChatSpan({
    at: 1,
    startedMs: Date.now() - 900,
    attributes: { 'gen_ai.agent.name': 'invoice-reader' },
  });
  const assertion = await assertionOf(key, made?.id ?? '', audience);
  const sent = await postTraces(gateway.url, assertion, JSON.stringify(exportRequest([span])));
  expect(sent.status).toBe(200);
  await page.goto('/inventory');
  await expect(page.getByRole('table').getByText('invoice-reader').first()).toBeVisible();
});

test('a person refuses one with a reason, and whoever may not decide is shown it alone', async ({
  page,
  installation,
}) => {
  const { body } = await ask(await makeKey(), { name: 'stranger' });
  await signInAs(page, installation, { name: 'Ann', roles: ['analyst'] });
  await page.goto(`/identities/proposed/${body.id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'stranger' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Refuse' })).toHaveCount(0);
  await expect(page.getByText('Only an administrator may register')).toBeVisible();

  await open(page, installation, 'stranger');
  const form = page.getByRole('form', { name: 'Refuse' });
  await form.getByRole('textbox', { name: 'Reason' }).fill('Nobody runs such a thing');
  await form.getByRole('button', { name: 'Refuse' }).click();
  await expect(page.getByText('Nobody runs such a thing')).toBeVisible();
  await expect(page.getByRole('form', { name: 'Accept' })).toHaveCount(0);
  await page.goto('/identities/proposed/nothing');
  await expect(
    page.getByRole('heading', { name: 'There is nothing at this address' }),
  ).toBeVisible();
});
