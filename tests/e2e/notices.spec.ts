import { Webhook } from 'standardwebhooks';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { notify } from '@/lib/delivery/notify';
import type { NewNotice } from '@/lib/delivery/schema';
import { expect, expectAccessible, type Installation, signIn, test } from '../support/e2e';
import { startReceiver } from '../support/receivers';
import { signInAs } from '../support/sign-in-as';
import { startWorkerWith } from '../support/worker-process';

const environment = { WEBHOOK_NETWORKS: '127.0.0.0/8' };
test.use({ database: 'notices', environment });

const tell = ({ db }: Installation, notice: Omit<NewNotice, 'to' | 'at'>) =>
  db.$transaction((tx) =>
    notify(tx, { to: { role: 'admin' }, at: new Date(), ...notice }, parseConfig({})),
  );

test('whoever is told reads it in the inbox, and says that they have', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await page.goto('/notices');
  await expect(
    page.getByRole('heading', { name: 'Nobody has told you anything yet' }),
  ).toBeVisible();
  await tell(installation, {
    kind: 'break_glass_used',
    subject: 'Key in the safe \u202Eno\u202C',
    facts: { address: '203.0.113.9', user_agent: 'Firefox 145 on Linux' },
  });
  await tell(installation, {
    kind: 'identity_unowned',
    subject: 'returns-agent',
    link: '/coverage',
  });
  await page.reload();
  const items = page.getByRole('list', { name: 'Notices, unread first' }).getByRole('listitem');
  await expect(items).toHaveCount(2);
  await expect(items.first()).toContainText('An identity has no owner');
  await expect(items.last()).toContainText('Firefox 145 on Linux');
  await expect(items.last()).not.toContainText('\u202E');
  const link = page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: /^Notices/ });
  await expect(link).toHaveText('Notices2 waiting');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Mark read: An identity has no owner' }).click();
  await expect(link).toHaveText('Notices1 waiting');
  await expect(items.first()).toContainText('The break-glass account was used');
  await expect(page.getByRole('list', { name: 'Notices, unread first' })).toBeFocused();
  await page.getByRole('link', { name: 'Unread', exact: true }).click();
  await expect(items).toHaveCount(1);
  await page.getByRole('button', { name: 'Mark all read' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing is unread' })).toBeVisible();
  await expect(link).toHaveText('Notices');
  await page.getByRole('link', { name: 'All', exact: true }).click();
  await page.getByRole('link', { name: 'Open: An identity has no owner' }).click();
  await page.waitForURL('**/coverage');
});

