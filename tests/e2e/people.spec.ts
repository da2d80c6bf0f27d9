import type { Browser, Page } from '@playwright/test';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { expect, expectAccessible, type Installation, test } from '../support/e2e';
import { signInAs } from '../support/sign-in-as';

test.use({ database: 'people_admin' });
test.describe.configure({ mode: 'serial' });

/** Another person in another browser. */
async function another(
  browser: Browser,
  installation: Installation,
  person: Parameters<typeof signInAs>[2],
): Promise<{ page: Page; id: string }> {
  const context = await browser.newContext({ baseURL: installation.url });
  const page = await context.newPage();
  const { id } = await signInAs(page, installation, person);
  return { page, id };
}

/** An administrator who counts: with a passkey, so that somebody remains. */
async function asAdministrator(page: Page, installation: Installation, name: string) {
  await installation.db.setting.createMany({
    data: {
      id: 1,
      organisation: 'Blue Sparrow',
      timeZone: 'UTC',
      content: 'redact',
      retentionBodyDays: 30,
      retentionFactsDays: 365,
      createdAt: new Date(),
    },
    skipDuplicates: true,
  });
  const { id } = await signInAs(page, installation, { roles: ['admin'], name });
  await installation.db.passkey.create({
    data: {
      id,
      personId: id,
      credentialId: new Uint8Array(Buffer.from(id)),
      publicKey: new Uint8Array(16),
      counter: 0n,
      transports: [],
      name: 'Key',
      isSynced: false,
      createdAt: new Date(),
    },
  });
  return id;
}

const reason = (page: Page, of: string) => page.locator(`#${of}-reason`);
const panel = (page: Page) => page.locator('aside.panel');

test('an administrator invites, the invited person makes an account, and the link works once', async ({
  page,
  browser,
  installation,
}) => {
  await asAdministrator(page, installation, 'Ada Invites');
  await page.goto('/people');
  await expect(page.getByRole('row', { name: /Ada Invites/ })).toContainText('Administrator');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Invite a person' }).click();
  await expect(panel(page).getByRole('heading', { name: 'Invite a person' })).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Grace Hopper');
  await page.getByLabel('Work e-mail').fill('grace@example.org');
  await page.getByLabel(/^Analyst/).check();
  await page.getByLabel('Reads content').selectOption('teams');
  await reason(page, 'invite').fill('joins the review');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await panel(page).locator('[data-shown-once] code').textContent();
  expect(link).toContain('/invitation#slp_inv_');
  await expect(page.getByRole('row', { name: /Grace Hopper/ })).toContainText('Invited');

  const guest = await (await browser.newContext({ baseURL: installation.url })).newPage();
  const asked: string[] = [];
  guest.on('request', (request) => asked.push(request.url()));
  await guest.goto(link ?? '');
  await expect(guest.getByLabel('Code of the link')).toHaveValue(/^slp_inv_/);
  await expectAccessible(guest);
  await guest.getByLabel('Work e-mail').fill('grace@example.org');
  await guest.getByLabel('New password').fill('password1234');
  await guest.getByRole('button', { name: 'Set my password' }).click();
  await expect(guest.getByText('among the first guesses')).toBeVisible();
  await guest.getByLabel('New password').fill('correct horse battery');
  await guest.getByRole('button', { name: 'Set my password' }).click();
  await guest.waitForURL('**/sign-in');
  // If this fails, the code is in the logs of whoever stands in front.
  expect(asked.filter((url) => new URL(url).href.split('#')[0]?.includes('slp_inv_'))).toEqual([]);
  const made = await installation.db.person.findUniqueOrThrow({
    where: { email: 'grace@example.org' },
  });
  expect(made).toMatchObject({ name: 'Grace Hopper', roles: ['viewer', 'analyst'] });

  await guest.goto(link ?? '');
  await guest.getByLabel('Work e-mail').fill('grace@example.org');
  await guest.getByLabel('New password').fill('correct horse battery');
  await guest.getByRole('button', { name: 'Set my password' }).click();
  await expect(guest.getByText('was used, has ended, or never was')).toBeVisible();
});

