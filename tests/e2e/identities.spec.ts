import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { createPool, type Pool } from '@/lib/db/pool';
import { type Issued, issueAuthority, issueCertificate, serverAuth } from '../support/authority';
import { expect, expectAccessible, type Installation, signIn, test } from '../support/e2e';
import { freePort } from '../support/free-port';
import { postTraces, registerReporter, startGateway } from '../support/gateway';
import { type GatewayProcess, killed, startGatewayProcess } from '../support/gateway-process';
import { addPerson } from '../support/sign-in-as';
import { exportRequest, genaiChatSpan, toolSpan } from '../support/spans';
import { keptAgent, postOverTls } from '../support/tls-client';
import { addAnchor } from '../support/trust';
import { startWorker, type WorkerProcess } from '../support/worker-process';

test.use({ database: 'identities' });
test.describe.configure({ mode: 'serial', timeout: 120_000 });

let gateway: GatewayProcess;
let worker: WorkerProcess;
let db: Pool;
let collector: { id: string; key: string };
let sent = 0;

test.beforeAll(async ({ installation: { kek, urls } }) => {
  gateway = await startGatewayProcess(urls.gateway, kek, await freePort());
  worker = await startWorker(urls.worker, kek, '--roles', 'projections');
  db = createPool(urls.migrator, { applicationName: 'tests' });
  collector = await registerReporter(db, { name: 'edge-collector', kind: 'service' });
  await db.query(
    `INSERT INTO zone (id, name, kind, environment, created_at, changed_at) VALUES ($1, 'shop-prod', 'workload', 'production', now(), now())`,
    [randomUUID()],
  );
});

test.afterAll(async () => {
  worker?.child.kill('SIGTERM');
  await worker?.exited;
  if (gateway) await killed(gateway.child, 'SIGTERM');
  await db?.end();
});

function bodyOf(agent: string, make = genaiChatSpan): string {
  sent += 1;
  const span = make({
    at: 910_000 + sent,
    startedMs: Date.now() - 900,
    attributes: { 'gen_ai.agent.name': agent, 'gen_ai.conversation.id': `conversation ${agent}` },
  });
  return JSON.stringify(exportRequest([span], 'edge'));
}
const send = (agent: string, key: string, make = genaiChatSpan) =>
  postTraces(gateway.url, key, bodyOf(agent, make));

const fits = async (page: Page) =>
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
  ).toBeLessThanOrEqual(0);

let key = '';
let address = '';

