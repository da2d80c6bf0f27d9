import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from '@/lib/db/pool';
import { projections } from '@/lib/log/project';
import { listLags } from '@/lib/log/projection';
import { baselineRows, baselineShard, CopyBaseline, sampleRows } from './copy-baseline';
import type { LoadOrder, LoadResult } from './load';
import { cpuUs, postgresCpuUs, rssMb } from './proc';
import { type BenchResult, type Figure, figure, medianOf, quantileOf } from './report';
import { Load, type Stack, startStack, stopChild } from './stack';

const connections = 8;
const spansPerRequest = 512;
const rounds = 3;
/** Enough of them to stay under 2,000 items a second each at any rate that this machine reaches. */
const reporters = 48;
const offeredPerSecond = 7_500;
const steadyPerSecond = 1_500;
const spansEarly = 200_000;
const spansLate = 2_000_000;

/**
 * Ingest over HTTP with everything on, against one connection that only copies the same rows into the same
 * tables. Rounds of both take turns, since the speed of a shared machine drifts; medians count.
 */
export async function benchIngest({
  seconds = 60,
  profile,
}: {
  seconds?: number;
  /** A folder for a CPU profile of the gateway; then the figures are not to be trusted. */
  profile?: string;
}): Promise<BenchResult> {
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const stack = await startStack(flags);
  try {
    const keys = await stack.createReporters(reporters);
    const setup = { url: stack.tracesUrl, keys, connections, spansPerRequest, run: 1 };
    const { load, bytesPerSpan } = await Load.start(setup);
    try {
      return {
        name: 'ingest',
        figures: [...shapeOf(bytesPerSpan), ...(await measure(stack, load, seconds))],
      };
    } finally {
      load.stop();
    }
  } finally {
    await stack.stop();
  }
}

async function measure(stack: Stack, load: Load, seconds: number): Promise<Figure[]> {
  const results: LoadResult[] = [];
  const rss = new RssWatch(stack);
  const send: Send = async (order) => {
    const result = await load.run(order, (acknowledged) => rss.observe(acknowledged));
    results.push(result);
    return result;
  };
  tell('warming up');
  do await send({ spansPerSecond: null, seconds: Math.min(5, seconds) });
  while (load.acknowledged < sampleRows);

  const { copied, sent, cost } = await takeTurns(stack, load, seconds / rounds, send);

  while (load.acknowledged < spansLate && seconds >= 30) {
    const spansMax = spansLate - load.acknowledged;
    const result = await send({ spansPerSecond: null, seconds: 30, spansMax });
    tell(`${load.acknowledged} spans acknowledged, ${Math.round(rateOf(result))} spans/s`);
    if (result.acknowledged === 0) throw new Error('Nothing is acknowledged any more.');
  }
  rss.observe(load.acknowledged);
  const projectedAfterMs = await untilProjected(stack);

  await sleep(2_000);
  const open = await send({ spansPerSecond: offeredPerSecond, seconds: Math.max(seconds / 2, 5) });
  tell(`offered ${offeredPerSecond}/s: ${Math.round(rateOf(open))} spans/s acknowledged`);
  const settledAfterMs = await untilProjected(stack);
  const behindMs = await behindAt(steadyPerSecond, stack, send, Math.max(seconds / 2, 10));
  await untilProjected(stack);
  const projected = await projectedOf(stack);
  await stopChild(stack.worker);
  const alone = await send({ spansPerSecond: null, seconds: seconds / rounds });

  const spansPerSecond = medianOf(sent.map(rateOf));
  const ratio = medianOf(sent.map((result, round) => rateOf(result) / (copied[round] ?? 1)));
  const latencies = sent.flatMap((result) => result.latencies);
  const stored = await storedOf(stack);
  const failed = results.reduce((sum, { failedRequests }) => sum + failedRequests, 0);
  return [
    figure('ingest', spansPerSecond, 'spans/s', { min: 15_000 }),
    figure(
      'ingest for',
      sent.reduce((sum, result) => sum + result.seconds, 0),
      's',
    ),
    figure('one COPY connection, same rows and tables', medianOf(copied), 'rows/s'),
    figure('COPY rows a transaction', baselineRows, 'rows'),
    figure('ingest / COPY, median of rounds', ratio, 'ratio', { min: 0.4 }),
    figure('ingest without a worker', rateOf(alone), 'spans/s'),
    figure('acknowledged after, saturated, p50', quantileOf(latencies, 0.5), 'ms'),
    figure('acknowledged after, saturated, p99', quantileOf(latencies, 0.99), 'ms'),
    figure(
      `acknowledged after, ${offeredPerSecond}/s offered, p50`,
      quantileOf(open.latencies, 0.5),
      'ms',
    ),
    figure(
      `acknowledged after, ${offeredPerSecond}/s offered, p99`,
      quantileOf(open.latencies, 0.99),
      'ms',
      { max: 250 },
    ),
    ...rss.figures(),
    figure('CPU of the gateway', cost.gateway / cost.spans, 'us/span'),
    figure('CPU of PostgreSQL', cost.postgres / cost.spans, 'us/span'),
    figure('CPU of the worker', cost.worker / cost.spans, 'us/span'),
    figure('CPU of the load', cost.load / cost.spans, 'us/span'),
    figure(`slowest projection behind, ${steadyPerSecond}/s offered, p99`, behindMs, 'ms', {
      max: 2_000,
    }),
    figure('projected after the last of all', Math.max(projectedAfterMs, settledAfterMs), 'ms'),
    figure(
      'requests refused by 429 or 503',
      results.reduce((sum, { refusedRequests }) => sum + refusedRequests, 0),
      'requests',
    ),
    figure('requests failed', failed, 'requests', { max: 0 }),
    figure('acknowledged', load.acknowledged, 'spans'),
    figure('acknowledged, not stored', Math.max(0, load.acknowledged - stored.distinct), 'spans', {
      max: 0,
    }),
    figure(
      'stored twice or unasked',
      stored.rows - Math.min(load.acknowledged, stored.distinct),
      'spans',
      { max: 0 },
    ),
    figure(
      'projected, not equal to stored',
      Math.abs(projected.stored - projected.rolledUp),
      'spans',
      { max: 0 },
    ),
  ];
}

