import { SpanKind } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { activity } from '@/lib/inventory/activity/project';
import { judgeCompared } from '@/lib/inventory/measured/judge';
import { measured } from '@/lib/inventory/measured/project';
import { listCompared } from '@/lib/inventory/measured/queries';
import { listLags, projectBatch } from '@/lib/log/projection';
import { leafOfStored } from '@/lib/log/recompute';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { scopeOf } from '../support/people';

let database: TestDatabase;
let owner: Pool;
let reader: Pool;
let worker: Pool;
let client: PoolClient;
let gateway: TestGateway;
const scope = scopeOf();

const minute = 60_000;
const hour = 60 * minute;
/** Twenty minutes into an hour that is long over, so that whole hours follow. */
const firstMs = Math.floor(Date.now() / hour) * hour - 72 * hour + 20 * minute;
/** Time goes on only when told to, for the agents and the gateway alike. */
let nowMs = firstMs;
const sleep = (minutes: number) => {
  nowMs += minutes * minute;
  vi.setSystemTime(nowMs);
};

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  reader = createPool(database.consoleUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  client = await worker.connect();
  await owner.query(`SELECT ensure_partitions((now() - interval '4 days')::date, now()::date)`);
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  gateway = await startGateway(database);
});
afterAll(async () => {
  await gateway?.close();
  vi.useRealTimers();
  client?.release(true);
  await Promise.all([worker?.end(), reader?.end(), owner?.end()]);
  await database?.drop();
});

let reporter: TestReporter;
let name: string;
let running: { shutdown(): Promise<void> }[] = [];
beforeEach(async () => {
  // Each on the twentieth minute of an hour of its own.
  sleep(60 - (((nowMs - firstMs) / minute) % 60));
  name = `parcels-${nowMs}`;
  reporter = await registerReporter(owner, { name, expiresAt: new Date(nowMs + 100 * hour) });
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.shutdown().catch(() => undefined)));
  running = [];
});

type Agent = ReturnType<typeof startAgent>;

/** An agent instrumented with the JavaScript SDK by the conventions, from its start to its end. */
function startAgent(temporality: AggregationTemporality) {
  const resource = resourceFromAttributes({ 'service.name': name });
  const to = (path: string) => ({
    url: `${gateway.url}${path}`,
    headers: { authorization: `Bearer ${reporter.key}` },
  });
  const metrics = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({
      ...to('/v1/metrics'),
      temporalityPreference: temporality as never,
    }),
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ resource, readers: [metrics] });
  const spans = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(to('/v1/traces')) })],
  });
  running.push(meters, spans);
  const meter = meters.getMeter('parcels');
  const usage = meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}' });
  const duration = meter.createHistogram('gen_ai.client.operation.duration', { unit: 's' });
  const tracer = spans.getTracer('parcels');
  return {
    /** Calls a model: 100 tokens in, 20 out. `isTraced` is false where nothing but metrics tells of it. */
    call(isTraced = true): void {
      const about = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'orchid-2' };
      usage.record(100, { ...about, 'gen_ai.token.type': 'input' });
      usage.record(20, { ...about, 'gen_ai.token.type': 'output' });
      duration.record(0.5, about);
      if (!isTraced) return;
      tracer
        .startSpan('chat orchid-2', {
          kind: SpanKind.CLIENT,
          startTime: new Date(nowMs - 500),
          attributes: {
            ...about,
            'gen_ai.usage.input_tokens': 100,
            'gen_ai.usage.output_tokens': 20,
          },
        })
        .end(new Date(nowMs));
    },
    /** The tools it calls are measured too, and are no calls of a model. */
    act: () => duration.record(0.1, { 'gen_ai.operation.name': 'execute_tool' }),
    async export(): Promise<void> {
      await metrics.forceFlush();
      await spans.forceFlush();
    },
  };
}

/** Works for so many minutes: a call and an export each minute. */
async function work(agent: Agent, minutes: number, isTraced: (n: number) => boolean = () => true) {
  for (let n = 0; n < minutes; n += 1) {
    sleep(1);
    agent.call(isTraced(n));
    agent.act();
    if (n % 5 === 4) await agent.export();
  }
}

