import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { type GrpcServer, startOtlpGrpc } from '@/server/gateway/otlp-grpc';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { GrpcClient } from '../support/grpc-client';
import { loadOtlpOracle, type OtlpOracle } from '../support/otlp-oracle';
import { framed, RawGrpcSender } from '../support/raw-grpc';
import { logRecord, logsRequest } from '../support/records';

const LARGEST = 16 * 1024 * 1024;
const RECEIVE_MS_MAX = 700;
const UNAVAILABLE = 14;
const RESOURCE_EXHAUSTED = 8;

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let impatient: GrpcServer;
let stalled: TestReporter;
let other: TestReporter;
let logs: OtlpOracle<object>;
let at = 0;

const aRequest = () => {
  at += 1;
  return logs.encodeRequest(logsRequest([logRecord({ stalledAt: at })]));
};
/** Whether another reporter's call is taken. */
const othersAreServed = async (url: string) => {
  const client = new GrpcClient(url);
  const { code } = await client.export('log', other.key, aRequest());
  client.close();
  return code === 0;
};

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  // What a call costs that never sent its message is another guarantee than these.
  gateway = await startGateway(database, { INGEST_MB_PER_MINUTE: '1000000' });
  impatient = await startOtlpGrpc(gateway.gateway, {
    host: '127.0.0.1',
    port: 0,
    receiveMsMax: RECEIVE_MS_MAX,
  });
  logs = await loadOtlpOracle('log');
});
beforeEach(async () => {
  stalled = await registerReporter(pool);
  other = await registerReporter(pool);
});
afterAll(async () => {
  await impatient?.close();
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

describe('over gRPC, a call that stalls', () => {
  it.each<[string, () => Buffer]>([
    ['with its headers only', () => Buffer.alloc(0)],
    ['with a message that is not complete', () => framed(Buffer.alloc(1000), LARGEST)],
    ['with a complete message but no end', () => framed(aRequest())],
  ])('%s is told to come back, and its stream is closed', async (_what, sent) => {
    const sender = new RawGrpcSender(`http://127.0.0.1:${impatient.port}`);
    const call = sender.open(stalled.key);
    call.stream.write(sent());
    expect(await call.status).toBe(UNAVAILABLE);
    expect((await call.statusDetails)?.includes('google.rpc.RetryInfo')).toBe(true);
    // This side never ended it, so only the other can have.
    await call.isClosed;
    expect(call.stream.rstCode).toBe(0);
    sender.close();
  });

  it('is closed too when its own deadline ends it', async () => {
    const sender = new RawGrpcSender(gateway.grpcUrl);
    const call = sender.open(stalled.key, { 'grpc-timeout': '200m' });
    call.stream.write(framed(Buffer.alloc(1000), LARGEST));
    expect(await call.status).toBe(4);
    await call.isClosed;
    sender.close();
  });

  it('leaves room for every other reporter, however many there are of it', async () => {
    const sender = new RawGrpcSender(gateway.grpcUrl);
    const calls = Array.from({ length: 20 }, () => sender.open(stalled.key));
    for (const { stream } of calls) stream.write(framed(Buffer.alloc(1000), LARGEST));
    const refused = calls[19];
    expect(await refused?.status).toBe(RESOURCE_EXHAUSTED);
    expect(await othersAreServed(gateway.grpcUrl)).toBe(true);
    sender.close();
    await expect
      .poll(
        async () => {
          const again = new GrpcClient(gateway.grpcUrl);
          const { code } = await again.export('log', stalled.key, aRequest());
          again.close();
          return code;
        },
        { timeout: 5_000 },
      )
      .toBe(0);
  });

  it('with a second message behind the first is refused, whatever that one claims', async () => {
    const sender = new RawGrpcSender(gateway.grpcUrl);
    const call = sender.open(stalled.key);
    call.stream.write(framed(aRequest()));
    call.stream.write(framed(Buffer.alloc(1000), LARGEST));
    expect([3, 12]).toContain(await call.status);
    await call.isClosed;
    sender.close();
  });

  it('with headers only holds almost nothing', async () => {
    const sender = new RawGrpcSender(gateway.grpcUrl);
    const calls = Array.from({ length: 100 }, () => sender.open(stalled.key));
    await sleep(300);
    const client = new GrpcClient(gateway.grpcUrl);
    expect((await client.export('log', stalled.key, aRequest())).code).toBe(0);
    client.close();
    for (const { stream } of calls) stream.close();
    sender.close();
  });
});

describe('over HTTP, bodies that do not come', () => {
  it.each([
    ['without a length', 'transfer-encoding: chunked'],
    ['with one', `content-length: ${LARGEST}`],
  ])('%s leave room for every other reporter', async (_what, header) => {
    const { hostname, port } = new URL(gateway.url);
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(
          `POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${stalled.key}\r\ncontent-type: application/json\r\n${header}\r\n\r\n`,
        );
        return socket;
      }),
    );
    await sleep(300);
    expect((await postTraces(gateway.url, stalled.key, '{}')).status).toBe(429);
    const large = JSON.stringify({ resourceSpans: [], padding: 'x'.repeat(3_000_000) });
    expect((await postTraces(gateway.url, other.key, large)).status).toBe(200);
    expect(await othersAreServed(gateway.grpcUrl)).toBe(true);
    for (const socket of sockets) socket.destroy();
  });

  it('a body that is announced as too large is refused for good, not told to come back', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${stalled.key}\r\ncontent-type: application/json\r\ncontent-length: ${300 * 1024 * 1024}\r\n\r\n`,
    );
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});