type Send = (order: LoadOrder) => Promise<LoadResult>;
type Turns = { copied: number[]; sent: LoadResult[]; cost: CpuCost };

/** One round of COPY and one of ingest, so many times. */
async function takeTurns(stack: Stack, load: Load, seconds: number, send: Send): Promise<Turns> {
  const turns: Turns = {
    copied: [],
    sent: [],
    cost: { gateway: 0, postgres: 0, worker: 0, load: 0, spans: 0 },
  };
  const options = { applicationName: 'bench', statementTimeoutMs: 0 };
  const owner = createConnection(stack.migratorUrl, options);
  const copier = createConnection(stack.gatewayDatabaseUrl, options);
  try {
    await Promise.all([owner.connect(), copier.connect()]);
    const baseline = await CopyBaseline.prepare(owner, copier, await shardOf(stack));
    for (let round = 1; round <= rounds; round += 1) {
      const copy = await baseline.run(seconds / 2);
      const before = cpuOf(stack, load);
      const result = await send({ spansPerSecond: null, seconds });
      addCost(turns.cost, before, cpuOf(stack, load), result.acknowledged);
      turns.copied.push(copy.rows / copy.seconds);
      turns.sent.push(result);
      tell(
        `round ${round}: ${Math.round(copy.rows / copy.seconds)} rows/s copied, ${Math.round(rateOf(result))} spans/s acknowledged`,
      );
    }
  } finally {
    await Promise.all([owner.end(), copier.end()]);
  }
  return turns;
}

const shapeOf = (bytesPerSpan: number): Figure[] => [
  figure('span, OTLP protobuf', bytesPerSpan, 'bytes'),
  figure('spans a request', spansPerRequest, 'spans'),
  figure('connections, TCP on 127.0.0.1', connections, 'connections'),
  figure('reporters', reporters, 'reporters'),
];

const rateOf = ({ acknowledged, seconds }: LoadResult) => acknowledged / seconds;
const tell = (words: string) => process.stderr.write(`bench ingest: ${words}\n`);

type CpuCost = { gateway: number; postgres: number; worker: number; load: number; spans: number };

function cpuOf(stack: Stack, load: Load): CpuCost {
  return {
    gateway: cpuUs(stack.gateway.pid ?? 0),
    postgres: postgresCpuUs(stack.postgresPid),
    worker: cpuUs(stack.worker.pid ?? 0),
    load: cpuUs(load.pid),
    spans: 0,
  };
}

