import { createPool, type Pool } from '@/lib/db/pool';
import { expect, expectAccessible, type Installation, test } from '../support/e2e';
import { postSignal, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { logRecord, logsRequest } from '../support/records';
import { signInAs } from '../support/sign-in-as';
import { startWorker, type WorkerProcess } from '../support/worker-process';

test.use({ database: 'behind_agents' });
test.describe.configure({ mode: 'serial' });

let gateway: TestGateway;
let worker: WorkerProcess;
let db: Pool;
let claude: { id: string; key: string };
let codex: { id: string; key: string };

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
  worker = await startWorker(urls.worker, kek, '--roles', 'projections');
  db = createPool(urls.migrator, { applicationName: 'tests' });
  claude = await registerReporter(db, { name: 'claude-code' });
  codex = await registerReporter(db, { name: 'codex-cli' });
});

test.afterAll(async () => {
  worker?.child.kill('SIGTERM');
  await worker?.exited;
  await gateway?.close();
  await db?.end();
});

async function tell(key: string, email: string, prompts = 1): Promise<void> {
  const records = Array.from({ length: prompts }, (_, n) =>
    logRecord(
      { 'user.email': email, 'session.id': `ses-${email}-${n}`, 'event.name': 'user_prompt' },
      { body: { stringValue: `claude_code.user_prompt` } },
    ),
  );
  const body = JSON.stringify(logsRequest(records, 'claude-code'));
  expect((await postSignal('log', gateway.url, key, body)).status).toBe(200);
}

/** Until so many entries that name somebody are projected. */
const seen = ({ db: prisma }: Installation, interactions: number) =>
  expect
    .poll(
      async () =>
        Number(
          (await prisma.personBehind.aggregate({ _sum: { interactions: true } }))._sum
            .interactions ?? 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(interactions);

test('people behind agents are a finding until somebody says why it is expected', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, {
    roles: ['analyst'],
    name: 'Grace',
    email: 'grace@example.org',
  });
  await page.goto('/people/agents');
  await expect(page.getByRole('heading', { name: 'No agent has named anybody' })).toBeVisible();
  await expectAccessible(page);

  await tell(claude.key, 'grace@example.org', 3);
  await tell(codex.key, 'grace@example.org');
  await tell(claude.key, 'eve@example.org<img src=x>\u202E');
  await seen(installation, 5);
  await page.goto('/overview');
  const need = page.getByRole('row', { name: /2 people act through agents without a second/ });
  await need.getByRole('link', { name: 'Decide' }).click();
  await expect(page).toHaveURL(/\/people\/agents\?show=not_shown/);
  const row = page.getByRole('row').filter({
    has: page.getByRole('link', { name: 'grace@example.org' }),
  });
  await expect(row).toContainText('Not shown');
  await expect(row).toContainText('Declared');
  await expect(row).toContainText('same e-mail as Grace');
  await expect(row).toContainText('claude-code, codex-cli');
  await expect(page.getByRole('row', { name: /eve@example.org/ })).toContainText('U+202E');
  await expectAccessible(page);

  await row.getByRole('link').focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary');
  await expect(panel.getByRole('heading', { name: 'grace@example.org' })).toBeFocused();
  await expect(panel).toContainText('It proves nobody');
  await expect(panel.getByRole('listitem').first()).toContainText(
    '3 interactions. Told by claude-code',
  );
  await expectAccessible(page);

  await panel.getByLabel('Reason').fill('Signs in with a passkey at our provider');
  await panel.getByLabel('How long').selectOption('90');
  await panel.getByRole('button', { name: 'Mark as expected' }).click();
  await expect(panel).toContainText('Expected by Grace');
  await expect(panel).toContainText('Signs in with a passkey at our provider');
  await expect(row).toBeHidden();
  await page.getByRole('link', { name: 'Expected', exact: true }).click();
  await expect(row).toContainText('Not shown, expected');
  await page.goto('/overview');
  await expect(
    page.getByRole('row', { name: /1 person acts through agents without a second/ }),
  ).toBeVisible();

  await page.goto('/people/agents?show=expected');
  await row.getByRole('link').click();
  await panel.getByRole('button', { name: 'Not expected any more' }).click();
  await expect(panel.getByRole('button', { name: 'Mark as expected' })).toBeVisible();
  const { rows } = await db.query(
    `SELECT kind FROM control_event WHERE kind LIKE 'person_behind_%' ORDER BY position`,
  );
  expect(rows.map(({ kind }) => kind)).toEqual([
    'person_behind_expected',
    'person_behind_reopened',
  ]);
});

test('they are found by agent and in full, sorted, and lead to what was done for them', async ({
  page,
  installation,
}) => {
  await signInAs(page, installation, { roles: ['approver'] });
  await page.goto('/people/agents');
  const people = page.locator('tbody').getByRole('rowheader');
  await expect(people).toHaveText([/eve@example.org/, 'grace@example.org']);
  await page.getByRole('link', { name: 'Entries' }).click();
  await expect(page).toHaveURL(/sort=entries/);
  await expect(people).toHaveText(['grace@example.org', /eve@example.org/]);
  await expect(page.getByRole('columnheader', { name: 'Entries' })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  await page.getByRole('combobox', { name: 'Agent' }).fill('codex-cli');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(people).toHaveText(['grace@example.org']);
  await expect(page).toHaveURL(/sort=entries/);
  await page.getByRole('combobox', { name: 'Agent' }).fill('codex-clj');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByText('No identity is called codex-clj')).toBeVisible();
  await page.getByRole('combobox', { name: 'Agent' }).fill('');
  await page.getByLabel('On behalf of, in full').fill('grace@example');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByText('Nobody is called that')).toBeVisible();
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await people.getByRole('link', { name: 'grace@example.org' }).click();

  const panel = page.getByRole('complementary');
  await expect(panel.getByRole('heading', { name: 'Agents' })).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Mark as expected' })).toBeHidden();
  await panel.getByRole('link', { name: 'claude-code' }).click();
  await expect(page).toHaveURL(/\/inventory\?.*behalf=grace/);
  await expect(page.getByRole('main')).toContainText('behalf:grace@example.org');
  await expect(page.locator('tr[data-id]')).toHaveCount(3);
});

test('a viewer is told whose page it is, and of no finding', async ({ page, installation }) => {
  await signInAs(page, installation, { roles: ['viewer'] });
  await page.goto('/people/agents?show=not_shown');
  await expect(page.getByRole('main')).toContainText(
    'Only an analyst, an approver or an administrator may see who signs in',
  );
  await expect(page.getByRole('main')).not.toContainText('grace@example.org');
  await expectAccessible(page);
  await page.goto('/overview');
  await expect(page.getByRole('heading', { name: 'Needs a person' })).toBeVisible();
  await expect(page.getByText('through agents without a second factor')).toBeHidden();
});