test('an administrator changes roles, ends a sign-in, and removes and restores a person', async ({
  page,
  browser,
  installation,
}) => {
  const ada = await asAdministrator(page, installation, 'Ada Changes');
  const bob = await another(browser, installation, { roles: ['viewer'], name: 'Bob Viewer' });
  await page.goto(`/people?person=${bob.id}`);
  await page.getByLabel(/^Approver/).check();
  await reason(page, 'rights').fill('on call');
  await page.getByRole('button', { name: 'Change rights' }).click();
  await expect(page.getByText('It holds from the next page')).toBeVisible();
  await expect(page.getByRole('row', { name: /Bob Viewer/ })).toContainText('Viewer, Approver');
  await expect(page.getByLabel(/^Approver/)).toBeChecked();
  await expectAccessible(page);

  await bob.page.goto('/people');
  await expect(bob.page.getByRole('row', { name: /Ada Changes/ })).toBeVisible();
  await expect(bob.page.getByRole('link', { name: 'Invite a person' })).toHaveCount(0);

  await reason(page, 'end').fill('not known here');
  await page.getByRole('button', { name: /^End the sign-in of/ }).click();
  await expect(page.getByText('1 sign-in ended.')).toBeVisible();
  // The page that is open there leaves by itself.
  await bob.page.waitForURL('**/sign-in?to=*');

  await page.getByText('Remove this person').click();
  await expect(page.getByText('ends 0 open sign-ins and leaves 0 identities')).toBeVisible();
  await reason(page, 'remove').fill('left the company');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByRole('row', { name: /Bob Viewer/ })).toContainText('Removed');
  await page.getByText('Restore this person').click();
  await reason(page, 'restore').fill('is back');
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await expect(page.getByRole('row', { name: /Bob Viewer/ })).toContainText('Active');

  await page.goto('/people?role=approver');
  await expect(page.getByRole('row', { name: /Bob Viewer/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /Ada Changes/ })).toHaveCount(0);
  await page.goto(`/people?person=${ada}`);
  await expect(panel(page)).toContainText('Nobody changes their own roles or rights.');
});

test('an administrator resets lost access, and its link chooses a new password', async ({
  page,
  browser,
  installation,
}) => {
  await asAdministrator(page, installation, 'Ada Resets');
  const vera = await another(browser, installation, { roles: ['viewer'], name: 'Vera Lost' });
  const { email } = await installation.db.person.findUniqueOrThrow({ where: { id: vera.id } });
  await page.goto(`/people?person=${vera.id}`);
  await page.locator('summary', { hasText: 'Reset access' }).click();
  await reason(page, 'reset').fill('forgot the password');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Reset access' }).click();
  const link = await panel(page).locator('[data-shown-once] code').textContent();
  await expect(page.getByRole('row', { name: /Vera Lost/ })).toHaveCount(1);

  const guest = await (await browser.newContext({ baseURL: installation.url })).newPage();
  await guest.goto(link ?? '');
  await expect(guest.getByRole('heading', { name: 'Choose your password' })).toBeVisible();
  await guest.getByLabel('Work e-mail').fill(email);
  await guest.getByLabel('New password').fill('correct horse battery');
  await guest.getByRole('button', { name: 'Set my password' }).click();
  await guest.waitForURL('**/sign-in');
  await guest.getByLabel('Work e-mail').fill(email);
  await guest.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await guest.getByRole('button', { name: 'Continue', exact: true }).click();
  await guest.waitForURL('**/sign-in/enrol');
});

test('whoever may not see people is told who may', async ({ browser, installation }) => {
  const viewer = await another(browser, installation, { roles: ['viewer'], name: 'Vera' });
  await viewer.page.goto('/people');
  await expect(
    viewer.page.getByText('Only an analyst, an approver or an administrator may see who signs in'),
  ).toBeVisible();
  await expect(viewer.page.getByRole('table')).toHaveCount(0);
});

test('teams are made, filled, renamed and deleted', async ({ page, installation }) => {
  await asAdministrator(page, installation, 'Ada Teams');
  await page.goto('/people?tab=teams');
  await page.getByLabel('Name', { exact: true }).fill('Payments');
  await page.getByRole('button', { name: 'Create team' }).click();
  await page.getByRole('link', { name: 'Payments' }).click();
  await expect(panel(page).getByRole('heading', { name: 'Payments' })).toBeFocused();
  const bob = await installation.db.person.findFirstOrThrow({ where: { name: 'Bob Viewer' } });
  await panel(page).locator('#add-member-person').selectOption(bob.id);
  await reason(page, 'add-member').fill('joins');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('row', { name: /Payments/ })).toContainText('Bob Viewer');
  await expectAccessible(page);
  await expect(panel(page).getByText('Only an empty team is deleted.')).toBeVisible();
  await panel(page).locator('#take-member-person').selectOption({ index: 1 });
  await reason(page, 'take-member').fill('leaves');
  await page.getByRole('button', { name: 'Take out' }).click();
  await expect(page.getByRole('row', { name: /Payments/ })).toContainText('nobody');
  await page.locator('#team-name').fill('Billing');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('row', { name: /Billing/ })).toBeVisible();
  await page.getByRole('button', { name: 'Delete team' }).click();
  await expect(page.getByText('There is no team.')).toBeVisible();
  await expect(page.getByText('Deleted.')).toBeVisible();
});