test('the shadow agent is found, registered with all that is said of it, and gets a key', async ({
  page,
  installation,
}) => {
  await addPerson(installation, { name: 'Sven Sponsor', roles: ['approver'] });
  await signIn(page, installation);
  expect((await send('parcel-tracker', collector.key)).status).toBe(200);
  await expect
    .poll(
      async () => {
        await page.goto('/coverage?view=shadow');
        return page.getByRole('link', { name: 'parcel-tracker' }).count();
      },
      { timeout: 20_000 },
    )
    .toBe(1);
  await page.getByRole('link', { name: 'parcel-tracker' }).click();
  const panel = page.getByRole('complementary');
  await panel.getByText('Owner, team, zone, purpose and what is expected').click();
  await panel.getByLabel('Sponsor').selectOption({ label: await optionOf(panel, 'Sven Sponsor') });
  await panel.getByLabel('Zone').selectOption({ label: 'shop-prod, production' });
  await panel.getByLabel('Purpose').fill('Tells customers where their parcels are');
  await expectAccessible(page);
  await panel.getByRole('checkbox', { name: 'edge-collector' }).uncheck();
  await panel.getByRole('button', { name: 'Register', exact: true }).click();
  key = (await panel.getByText('slp_ik_').textContent()) ?? '';
  address = (await panel.getByRole('link', { name: 'Open its page' }).getAttribute('href')) ?? '';
  expect(address).toMatch(/^\/identities\/[0-9a-f-]{36}$/);
  await panel.getByRole('link', { name: 'Open its page' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  await page.waitForURL(`**${address}`);
  const facts = page.getByRole('complementary', { name: 'Facts' });
  await expect(facts).toContainText('Tells customers where their parcels are');
  await expect(facts).toContainText('Sven Sponsor');
  await expect(facts).toContainText('shop-prod production');
  await expect(facts).toContainText('Assurance 1 of 3');
  await expect(page.getByText('It proves itself by a bearer secret alone')).toBeVisible();
  await expectAccessible(page);
});

/** The whole label of the one option that begins with a name. */
const optionOf = async (within: ReturnType<Page['getByRole']>, name: string) =>
  (await within
    .getByRole('option', { name: new RegExp(`^${name}`) })
    .first()
    .textContent()) ?? '';

test('its next interaction is attributed to it on its page', async ({ page, installation }) => {
  await signIn(page, installation);
  expect((await send('parcel-tracker', key)).status).toBe(200);
  expect((await send('parcel-tracker', key, toolSpan)).status).toBe(200);
  await expect
    .poll(
      async () => {
        await page.goto(`${address}/activity`);
        return page.getByRole('table', { name: 'Latest interactions' }).getByRole('row').count();
      },
      { timeout: 20_000 },
    )
    .toBe(3);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Access' }).click();
  await expect(page.getByRole('table', { name: /acted on/ })).toContainText('not said');
  await expectAccessible(page);
  await page.getByRole('link', { name: /^Changes/ }).click();
  await expect(page.getByText('The first that was known of it.')).toBeVisible();
});

test('given a certificate, what it sends over mutual TLS is attributed to it too', async ({
  page,
  installation,
}) => {
  const [house, serverCa] = await Promise.all([
    issueAuthority({ subject: 'CN=House authority' }),
    issueAuthority({ subject: 'CN=Server authority' }),
  ]);
  await addAnchor(db, 'ca', [house]);
  await signIn(page, installation);
  await page.goto(`${address}/credentials`);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Add credential' }).click();
  const dialog = page.getByRole('dialog', { name: /Add a credential/ });
  await dialog.getByLabel('Kind').selectOption('certificate');
  await dialog.getByLabel('Its certificate shows, as').selectOption('san_dns');
  await dialog.getByLabel('This, to the letter').fill('parcels.example.org');
  await dialog.getByRole('button', { name: 'Add credential' }).click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('table', { name: 'Credentials' })).toContainText(
    'parcels.example.org',
  );

  const tls = await startTlsGateway(installation, serverCa);
  const own = await issueCertificate({ issuer: house, dns: ['parcels.example.org'] });
  const agent = keptAgent({ chain: [own], serverCa: serverCa.pem });
  const { status } = await postOverTls(tls.tls?.port ?? 0, agent, bodyOf('parcel-tracker'));
  agent.destroy();
  await tls.close();
  expect(status).toBe(200);
  await expect
    .poll(
      async () => {
        await page.goto(`${address}/activity`);
        return page.getByRole('table', { name: 'Latest interactions' }).getByRole('row').count();
      },
      { timeout: 20_000 },
    )
    .toBe(4);
  await page.goto(address);
  await expect(page.getByText('It proves itself by a bearer secret alone')).toHaveCount(0);
});

/** In this process: a gateway of its own with a certificate that this authority signed. */
async function startTlsGateway({ kek, urls }: Installation, issuer: Issued) {
  const server = await issueCertificate({
    issuer,
    subject: 'CN=gateway',
    dns: ['localhost'],
    extendedKeyUsage: [serverAuth],
  });
  const database = {
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  };
  return startGateway(database, {}, { cert: server.pem, key: server.keyPem });
}

test('what is known of it is changed with a reason, and its past is kept', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto(address);
  await page.getByRole('link', { name: 'Change', exact: true }).click();
  const form = page.getByRole('form', { name: 'Change' });
  await form.getByLabel('Tags').fill('shop, eu');
  await form.getByRole('radio', { name: 'These people and teams' }).check();
  await form.getByLabel('People it may act for', { exact: true }).selectOption({
    label: 'Sven Sponsor',
  });
  await form.getByRole('button', { name: 'Add to people it may act for' }).click();
  await expect(form.getByRole('button', { name: 'Remove Sven Sponsor' })).toBeVisible();
  await expectAccessible(page);
  await form.getByLabel('Reason').fill('The shop asked for it');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('What was known before is kept under Changes')).toBeVisible();
  await page.goto(`${address}/changes`);
  await expect(page.getByRole('heading', { name: 'Version 2' })).toBeVisible();
  const table = page.getByRole('table', { name: /changed/ });
  await expect(table.getByRole('row', { name: /Tags/ })).toContainText('shop, eu');
  await expect(table.getByRole('row', { name: /May act for/ })).toContainText('Sven Sponsor');
  await expect(page.getByText('The shop asked for it')).toBeVisible();
  await expectAccessible(page);
});

test('it is found by what narrows the list, by keyboard, and what is not known is said', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/identities');
  const table = page.getByRole('table', { name: /^Identities/ });
  await expect(table.getByRole('row')).toHaveCount(3);
  await expectAccessible(page);
  await table.getByRole('row').nth(1).focus();
  await page.keyboard.press('j');
  await expect(table.getByRole('row').nth(2)).toBeFocused();
  await page.keyboard.press('k');
  await page.keyboard.press('/');
  const query = page.getByLabel('Filter identities');
  await expect(query).toBeFocused();
  await query.fill('zone:shop-prod tag:eu assurance:<2 expires:<90d parcel');
  await page.keyboard.press('Enter');
  await page.waitForURL(/zone=shop-prod/);
  await expect(table.getByRole('row')).toHaveCount(2);
  await page.getByRole('link', { name: 'Remove tag eu' }).click();
  await expect(page).not.toHaveURL(/tag=/);
  await query.fill('risk:>40');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'is not a field' })).toBeVisible();
  await expectAccessible(page);
  await page.goto('/identities?zone=moon');
  await expect(page.getByText('zone:moon names no zone')).toBeVisible();
  await page.goto('/identities?owned=no');
  await expect(table.getByRole('row')).toHaveCount(2);
  await page.goto('/identities?sort=seen');
  await table.getByRole('row').nth(1).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/identities\/[0-9a-f-]{36}$/);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of [
    '/identities',
    address,
    `${address}/access`,
    `${address}/changes`,
    `${address}/change`,
    '/identities/new',
  ]) {
    await page.goto(path);
    await fits(page);
  }
});

