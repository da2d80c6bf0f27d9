import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { postTraces, startGateway, type TestGateway } from '../support/gateway';
import { exportRequest, genaiChatSpan, toolSpan } from '../support/spans';

let gateway: TestGateway;

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

test('an agent is connected in its own way, and the page says what arrived and what is missing', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/connect?way=claude-code');
  await expect(page.getByRole('region', { name: 'Shell, before claude' })).toContainText(
    'OTEL_LOG_USER_PROMPTS=1',
  );
  await expectAccessible(page);
  await expect(page.getByText('Claude Code calls itself claude-code')).toBeVisible();
  // What was entered is still there after a refusal.
  await page.getByLabel('Name', { exact: true }).fill('two words');
  await page.getByLabel('Kind').selectOption('daemon');
  await page.getByRole('button', { name: 'Register and make a key' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '63 letters' })).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('two words');
  await expect(page.getByLabel('Kind')).toHaveValue('daemon');
  await page.getByLabel('Name', { exact: true }).fill('coder');
  await page.route('**/connect?*', (route) => route.abort());
  await page.getByRole('button', { name: 'Register and make a key' }).click();
  await expect(page.getByText('The console did not answer.')).toBeVisible();
  await page.unroute('**/connect?*');
  await page.getByRole('button', { name: 'Register and make a key' }).press('Enter');
  await expect(page.getByText(/^Shown this once/)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Ingest key' })).toBeFocused();
  const key = (await page.locator('.connect-key').textContent()) ?? '';
  await expect(page.getByRole('region', { name: 'Shell, before claude' })).toContainText(key);
  await expect(page.getByText('Waiting for the first interaction')).toBeVisible();
  await expect(page.getByRole('row', { name: /^Input/ })).toContainText('Not yet');

  await page.getByRole('link', { name: 'OpenTelemetry' }).click();
  await page.waitForURL(/way=opentelemetry/);
  await page.getByRole('navigation', { name: 'Language' }).getByText('Python').click();
  await page.waitForURL(/form=python/);
  await expect(page.getByText('opentelemetry-instrument python agent.py')).toBeVisible();
  await expect(page.locator('.connect-key')).toHaveText(key);
  await expect(page.getByRole('link', { name: 'Python' })).toHaveAttribute('aria-current', 'true');

  const send = (spans: Parameters<typeof exportRequest>[0], service: string) =>
    postTraces(gateway.url, key, JSON.stringify(exportRequest(spans, service)));
  const startedMs = Date.now() - 900;
  await send(
    [genaiChatSpan({ at: 811_001, startedMs, attributes: { 'gen_ai.agent.name': 'coder' } })],
    'coder',
  );
  await expect(page.getByRole('link', { name: 'See it in the inventory' })).toBeVisible();
  await expect(page.getByText('1 received as spans, 0 refused.')).toBeVisible();
  await expect(page.getByRole('row', { name: /^Input/ })).toContainText('Arrived');
  const tools = page.getByRole('row', { name: /^Tool calls/ });
  await expect(tools).toContainText('Make a span with gen_ai.operation.name=execute_tool');
  await expectAccessible(page);

  await send(
    [toolSpan({ at: 811_002, startedMs, attributes: { 'gen_ai.agent.name': 'someone-else' } })],
    'x',
  );
  await expect(tools).toContainText('Arrived');
  await expect(page.getByText('Some of it declares itself as someone-else')).toBeVisible();
  await expect(page.getByText('It is here.')).toBeVisible();
  await expect(
    page.getByText('Since the key was made 2 received as spans, 0 refused.'),
  ).toBeVisible();
});

test('a collector’s first interaction is noticed, and what cannot be read says so', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/connect?way=collector');
  await page.getByLabel('Name', { exact: true }).fill('edge-collector');
  await page.getByRole('button', { name: 'Register and make a key' }).click();
  const key = (await page.locator('.connect-key').textContent()) ?? '';
  await page.route('**/api/live/arrived?*', (route) => route.abort());
  await expect(page.getByText('What arrived could not be read.')).toBeVisible({ timeout: 15_000 });
  await page.unroute('**/api/live/arrived?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('What arrived could not be read.')).toBeHidden();
  const attributes = { 'gen_ai.agent.name': 'nobody-knows' };
  const span = genaiChatSpan({ at: 811_003, startedMs: Date.now() - 900, attributes });
  await postTraces(gateway.url, key, JSON.stringify(exportRequest([span], 'x')));
  const link = page.getByRole('link', { name: 'See it in the inventory' });
  await expect(link).toHaveAttribute('href', /^\/inventory\?fingerprint=[0-9a-f]{32}$/);
  await link.click();
  await page.waitForURL('**/inventory?*');
  await expect(page.locator('tr[data-id]')).toHaveCount(1);

  // Of one that reports for others, a program's name says nothing of whose it is.
  await page.goto('/connect?way=claude-code');
  await expect(page.getByText('under such a name is this identity’s.')).toBeVisible();
  await page.getByLabel('Who sends telemetry').selectOption({ label: 'edge-collector' });
  await expect(page.getByText('under such a name stands as shadow activity')).toBeVisible();
});

test('every way fits at 390 and has its placeholder for a key', async ({ page, installation }) => {
  await signIn(page, installation);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const way of ['collector', 'codex', 'gemini-cli', 'curl']) {
    await page.goto(`/connect?way=${way}`);
    await expect(page.locator('.connect-ways [aria-current]')).toBeVisible();
    const code = page.locator('.connect-steps .code').filter({ hasText: 'YOUR_INGEST_KEY' });
    await expect(code.first()).toBeVisible();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    expect(overflow, way).toBeLessThanOrEqual(0);
  }
  await expectAccessible(page);
});
