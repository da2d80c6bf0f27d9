import { createPool } from '@/lib/db/pool';
import { originProjection } from '@/lib/identities/external/project';
import { listLags, projectBatch } from '@/lib/log/projection';
import { expect, expectAccessible, type Installation, signIn, test } from '../support/e2e';
import { postTraces, registerReporter, startGateway } from '../support/gateway';
import { exportRequest, genaiChatSpan } from '../support/spans';

test.use({ database: 'external' });
test.describe.configure({ mode: 'serial' });

const api = '01890000-0000-7000-8000-0000000000e1';
const page_ = `/identities/${api}/origin`;

async function addApi({ db }: Installation): Promise<void> {
  await db.identity.createMany({
    data: [
      {
        id: api,
        kind: 'external_api',
        name: 'openai',
        names: ['openai'],
        state: 'active',
        createdAt: new Date(),
      },
    ],
    skipDuplicates: true,
  });
}

/** One call to the API itself, and one that says it is and came from elsewhere. */
async function call({ urls, kek, db }: Installation): Promise<void> {
  await db.$executeRaw`UPDATE external_api_version SET since = now() - interval '1 hour'`;
  const migrator = createPool(urls.migrator, { applicationName: 'tests' });
  const worker = createPool(urls.worker, { applicationName: 'tests' });
  const gateway = await startGateway({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
  const reporter = await registerReporter(migrator, { name: 'billing-agent' });
  const spans = ['api.openai.com', 'api.openai.com.evil.example'].map((address, at) =>
    genaiChatSpan({ at: at + 1, startedMs: Date.now(), attributes: { 'server.address': address } }),
  );
  await postTraces(gateway.url, reporter.key, JSON.stringify(exportRequest(spans)));
  await gateway.close();
  const client = await worker.connect();
  for (const { shard, entries } of await listLags(client, [originProjection]))
    if (entries > 0) await projectBatch(client, originProjection, shard);
  client.release();
  await Promise.all([worker.end(), migrator.end()]);
}

test('an administrator registers where an API answers from, and how it signs', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await addApi(installation);
  await page.goto(page_);
  await expect(page.getByText('Where this API answers from is not registered')).toBeVisible();
  const form = page.getByRole('form', { name: 'Register its hosts' });
  await form.getByLabel('Hosts, one a line').fill('API.openai.com\n10.0.0.1');
  await form.getByLabel('What it signs').selectOption('Standard Webhooks');
  await form
    .getByLabel('Shared secrets, one a line')
    .fill(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
  await form.getByRole('textbox', { name: 'Reason' }).fill('As its documentation says');
  await form.getByRole('button', { name: 'Register hosts' }).click();
  await expect(form.getByRole('alert').getByText('“10.0.0.1” is no host name')).toBeVisible();
  await form.getByLabel('Hosts, one a line').fill('API.openai.com\n*.openai.com');
  await form.getByRole('button', { name: 'Register hosts' }).click();
  const row = page.getByRole('row', { name: /^api\.openai\.com/ });
  await expect(row).toContainText('Is about to be asked');
  await expect(page.getByText('by a shared secret that is shown to nobody')).toBeVisible();
  expect(await page.content()).not.toContain(Buffer.alloc(32, 7).toString('base64').slice(0, 20));
  await expectAccessible(page);
});

test('what its hosts showed and what came from elsewhere stand there, and lead to the entry', async ({
  page,
  installation,
}) => {
  await call(installation);
  await installation.db.externalProbe.create({
    data: {
      identityId: api,
      host: 'api.openai.com',
      outcome: 'unverified',
      reason: 'Its certificate has expired.',
      subject: 'CN=api.openai.com',
      endsAt: new Date(Date.now() - 3_600_000),
      probedAt: new Date(),
    },
  });
  await installation.db.fact.create({
    data: {
      subject: `identity:${api}`,
      name: 'origin',
      value: 'unverified',
      measuredAt: new Date(),
      until: new Date(Date.now() + 3_600_000),
      source: 'projection:origin',
    },
  });
  await signIn(page, installation);
  const need = page.getByRole('row', { name: /origin of openai is unverified/i });
  await need.getByRole('link', { name: 'Look' }).click();
  await expect(page).toHaveURL(new RegExp(page_));
  await expect(page.getByRole('row', { name: /^api\.openai\.com/ })).toContainText(
    'Its certificate has expired.',
  );
  await expect(page.getByText('2 interactions, 1 from elsewhere')).toBeVisible();
  const strange = page.getByRole('row', { name: /evil\.example/ });
  await expect(strange).toContainText('billing-agent');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await strange.getByRole('link').click();
  await expect(page.getByText('Origin unverified.')).toBeVisible();
  await expect(
    page.getByText('and registered for openai are *.openai.com, api.openai.com'),
  ).toBeVisible();
  await expectAccessible(page);
});

test('its hosts are asked when somebody asks, and not again within a minute', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto(page_);
  await page.getByRole('button', { name: 'Ask its hosts now' }).click();
  await expect(page.getByText('They are being asked.')).toBeVisible();
  await page.getByRole('button', { name: 'Ask its hosts now' }).click();
  await expect(page.getByRole('alert').getByText('within the last minute')).toBeVisible();
});

test('keys of HTTP Message Signatures are registered one by one', async ({
  page,
  installation,
}) => {
  const pem = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----`;
  await signIn(page, installation);
  await page.goto(page_);
  const form = page.getByRole('form', { name: 'Change its hosts' });
  await form.getByLabel('What it signs').selectOption('HTTP Message Signatures (RFC 9421)');
  await form.getByLabel('keyid').fill('test-key-ed25519');
  await form.getByLabel('Public key, in PEM').fill(pem);
  await form.getByRole('textbox', { name: 'Reason' }).fill('It signs now');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('group', { name: 'Key 1' })).toBeVisible();
  await expect(page.getByText('by a shared secret')).toHaveCount(0);
  await expectAccessible(page);
});
