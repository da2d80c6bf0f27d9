import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { type DeliveryCtx, retryDelivery, setWebhook } from '@/lib/delivery/mutations';
import { mail, notify } from '@/lib/delivery/notify';
import { type Courier, claimDue, deliver, forgetDelivered } from '@/lib/delivery/outbox';
import type { NewNotice } from '@/lib/delivery/schema';
import { testCertificate } from '../support/certificate';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { actorOf } from '../support/people';
import {
  type Receiver,
  type Sink,
  startReceiver,
  startSink,
  textOfMail,
} from '../support/receivers';
import { startWorkerWith } from '../support/worker-process';

let database: TestDatabase;
let db: PrismaClient;
let worker: PrismaClient;
let owner: Pool;
let receiver: Receiver;
let sink: Sink;
let ada: string;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const start = new Date('2026-11-30T08:00:00Z');
const after = (ms: number) => new Date(start.getTime() + ms);
const kekOf = () => keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  worker = createPrisma(database.workerUrl, { applicationName: 'tests', max: 4 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 2 });
});
afterAll(async () => {
  await db.$disconnect();
  await worker.$disconnect();
  await owner.end();
  await database.drop();
});
beforeEach(async () => {
  await owner.query('TRUNCATE person, team, webhook, notice, delivery CASCADE');
  receiver = await startReceiver();
  sink = await startSink();
  ada = newId();
  await db.person.create({
    data: { id: ada, email: 'ada@example.org', name: 'Ada', roles: ['admin'], createdAt: start },
  });
});
afterEach(async () => {
  await receiver.close();
  await sink.close();
});

const settingsOf = (env: Record<string, string> = {}) =>
  parseConfig({ WEBHOOK_NETWORKS: '127.0.0.0/8', CONSOLE_URL: 'https://c.example', ...env });
const mailed = (url = `smtp://us%40er:pa%3Ass@127.0.0.1:${sink.port}`) =>
  settingsOf({ SMTP_URL: url, SMTP_FROM: 'Sallyport <s@example.org>' });

const courierOf = (settings = settingsOf(), over: Partial<Courier> = {}): Courier => ({
  db: worker,
  content: kekOf().content,
  settings,
  ...over,
});

const ctxOf = (): DeliveryCtx => ({
  db,
  actor: actorOf({ id: ada }),
  now: start,
  kek: kekOf(),
  settings: settingsOf(),
});

const tell = (over: Partial<NewNotice> = {}, settings = settingsOf()) =>
  db.$transaction((tx) =>
    notify(tx, { kind: 'test', to: { person: ada }, subject: 's', at: start, ...over }, settings),
  );

/** One round as the worker makes them. Returns how many were claimed. */
async function round(courier: Courier, now: Date): Promise<number> {
  const claims = [
    ...(await claimDue(courier.db, { channel: 'email', max: 10 }, now)),
    ...(await claimDue(courier.db, { channel: 'webhook', max: 10 }, now)),
  ];
  await Promise.all(claims.map((claim) => deliver(courier, claim, now)));
  return claims.length;
}

const only = () =>
  db.delivery.findFirstOrThrow({
    where: { kind: { not: 'webhook_failing' } },
    select: {
      id: true,
      state: true,
      tries: true,
      dueAt: true,
      lastError: true,
      payload: true,
      sealed: true,
      endedAt: true,
    },
  });

async function setHook(url = receiver.url): Promise<string> {
  return (await setWebhook(ctxOf(), { team: null, url })) ?? '';
}

test('a webhook is signed as the reference library verifies, and its payload is gone after', async () => {
  const secret = await setHook();
  await tell({ kind: 'factor_changed', subject: 'passkey "A\r\nB"', facts: { n: 1 } });
  // The reference library refuses what is older than five minutes.
  const now = new Date();
  expect(await round(courierOf(), now)).toBe(1);
  const [{ headers, body, path: hook } = { headers: {}, body: '', path: '' }] = receiver.received;
  const { id, ...row } = await only();
  expect([hook, headers['webhook-id'], headers['content-type']]).toEqual([
    '/hook',
    id,
    'application/json',
  ]);
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual({
    type: 'notice.factor_changed',
    timestamp: start.toISOString(),
    data: {
      to: { person: ada },
      words: 'Your second factors changed',
      subject: 'passkey "A B"',
      facts: { n: 1 },
      url: 'https://c.example/account',
    },
  });
  expect(row).toMatchObject({
    state: 'sent',
    tries: 1,
    payload: null,
    lastError: null,
    endedAt: now,
  });
  expect(await round(courierOf(), after(2 * dayMs))).toBe(0);
});

