import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { marks } from '@/lib/telemetry/schema';
import { type SimulateOptions, simulateOrganisation } from '@/server/cli/simulate';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startGateway, type TestGateway } from '../support/gateway';

let database: TestDatabase;
let gateway: TestGateway;
let db: PrismaClient;
let sql: Pool;
const untilMs = Math.floor(Date.now() / 60_000) * 60_000;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database);
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 2 });
  sql = createPool(database.migratorUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await gateway.close();
  await db.$disconnect();
  await sql.end();
  await database.drop();
});

const run = (change: Partial<SimulateOptions> = {}) =>
  simulateOrganisation(
    { db, sql, actor: { kind: 'operator', name: 'ada' } },
    {
      seed: 7,
      scale: 0.05,
      timeZone: 'Europe/Berlin',
      fromMs: untilMs - 3 * 86_400_000,
      untilMs,
      rate: null,
      gatewayUrl: gateway.url,
      perReporter: 1_000_000,
      signal: new AbortController().signal,
      say: () => {},
      ...change,
    },
  );

async function one<Row extends Record<string, unknown>>(
  text: string,
  ...values: unknown[]
): Promise<Row> {
  const { rows } = await sql.query<Row>(text, values);
  // Each of these asks for one row.
  return rows[0] as Row;
}
const total = async () =>
  Number((await one<{ count: bigint }>('SELECT count(*) FROM interaction')).count);

test('a simulation that is stopped goes on where it stopped, and sends nothing twice', async () => {
  const first = await run({ untilMs: untilMs - 86_400_000 });
  expect(await total()).toBe(first.sent);
  // What the log remembers of repeats ends after two days; the log itself does not.
  await sql.query('DELETE FROM seen');
  const second = await run();
  expect(second).toMatchObject({ repeated: first.sent, refused: 0, identities: 24 });
  expect(await total()).toBe(first.sent + second.sent);
  await sql.query('DELETE FROM seen');
  expect(await run()).toMatchObject({ sent: 0, repeated: first.sent + second.sent });
});

test('everything is marked, attributed as registered, and at its time', async () => {
  const { odd, unmarked, early } = await one<{ odd: bigint; unmarked: bigint; early: bigint }>(
    `SELECT count(*) FILTER (WHERE marks & $1 <> 0) AS odd, count(*) FILTER (WHERE marks & $2 = 0) AS unmarked,
       count(*) FILTER (WHERE started_ns / 1000000 < $3) AS early FROM interaction`,
    ~marks.simulated,
    marks.simulated,
    untilMs - 2 * 86_400_000,
  );
  expect({ odd, unmarked }).toEqual({ odd: 0n, unmarked: 0n });
  expect(Number(early)).toBeGreaterThan(100);
  const { rows } = await sql.query<{ name: string; vantage: string }>(
    `SELECT DISTINCT coalesce(identity.name, 'nobody: ' || service) AS name, vantage FROM interaction
     LEFT JOIN identity ON identity.id = interaction.identity`,
  );
  expect(rows).toContainEqual({ name: 'returns-agent', vantage: 'peer' });
  expect(rows).toContainEqual({ name: 'code-review-agent', vantage: 'self' });
  expect(rows).toContainEqual({ name: 'cardstream', vantage: 'peer' });
  const nobody = rows.map(({ name }) => name).filter((name) => name.startsWith('nobody'));
  for (const name of nobody) expect(name).toMatch(/^nobody: (jupyter-analytics|meetnotes)$/);
});

test('every registered one is its kind, and no key outlives the command', async () => {
  const { rows } = await sql.query<{ kind: string; count: bigint }>(
    'SELECT kind, count(*) FROM identity GROUP BY kind ORDER BY kind',
  );
  expect(rows).toEqual([
    { kind: 'agent', count: 13n },
    { kind: 'daemon', count: 5n },
    { kind: 'external_api', count: 2n },
    { kind: 'service', count: 4n },
  ]);
  expect((await one('SELECT count(*) FROM credential WHERE revoked_at IS NULL')).count).toBe(0n);
});

test('--rate holds', async () => {
  const began = performance.now();
  const { sent } = await run({ seed: 8, rate: 200, fromMs: untilMs - 5 * 3_600_000 });
  expect(sent).toBeGreaterThan(20);
  // The last request need not be waited for.
  expect((performance.now() - began) / 1000).toBeGreaterThan((sent - 512) / 200);
});
