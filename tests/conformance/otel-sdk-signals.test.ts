import { Metadata } from '@grpc/grpc-js';
import { context, SeverityNumber, SpanKind, trace } from '@opentelemetry/api';
import { OTLPLogExporter as LogGrpcExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as LogHttpExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as LogProtoExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricGrpcExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricHttpExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricProtoExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TraceGrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as TraceProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';

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
  reporter = await registerReporter(pool, { name: `parcel-agent-${Math.random()}` });
});
afterAll(async () => {
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

const resource = () =>
  resourceFromAttributes({ 'service.name': 'parcels', 'service.version': '2' });
const http = (path: string) => ({
  url: `${gateway.url}${path}`,
  headers: { authorization: `Bearer ${reporter.key}` },
});
/** With gzip, which the enum of another package names. */
const grpc = () => {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${reporter.key}`);
  return { url: gateway.grpcUrl, metadata, compression: 'gzip' as never };
};

type Exporter<Batch> = {
  export(batch: Batch, done: (result: { error?: Error }) => void): void;
  shutdown(): Promise<void>;
};

/** Sends a batch by each exporter, twice; throws what an exporter says went wrong. */
async function sendTwice<Batch>(batch: Batch, exporters: Exporter<Batch>[]): Promise<void> {
  for (const exporter of [...exporters, ...exporters])
    await new Promise<void>((resolve, reject) =>
      exporter.export(batch, ({ error }) => (error ? reject(error) : resolve())),
    );
  for (const exporter of exporters) await exporter.shutdown();
}

const rowsOf = async (table: string) =>
  (await pool.query(`SELECT * FROM ${table} WHERE reporter = $1 ORDER BY position`, [reporter.id]))
    .rows;

test('log records of the unmodified JavaScript SDK are counted once, by any exporter, and after a repeat', async () => {
  const memory = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    resource: resource(),
    processors: [new SimpleLogRecordProcessor({ exporter: memory })],
  });
  const logger = provider.getLogger('parcels', '0.1.0');
  const traced = trace.setSpanContext(context.active(), {
    traceId: 'c0ffee00c0ffee00c0ffee00c0ffee00',
    spanId: 'c0ffee00c0ffee00',
    traceFlags: 1,
  });
  logger.emit({
    eventName: 'gen_ai.client.inference.operation.details',
    severityNumber: SeverityNumber.INFO,
    context: traced,
    body: { said: ['Grüße 📦', 1.5, true, null], bytes: Uint8Array.of(0, 255) },
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'orchid-2',
      'gen_ai.conversation.id': 'conv-1',
      'gen_ai.usage.input_tokens': 120,
    },
  });
  logger.emit({ body: 'plain words', attributes: { n: 1 } });
  const records = memory.getFinishedLogRecords();
  expect(records).toHaveLength(2);
  await sendTwice(records, [
    new LogProtoExporter(http('/v1/logs')),
    new LogHttpExporter(http('/v1/logs')),
    new LogGrpcExporter(grpc()),
  ]);
  await provider.shutdown();

  const rows = await rowsOf('interaction');
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({
    signal: 'log',
    name: 'gen_ai.client.inference.operation.details',
    model: 'orchid-2',
    conversation: 'conv-1',
    input_tokens: 120n,
    trace: Buffer.from('c0ffee00c0ffee00c0ffee00c0ffee00', 'hex'),
    parent: Buffer.from('c0ffee00c0ffee00', 'hex'),
    service: 'parcels',
    marks: 0,
  });
  expect(rows[1]).toMatchObject({ trace: null, marks: 0 });
});

test('metrics of the unmodified JavaScript SDK are measured once, by any exporter, and after a repeat', async () => {
  const memory = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({
    exporter: memory,
    exportIntervalMillis: 3_600_000,
  });
  const provider = new MeterProvider({
    resource: resource(),
    readers: [reader],
    views: [
      {
        instrumentName: 'gen_ai.client.operation.duration',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
      },
    ],
  });
  const meter = provider.getMeter('parcels', '0.1.0');
  meter.createCounter('claude_code.token.usage', { unit: 'tokens' }).add(512, {
    type: 'input',
    model: 'claude-sonnet-4-5',
    'session.id': 's-1',
  });
  meter.createUpDownCounter('queue.length').add(-3);
  meter.createGauge('temperature').record(21.25);
  const usage = meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}' });
  for (const tokens of [3, 40, 500]) usage.record(tokens, { 'gen_ai.token.type': 'output' });
  const duration = meter.createHistogram('gen_ai.client.operation.duration', { unit: 's' });
  for (const seconds of [0, 0.25, 1.5]) duration.record(seconds);
  await reader.forceFlush();
  const [batch] = memory.getMetrics();
  if (batch === undefined) throw new Error('nothing was collected');
  await sendTwice(batch, [
    new MetricProtoExporter(http('/v1/metrics')),
    new MetricHttpExporter(http('/v1/metrics')),
    new MetricGrpcExporter(grpc()),
  ]);
  await provider.shutdown();

  const rows = await rowsOf('measurement');
  expect(rows).toHaveLength(5);
  const by = Object.fromEntries(rows.map((row) => [row.name, row]));
  for (const row of rows) expect(row).toMatchObject({ service: 'parcels', marks: 0 });
  expect(by['claude_code.token.usage']).toMatchObject({
    form: 'sum',
    temporality: 'delta',
    monotonic: true,
    value: 512,
    unit: 'tokens',
    token_type: 'input',
    model: 'claude-sonnet-4-5',
    conversation: 's-1',
  });
  expect(by['queue.length']).toMatchObject({ form: 'sum', monotonic: false, value: -3 });
  expect(by.temperature).toMatchObject({ form: 'gauge', value: 21.25 });
  expect(by['gen_ai.client.token.usage']).toMatchObject({
    form: 'histogram',
    count: 3n,
    sum: 543,
    min: 3,
    max: 500,
    token_type: 'output',
  });
  expect(by['gen_ai.client.operation.duration']).toMatchObject({
    form: 'exponential_histogram',
    count: 3n,
    sum: 1.75,
  });
});

test('spans of the unmodified JavaScript SDK by gRPC are the same spans as by HTTP', async () => {
  const ended: ReadableSpan[] = [];
  const provider = new TracerProvider({
    resource: resource(),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new TraceGrpcExporter(grpc()) }),
      {
        onStart() {},
        onEnd: (span: ReadableSpan) => void ended.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  const span = provider.getTracer('parcels').startSpan('chat orchid-2', {
    kind: SpanKind.CLIENT,
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'orchid-2' },
  });
  span.end();
  await provider.forceFlush();
  await sendTwice(ended, [new TraceProtoExporter(http('/v1/traces'))]);
  await provider.shutdown();
  expect(await rowsOf('interaction')).toMatchObject([
    { signal: 'trace', kind: 'inference', model: 'orchid-2', marks: 0 },
  ]);
});