test('what fails is tried again with the same id, later and later, and is dead after eight tries', async () => {
  await setHook();
  await tell();
  receiver.answer(500);
  const pauses: number[] = [];
  let now = start;
  for (let tries = 1; tries <= 8; tries += 1) {
    expect(await round(courierOf(), now)).toBe(1);
    const row = await only();
    expect(row).toMatchObject({
      tries,
      state: tries < 8 ? 'waiting' : 'dead',
      lastError: 'It answered 500.',
    });
    if (tries === 8) break;
    expect(await round(courierOf(), new Date(row.dueAt.getTime() - 1))).toBe(0);
    pauses.push(row.dueAt.getTime() - now.getTime());
    now = row.dueAt;
  }
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  expect(await round(courierOf(), after(9 * dayMs))).toBe(0);

  // Whoever owns it is told, not by the webhook that fails, and once until they have read it.
  const told = () =>
    db.notice.findMany({
      where: { kind: 'webhook_failing' },
      select: { personId: true, subject: true },
    });
  expect(await told()).toEqual([{ personId: ada, subject: new URL(receiver.url).host }]);
  expect(await db.delivery.count()).toBe(1);
  await tell({ at: now });
  receiver.answer(410);
  await round(courierOf(), now);
  expect(await db.delivery.count({ where: { state: 'dead', tries: 1 } })).toBe(1);
  expect(await told()).toHaveLength(1);
});

test('a dead letter is tried again when an administrator says so, and that is on record', async () => {
  await setHook();
  await tell();
  receiver.answer(410);
  await round(courierOf(), start);
  const { id, state } = await only();
  expect(state).toBe('dead');
  await expect(
    retryDelivery({ ...ctxOf(), actor: actorOf({ roles: ['approver'] }) }, id),
  ).rejects.toMatchObject({ code: 'forbidden' });
  receiver.answer(200);
  await retryDelivery({ ...ctxOf(), now: after(dayMs) }, id);
  const { rows } = await owner.query<{ facts: string }>(
    `SELECT facts FROM control_event WHERE kind = 'delivery_retried'`,
  );
  expect(JSON.parse(rows[0]?.facts ?? '{}')).toMatchObject({ by: `person:${ada}`, delivery: id });
  await round(courierOf(), after(dayMs));
  expect(await only()).toMatchObject({ state: 'sent', tries: 1, lastError: null });
  for (const gone of [id, newId(), 'x'])
    await expect(retryDelivery(ctxOf(), gone)).rejects.toMatchObject({ code: 'not_found' });
});

test('a team’s webhook that fails is told to administrators', async () => {
  const team = newId();
  await db.team.create({ data: { id: team, name: 'Returns', createdAt: start } });
  await setWebhook(ctxOf(), { team, url: receiver.url });
  receiver.answer(410);
  await tell({ to: { team } });
  await round(courierOf(), start);
  expect(await db.notice.findMany({ select: { personId: true, kind: true, link: true } })).toEqual([
    { personId: ada, kind: 'webhook_failing', link: '/notices/deliveries' },
  ]);
});

// If this fails, a worker that dies at the wrong moment loses what somebody had to know.
test('a worker that is killed while it sends is followed by another, with the same id', async () => {
  const secret = await setHook();
  await tell({ at: new Date() });
  receiver.answer(() => undefined);
  const first = await startWorkerWith(
    { WEBHOOK_NETWORKS: '127.0.0.1' },
    database,
    '--roles',
    'delivery',
  );
  await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(1);
  first.child.kill('SIGKILL');
  await first.exited;
  const { state, tries, dueAt } = await only();
  expect([state, tries]).toEqual(['waiting', 1]);
  expect(await round(courierOf(), new Date())).toBe(0);

  receiver.answer(200);
  expect(await round(courierOf(), dueAt)).toBe(1);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([ids[0], ids[0]]);
  expect(secret).toMatch(/^whsec_/);
  expect(await only()).toMatchObject({ state: 'sent', tries: 2 });
});

test('what kills each worker that sends it is dead after as many tries', async () => {
  await setHook();
  await tell();
  let now = start;
  for (let tries = 1; tries <= 8; tries += 1) {
    expect(await claimDue(worker, { channel: 'webhook', max: 10 }, now)).toHaveLength(1);
    now = new Date(now.getTime() + 2 * minuteMs);
  }
  await round(courierOf(), now);
  expect(await only()).toMatchObject({
    state: 'dead',
    lastError: 'The worker stopped at each try.',
  });
  expect(receiver.received).toEqual([]);
});

test('two workers never send the same at once, and a slow one does not write over the next', async () => {
  await setHook();
  for (let n = 0; n < 20; n += 1) await tell();
  const claims = await Promise.all(
    Array.from({ length: 8 }, () => claimDue(worker, { channel: 'webhook', max: 5 }, start)),
  );
  const ids = claims.flat().map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([20, 20]);

  const [late] = claims.flat();
  await claimDue(worker, { channel: 'webhook', max: 20 }, after(2 * minuteMs));
  await deliver(courierOf(), late ?? { id: '', tries: 0 }, after(3 * minuteMs));
  expect(receiver.received).toEqual([]);
  expect(await db.delivery.count({ where: { state: 'waiting', tries: 2 } })).toBe(20);
});

