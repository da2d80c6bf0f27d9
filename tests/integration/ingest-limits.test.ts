import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { exportRequest, genaiChatSpan, type OtlpSpan } from '../support/spans';

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let reporter: TestReporter;
let at = 1;

const requestOf = (...spans: OtlpSpan[]) => JSON.stringify(exportRequest(spans));
const fresh = (make: typeof genaiChatSpan, change: Partial<OtlpSpan> = {}): OtlpSpan => ({
  ...make({ at: at++, startedMs: Date.now() }),
  ...change,
});
const send = (body: string | Uint8Array, headers?: Record<string, string>) =>
  postTraces(gateway.url, reporter.key, body, headers);
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
});
beforeEach(async () => {
  reporter = await registerReporter(pool);
});
afterAll(async () => {
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

describe('limits', () => {
  it('who sends more than their rate is told when to come back, and others are not held up', async () => {
    const slow = await startGateway(database, { INGEST_ITEMS_PER_SECOND: '10' });
    const other = await registerReporter(pool);
    const body = () => requestOf(...Array.from({ length: 30 }, () => fresh(genaiChatSpan)));
    expect((await postTraces(slow.url, reporter.key, body())).status).toBe(200);
    const refused = await postTraces(slow.url, reporter.key, body());
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await postTraces(slow.url, other.key, body())).status).toBe(200);
    await slow.close();
  });

  it('with too little free disk ingest answers 503 and says so', async () => {
    const full = await startGateway(database, { DISK_MIN_MB: '999999999' });
    const answer = await postTraces(full.url, reporter.key, requestOf(fresh(genaiChatSpan)));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect((await fetch(`${full.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${full.url}/healthz`)).status).toBe(200);
    await full.close();
  });

  it('the use of a key is noted', async () => {
    await send(requestOf(fresh(genaiChatSpan)));
    const sql = 'SELECT last_used_at FROM credential WHERE identity_id = $1';
    await expect
      .poll(async () => (await pool.query(sql, [reporter.id])).rows[0].last_used_at)
      .toBeInstanceOf(Date);
  });

  it('metrics are for this machine, or for who has the scrape key', async () => {
    await send(requestOf(fresh(genaiChatSpan)));
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(text).toContain('sallyport_ingest_items_total{signal="trace",outcome="stored"}');
    expect(text).not.toContain('agent-');
    expect(
      (await fetch(`${gateway.url}/metrics`, { headers: { 'x-forwarded-for': '10.0.0.1' } }))
        .status,
    ).toBe(401);
    const keyed = await startGateway(database, { SALLYPORT_SCRAPE_KEY: 'k'.repeat(32) });
    const scrape = (key: string) =>
      fetch(`${keyed.url}/metrics`, {
        headers: { 'x-forwarded-for': '10.0.0.1', authorization: `Bearer ${key}` },
      });
    expect((await scrape('k'.repeat(32))).status).toBe(200);
    expect((await scrape('x'.repeat(32))).status).toBe(401);
    await keyed.close();
  });
});

describe('senders that go away', () => {
  it('leave nothing behind: what they held is free for others', async () => {
    const lock = await pool.connect();
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE seen IN ACCESS EXCLUSIVE MODE');
    const { hostname, port } = new URL(gateway.url);
    const body = requestOf(fresh(genaiChatSpan));
    // Without a length each of them counts as the largest body there may be.
    const sockets = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const socket = connect(Number(port), hostname);
        await once(socket, 'connect');
        socket.write(
          `POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${reporter.key}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`,
        );
        return socket;
      }),
    );
    await setTimeout(300);
    for (const socket of sockets) socket.resetAndDestroy();
    await setTimeout(100);
    await lock.query('ROLLBACK');
    lock.release();
    await expect
      .poll(async () => (await send(requestOf(fresh(genaiChatSpan)))).status, { timeout: 5_000 })
      .toBe(200);
  });

  it('a request half sent does not hold up a stop', async () => {
    const stopping = await startGateway(database);
    const { hostname, port } = new URL(stopping.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write('POST /v1/traces HTTP/1.1\r\nhost: x\r\n');
    await setTimeout(50);
    const startedMs = Date.now();
    await stopping.close();
    expect(Date.now() - startedMs).toBeLessThan(5_000);
    socket.destroy();
  });
});
