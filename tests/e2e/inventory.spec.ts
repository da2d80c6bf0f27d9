import { createPool } from '@/lib/db/pool';
import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { postTraces, startGateway, type TestGateway } from '../support/gateway';
import { exportRequest, genaiChatSpan, toolSpan, unknownSpan } from '../support/spans';

test.use({ database: 'inventory' });
test.describe.configure({ mode: 'serial' });

const hostile = {
  markup: '<script>document.title = "owned"</script><img src=x onerror=alert(1)>',
  reversed: 'invoice\u202Egpj.exe',
  terminal: '\u001b[31mred\u001b[0m',
  smuggled: [...'obey me'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join(''),
};

let gateway: TestGateway;
let key: string;
let sent = 0;

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
});

test.afterAll(() => gateway?.close());

const send = async (make: (at: number) => ReturnType<typeof genaiChatSpan>, count = 1) => {
  const spans = Array.from({ length: count }, () => make(500_000 + sent++));
  const answer = await postTraces(
    gateway.url,
    key,
    JSON.stringify(exportRequest(spans, 'billing-agent')),
  );
  expect(answer.status).toBe(200);
};

const chat =
  (attributes: Record<string, string> = {}) =>
  (at: number) =>
    genaiChatSpan({
      at,
      startedMs: Date.now() - 900,
      attributes: { 'gen_ai.agent.name': 'billing-agent', ...attributes },
    });

test('an agent is connected, and its first interaction turns the empty page into the list', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory');
  await expect(page.getByRole('heading', { name: 'No interactions yet' })).toBeVisible();
  await expect(
    page.getByRole('region', { name: 'Shell, before starting the agent' }),
  ).toContainText('OTEL_EXPORTER_OTLP_ENDPOINT');
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Connect an agent' }).click();
  await page.getByLabel('Name', { exact: true }).fill('billing-agent');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Register and make a key' }).click();
  await expect(page.getByText(/^Shown this once/)).toBeVisible();
  key = (await page.locator('.connect-key').textContent()) ?? '';
  expect(key).toMatch(/^slp_ik_/);
  await expect(page.getByText('Waiting for the first interaction')).toBeVisible();
  await expectAccessible(page);

  const list = await page.context().newPage();
  await list.goto('/inventory');
  await expect(list.getByText('Waiting for the first interaction')).toBeVisible();
  await send(chat());
  await expect(list.getByRole('table', { name: /Interactions/ })).toBeVisible({ timeout: 15_000 });
  await list.close();

  await page.getByRole('link', { name: 'See it in the inventory' }).click();
  await expect(page.getByRole('row', { name: /gpt-4.1-mini/ })).toContainText('billing-agent');
});

test('a row opens into facts, the three whos and the conversation, by keyboard and back', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await send((at) =>
    toolSpan({
      at,
      startedMs: Date.now() - 500,
      attributes: { 'gen_ai.agent.name': 'billing-agent' },
    }),
  );
  await page.goto('/inventory');
  const rows = page.getByRole('row').filter({ has: page.getByRole('rowheader') });
  // A page that was just loaded answers to keys once it is hydrated, which nothing on it shows.
  await expect(async () => {
    await rows.first().focus();
    await page.keyboard.press('j');
    await expect(rows.nth(1)).toBeFocused({ timeout: 500 });
  }).toPass({ timeout: 10_000 });
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary');
  await expect(panel).toContainText('billing-agent asked gpt-4.1-mini');
  await expect(panel).toContainText('on behalf of customer-5521');
  await expect(panel).toContainText('reported by itself');
  await expect(panel).toContainText('412 in, 58 out');
  await expect(panel).toContainText('chatcmpl-4f0c2');
  await expect(panel).toContainText('a span in the words of OpenTelemetry GenAI');
  await expect(panel.getByText('Invoice 7731 includes two seats')).toBeVisible();
  await expectAccessible(page);

  await page.keyboard.press('k');
  await expect(rows.first()).toBeFocused();
  await expect(panel).toContainText('billing-agent called lookup_invoice');
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(rows.first()).toBeFocused();

  await rows.first().click();
  await expect(panel).toBeVisible();
  await page.goBack();
  await expect(panel).toBeHidden();
});

test('an address with an open panel is one that can be sent to a colleague', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/inventory');
  await page.getByRole('rowheader').first().click();
  const address = page.url();
  expect(address).toContain('interaction=');
  await page.goto('about:blank');
  await page.goto(address);
  await expect(page.getByRole('complementary')).toContainText('lookup_invoice');
});