test('suspended with a reason, its next batch is refused with a sentence, until it is resumed', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto(address);
  await page.getByRole('button', { name: 'Suspend' }).click();
  const dialog = page.getByRole('dialog', { name: /^Suspend / });
  await expect(dialog).toContainText('Every gateway refuses it from its next request on');
  await expect(dialog).toContainText('2 credentials of it prove nothing any more');
  await expectAccessible(page);
  await dialog.getByLabel('Reason').fill('It tells the wrong people');
  await dialog.getByRole('button', { name: 'Suspend' }).click();
  await expect(page.getByText('It tells the wrong people')).toBeVisible();
  await expect(page.locator('.note').filter({ hasText: /Suspended.*by ada/ })).toBeVisible();
  await expect
    .poll(async () => (await send('parcel-tracker', key)).status, { timeout: 5000 })
    .toBe(403);
  const refused = await send('parcel-tracker', key);
  expect(refused.bytes.toString()).toContain('It tells the wrong people');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('It was mended');
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Suspend' })).toBeVisible();
  await expect
    .poll(async () => (await send('parcel-tracker', key)).status, { timeout: 5000 })
    .toBe(200);
  const { rows } = await db.query(
    `SELECT kind FROM control_event WHERE kind LIKE 'identity_%' AND kind <> 'identity_assigned' ORDER BY position`,
  );
  expect(rows.map(({ kind }) => kind)).toEqual([
    'identity_created',
    'identity_changed',
    'identity_suspended',
    'identity_resumed',
  ]);
});

test('one is registered by hand and ended for good, which asks for its name', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/identities');
  await page.getByRole('link', { name: 'Register identity' }).click();
  const form = page.getByRole('form', { name: 'Register identity' });
  await form.getByLabel('Kind').selectOption('service');
  await form.getByLabel('Name', { exact: true }).fill('parcel-tracker-2');
  await form.getByRole('checkbox', { name: /every identity/ }).check();
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('link', { name: 'Open its page' }).click();
  await page.getByRole('button', { name: 'Decommission' }).click();
  const dialog = page.getByRole('dialog', { name: /^Decommission / });
  await dialog.getByLabel('Reason').fill('It was a mistake');
  const end = dialog.getByRole('button', { name: 'Decommission' });
  await expect(end).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByLabel(/Type parcel-tracker-2/).fill('parcel-tracker-2');
  await expectAccessible(page);
  await end.click();
  await expect(page.getByText('it never comes back')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resume' })).toHaveCount(0);
  await page.goto('/identities?state=decommissioned');
  await expect(page.getByRole('row', { name: /parcel-tracker-2/ })).toBeVisible();
});

test('a proposed one shows what it asks for, and is accepted with who answers for it', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  const id = await propose(installation);
  await page.goto('/identities?state=proposed');
  await page.getByRole('link', { name: 'quarterly-close' }).click();
  await expect(page.getByText('Nothing is issued to it')).toBeVisible();
  await expect(page.getByText('Closes the books')).toBeVisible();
  await expect(page.getByText('It asks to act for everybody')).toBeVisible();
  await expect(page.getByText('It asks to report for every identity')).toBeVisible();
  await expectAccessible(page);
  const form = page.getByRole('form', { name: 'Accept' });
  for (const label of ['Owner', 'Sponsor'])
    await form.getByLabel(label).selectOption({ label: await optionOf(form, 'Sven Sponsor') });
  await form.getByLabel('Reason').fill('Finance needs it');
  await form.getByRole('button', { name: 'Accept' }).click();
  await expect(page.getByRole('button', { name: 'Suspend' })).toBeVisible();
  const { rows } = await db.query('SELECT state FROM identity WHERE id = $1', [id]);
  expect(rows).toEqual([{ state: 'active' }]);
});

/** As a machine would: it waits for a person. */
async function propose({ db: prisma }: Installation): Promise<string> {
  const { proposeIdentity } = await import('@/lib/identities/registration/mutations');
  const { id } = await proposeIdentity(
    { db: prisma, actor: { kind: 'operator', name: 'root' }, now: new Date() },
    {
      ...{ kind: 'service', name: 'quarterly-close', purpose: 'Closes the books' },
      ...{ actsFor: 'all', reportsFor: 'all' },
    },
  );
  return id;
}
