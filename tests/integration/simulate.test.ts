import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { marks } from '@/lib/telemetry/schema';
import { registerAll } from '@/server/cli/sending/registry';
import { Sender } from '@/server/cli/sending/sender';
import { type SimulateOptions, simulateOrganisation } from '@/server/cli/simulate';
import { generate } from '@/server/cli/simulate/generate';
import { actors } from '@/server/cli/simulate/organisation';
import { dayMs } from '@/server/cli/simulate/rhythm';
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
const points = async () =>
  Number((await one<{ count: bigint }>('SELECT count(*) FROM measurement')).count);

test('a simulation that is stopped goes on where it stopped, and sends nothing twice', async () => {
  const first = await run({ untilMs: untilMs - 86_400_000 });
  expect(await total()).toBe(first.sent);
  expect(await points()).toBe(first.measured);
  // What the log remembers of repeats ends after two days; the log itself does not.
  await sql.query('DELETE FROM seen');
  const second = await run();
  expect(second).toMatchObject({ repeated: first.sent, refused: 0, identities: 27 });
  expect(await total()).toBe(first.sent + second.sent);
  expect(await points()).toBe(first.measured + second.measured);
  await sql.query('DELETE FROM seen');
  expect(await run()).toMatchObject({ sent: 0, measured: 0, repeated: first.sent + second.sent });
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

test('coding agents are told by log events and data points, as those whose keys they have', async () => {
  // Three working days, whatever day it is: over weekends developers may do nothing.
  const friday = untilMs - ((new Date(untilMs).getUTCDay() + 2) % 7) * dayMs - (untilMs % dayMs);
  const days = { fromMs: friday - 3 * dayMs, untilMs: friday, timeZone: 'Europe/Berlin' };
  const agents = actors.filter(({ archetype }) => archetype === 'terminal');
  const reporters = new Set(agents.map(({ reporter }) => reporter));
  const { keys, close } = await registerAll(
    { db, actor: { kind: 'operator', name: 'ada' } },
    agents.map(({ name }) => ({ kind: 'agent', name })),
    reporters,
    1,
  );
  const sender = new Sender({
    ...{ gatewayUrl: gateway.url, keys, perReporter: 1_000_000, rate: null },
    signal: new AbortController().signal,
  });
  await sender.send(
    [...generate({ ...days, seed: 9, scale: 1 })].filter(({ reporter }) => reporters.has(reporter)),
  );
  await close();
  expect(sender.refused).toBe(0);

  const { rows } = await sql.query<{ name: string; dialect: string; kinds: string[] }>(
    `SELECT identity.name, dialect, array_agg(DISTINCT interaction.kind ORDER BY interaction.kind) AS kinds
     FROM interaction JOIN identity ON identity.id = interaction.identity
     WHERE signal = 'log' AND vantage = 'self' AND conversation IS NOT NULL
       AND on_behalf_of LIKE '%@halden.example' AND marks = $1
     GROUP BY 1, 2 ORDER BY 1`,
    [marks.simulated],
  );
  const kinds = ['event', 'inference', 'tool_call'];
  expect(rows).toEqual([
    { name: 'dev-claude-code', dialect: 'claude_code', kinds },
    { name: 'dev-codex', dialect: 'codex', kinds },
    { name: 'dev-gemini-cli', dialect: 'gemini_cli', kinds },
  ]);
  const { rows: others } = await sql.query(
    `SELECT dialect FROM interaction WHERE signal = 'log' AND (identity IS NULL OR marks <> $1 OR dialect = 'unknown')`,
    [marks.simulated],
  );
  expect(others).toEqual([]);
  const { rows: measured } = await sql.query(
    `SELECT identity.name, count(*) FILTER (WHERE marks <> $1 OR conversation IS NULL) AS odd
     FROM measurement JOIN identity ON identity.id = measurement.identity GROUP BY 1 ORDER BY 1`,
    [marks.simulated],
  );
  expect(measured).toEqual([
    { name: 'dev-claude-code', odd: 0n },
    { name: 'dev-gemini-cli', odd: 0n },
  ]);
  expect(
    (
      await one(
        `SELECT count(*) FROM interaction WHERE kind = 'tool_call' AND resource = 'mcp_tool'`,
      )
    ).count,
  ).toBe(0n);
});

test('every registered one is its kind, and no key outlives the command', async () => {
  const { rows } = await sql.query<{ kind: string; count: bigint }>(
    'SELECT kind, count(*) FROM identity GROUP BY kind ORDER BY kind',
  );
  expect(rows).toEqual([
    { kind: 'agent', count: 16n },
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
