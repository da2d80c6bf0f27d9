import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { encodeRetryStatus } from '@/lib/telemetry/otlp-response';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { GrpcClient } from '../support/grpc-client';
import { loadOtlpOracle, type OtlpOracle } from '../support/otlp-oracle';
import { dataPoint, logRecord, logsRequest, metricsRequest, sumMetric } from '../support/records';
import { isRevoked, untilKnown } from '../support/registry-known';

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let reporter: TestReporter;
let client: GrpcClient;
let logs: OtlpOracle<object>;
let at = 0;

/** A request that holds one log record, other than every one before. */
const aRequest = () => {
  at += 1;
  return logs.encodeRequest(logsRequest([logRecord({ at })]));
};
const storedOf = async (table: string, id: string) =>
  (await pool.query(`SELECT count(*)::int AS n FROM ${table} WHERE reporter = $1`, [id])).rows[0].n;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
  client = new GrpcClient(gateway.grpcUrl);
  logs = await loadOtlpOracle('log');
});
beforeEach(async () => {
  reporter = await registerReporter(pool);
});
afterAll(async () => {
  client?.close();
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

describe('OTLP over gRPC', () => {
  it('takes each signal in through the same steps, and tells by its own name what was refused', async () => {
    const metrics: OtlpOracle<object> = await loadOtlpOracle('metric');
    const traces: OtlpOracle<object> = await loadOtlpOracle('trace');
    const good = await client.export('log', reporter.key, aRequest());
    expect(good).toMatchObject({ code: 0, body: Buffer.alloc(0) });
    const point = dataPoint({}, { asInt: '1' });
    const late = { ...point, timeUnixNano: '18446744073709551615' };
    const partly = await client.export(
      'metric',
      reporter.key,
      metrics.encodeRequest(metricsRequest([sumMetric('m', [point, late])])),
    );
    expect(metrics.decodeResponse(partly.body)).toMatchObject({
      partialSuccess: { rejectedDataPoints: '1' },
    });
    const spans = [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), name: 's' }, {}];
    const traced = await client.export(
      'trace',
      reporter.key,
      traces.encodeRequest({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    );
    expect(traces.decodeResponse(traced.body)).toMatchObject({
      partialSuccess: { rejectedSpans: '1' },
    });
    expect(await storedOf('interaction', reporter.id)).toBe(2);
    expect(await storedOf('measurement', reporter.id)).toBe(1);
    expect(await storedOf('quarantine', reporter.id)).toBe(2);
  });

  it('a repeat over HTTP of what came by gRPC, gzip or not, is counted once', async () => {
    const body = aRequest();
    const zipped = new GrpcClient(gateway.grpcUrl, { gzip: true });
    expect((await client.export('log', reporter.key, body)).code).toBe(0);
    expect((await zipped.export('log', reporter.key, body)).code).toBe(0);
    const answer = await fetch(`${gateway.url}/v1/logs`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        authorization: `Bearer ${reporter.key}`,
      },
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(200);
    expect(await storedOf('interaction', reporter.id)).toBe(1);
    zipped.close();
  });

  it('a key is checked on each call: one that is revoked is refused at the next, on the same connection', async () => {
    expect((await client.export('log', reporter.key, aRequest())).code).toBe(0);
    await pool.query('UPDATE credential SET revoked_at = now() WHERE identity_id = $1', [
      reporter.id,
    ]);
    await untilKnown(gateway, isRevoked(reporter.id));
    const refused = await client.export('log', reporter.key, aRequest());
    expect(refused).toMatchObject({ code: 16, details: expect.stringContaining('revoked') });
    expect(await storedOf('interaction', reporter.id)).toBe(1);
  });

  it.each<[string, string | null, number]>([
    ['no key', null, 16],
    ['an unknown key', 'slp_ik_unknown', 16],
  ])('with %s it is refused', async (_what, key, code) => {
    expect((await client.export('log', key, aRequest())).code).toBe(code);
  });

  it('of a suspended identity it is refused', async () => {
    const suspended = await registerReporter(pool, { state: 'suspended' });
    expect((await client.export('log', suspended.key, aRequest())).code).toBe(7);
  });

  it('what cannot be read is INVALID_ARGUMENT, and an unknown service UNIMPLEMENTED', async () => {
    const broken = await client.export('log', reporter.key, Buffer.from([0x0a, 0x7f]));
    expect(broken).toMatchObject({ code: 3, details: expect.stringContaining('at byte 1') });
    expect(broken.statusDetails).toBeNull();
    const session = connect(gateway.grpcUrl);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/other.Service/Export',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end();
    const code = await new Promise((resolve) =>
      stream.once('response', (headers) => resolve(headers['grpc-status'])),
    );
    expect(String(code)).toBe('12');
    session.destroy();
  });

  it('who sends more than their rate is told in RetryInfo when to come back', async () => {
    const slow = await startGateway(database, { INGEST_ITEMS_PER_SECOND: '1' });
    const eager = new GrpcClient(slow.grpcUrl);
    const many = logs.encodeRequest(
      logsRequest(Array.from({ length: 5 }, (_, n) => logRecord({ many: n }))),
    );
    expect((await eager.export('log', reporter.key, many)).code).toBe(0);
    const { code, details, statusDetails } = await eager.export('log', reporter.key, aRequest());
    expect(code).toBe(8);
    const told = [1, 2, 3, 4].map((seconds) => encodeRetryStatus(8, details, seconds));
    expect(told.some((one) => statusDetails?.equals(one))).toBe(true);
    eager.close();
    await slow.close();
  });

  it('with too little free disk it is UNAVAILABLE, and exporters back off', async () => {
    const full = await startGateway(database, { DISK_MIN_MB: '999999999' });
    const waiting = new GrpcClient(full.grpcUrl);
    const { code, details, statusDetails } = await waiting.export('log', reporter.key, aRequest());
    expect(code).toBe(14);
    expect(statusDetails?.equals(encodeRetryStatus(14, details, 30))).toBe(true);
    waiting.close();
    await full.close();
  });

  it.each([
    ['a message that is too large', false],
    ['a gzip bomb', true],
  ])('%s is refused for good, and the next call is served', async (_what, gzip) => {
    const sender = new GrpcClient(gateway.grpcUrl, { gzip });
    const refused = await sender.export('log', reporter.key, Buffer.alloc(17 * 1024 * 1024));
    expect(refused.code).toBe(8);
    // Without RetryInfo an exporter gives up on it instead of sending it again for ever.
    expect(refused.statusDetails).toBeNull();
    expect((await sender.export('log', reporter.key, aRequest())).code).toBe(0);
    sender.close();
  });

  it('figures tell transports and statuses apart', async () => {
    await client.export('log', reporter.key, aRequest());
    await client.export('log', null, aRequest());
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    for (const status of ['OK', 'UNAUTHENTICATED'])
      expect(text).toMatch(
        new RegExp(
          `sallyport_ingest_requests_total\\{signal="log",transport="grpc",status="${status}"\\} [1-9]`,
        ),
      );
  });
});

describe('on stopping', () => {
  it('what is under way is answered after its commit', async () => {
    const stopping = await startGateway(database);
    const sender = new GrpcClient(stopping.grpcUrl);
    const lock = await pool.connect();
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE seen IN ACCESS EXCLUSIVE MODE');
    const answer = sender.export('log', reporter.key, aRequest());
    await sleep(300);
    const closed = stopping.close();
    await sleep(200);
    await lock.query('ROLLBACK');
    lock.release();
    expect((await answer).code).toBe(0);
    await closed;
    expect(await storedOf('interaction', reporter.id)).toBe(1);
    sender.close();
  });

  it('a call half sent does not hold it up', async () => {
    const stopping = await startGateway(database);
    const session = connect(stopping.grpcUrl);
    session.on('error', () => undefined);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: `Bearer ${reporter.key}`,
    });
    stream.on('error', () => undefined);
    stream.write(Buffer.from([0, 0, 0, 1, 0]));
    await sleep(200);
    const startedMs = Date.now();
    await stopping.close();
    expect(Date.now() - startedMs).toBeLessThan(5_000);
    session.destroy();
  });
});