async function compare() {
  for (const projection of [activity, measured])
    for (;;) {
      const behind = (await listLags(client, [projection])).filter(({ entries }) => entries > 0);
      if (behind.length === 0) break;
      for (const lag of behind) await projectBatch(client, projection, lag.shard);
    }
  const now = new Date(nowMs);
  const rows = await listCompared(scope, { now, id: reporter.id }, reader);
  return rows.map((row) => ({ ...row, ...judgeCompared(row, now) }));
}

describe.each([
  ['cumulative', AggregationTemporality.CUMULATIVE],
  ['delta', AggregationTemporality.DELTA],
] as const)('an agent that sends %s metrics', (_temporality, temporality) => {
  it('is alike by whole hours: neither the hour it began in nor the one it is in is a gap', async () => {
    const began = nowMs;
    const agent = startAgent(temporality);
    await work(agent, 200);
    const rows = await compare();
    expect(
      rows.map(({ metric, figure, verdict }) => `${metric} ${figure} ${verdict}`).sort(),
    ).toEqual([
      'gen_ai.client.operation.duration calls alike',
      'gen_ai.client.token.usage input_tokens alike',
      'gen_ai.client.token.usage output_tokens alike',
    ]);
    const from = new Date(Math.ceil(began / hour) * hour);
    for (const row of rows)
      expect(row.hours).toEqual({ from, to: new Date(from.getTime() + 2 * hour) });
    const calls = rows.find(({ figure }) => figure === 'calls');
    expect(calls).toMatchObject({ counted: 120, calls: 120, callsSince: 0 });
    expect(calls?.measured).toBeCloseTo(120, 0);
  });

  it('is compared only once it was measured through a whole hour', async () => {
    const agent = startAgent(temporality);
    await work(agent, 30);
    expect(new Set((await compare()).map(({ verdict }) => verdict))).toEqual(new Set(['early']));
  });

  it('measured more than was counted where calls are not traced', async () => {
    const agent = startAgent(temporality);
    await work(agent, 200, (n) => n % 2 === 0);
    const rows = await compare();
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['more_measured']));
    for (const { difference } of rows) expect(difference).toBeCloseTo(1, 1);
  });

  it('is uncounted where no call arrives at all', async () => {
    const agent = startAgent(temporality);
    await work(agent, 120, () => false);
    expect(new Set((await compare()).map(({ verdict }) => verdict))).toEqual(
      new Set(['uncounted']),
    );
  });

  it('counts on through a restart, which begins at nothing', async () => {
    await work(startAgent(temporality), 100);
    await work(startAgent(temporality), 100);
    const rows = await compare();
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['alike']));
  });

  it('has stopped measuring where calls go on without', async () => {
    await work(startAgent(temporality), 70);
    const agent = startAgent(temporality);
    for (let n = 0; n < 40; n += 1) {
      sleep(10);
      agent.call();
    }
    // Only its spans are sent.
    await running.at(-1)?.shutdown();
    const rows = await compare();
    expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['stopped']));
    running = [];
  });
});

it('the leaf of a data point commits to its series and operation, and holds', async () => {
  const agent = startAgent(AggregationTemporality.CUMULATIVE);
  await work(agent, 10);
  const { rows } = await owner.query(
    `SELECT m.*, e.leaf FROM measurement m JOIN log_entry e USING (received_at, shard, position)
     WHERE m.reporter = $1 ORDER BY m.position`,
    [reporter.id],
  );
  const series = new Set(rows.map((row) => row.series.toString('hex')));
  expect(rows).toHaveLength(8);
  expect(series.size).toBe(4);
  for (const row of rows) {
    expect(row.series).toHaveLength(16);
    expect(row.operation).toMatch(/^(chat|execute_tool)$/);
    const place = { receivedAt: row.received_at, shard: row.shard, position: row.position };
    expect(await leafOfStored(owner, place)).toBe(row.leaf.toString('hex'));
  }
});
