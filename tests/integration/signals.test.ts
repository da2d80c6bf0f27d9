import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createBodyOpener } from '@/lib/log/body-key';
import { decodeFrame } from '@/lib/log/frame';
import { leafOfStored } from '@/lib/log/recompute';
import { marks } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postSignal,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { loadOtlpOracle } from '../support/otlp-oracle';
import {
  dataPoint,
  logRecord,
  logsRequest,
  metricsRequest,
  nsOf,
  sumMetric,
} from '../support/records';

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let reporter: TestReporter;

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

const sendLogs = (records: ReturnType<typeof logRecord>[]) =>
  postSignal('log', gateway.url, reporter.key, JSON.stringify(logsRequest(records)));
const sendMetrics = (metrics: object[]) =>
  postSignal('metric', gateway.url, reporter.key, JSON.stringify(metricsRequest(metrics)));
const rowsOf = async (table: 'interaction' | 'measurement') =>
  (await pool.query(`SELECT * FROM ${table} WHERE reporter = $1 ORDER BY position`, [reporter.id]))
    .rows;
const placeOf = (row: { received_at: Date; shard: number; position: bigint }) => ({
  receivedAt: row.received_at,
  shard: row.shard,
  position: row.position,
});

async function leafOfEntry(row: Parameters<typeof placeOf>[0]): Promise<[string, string]> {
  const { rows } = await pool.query(
    'SELECT kind, leaf FROM log_entry WHERE received_at = $1 AND shard = $2 AND position = $3',
    [row.received_at, row.shard, row.position],
  );
  return [rows[0].kind, rows[0].leaf.toString('hex')];
}

async function bodyOf(row: Parameters<typeof placeOf>[0]) {
  const { rows } = await pool.query(
    'SELECT key_id, content FROM body WHERE received_at = $1 AND shard = $2 AND position = $3',
    [row.received_at, row.shard, row.position],
  );
  const kek = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const frame = await createBodyOpener(pool, kek)(rows[0].key_id, rows[0].content, placeOf(row));
  const attributes = decodeFrame(frame).find(({ role }) => role === 'attributes');
  return JSON.parse(attributes?.text ?? '{}');
}

