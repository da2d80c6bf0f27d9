import { createPool } from '@/lib/db/pool';
import { expect, expectAccessible, signIn, test } from '../support/e2e';
import { postTraces, registerReporter, startGateway } from '../support/gateway';
import { exportRequest, genaiChatSpan } from '../support/spans';

test('what was refused is shown with its reason, inert, and can be replayed', async ({
  page,
  installation,
}) => {
  const { kek, urls } = installation;
  const gateway = await startGateway({
    kek,
    migratorUrl: urls.migrator,
    gatewayUrl: urls.gateway,
    workerUrl: urls.worker,
    consoleUrl: urls.console,
    drop: async () => undefined,
  });
  const db = createPool(urls.migrator, { applicationName: 'tests' });
  try {
    await signIn(page, installation);
    await page.goto('/health/quarantine');
    await expect(page.getByRole('heading', { name: 'Nothing is in quarantine' })).toBeVisible();
    await expectAccessible(page);

    const { key } = await registerReporter(db, { name: 'sloppy-agent' });
    const bad = {
      ...genaiChatSpan({ at: 77_001, attributes: { 'user.id': '<script>alert(1)</script>' } }),
      traceId: '00',
    };
    const answer = await postTraces(gateway.url, key, JSON.stringify(exportRequest([bad])));
    expect(answer.status).toBe(200);

    await page.reload();
    await expect(page.getByRole('row', { name: /Invalid trace id/ })).toContainText('sloppy-agent');
    await expectAccessible(page);
    await page.getByRole('rowheader').getByRole('link').first().click();
    const panel = page.getByRole('complementary');
    await expect(panel).toContainText('A trace id is 16 bytes and not all zero.');
    await expect(panel.getByRole('region', { name: 'The item as sent' })).toBeVisible();
    await expectAccessible(page);

    await panel.getByRole('button', { name: 'Replay' }).click();
    await expect(panel.getByRole('status')).toContainText('1 asked for');
    await expect
      .poll(
        async () => {
          await page.reload();
          return panel.textContent();
        },
        { timeout: 20_000 },
      )
      .toContain('Refused again');
    const { rows } = await db.query(
      "SELECT kind FROM control_event WHERE kind IN ('quarantined_item_opened', 'quarantine_replay_requested')",
    );
    expect(new Set(rows.map(({ kind }) => kind)).size).toBe(2);

    // The page was loaded anew, and answers to keys once it has read the item by itself.
    await expect(panel.getByRole('region', { name: 'The item as sent' })).toBeVisible();
    const row = page.getByRole('rowheader').getByRole('link').first();
    await page.keyboard.press('Escape');
    await expect(panel).toBeHidden();
    await expect(row).toBeFocused();
    await page.getByRole('button', { name: 'Replay all' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replay 1 item?' });
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Replay all' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText('1 asked for')).toBeVisible();

    await page.goto('/health/quarantine?reason=no_such_reason');
    await expect(page.getByText('no_such_reason is not a reason')).toBeVisible();
  } finally {
    await db.end();
    await gateway.close();
  }
});
