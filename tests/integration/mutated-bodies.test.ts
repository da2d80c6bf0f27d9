import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { mutate, mutation } from '../support/mutations';
import { loadOtlpOracle } from '../support/otlp-oracle';
import { fullOtlpRequest, jsonOf } from '../support/otlp-requests';
import { exportRequest, genaiChatSpan } from '../support/spans';

const BODIES = process.env.SALLYPORT_TEST_LONG === '1' ? 100_000 : 2_000;
/** Made and sent so many at a time. */
const ROUND = 2_000;
const SENDERS = 8;
const seed = Number(process.env.SALLYPORT_TEST_SEED ?? Date.now() % 2 ** 31);

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

it(`${BODIES} mutated bodies: each is a 4xx or stored item by item, none crashes, none takes another with it`, {
  timeout: 1_200_000,
}, async () => {
  const oracle = await loadOtlpOracle();
  const statuses = new Map<number, number>();
  let rejected = 0;
  for (let round = 0; round < BODIES / ROUND; round += 1) {
    const cases = fc.sample(
      fc.tuple(fullOtlpRequest, fc.boolean(), fc.array(mutation, { minLength: 1, maxLength: 3 })),
      { numRuns: ROUND, seed: seed + round },
    );
    let next = 0;
    const send = async () => {
      for (let at = next++; at < cases.length; at = next++) {
        const [request, isJson, mutations] = cases[at] ?? [{}, false, []];
        const whole = isJson
          ? jsonOf(request, { snakeCase: false, numbers: false })
          : oracle.encodeRequest(request);
        const { status, bytes, json } = await postTraces(
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
            ? Number(
                (json as { partialSuccess?: { rejectedSpans: string } }).partialSuccess
                  ?.rejectedSpans ?? 0,
              )
            : rejectedOf(oracle.decodeResponse(bytes));
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, send));
  }

  expect([...statuses.keys()].filter((status) => status !== 200 && status !== 400)).toEqual([]);
  expect(Math.min(statuses.get(200) ?? 0, statuses.get(400) ?? 0)).toBeGreaterThan(BODIES / 100);
  const counts = await pool.query(
    `SELECT (SELECT count(*) FROM interaction)::int AS facts, (SELECT count(*) FROM log_entry WHERE shard > 0)::int AS entries, (SELECT count(*) FROM quarantine)::int AS quarantined`,
  );
  const { storedTotal, refusedTotal } = gateway.gateway.writer.figures();
  expect(counts.rows[0]).toEqual({
    facts: storedTotal,
    entries: storedTotal,
    quarantined: refusedTotal,
  });
  expect(rejected).toBe(refusedTotal);
  expect(storedTotal).toBeGreaterThan(0);
  const after = await postTraces(
    gateway.url,
    reporter.key,
    JSON.stringify(exportRequest([genaiChatSpan({ at: 1 })])),
  );
  expect(after).toMatchObject({ status: 200, json: {} });
});

const rejectedOf = (response: Record<string, unknown>): number => {
  const { partialSuccess } = response as {
    partialSuccess?: { rejectedSpans?: { toString(): string } };
  };
  return Number(partialSuccess?.rejectedSpans?.toString() ?? 0);
};
