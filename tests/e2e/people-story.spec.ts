import { Webhook } from 'standardwebhooks';
import { administrator, expect, expectAccessible, signInByForm, test } from '../support/e2e';
import { forgetCookies } from '../support/forget-cookies';
import { startReceiver, startSink, textOfMail } from '../support/receivers';
import { addAuthenticator } from '../support/virtual-authenticator';
import { startWorkerWith } from '../support/worker-process';

const environment = {
  SMTP_FROM: 'Sallyport <sallyport@example.org>',
  WEBHOOK_NETWORKS: '127.0.0.0/8',
};
test.use({ database: 'people_story', environment });

test('a passkey, a second look, a sign-in ended elsewhere: each is told by mail and webhook, and audited', async ({
  page,
  browser,
  installation,
}) => {
  test.slow();
  const [sink, receiver] = await Promise.all([startSink(), startReceiver()]);
  const { urls, kek, db } = installation;
  const worker = await startWorkerWith(
    { ...environment, SMTP_URL: `smtp://127.0.0.1:${sink.port}` },
    { workerUrl: urls.worker, kek },
    '--roles',
    'delivery',
  );
  try {
    await addAuthenticator(page);
    await signInByForm(page, installation);
    await page.goto('/notices');
    await page.getByLabel('Webhook address').fill(receiver.url);
    await page.getByRole('button', { name: 'Set webhook' }).click();
    const secret = (await page.locator('[data-shown-once] code').textContent()) ?? '';
    expect(secret).toMatch(/^whsec_/);

    await page.goto('/account');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await expect(page.getByText('The passkey is set up.')).toBeVisible();

    await forgetCookies(page);
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'Continue with a passkey' }).click();
    await page.waitForURL('**/overview');

    // Somebody else, somewhere else, with the password and the app.
    const elsewhere = await browser.newContext({
      baseURL: installation.url,
      userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
    });
    const open = await elsewhere.newPage();
    await signInByForm(open, installation);
    await open.goto('/inventory');

    await page.goto('/account');
    const row = page.getByRole('row', { name: /Firefox on Windows/ });
    await row.getByRole('button', { name: /^End the sign-in/ }).click();
    await expect(row).toBeHidden();
    await open.waitForURL(/\/sign-in/, { timeout: 5000 });
    await elsewhere.close();

    await db.signIn.updateMany({ data: { factorAt: new Date(Date.now() - 3_600_000) } });
    await page.getByRole('button', { name: 'Make new recovery codes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Show your second factor again' });
    await dialog.getByRole('button', { name: 'Use a passkey' }).click();
    await expect(page.getByRole('list', { name: 'Recovery codes' })).toBeVisible();

    const told = 'New recovery codes were made';
    await expect.poll(() => sink.mails.some((mail) => textOfMail(mail).includes(told))).toBe(true);
    expect(sink.mails.every(({ to }) => to.join() === administrator.email)).toBe(true);
    await expect.poll(() => receiver.received.some(({ body }) => body.includes(told))).toBe(true);
    const verifier = new Webhook(secret);
    const types = receiver.received.map(
      ({ body, headers }) =>
        (verifier.verify(body, headers as Record<string, string>) as { type: string }).type,
    );
    expect(new Set(types)).toEqual(new Set(['notice.factor_changed', 'notice.sign_in_new_place']));
    expect(() =>
      verifier.verify(`${receiver.received[0]?.body} `, receiver.received[0]?.headers as never),
    ).toThrow();

    await page.goto('/audit');
    const table = page.getByRole('table');
    for (const done of [
      'Set a webhook',
      'Added a passkey',
      'Signed in with a passkey',
      'Ended a sign-in',
      'Showed a second factor',
      'Made recovery codes',
    ])
      await expect(table.getByRole('row', { name: new RegExp(done) }).first()).toBeVisible();
    await expectAccessible(page);
  } finally {
    worker.child.kill('SIGTERM');
    await worker.exited;
    await Promise.all([sink.close(), receiver.close()]);
  }
});