function addCost(cost: CpuCost, before: CpuCost, after: CpuCost, spans: number): void {
  for (const part of ['gateway', 'postgres', 'worker', 'load'] as const)
    cost[part] += after[part] - before[part];
  cost.spans += spans;
}

/** Resident memory of the gateway when so many spans had been acknowledged: the median of the last second. */
class RssWatch {
  private readonly stack: Stack;
  private readonly window: number[] = [];
  private early: number | null = null;
  private late: number | null = null;

  constructor(stack: Stack) {
    this.stack = stack;
  }

  observe(acknowledged: number): void {
    this.window.push(rssMb(this.stack.gateway.pid ?? 0));
    if (this.window.length > 10) this.window.shift();
    if (acknowledged >= spansEarly) this.early ??= medianOf(this.window);
    if (acknowledged >= spansLate) this.late ??= medianOf(this.window);
  }

  figures(): Figure[] {
    const figures: Figure[] = [];
    if (this.early !== null) figures.push(figure('gateway RSS at 200,000 spans', this.early, 'MB'));
    if (this.early === null || this.late === null) return figures;
    figures.push(figure('gateway RSS at 2,000,000 spans', this.late, 'MB'));
    figures.push(
      figure('gateway RSS, late / early', this.late / this.early, 'ratio', { max: 1.2 }),
    );
    return figures;
  }
}

/** The one telemetry shard: there is one gateway. */
async function shardOf({ migrator }: Stack): Promise<number> {
  const { rows } = await migrator.query<{ id: number }>(
    `SELECT id FROM shard WHERE kind = 'telemetry'`,
  );
  const shard = rows[0]?.id;
  if (shard === undefined || rows.length > 1) throw new Error('There is not one telemetry shard.');
  return shard;
}

async function storedOf({ migrator }: Stack): Promise<{ rows: number; distinct: number }> {
  const { rows } = await migrator.query<{ rows: number; distinct: number }>(
    `SELECT count(*)::float8 AS rows, count(DISTINCT (trace, span))::float8 AS distinct
     FROM interaction WHERE shard <> ${baselineShard}`,
  );
  return rows[0] ?? { rows: 0, distinct: 0 };
}

async function projectedOf({ migrator }: Stack): Promise<{ stored: number; rolledUp: number }> {
  const { rows } = await migrator.query<{ stored: number; rolledUp: number }>(
    `SELECT (SELECT count(*)::float8 FROM interaction WHERE shard <> ${baselineShard}) AS stored,
       (SELECT coalesce(sum(interactions), 0)::float8 FROM arrival_minute) AS "rolledUp"`,
  );
  return rows[0] ?? { stored: 0, rolledUp: 0 };
}

/** How old the oldest entry that a projection had not read was, whichever projection; all but the worst in 100 looks. */
async function behindAt(
  spansPerSecond: number,
  stack: Stack,
  send: Send,
  seconds: number,
): Promise<number> {
  const shard = await shardOf(stack);
  const ages: number[] = [];
  let isSending = true;
  const sent = send({ spansPerSecond, seconds }).finally(() => {
    isSending = false;
  });
  for (; isSending; await sleep(50)) {
    const lags = await listLags(stack.migrator, projections);
    const oldest = lags.flatMap((lag) =>
      lag.shard === shard && lag.oldestAt !== null ? [lag.oldestAt.getTime()] : [],
    );
    ages.push(Math.max(0, Date.now() - Math.min(Date.now(), ...oldest)));
  }
  await sent;
  return quantileOf(ages, 0.99);
}

const projectedWithinMs = 600_000;
const toldEveryMs = 10_000;

/** Waits until every projection has caught up; returns how long that took. */
async function untilProjected(stack: Stack): Promise<number> {
  const startMs = performance.now();
  const shard = await shardOf(stack);
  let toldMs = startMs;
  for (; performance.now() - startMs < projectedWithinMs; await sleep(20)) {
    const lags = await listLags(stack.migrator, projections);
    const behind = lags.filter((lag) => lag.shard === shard && lag.entries > 0);
    if (behind.length === 0) return performance.now() - startMs;
    if (performance.now() - toldMs < toldEveryMs) continue;
    toldMs = performance.now();
    tell(`behind: ${behind.map((each) => `${each.projection} ${each.entries}`).join(', ')}`);
  }
  throw new Error('The projections did not catch up within ten minutes.');
}