test('with four eyes on, a second administrator confirms what the first gives', async ({
  page,
  browser,
  installation,
}) => {
  await asAdministrator(page, installation, 'Ada Asks');
  const second = await another(browser, installation, { roles: ['admin'], name: 'Carol Confirms' });
  const bob = await installation.db.person.findFirstOrThrow({ where: { name: 'Bob Viewer' } });
  await page.goto('/people?tab=roles');
  await expect(page.getByRole('row', { name: /Invite people, change roles/ })).toContainText(
    'Within 10 minutes',
  );
  await expectAccessible(page);
  await reason(page, 'four-eyes').fill('the audit asks');
  await page.getByRole('button', { name: 'Switch on' }).click();
  await expect(page.getByRole('button', { name: 'Ask to switch off' })).toBeVisible();

  await page.goto(`/people?person=${bob.id}`);
  await page.getByLabel(/^Administrator/).check();
  await reason(page, 'rights').fill('takes over');
  await page.getByRole('button', { name: 'Change rights' }).click();
  await expect(page.getByText('What is given waits')).toBeVisible();
  await page.getByRole('link', { name: 'Waiting for a second person 1' }).click();
  await expect(page.getByRole('heading', { name: 'Give rights to Bob Viewer' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Confirm', exact: true })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Withdraw' })).toBeVisible();

  await second.page.goto('/people?tab=waiting');
  await expect(second.page.getByText('takes over')).toBeVisible();
  await expectAccessible(second.page);
  await second.page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await expect(second.page.getByText('Confirmed. It is in force.')).toBeVisible();
  await expect(
    second.page.getByRole('heading', { name: 'Nothing waits for a second person' }),
  ).toBeVisible();
  await second.page.goto(`/people?person=${bob.id}`);
  await expect(second.page.getByRole('row', { name: /Bob Viewer/ })).toContainText('Administrator');
  await installation.db.setting.update({ where: { id: 1 }, data: { fourEyes: false } });
});

test('an invitation that waited shows its link to who confirms it', async ({
  page,
  browser,
  installation,
}) => {
  await asAdministrator(page, installation, 'Ada Proposes');
  await installation.db.setting.update({ where: { id: 1 }, data: { fourEyes: true } });
  const second = await another(browser, installation, { roles: ['approver'], name: 'Otto' });
  await page.goto('/people?invitation=new');
  await page.getByLabel('Name', { exact: true }).fill('Hedy');
  await page.getByLabel('Work e-mail').fill('hedy@example.org');
  await page.getByLabel(/^Administrator/).check();
  await reason(page, 'invite').fill('second administrator');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(panel(page).getByText('waits for a second person')).toBeVisible();
  await second.page.goto('/people?tab=waiting');
  await expect(second.page.getByRole('heading', { name: 'Invite Hedy' })).toBeVisible();
  await second.page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await expect(second.page.locator('[data-shown-once]')).toContainText('/invitation#slp_inv_');
  await installation.db.setting.update({ where: { id: 1 }, data: { fourEyes: false } });
});

test('every page says that a break-glass account is signed in', async ({
  page,
  browser,
  installation,
}) => {
  await asAdministrator(page, installation, 'Ada Watches');
  const glass = await another(browser, installation, { roles: ['admin'], name: 'Glass' });
  await installation.db.person.update({ where: { id: glass.id }, data: { isBreakGlass: true } });
  await page.goto('/health');
  const banner = page.getByRole('region', { name: 'Break-glass account in use' });
  await expect(banner).toContainText('Break-glass account Glass is signed in since');
  await expectAccessible(page);
  await banner.getByRole('link', { name: 'See its sign-ins' }).click();
  await expect(panel(page)).toContainText('Kept for the day on which nobody else is there');
  await reason(page, 'end').fill('over');
  await page.getByRole('button', { name: 'End all' }).click();
  await expect(banner).toHaveCount(0);
});

test('what nobody answers for is a finding, and is assigned', async ({ page, installation }) => {
  await asAdministrator(page, installation, 'Ada Assigns');
  const operator = { kind: 'operator', name: 'root' } as const;
  for (const name of ['orphan-agent', 'second-orphan'])
    await createIdentity(
      { db: installation.db, actor: operator, now: new Date() },
      { kind: 'agent', name },
    );
  await page.goto('/coverage?view=unowned');
  await expect(page.getByRole('link', { name: 'Unowned 2' })).toBeVisible();
  await page.getByRole('link', { name: 'orphan-agent' }).click();
  await expect(panel(page)).toContainText('Nobody');
  await expectAccessible(page);
  await panel(page).locator('#owner-id').selectOption({ index: 1 });
  await reason(page, 'assign').fill('she runs it');
  await panel(page).getByRole('button', { name: 'Assign' }).click();
  await expect(panel(page).getByText('Assigned.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Unowned 1' })).toBeVisible();
});

test('the page holds at 390 px with a panel open', async ({ page, installation }) => {
  const id = await asAdministrator(page, installation, 'Ada Narrow');
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of [
    '/people',
    `/people?person=${id}`,
    '/people?invitation=new',
    '/people?tab=roles',
    '/people?tab=teams',
  ]) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, path).toBeLessThanOrEqual(0);
    const chosen = page.getByRole('navigation', { name: 'Parts' }).locator('[aria-current]');
    await expect(chosen).toBeInViewport({ ratio: 1 });
  }
});