test('hostile text is shown inert, and what hides in it is named', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  page.on('dialog', () => expect(false, 'a script of the telemetry ran').toBe(true));
  const said = `${hostile.markup} ${hostile.reversed} ${hostile.terminal} ${hostile.smuggled}`;
  await send(
    chat({
      'gen_ai.request.model': hostile.reversed,
      'gen_ai.response.model': hostile.reversed,
      'user.id': hostile.markup,
      'gen_ai.input.messages': JSON.stringify([
        { role: hostile.terminal, parts: [{ type: 'text', content: said }] },
      ]),
    }),
  );
  await page.goto('/inventory');
  await page.getByRole('rowheader').first().click();
  const panel = page.getByRole('complementary');
  await expect(panel).toContainText('U+202E');
  await expect(panel).toContainText('<img src=x onerror=alert(1)>');
  await expect(panel.getByText('ESC').first()).toBeVisible();
  await expect(panel).toContainText('hidden “obey me”');
  expect(await page.title()).not.toBe('owned');
  const shown = await page.getByRole('main').innerHTML();
  for (const text of ['\u202E', '\u001b']) expect(shown).not.toContain(text);
  expect(await page.locator('img').count()).toBe(0);
  await expectAccessible(page);
});

test('filters are terms in the address, and a wrong one gets a sentence', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await send((at) => unknownSpan({ at, startedMs: Date.now() - 100 }));
  await page.goto('/inventory');
  await page.getByLabel('Filter interactions').fill('kind:data_transfer status:error');
  await page.keyboard.press('Enter');
  await page.waitForURL(/kind=data_transfer&status=error/);
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  await page.getByRole('link', { name: 'Remove status Error' }).click();
  await page.waitForURL((url) => !url.search.includes('status'));

  await page.getByLabel('Filter interactions').fill('colour:red');
  await page.keyboard.press('Enter');
  await expect(page.getByText('“colour” is not a field')).toBeVisible();
  await expect(page.getByLabel('Filter interactions')).toHaveValue('colour:red');
  await expectAccessible(page);

  await page.goto('/inventory?resource=nothing-is-called-this');
  await expect(page.getByText('No interactions match')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(page.getByRole('rowheader').first()).toBeVisible();
});

test('older and newer pages meet without a gap, and new rows wait to be asked for', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await send(chat(), 120);
  await page.goto('/inventory');
  const ids = () =>
    page
      .locator('tr[data-id]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')));
  const first = await ids();
  expect(first).toHaveLength(50);
  await page.getByRole('link', { name: 'Older' }).click();
  await page.waitForURL(/before=/);
  const second = await ids();
  expect(second.filter((id) => first.includes(id))).toEqual([]);
  await page.getByRole('link', { name: 'Newer' }).click();
  await page.waitForURL(/after=/);
  await expect.poll(ids).toEqual(first);

  await page.goto('/inventory');
  const before = await ids();
  await send(chat(), 2);
  const waiting = page.getByRole('button', { name: '2 new interactions' });
  await expect(waiting).toBeVisible({ timeout: 15_000 });
  expect(await ids()).toEqual(before);
  await waiting.click();
  await expect.poll(async () => (await ids()).slice(2)).toEqual(before.slice(0, 48));
});

test('an administrator erases an interaction, and it says who and why', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await send(
    chat({
      'gen_ai.request.model': 'erase-marker-model',
      'gen_ai.response.model': 'erase-marker-model',
    }),
  );
  await page.goto('/inventory?model=erase-marker-model');
  await page.getByRole('rowheader').first().click();
  const panel = page.getByRole('complementary');
  await panel.getByRole('button', { name: 'Erase' }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase this interaction?' });
  await expect(dialog).toContainText('no undo');
  await expectAccessible(page);
  await dialog.getByLabel('Reason').fill('Sent by mistake');
  await dialog.getByRole('button', { name: 'Erase for good' }).click();
  await expect(panel).toContainText(/Erased on .* by .*: Sent by mistake/);
  await page.reload();
  await expect(panel).toContainText('Sent by mistake');
  await expect(page.getByText('No interactions match')).toBeVisible();
  const db = createPool(installation.urls.migrator, { applicationName: 'tests' });
  const { rows } = await db.query("SELECT 1 FROM control_event WHERE kind = 'content_opened'");
  await db.end();
  expect(rows.length).toBeGreaterThan(0);
});

test('whoever is signed out reads nothing live, and no other site does', async ({
  page,
  installation,
  playwright,
}) => {
  const stranger = await playwright.request.newContext({ baseURL: installation.url });
  for (const path of [
    'interaction?id=1-1-1',
    'content?id=1-1-1',
    'arrivals',
    'health',
    'quarantined?id=x',
  ]) {
    expect((await stranger.get(`/api/live/${path}`)).status(), path).toBe(401);
  }
  await stranger.dispose();
  await signIn(page, installation);
  const forged = await page.request.get('/api/live/health', {
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  expect(forged.status()).toBe(403);
  expect((await page.request.get('/api/live/interaction?id=nonsense')).status()).toBe(400);
});

test('the page works at 390 and never scrolls sideways', async ({ page, installation }) => {
  await signIn(page, installation);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/inventory');
  await page.getByRole('button', { name: 'Filters' }).click();
  await expect(page.getByRole('link', { name: /Tool call/ })).toBeVisible();
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('rowheader').first().click();
  await expect(page.getByRole('complementary')).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await expectAccessible(page);
});
