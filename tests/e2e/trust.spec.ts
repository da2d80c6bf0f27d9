import type { Page } from '@playwright/test';
import { expect, expectAccessible, type Installation, signIn, test } from '../support/e2e';

test.use({ database: 'trust' });
test.describe.configure({ mode: 'serial', timeout: 120_000 });

const dayMs = 86_400_000;
const idOf = (last: string) => `01890000-0000-7000-8000-0000000000${last}`;

/** One that lacks a zone and a proof only, one that has nothing, and one that is trusted. */
async function seed({ db }: Installation): Promise<void> {
  const { id: ada } = await db.person.findFirstOrThrow({ select: { id: true } });
  const createdAt = new Date(Date.now() - 20 * dayMs);
  const known = { ownerId: ada, sponsorId: ada, purpose: 'Handles returns', createdAt };
  const base = { kind: 'agent', state: 'active' } as const;
  await db.identity.createMany({
    data: [
      { ...base, ...known, id: idOf('b1'), name: 'returns' },
      { ...base, id: idOf('b2'), name: 'nameless', createdAt },
      { ...base, ...known, id: idOf('b3'), name: 'parcels', trust: 'trusted', trustAt: createdAt },
    ],
  });
  await db.$executeRaw`INSERT INTO coverage (identity, shard, interactions, first_at, last_at)
    VALUES (${idOf('b1')}::uuid, 1, 7, ${createdAt}, now())`;
}

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

test('an administrator sees who would rise and fall, sets the rules, and it is on record', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await seed(installation);
  await page.goto('/settings');
  await page.getByRole('link', { name: 'Trust', exact: true }).click();
  const form = page.getByRole('form', { name: 'What trust is earned by' });
  const look = form.getByRole('button', { name: 'Count who would rise or fall' });
  await look.click();
  await expect(
    form.getByText('Of 3 active identities, none would rise, 1 would fall to Observed, and 2'),
  ).toBeVisible();

  // By keyboard, from a rule that is on to one that is off.
  await form.getByLabel('A zone').focus();
  await page.keyboard.press('Space');
  await expect(form.getByText('active identities')).toHaveCount(0);
  await page.keyboard.press('Tab');
  await expect(form.getByLabel('A proof that is no bearer secret')).toBeFocused();
  await page.keyboard.press('Space');
  await look.click();
  await expect(
    form.getByText('1 would rise to Probation, 1 would fall to Probation, and 1 would stay.'),
  ).toBeVisible();
  await form.getByLabel('Days on probation').fill('366');
  await form.getByLabel('Reason').fill('No zones yet');
  await look.click();
  await expect(form.getByRole('alert')).toContainText('365 days at most');
  await form.getByLabel('Days on probation').fill('7');
  await form.getByLabel('Reason').press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Set these rules?' });
  await expect(dialog.getByText('Of 3 active identities, 1 would rise')).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  expect((await installation.db.setting.findFirstOrThrow()).trustRules).not.toMatchObject({
    trusted: { probationDays: 7 },
  });
  await form.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('button', { name: 'Set rules' }).click();
  await expect(form.getByText('Saved. The worker applies them within a minute.')).toBeVisible();
  await expect(form.getByLabel('Reason')).toHaveValue('');

  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  await expect(form.getByLabel('A zone')).not.toBeChecked();
  await expect(form.getByLabel('Days on probation')).toHaveValue('7');
  await expectAccessible(page);
  expect(await overflow(page)).toBeLessThanOrEqual(0);

  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto('/audit');
  await expect(page.locator('tbody').getByText('Changed what trust is earned by')).toBeVisible();
});

test('an identity says since when it has its trust, and what is missing to the next', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto(`/identities/${idOf('b2')}`);
  const facts = page.getByRole('complementary', { name: 'Facts' });
  await expect(facts).toContainText(/Observed since \d{4}-\d\d-\d\d, 20 d ago\./);
  await expect(facts.getByText('To Probation:')).toBeVisible();
  await expect(facts.getByText('Nobody answers for it. Name an owner.')).toBeVisible();
  await expectAccessible(page);
  await page.goto(`/identities/${idOf('b3')}`);
  await expect(facts).toContainText('Trusted since');
});
