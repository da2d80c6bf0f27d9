import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { type Signal, signals } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postSignal,
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { mutate, mutation } from '../support/mutations';
import { loadOtlpOracle, type OtlpOracle } from '../support/otlp-oracle';
import { fullOtlpRequest, jsonOf } from '../support/otlp-requests';
import { fullLogsRequest, fullMetricsRequest } from '../support/otlp-signals';
import { exportRequest, genaiChatSpan } from '../support/spans';

const BODIES = process.env.SALLYPORT_TEST_LONG === '1' ? 100_000 : 2_000;
/** Made and sent so many at a time. */
const ROUND = 2_000;
const SENDERS = 8;
const seed = Number(process.env.SALLYPORT_TEST_SEED ?? Date.now() % 2 ** 31);

type Answer = { partialSuccess?: Record<string, string> };
const sent: Record<Signal, { request: fc.Arbitrary<object>; rejectedName: string }> = {
  trace: { request: fullOtlpRequest, rejectedName: 'rejectedSpans' },
  log: { request: fullLogsRequest, rejectedName: 'rejectedLogRecords' },
  metric: { request: fullMetricsRequest, rejectedName: 'rejectedDataPoints' },
};

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let reporter: TestReporter;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
  reporter = await registerReporter(pool);
});
afterAll(async () => {
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

it.each(signals)(
  `${BODIES} mutated bodies of signal %s: each is a 4xx or stored item by item, none crashes, none takes another with it`,
  {
    timeout: 1_200_000,
  },
  async (signal) => {
    const oracle: OtlpOracle<object> = await loadOtlpOracle(signal);
    const before = gateway.gateway.writer.figures();
    const { request: requests, rejectedName } = sent[signal];
    const statuses = new Map<number, number>();
    let rejected = 0;
    for (let round = 0; round < BODIES / ROUND; round += 1) {
      const cases = fc.sample(
        fc.tuple(requests, fc.boolean(), fc.array(mutation, { minLength: 1, maxLength: 3 })),
        { numRuns: ROUND, seed: seed + round },
      );
      let next = 0;
      const send = async () => {
        for (let at = next++; at < cases.length; at = next++) {
          const [request, isJson, mutations] = cases[at] ?? [{}, false, []];
          const whole = isJson
            ? jsonOf(request, { snakeCase: false, numbers: false })
            : oracle.encodeRequest(request);
          const { status, bytes, json } = await postSignal(
            signal,
            gateway.url,
            reporter.key,
            mutations.reduce(mutate, whole),
            {
              'content-type': isJson ? 'application/json' : 'application/x-protobuf',
            },
          );
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status === 200)
            rejected += isJson
              ? Number((json as Answer).partialSuccess?.[rejectedName] ?? 0)
              : Number(
                  (oracle.decodeResponse(bytes) as Answer).partialSuccess?.[rejectedName] ?? 0,
                );
        }
      };
      await Promise.all(Array.from({ length: SENDERS }, send));
    }

    expect([...statuses.keys()].filter((status) => status !== 200 && status !== 400)).toEqual([]);
    expect(Math.min(statuses.get(200) ?? 0, statuses.get(400) ?? 0)).toBeGreaterThan(BODIES / 100);
    const counts = await pool.query(
      `SELECT (SELECT count(*) FROM interaction)::int AS interactions, (SELECT count(*) FROM measurement)::int AS measurements, (SELECT count(*) FROM log_entry WHERE shard > 0)::int AS entries, (SELECT count(*) FROM quarantine WHERE signal = $1)::int AS quarantined`,
      [signal],
    );
    const { storedTotal, refusedTotal } = gateway.gateway.writer.figures();
    const { interactions, measurements, entries, quarantined } = counts.rows[0];
    expect([interactions + measurements, entries]).toEqual([storedTotal, storedTotal]);
    expect(quarantined).toBe(refusedTotal - before.refusedTotal);
    expect(rejected).toBe(quarantined);
    expect(storedTotal).toBeGreaterThan(before.storedTotal);
    const after = await postTraces(
      gateway.url,
      reporter.key,
      JSON.stringify(exportRequest([genaiChatSpan({ at: 1, startedMs: Date.now() })])),
    );
    expect(after).toMatchObject({ status: 200, json: {} });
  },
);
