import { createHash, generateKeyPairSync } from 'node:crypto';
import { newId } from '@/lib/core/ids';
import { expect, expectAccessible, type Installation, signIn, test } from '../support/e2e';
import { postTraces, startGateway, type TestGateway } from '../support/gateway';
import { signInAs } from '../support/sign-in-as';

test.use({ database: 'credentials' });
test.describe.configure({ mode: 'serial' });

let gateway: TestGateway;
const day = 86_400_000;
const at = (days: number) => new Date(Date.now() + days * day);

test.beforeAll(async ({ installation }) => {
  const { kek, urls } = installation;
  gateway = await startGateway({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
  await seed(installation);
});
test.afterAll(async () => gateway?.close());

/** An agent with a key that ends soon and was used from a new network, and a service with an ingest key. */
async function seed({ db }: Installation): Promise<void> {
  const identity = async (name: string, kind: string) => {
    const id = newId();
    await db.identity.create({
      data: { id, kind, name, names: [], state: 'active', createdAt: at(-40) },
    });
    return id;
  };
  const returns = await identity('returns', 'agent');
  const collector = await identity('collector', 'service');
  await db.network.create({
    data: { id: newId(), name: 'Cluster A', cidrs: ['10.0.0.0/8'], changedAt: at(-40) },
  });
  await db.credential.create({
    data: {
      id: newId(),
      identityId: returns,
      kind: 'public_key',
      name: 'signing key',
      hint: '',
      subject: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      rule: { jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } },
      createdAt: at(-30),
      expiresAt: at(3),
      lastUsedAt: new Date(),
      uses: {
        create: [
          { network: 'Cluster A', firstAt: at(-30), lastAt: at(-2) },
          { network: '192.0.2.0/24', firstAt: at(-1), lastAt: new Date() },
        ],
      },
    },
  });
  await db.credential.create({
    data: {
      id: newId(),
      identityId: collector,
      kind: 'ingest_key',
      hash: new Uint8Array(createHash('sha256').update('a').digest()),
      hint: 'aB3d',
      createdAt: at(-10),
      expiresAt: at(20),
    },
  });
}

test('the board says what needs care, and each figure leads to it', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.getByRole('link', { name: 'Credentials', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Credentials', level: 1 })).toBeVisible();
  const board = page.getByRole('region', { name: 'Credentials board' });
  await expect(board.getByRole('link', { name: /End within 7 days/ })).toContainText('1');
  await expect(board.getByRole('link', { name: /End within 30 days/ })).toContainText('2');
  await expectAccessible(page);
  await board.getByRole('link', { name: /Used from a new network/ }).click();
  await expect(page).toHaveURL(/needs=new_network/);
  const rows = page.getByRole('table', { name: 'Credentials' }).getByRole('row');
  await expect(rows).toHaveCount(2);
  await rows.nth(1).getByRole('link').first().focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary', { name: 'Registered key' });
  await expect(panel.getByText('It was used from a new network')).toBeVisible();
  await expect(panel.getByRole('listitem').first()).toContainText('192.0.2.0/24');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
  await board.getByRole('link', { name: /Bearer secrets left/ }).click();
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('collector');
});

test('a secret is shown once, works, and is refused once it is revoked', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/credentials');
  await page.getByRole('button', { name: 'Add credential' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a credential' });
  await dialog.getByLabel('Identity, by its name').fill('returns');
  await dialog.getByLabel('Kind').selectOption('Ingest key');
  await expect(dialog.getByText('whoever has the key is it')).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add credential' }).click();
  const secret = (await dialog.locator('code.shown-once').textContent()) ?? '';
  expect(secret).toMatch(/^slp_ik_/);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByText(secret)).toHaveCount(0);
  expect((await postTraces(gateway.url, secret, '{"resourceSpans":[]}')).status).toBe(200);

  await page.goto('/credentials?kind=ingest_key&q=returns');
  await page
    .getByRole('table', { name: 'Credentials' })
    .getByRole('link', { name: 'Ingest key' })
    .click();
  await page.getByRole('button', { name: 'Revoke this Ingest key' }).click();
  const asks = page.getByRole('dialog', { name: 'Revoke this Ingest key?' });
  await expect(asks).toContainText('returns has 1 other credential');
  await asks.getByLabel('Reason').fill('It was in a repository');
  await asks.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('Revoked: It was in a repository')).toBeVisible();
  await expect
    .poll(async () => (await postTraces(gateway.url, secret, '{"resourceSpans":[]}')).status)
    .toBe(401);
});

test('a private key is refused loudly, a public one is taken and rotated', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/credentials');
  const pair = generateKeyPairSync('ed25519');
  await page.getByRole('button', { name: 'Add credential' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a credential' });
  await dialog.getByLabel('Identity, by its name').fill('collector');
  await dialog.getByLabel('Kind').selectOption('Registered key');
  await dialog
    .getByLabel('Public key')
    .fill(JSON.stringify(pair.privateKey.export({ format: 'jwk' })));
  await dialog.getByRole('button', { name: 'Add credential' }).click();
  await expect(dialog.getByRole('alert')).toContainText('This is a private key');
  await dialog
    .getByLabel('Public key')
    .fill(JSON.stringify(pair.publicKey.export({ format: 'jwk' })));
  await dialog.getByRole('button', { name: 'Add credential' }).click();
  await expect(dialog.getByText('nothing secret was made')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();

  await page.goto('/credentials?kind=public_key&q=collector');
  await page
    .getByRole('table', { name: 'Credentials' })
    .getByRole('link', { name: 'Registered key' })
    .click();
  await page.getByRole('button', { name: 'Rotate' }).click();
  const rotate = page.getByRole('dialog', { name: 'Rotate this Registered key?' });
  const next = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
  await rotate.getByLabel('Public key of the successor').fill(next.toString());
  await rotate.getByLabel('Reason').fill('It is due');
  await rotate.getByRole('button', { name: 'Rotate' }).click();
  const done = page.getByRole('dialog', { name: 'Registered key was rotated' });
  await done.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByText('It has a successor, so it is not rotated again.')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Credentials' }).getByText('Lapsing')).toBeVisible();
});

test('whoever watches may revoke and no more; at 390 nothing lies outside', async ({
  page,
  installation,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signInAs(page, installation, { roles: ['analyst'] });
  await page.goto('/credentials');
  await expect(page.getByRole('button', { name: 'Add credential' })).toHaveCount(0);
  await expectAccessible(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  await page.getByRole('table', { name: 'Credentials' }).getByRole('link').first().click();
  await expect(page.getByRole('button', { name: /^Revoke this/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Rotate' })).toHaveCount(0);
  await expectAccessible(page);
});
