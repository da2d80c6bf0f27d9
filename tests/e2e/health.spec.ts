import { newId } from '@/lib/core/ids';
import { expect, expectAccessible, signIn, test } from '../support/e2e';

test('health says in words that nothing is taken in, then figures when a gateway reports', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await installation.db.processStatus.deleteMany();
  await page.goto('/health');
  await expect(page.getByText('No gateway has reported')).toBeVisible();
  await expect(page.getByText('No worker has reported')).toBeVisible();
  await expectAccessible(page);

  const now = new Date();
  const row = { version: '0.1.0', startedAt: now, seenAt: now };
  await installation.db.processStatus.createMany({
    data: [
      {
        ...row,
        id: newId(),
        role: 'gateway',
        figures: {
          itemsPerSecond: 1234,
          ackP50Ms: 4.2,
          ackP99Ms: 17,
          queuedItems: 3,
          diskFreeMb: 51_200,
          shard: 2,
          rssMb: 120,
          acceptedTotal: 99,
        },
      },
      {
        ...row,
        id: newId(),
        role: 'worker',
        figures: {
          lagMs: 120,
          projections: [{ name: 'arrivals', shard: 2, lagEntries: 7, lagMs: 120 }],
          rssMb: 90,
        },
      },
    ],
  });
  // Refreshed by itself: nobody reloads.
  await expect(page.getByText('1,234')).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText('Keeping up')).toBeVisible();
  await expect(page.getByRole('row', { name: /arrivals/ })).toContainText('7');
  await expect(page.getByText('50 GB')).toBeVisible();
  await expectAccessible(page);

  await page.setViewportSize({ width: 390, height: 844 });
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
  ).toBeLessThanOrEqual(0);
  await installation.db.processStatus.deleteMany();
});
