import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { retryDeliveries, setWebhook } from '@/lib/delivery/mutations';
import { claimDue, deliver, forgetDelivered, forgetNotices } from '@/lib/delivery/outbox';
import { after, dayMs, outboxOfTest, start } from '../support/outbox';
import { actorOf } from '../support/people';
import { startWorkerWith } from '../support/worker-process';

const { box, courierOf, ctxOf, tell, round, only, setHook, mailed } = outboxOfTest();
const minuteMs = 60_000;

test('a webhook is signed as the reference library verifies, and its payload is gone after', async () => {
  const secret = await setHook();
  await tell({ kind: 'factor_changed', subject: 'passkey "A\r\nB"', facts: { n: 1 } });
  // The reference library refuses what is older than five minutes.
  const now = new Date();
  expect(await round(courierOf(), now)).toBe(1);
  const [{ headers, body, path: hook } = { headers: {}, body: '', path: '' }] =
    box.receiver.received;
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
      to: { person: box.ada },
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
  box.receiver.answer(500);
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
  expect(new Set(box.receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(new Set(box.receiver.received.map(({ body }) => body)).size).toBe(1);
  expect(await round(courierOf(), after(9 * dayMs))).toBe(0);

  // Whoever owns it is told, not by the webhook that fails, and once until they have read it.
  const told = () =>
    box.db.notice.findMany({
      where: { kind: 'webhook_failing' },
      select: { personId: true, subject: true },
    });
  expect(await told()).toEqual([{ personId: box.ada, subject: new URL(box.receiver.url).host }]);
  expect(await box.db.delivery.count()).toBe(1);
  await tell({ at: now });
  box.receiver.answer(410);
  await round(courierOf(), now);
  expect(await box.db.delivery.count({ where: { state: 'dead', tries: 1 } })).toBe(1);
  expect(await told()).toHaveLength(1);
});

test('a dead letter is tried again when an administrator says so, and that is on record', async () => {
  await setHook();
  await tell();
  box.receiver.answer(410);
  await round(courierOf(), start);
  const { id, state } = await only();
  expect(state).toBe('dead');
  await expect(
    retryDeliveries({ ...ctxOf(), actor: actorOf({ roles: ['approver'] }) }, id),
  ).rejects.toMatchObject({ code: 'forbidden' });
  box.receiver.answer(200);
  await retryDeliveries({ ...ctxOf(), now: after(dayMs) }, id);
  const { rows } = await box.owner.query<{ facts: string }>(
    `SELECT facts FROM control_event WHERE kind = 'delivery_retried'`,
  );
  expect(JSON.parse(rows[0]?.facts ?? '{}')).toMatchObject({
    by: `person:${box.ada}`,
    delivery: id,
  });
  await round(courierOf(), after(dayMs));
  expect(await only()).toMatchObject({ state: 'sent', tries: 1, lastError: null });
  for (const gone of [id, newId(), 'x', 'all'])
    await expect(retryDeliveries(ctxOf(), gone)).rejects.toMatchObject({ code: 'not_found' });
});

test('all dead letters are tried again at once, but those that have nowhere to go', async () => {
  await setHook();
  box.receiver.answer(410);
  for (let n = 0; n < 3; n += 1) await tell();
  await round(courierOf(), start);
  const first = await only();
  await box.owner.query('UPDATE delivery SET webhook_id = NULL WHERE id = $1', [first.id]);
  expect(await retryDeliveries(ctxOf(), 'all')).toBe(2);
  expect(await box.db.delivery.count({ where: { state: 'waiting', tries: 0 } })).toBe(2);
  expect(await box.db.delivery.count({ where: { state: 'dead' } })).toBe(1);
});

test('a team’s webhook that fails is told to administrators', async () => {
  const team = newId();
  await box.db.team.create({ data: { id: team, name: 'Returns', createdAt: start } });
  await setWebhook(ctxOf(), { team, url: box.receiver.url });
  box.receiver.answer(410);
  await tell({ to: { team } });
  await round(courierOf(), start);
  expect(
    await box.db.notice.findMany({ select: { personId: true, kind: true, link: true } }),
  ).toEqual([{ personId: box.ada, kind: 'webhook_failing', link: '/notices/deliveries' }]);
});

// If this fails, a worker that dies at the wrong moment loses what somebody had to know.
test('a worker that is killed while it sends is followed by another, with the same id', async () => {
  const secret = await setHook();
  await tell({ at: new Date() });
  box.receiver.answer(() => undefined);
  const first = await startWorkerWith(
    { WEBHOOK_NETWORKS: '127.0.0.1' },
    box.database,
    '--roles',
    'delivery',
  );
  await expect.poll(() => box.receiver.received.length, { timeout: 15_000 }).toBe(1);
  first.child.kill('SIGKILL');
  await first.exited;
  const { state, tries, dueAt } = await only();
  expect([state, tries]).toEqual(['waiting', 1]);
  expect(await round(courierOf(), new Date())).toBe(0);

  box.receiver.answer(200);
  expect(await round(courierOf(), dueAt)).toBe(1);
  const ids = box.receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([ids[0], ids[0]]);
  expect(secret).toMatch(/^whsec_/);
  expect(await only()).toMatchObject({ state: 'sent', tries: 2 });
});

test('what kills each worker that sends it is dead after as many tries', async () => {
  await setHook();
  await tell();
  let now = start;
  for (let tries = 1; tries <= 8; tries += 1) {
    expect(await claimDue(box.worker, { channel: 'webhook', max: 10 }, now)).toHaveLength(1);
    now = new Date(now.getTime() + 2 * minuteMs);
  }
  await round(courierOf(), now);
  expect(await only()).toMatchObject({
    state: 'dead',
    lastError: 'The worker stopped at each try.',
  });
  expect(box.receiver.received).toEqual([]);
});

test('two workers never send the same at once, and a slow one does not write over the next', async () => {
  await setHook();
  for (let n = 0; n < 20; n += 1) await tell();
  const claims = await Promise.all(
    Array.from({ length: 8 }, () => claimDue(box.worker, { channel: 'webhook', max: 5 }, start)),
  );
  const ids = claims.flat().map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([20, 20]);

  const [late] = claims.flat();
  await claimDue(box.worker, { channel: 'webhook', max: 20 }, after(2 * minuteMs));
  await deliver(courierOf(), late ?? { id: '', tries: 0 }, after(3 * minuteMs));
  expect(box.receiver.received).toEqual([]);
  expect(await box.db.delivery.count({ where: { state: 'waiting', tries: 2 } })).toBe(20);
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
  expect(box.receiver.received).toEqual([]);
});

test('a redirect is refused and an endless answer is not read', async () => {
  await setHook();
  await tell();
  box.receiver.answer((response) => response.writeHead(307, { location: '/elsewhere' }).end());
  await round(courierOf(), start);
  const { lastError, dueAt } = await only();
  expect(lastError).toBe('It answered 307, and redirects are not followed.');
  expect(box.receiver.received).toHaveLength(1);
  let closed = false;
  box.receiver.answer((response) => {
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
  box.receiver.answer(() => undefined);
  const started = performance.now();
  await round(courierOf(), start);
  expect((performance.now() - started) / 1000).toBeCloseTo(10, -1);
  expect((await only()).lastError).toBe('There was no whole answer within 10 s.');
});

test('whoever is disabled, and a webhook that is gone, get nothing of what still waits', async () => {
  await setHook();
  await tell({}, mailed());
  await box.db.person.update({
    where: { id: box.ada },
    data: { disabledAt: start },
    select: { id: true },
  });
  await round(courierOf(mailed()), start);
  const rows = await box.db.delivery.findMany({
    select: { state: true, lastError: true, payload: true },
  });
  const withdrawn = { state: 'withdrawn', lastError: 'The person was disabled.', payload: null };
  expect(rows).toEqual([withdrawn, withdrawn]);
  expect([box.receiver.received, box.sink.mails]).toEqual([[], []]);
});

test('a notice is kept a year', async () => {
  await tell();
  expect(await forgetNotices(box.worker, after(365 * dayMs - 1))).toBe(0);
  expect(await forgetNotices(box.worker, after(365 * dayMs + 1))).toBe(1);
});

test('what was sent is kept 30 days, what is dead 90, and what waits for as long as it does', async () => {
  await setHook();
  for (const answer of [200, 410]) {
    box.receiver.answer(answer);
    await tell();
    await round(courierOf(), start);
  }
  await tell();
  const kept = async (days: number) => {
    await forgetDelivered(box.worker, after(days * dayMs + 1));
    return box.db.delivery.findMany({ select: { state: true }, orderBy: { state: 'asc' } });
  };
  expect(await kept(29)).toHaveLength(3);
  expect(await kept(30)).toEqual([{ state: 'dead' }, { state: 'waiting' }]);
  expect(await kept(90)).toEqual([{ state: 'waiting' }]);
});