// If this fails, a webhook reaches what only this machine may.
test('a name that leads inside by the time of sending is not asked', async () => {
  await setHook('https://rebound.example/hook');
  await tell();
  const resolve = async () => [{ address: '169.254.169.254', family: 4 }];
  await round(courierOf(parseConfig({}), { resolve }), start);
  expect((await only()).lastError).toContain('leads inside');
});

test('a listed network that is listed no more is not asked either', async () => {
  await setHook();
  await tell();
  await round(courierOf(parseConfig({})), start);
  expect((await only()).lastError).toContain('leads inside');
  expect(receiver.received).toEqual([]);
});

test('a redirect is refused and an endless answer is not read', async () => {
  await setHook();
  await tell();
  receiver.answer((response) => response.writeHead(307, { location: '/elsewhere' }).end());
  await round(courierOf(), start);
  const { lastError, dueAt } = await only();
  expect(lastError).toBe('It answered 307, and redirects are not followed.');
  expect(receiver.received).toHaveLength(1);
  let closed = false;
  receiver.answer((response) => {
    const timer = setInterval(() => response.write('x'.repeat(16_384)), 1);
    response.on('close', () => {
      clearInterval(timer);
      closed = true;
    });
  });
  await round(courierOf(), dueAt);
  expect(await only()).toMatchObject({ state: 'sent' });
  await expect.poll(() => closed).toBe(true);
});

test('an answer that does not come is given up after ten seconds', async () => {
  await setHook();
  await tell();
  receiver.answer(() => undefined);
  const started = performance.now();
  await round(courierOf(), start);
  expect((performance.now() - started) / 1000).toBeCloseTo(10, -1);
  expect((await only()).lastError).toBe('There was no whole answer within 10 s.');
});

test('whoever is disabled, and a webhook that is gone, get nothing of what still waits', async () => {
  await setHook();
  await tell({}, mailed());
  await db.person.update({ where: { id: ada }, data: { disabledAt: start }, select: { id: true } });
  await round(courierOf(mailed()), start);
  const rows = await db.delivery.findMany({
    select: { state: true, lastError: true, payload: true },
  });
  const withdrawn = { state: 'withdrawn', lastError: 'The person was disabled.', payload: null };
  expect(rows).toEqual([withdrawn, withdrawn]);
  expect([receiver.received, sink.mails]).toEqual([[], []]);
});

test('an e-mail arrives as plain text with its link, under an id of its own', async () => {
  const settings = mailed();
  await tell(
    { kind: 'recovery_code_used', subject: 'Köln', facts: { address: '192.0.2.1' } },
    settings,
  );
  expect(await round(courierOf(settings), start)).toBe(1);
  const [mail, ...more] = sink.mails;
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
  await db.$transaction((tx) =>
    mail(
      tx,
      { to: 'new@example.org', subject: attack, text: attack, at: start },
      { kek: kekOf(), settings },
    ),
  );
  await round(courierOf(settings), start);
  expect(sink.mails).toHaveLength(2);
  for (const { raw, to } of sink.mails) {
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
  await db.$transaction((tx) =>
    mail(
      tx,
      { to: 'new@example.org', subject: 'Join us', text, at: start },
      { kek: kekOf(), settings },
    ),
  );
  expect(await only()).toMatchObject({ payload: null, sealed: expect.any(Uint8Array) });
  await round(courierOf(settings), start);
  expect(sink.mails[0]?.to).toEqual(['new@example.org']);
  expect(
    textOfMail(sink.mails[0] ?? { raw: '', from: '', to: [], isSecure: false, user: null }),
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
  const running = await startWorkerWith(env, database, '--roles', 'delivery');
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
    database,
    '--roles',
    'delivery',
  );
  expect(await running.exited).toBe(1);
  expect(JSON.stringify(running.events())).toContain('SMTP_URL is not');
});

test('what was sent is kept 30 days, what is dead 90, and what waits for as long as it does', async () => {
  await setHook();
  for (const answer of [200, 410]) {
    receiver.answer(answer);
    await tell();
    await round(courierOf(), start);
  }
  await tell();
  const kept = async (days: number) => {
    await forgetDelivered(worker, after(days * dayMs + 1));
    return db.delivery.findMany({ select: { state: true }, orderBy: { state: 'asc' } });
  };
  expect(await kept(29)).toHaveLength(3);
  expect(await kept(30)).toEqual([{ state: 'dead' }, { state: 'waiting' }]);
  expect(await kept(90)).toEqual([{ state: 'waiting' }]);
});
