import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { mail } from '@/lib/delivery/notify';
import { testCertificate } from '../support/certificate';
import { outboxOfTest, settingsOf, start } from '../support/outbox';
import { startReceiver, startSink, textOfMail } from '../support/receivers';
import { startWorkerWith } from '../support/worker-process';

const { box, kekOf, courierOf, tell, round, only, setHook, mailed } = outboxOfTest();

test('an e-mail arrives as plain text with its link, under an id of its own', async () => {
  const settings = mailed();
  await tell(
    { kind: 'recovery_code_used', subject: 'Köln', facts: { address: '192.0.2.1' } },
    settings,
  );
  expect(await round(courierOf(settings), start)).toBe(1);
  const [mail, ...more] = box.sink.mails;
  if (mail === undefined) throw new Error('no mail');
  expect(more).toEqual([]);
  expect(mail).toMatchObject({ from: 's@example.org', to: ['ada@example.org'], user: 'us@er' });
  const { id, state, payload } = await only();
  expect([state, payload]).toEqual(['sent', null]);
  expect(mail.raw).toContain(`Message-ID: <${id}@example.org>`);
  expect(mail.raw).toContain('From: Sallyport <s@example.org>');
  expect(mail.raw).toContain('Content-Type: text/plain; charset=utf-8');
  expect(textOfMail(mail)).toContain('A recovery code of yours was used.');
  expect(textOfMail(mail)).toContain('Köln');
  expect(textOfMail(mail)).toContain('https://c.example/account');
});

// If this fails, whoever names an agent sends e-mail to whom they like in the organisation's name.
test('nothing that others wrote becomes a header', async () => {
  const settings = mailed();
  const attack = 'x\r\nBcc: everyone@example.net\r\n\r\nbody\u2028Cc: more@example.net';
  await tell({ subject: attack, facts: { name: attack } }, settings);
  await box.db.$transaction((tx) =>
    mail(
      tx,
      { to: 'new@example.org', subject: attack, text: attack, at: start },
      { kek: kekOf(), settings },
    ),
  );
  await round(courierOf(settings), start);
  expect(box.sink.mails).toHaveLength(2);
  for (const { raw, to } of box.sink.mails) {
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
    const names = head
      .split('\r\n')
      .filter((line) => /^\S/.test(line))
      .map((line) => line.split(':')[0]);
    expect(names.sort()).toEqual([
      'Auto-Submitted',
      'Content-Transfer-Encoding',
      'Content-Type',
      'Date',
      'From',
      'MIME-Version',
      'Message-ID',
      'Subject',
      'To',
    ]);
    expect(to).toHaveLength(1);
  }
});

test('an invitation’s text is sealed until it was sent, and gone after', async () => {
  const settings = mailed();
  const text = 'Join at\nhttps://c.example/join#TOPSECRET';
  await box.db.$transaction((tx) =>
    mail(
      tx,
      { to: 'new@example.org', subject: 'Join us', text, at: start },
      { kek: kekOf(), settings },
    ),
  );
  expect(await only()).toMatchObject({ payload: null, sealed: expect.any(Uint8Array) });
  await round(courierOf(settings), start);
  expect(box.sink.mails[0]?.to).toEqual(['new@example.org']);
  expect(
    textOfMail(box.sink.mails[0] ?? { raw: '', from: '', to: [], isSecure: false, user: null }),
  ).toContain(text.replace('\n', '\r\n'));
  expect(await only()).toMatchObject({ state: 'sent', payload: null, sealed: null });
});

test.each<[string, () => string, RegExp]>([
  ['that offers no TLS', () => '', /offers no TLS/],
  ['whose certificate nobody vouches for', () => 'STARTTLS', /did not take it|offers no TLS/],
])('refuses a mail server elsewhere %s', async (_what, offered, sentence) => {
  const other = await startSink(
    offered() === '' ? { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] } : {},
  );
  // Reaches this machine, and is not one of its loopback addresses.
  const settings = mailed(`smtp://user:hidden-password@0.0.0.0:${other.port}`);
  await tell({}, settings);
  await round(courierOf(settings), start);
  const { state, lastError } = await only();
  expect(state).toBe('waiting');
  expect(lastError).toMatch(sentence);
  expect(lastError).not.toContain('hidden-password');
  expect(other.mails).toEqual([]);
  await other.close();
});

test('what a mail server answers is told in one line, and a worker without one says so', async () => {
  const refusing = await startSink({
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error('no such\u001b[31m user'), { responseCode: 550 })),
  });
  const settings = mailed(`smtp://127.0.0.1:${refusing.port}`);
  await tell({}, settings);
  await round(courierOf(settings), start);
  const { lastError, dueAt } = await only();
  expect(lastError).toBe('The mail server did not take it (EENVELOPE): 550 no such [31m user');
  await round(courierOf(settingsOf()), dueAt);
  expect((await only()).lastError).toContain('SMTP_URL and SMTP_FROM are not set');
  await refusing.close();
});

test('the worker posts over TLS, hands e-mail in over TLS, and tells no secret to its log', async () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'sallyport-ca-')), 'ca.pem');
  writeFileSync(file, testCertificate.cert);
  const [posted, handed] = [await startReceiver({ tls: true }), await startSink({ secure: true })];
  const secret = await setHook(posted.url.replace('localhost', '127.0.0.1'));
  const env = {
    SMTP_URL: `smtps://user:hidden-password@localhost:${handed.port}`,
    SMTP_FROM: 's@example.org',
    WEBHOOK_NETWORKS: '127.0.0.0/8',
    NODE_EXTRA_CA_CERTS: file,
  };
  await tell({ at: new Date() }, settingsOf(env));
  const running = await startWorkerWith(env, box.database, '--roles', 'delivery');
  await expect
    .poll(() => [posted.received.length, handed.mails.length], { timeout: 15_000 })
    .toEqual([1, 1]);
  expect(handed.mails[0]).toMatchObject({ isSecure: true, user: 'user' });
  const { body = '', headers = {} } = posted.received[0] ?? {};
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: 'notice.test',
  });
  running.child.kill('SIGTERM');
  expect(await running.exited).toBe(0);
  const log = JSON.stringify(running.events());
  expect(log).toContain('worker_stopped');
  for (const hidden of ['hidden-password', secret]) expect(log).not.toContain(hidden);
  await Promise.all([posted.close(), handed.close()]);
});

test('a worker that would not know where to hand e-mail in refuses to start', async () => {
  const running = await startWorkerWith(
    { SMTP_FROM: 's@example.org' },
    box.database,
    '--roles',
    'delivery',
  );
  expect(await running.exited).toBe(1);
  expect(JSON.stringify(running.events())).toContain('SMTP_URL is not');
});