describe('a log record', () => {
  it('becomes an interaction by protobuf, gzip and JSON, and its repeat is counted once whatever carried it', async () => {
    const request = logsRequest([
      logRecord(
        { 'session.id': 's-1', 'event.name': 'user_prompt', prompt_length: 12 },
        { eventName: 'claude_code.user_prompt', body: { stringValue: 'claude_code.user_prompt' } },
      ),
    ]);
    const protobuf = (await loadOtlpOracle('log')).encodeRequest(request);
    const send = (body: string | Uint8Array, headers = {}) =>
      postSignal('log', gateway.url, reporter.key, body, headers);
    const before = gateway.gateway.writer.figures().duplicatesTotal;
    const answers = [
      await send(JSON.stringify(request)),
      await send(protobuf),
      await send(gzipSync(protobuf), { 'content-encoding': 'gzip' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers[0]?.json).toEqual({});
    expect(answers[1]?.bytes).toHaveLength(0);
    const rows = await rowsOf('interaction');
    expect(rows).toMatchObject([
      { signal: 'log', trace: null, span: null, conversation: 's-1', identity: null, marks: 0 },
    ]);
    expect(gateway.gateway.writer.figures().duplicatesTotal - before).toBe(2);
    expect(await leafOfEntry(rows[0])).toEqual([
      'interaction',
      await leafOfStored(pool, placeOf(rows[0])),
    ]);
  });

  it('that differs in anything is another one', async () => {
    const record = logRecord({ note: 'x' }, { eventName: 'a' });
    await sendLogs([
      record,
      { ...record, severityNumber: 13 },
      { ...record, observedTimeUnixNano: nsOf(Date.now() + 1) },
      { ...record, body: { stringValue: 'said' } },
    ]);
    const other = await registerReporter(pool);
    await postSignal('log', gateway.url, other.key, JSON.stringify(logsRequest([record])));
    expect(await rowsOf('interaction')).toHaveLength(4);
    const { rows } = await pool.query('SELECT 1 FROM interaction WHERE reporter = $1', [other.id]);
    expect(rows).toHaveLength(1);
  });

  it('is in the session of its conversation, else of its trace, else in one of its own', async () => {
    const traceId = randomBytes(16).toString('hex');
    await sendLogs([
      logRecord({ 'session.id': 'c', n: 1 }),
      logRecord({ 'session.id': 'c', n: 2 }),
      logRecord({ n: 3 }, { traceId }),
      logRecord({ n: 4 }, { traceId, spanId: randomBytes(8).toString('hex') }),
      logRecord({ n: 5 }),
      logRecord({ n: 6 }),
    ]);
    const [a, b, c, d, e, f] = (await rowsOf('interaction')).map(({ session }) => session);
    expect([a, c]).toEqual([b, d]);
    expect(new Set([a, c, e, f]).size).toBe(4);
  });

  it('with a malformed trace id is kept, marked, and its id shown', async () => {
    await sendLogs([
      logRecord({ n: 1 }, { traceId: 'abcd' }),
      logRecord({ n: 2 }, { traceId: '0'.repeat(32), spanId: '0'.repeat(16) }),
    ]);
    const rows = await rowsOf('interaction');
    expect(rows).toMatchObject([
      { trace: null, marks: marks.invalid_trace },
      { trace: null, parent: null, marks: 0 },
    ]);
    expect(JSON.stringify(await bodyOf(rows[0]))).toContain('"invalidTraceId":"abcd"');
  });

  it('without any time is of when it arrived, and its repeat is still a repeat', async () => {
    const timeless = { ...logRecord({ n: 1 }), timeUnixNano: '0', observedTimeUnixNano: '0' };
    const before = Date.now();
    await sendLogs([timeless]);
    await sendLogs([timeless]);
    const rows = await rowsOf('interaction');
    expect(rows).toHaveLength(1);
    expect(Number(rows[0].started_ns / 1_000_000n)).toBeGreaterThanOrEqual(before);
    expect(rows[0].marks).toBe(0);
  });

  it('that cannot be read goes to quarantine with its signal, its neighbours are stored', async () => {
    const broken = { ...logRecord({ n: 1 }), attributes: 'none' as never };
    const late = { ...logRecord({ n: 2 }), timeUnixNano: '18446744073709551615' };
    const answer = await sendLogs([logRecord({ n: 3 }), broken, late, logRecord({ n: 4 })]);
    expect(answer.json).toMatchObject({ partialSuccess: { rejectedLogRecords: '2' } });
    expect(await rowsOf('interaction')).toHaveLength(2);
    const { rows } = await pool.query(
      'SELECT signal, reason FROM quarantine WHERE reporter = $1 ORDER BY reason',
      [reporter.id],
    );
    expect(rows).toEqual([
      { signal: 'log', reason: 'malformed_item' },
      { signal: 'log', reason: 'time_out_of_range' },
    ]);
  });
});

describe('a data point', () => {
  it('becomes a measurement, attributed, with what known metrics say', async () => {
    const { status, json } = await sendMetrics([
      sumMetric('claude_code.token.usage', [
        dataPoint(
          { type: 'cacheRead', model: 'claude-sonnet-4-5', 'session.id': 's-9', 'user.id': 'u-1' },
          { asDouble: 512 },
        ),
      ]),
      {
        name: 'gen_ai.client.token.usage',
        unit: '{token}',
        histogram: {
          aggregationTemporality: 2,
          dataPoints: [
            dataPoint(
              {
                'gen_ai.token.type': 'input',
                'gen_ai.provider.name': 'openai',
                'gen_ai.request.model': 'orchid-2',
                'gen_ai.agent.name': 'nobody-known',
              },
              {
                count: '3',
                sum: 40.5,
                min: 1,
                max: 30,
                bucketCounts: ['1', '2'],
                explicitBounds: [8],
              },
            ),
          ],
        },
      },
    ]);
    expect([status, json]).toEqual([200, {}]);
    const rows = await rowsOf('measurement');
    expect(rows).toMatchObject([
      {
        name: 'claude_code.token.usage',
        unit: 'tokens',
        form: 'sum',
        temporality: 'delta',
        monotonic: true,
        value: 512,
        count: null,
        model: 'claude-sonnet-4-5',
        token_type: 'cache_read',
        conversation: 's-9',
        on_behalf_of: 'u-1',
        service: 'billing',
        marks: 0,
      },
      {
        form: 'histogram',
        temporality: 'cumulative',
        monotonic: null,
        value: null,
        count: 3n,
        sum: 40.5,
        min: 1,
        max: 30,
        provider: 'openai',
        model: 'orchid-2',
        token_type: 'input',
        declared_name: 'nobody-known',
        identity: null,
        session: null,
      },
    ]);
    expect(rows[0].session).not.toBeNull();
    expect(rows[0].fingerprint).toHaveLength(16);
    expect(await bodyOf(rows[1])).toMatchObject({ bucketCounts: [1, 2], explicitBounds: [8] });
    for (const row of rows)
      expect(await leafOfEntry(row)).toEqual([
        'measurement',
        await leafOfStored(pool, placeOf(row)),
      ]);
    expect(await rowsOf('interaction')).toEqual([]);
  });

  it('keeps exactly what no fact can hold, and its leaf recomputes', async () => {
    await sendMetrics([
      { name: 'g', gauge: { dataPoints: [dataPoint({ n: 1 }, { asDouble: 'NaN' })] } },
      { name: 'g', gauge: { dataPoints: [dataPoint({ n: 2 }, { asInt: '9007199254740993' })] } },
      { name: 'g', gauge: { dataPoints: [dataPoint({ n: 3 }, { asDouble: 1e-300 })] } },
      { name: 'g', gauge: { dataPoints: [{ ...dataPoint({ n: 4 }), timeUnixNano: '0' }] } },
    ]);
    const rows = await rowsOf('measurement');
    expect(rows.map(({ value }) => value)).toEqual([null, 9007199254740992, 1e-300, null]);
    expect((await bodyOf(rows[0])).value).toBe('NaN');
    const { rows: bodies } = await pool.query('SELECT count(*)::int AS n FROM body');
    expect(bodies[0].n).toBeGreaterThanOrEqual(4);
    expect(Number(rows[3].ended_ns / 1_000_000n)).toBeGreaterThan(Date.now() - 60_000);
    for (const row of rows)
      expect((await leafOfEntry(row))[1]).toBe(await leafOfStored(pool, placeOf(row)));
  });

  it('is redacted like an interaction', async () => {
    const secret = `sk-proj-${'a1B2'.repeat(12)}`;
    await sendMetrics([
      sumMetric('uses', [dataPoint({ tool_name: secret, note: secret }, { asInt: '1' })]),
    ]);
    const rows = await rowsOf('measurement');
    expect(rows[0].tool).toMatch(/^\[redacted:/);
    expect(rows[0].redacted).toMatch(/=2$/);
    expect(JSON.stringify(await bodyOf(rows[0]))).not.toContain(secret);
  });

  it('repeated is counted once, and a broken one costs its neighbours nothing', async () => {
    const point = (n: number) => dataPoint({ n }, { asInt: `${n}` });
    const metrics = [
      sumMetric('m', [point(1), { ...point(2), asInt: 'many' }, point(3)]),
      { name: 'of no form', unit: 1 },
      5 as never,
    ];
    const first = await sendMetrics(metrics);
    const again = await sendMetrics(metrics);
    for (const { json } of [first, again])
      expect(json).toMatchObject({ partialSuccess: { rejectedDataPoints: '3' } });
    expect(await rowsOf('measurement')).toHaveLength(2);
    const { rows } = await pool.query(
      'SELECT DISTINCT signal, reason FROM quarantine WHERE reporter = $1',
      [reporter.id],
    );
    expect(rows).toEqual([{ signal: 'metric', reason: 'malformed_item' }]);
  });
});

it('what was refused is replayed as the signal it came by', async () => {
  const raw = {
    log: logsRequest([logRecord({ n: 1 })]),
    metric: metricsRequest([sumMetric('m', [dataPoint({}, { asInt: '1' })])]),
  };
  // As items that an earlier version could not read.
  const refused = (['log', 'metric'] as const).map((signal) => {
    const item = Buffer.from(JSON.stringify(raw[signal]));
    return { signal, reason: 'malformed_item', detail: 'Then.', bytes: item.length, raw: item };
  });
  await gateway.gateway.writer.append({ reporter: reporter.id, entries: [], refused, bytes: 0 });
  await pool.query("UPDATE quarantine SET replay_state = 'requested' WHERE reporter = $1", [
    reporter.id,
  ]);
  const statesOf = async () =>
    (await pool.query('SELECT replay_state FROM quarantine WHERE reporter = $1', [reporter.id]))
      .rows;
  await expect
    .poll(statesOf, { timeout: 10_000 })
    .toEqual([{ replay_state: 'accepted' }, { replay_state: 'accepted' }]);
  expect(await rowsOf('interaction')).toMatchObject([{ signal: 'log' }]);
  expect(await rowsOf('measurement')).toMatchObject([{ name: 'm', value: 1 }]);
});

it('figures tell signals apart', async () => {
  await sendLogs([logRecord({ n: 1 })]);
  await sendMetrics([sumMetric('m', [dataPoint({}, { asInt: '1' })])]);
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  for (const signal of ['log', 'metric'])
    expect(text).toMatch(
      new RegExp(`sallyport_ingest_items_total\\{signal="${signal}",outcome="stored"\\} [1-9]`),
    );
});