test('a webhook is set, tested through the outbox, given up and tried again', async ({
  page,
  installation,
}) => {
  const receiver = await startReceiver();
  const { urls, kek } = installation;
  const worker = await startWorkerWith(
    environment,
    { workerUrl: urls.worker, kek },
    '--roles',
    'delivery',
  );
  try {
    await signIn(page, installation);
    await page.goto('/notices');
    await expect(page.getByText('Whoever runs Sallyport sets SMTP_URL')).toBeVisible();
    const form = page.getByRole('form', { name: 'Webhook of yours' });
    await form.getByLabel('Webhook address').fill('https://169.254.169.254/latest');
    await form.getByRole('button', { name: 'Set webhook' }).click();
    await expect(form.getByRole('alert')).toContainText('The address leads inside');
    await form.getByLabel('Webhook address').fill(receiver.url);
    await form.getByRole('button', { name: 'Set webhook' }).click();
    const secret = (await form.locator('[data-shown-once] code').textContent()) ?? '';
    expect(secret).toMatch(/^whsec_/);
    await expectAccessible(page);
    await page.reload();
    await expect(form.locator('[data-shown-once]')).toHaveCount(0);
    expect(await page.content()).not.toContain(secret);

    await page.getByRole('button', { name: 'Send me a test' }).click();
    await expect(page.getByText('On its way: it stands in the inbox')).toBeVisible();
    await expect.poll(() => receiver.received.length).toBe(1);
    const { body = '', headers = {} } = receiver.received[0] ?? {};
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'notice.test',
    });
    await expect(page.getByText(/Last delivery, /)).toBeVisible();
    await expect(page.locator('.last-delivery')).toContainText('Sent');

    receiver.answer(410);
    await page.getByRole('button', { name: 'Send me a test' }).click();
    await expect.poll(() => receiver.received.length).toBe(2);
    await page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: 'Deliveries' })
      .click();
    await expect(page.getByRole('heading', { name: 'Deliveries', level: 1 })).toBeVisible();
    await page.getByRole('link', { name: /^Dead/ }).click();
    const row = page.getByRole('row', { name: /^Dead Webhook/ });
    await expect(row).toHaveCount(1);
    await expect(row).toContainText('It answered 410: it wants nothing any more.');
    await expectAccessible(page);
    receiver.answer(200);
    await row.getByRole('button', { name: 'Try again to send to' }).click();
    await expect.poll(() => receiver.received.length).toBe(3);
    expect(receiver.received[2]?.headers['webhook-id']).toBe(
      receiver.received[1]?.headers['webhook-id'],
    );
    await page.goto('/notices/deliveries?state=sent');
    await expect(page.getByRole('row', { name: /^Sent Webhook/ })).toHaveCount(2);

    await page.goto('/notices');
    await form.getByRole('button', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog', { name: /^Remove the webhook to 127/ });
    await expect(dialog).toContainText('Nothing is posted there any more.');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await expect(form.getByRole('button', { name: 'Set webhook' })).toBeVisible();
    await expect(form.getByLabel('Webhook address')).toHaveValue('');
  } finally {
    worker.child.kill('SIGKILL');
    await worker.exited;
    await receiver.close();
  }
});

test('a team’s webhook is set by an administrator, and the pages fit a telephone', async ({
  page,
  installation,
}) => {
  await signIn(page, installation);
  await installation.db.team.create({
    data: { id: newId(), name: 'Returns', createdAt: new Date() },
  });
  await page.goto('/notices/deliveries');
  const form = page.getByRole('form', { name: 'Webhook of Returns' });
  await form.getByLabel('Webhook address of Returns').fill('https://hooks.company.example/returns');
  await form.getByRole('button', { name: 'Set webhook' }).click();
  await expect(form.locator('[data-shown-once] code')).toHaveText(/^whsec_/);
  await form.getByRole('button', { name: 'Rotate secret' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rotate the secret of hooks.company.example?' });
  await dialog.getByRole('button', { name: 'Rotate secret' }).click();
  await expect(form.getByText('Everything is signed with it from now on.')).toBeVisible();
  await expect(page.getByText('Nothing was sent to it yet.')).toBeVisible();
  await form.getByRole('button', { name: 'Send test' }).click();
  await expect(form.getByText('A test is on its way.')).toBeVisible();
  await expect(page.getByRole('row', { name: /^Waiting Webhook hooks\.company/ })).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ['/notices', '/notices/deliveries']) {
    await page.goto(path);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, path).toBeLessThanOrEqual(0);
  }
});

test('a viewer has an inbox and sees no deliveries', async ({ page, installation }) => {
  await signInAs(page, installation, { roles: ['viewer'] });
  await page.goto('/overview');
  const main = page.getByRole('navigation', { name: 'Main' });
  await expect(main.getByRole('link', { name: /^Notices/ })).toBeVisible();
  await expect(main.getByRole('link', { name: 'Deliveries' })).toHaveCount(0);
  await page.goto('/notices/deliveries');
  await expect(page.getByText('Only an administrator may see what was sent to whom')).toBeVisible();
  await page.goto('/notices');
  await expect(
    page.getByRole('heading', { name: 'Nobody has told you anything yet' }),
  ).toBeVisible();
});
