import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { type PriceCtx, removePrice, setPrice } from '@/lib/inventory/prices/mutations';
import { loadPrices } from '@/lib/inventory/prices/queries';
import type { SetPrice } from '@/lib/inventory/prices/schema';
import { leafOfStored } from '@/lib/log/recompute';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { actorOf } from '../support/people';
import { exportRequest, genaiChatSpan } from '../support/spans';

let database: TestDatabase;
let gateway: TestGateway;
let db: PrismaClient;
let pool: Pool;
let ctx: PriceCtx;

const orchid: SetPrice = {
  provider: '',
  model: 'gpt-4.1-mini*',
  inputPerMillion: 2,
  outputPerMillion: 8,
  cacheReadPerMillion: 0.5,
  cacheWritePerMillion: null,
};

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database);
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  ctx = { db, actor: actorOf(), now: new Date() };
});
afterAll(async () => {
  await gateway.close();
  await db.$disconnect();
  await pool.end();
  await database.drop();
});

async function lastEvent() {
  const { rows } = await pool.query<{ kind: string; facts: string }>(
    'SELECT kind, facts FROM control_event ORDER BY position DESC LIMIT 1',
  );
  return { kind: rows[0]?.kind, facts: JSON.parse(rows[0]?.facts ?? '{}') };
}

test('a price is set, changed and removed, each with its entry', async () => {
  await setPrice(ctx, orchid);
  expect(await lastEvent()).toMatchObject({
    kind: 'price_set',
    facts: {
      by: 'person:p',
      address: '192.0.2.1',
      sign_in: 's',
      model: 'gpt-4.1-mini*',
      before: null,
      after: { input_per_million: 2, cache_write_per_million: null },
    },
  });
  await setPrice(ctx, { ...orchid, inputPerMillion: 3 });
  const [price, ...more] = await loadPrices(pool);
  expect([price?.inputPerMillion, more.length]).toEqual([3, 0]);
  expect(await lastEvent()).toMatchObject({
    kind: 'price_set',
    facts: { before: { input_per_million: 2 }, after: { input_per_million: 3 } },
  });
  await removePrice(ctx, price?.id ?? '');
  expect(await lastEvent()).toMatchObject({
    kind: 'price_removed',
    facts: { by: 'person:p', before: { input_per_million: 3 }, after: null },
  });
  await expect(removePrice(ctx, price?.id ?? '')).rejects.toThrow('no such price');
  await expect(removePrice(ctx, 'nonsense')).rejects.toThrow('no such price');
});

test.each<[string, Partial<SetPrice>, string]>([
  ['no model', { model: ' ' }, 'Name the model'],
  ['an invisible character in the model', { model: 'a\u202Eb' }, 'visible characters'],
  ['a negative amount', { inputPerMillion: -1 }, 'not negative'],
  ['what is no number', { outputPerMillion: Number.NaN }, 'number of US dollars'],
  ['an amount beyond reason', { cacheReadPerMillion: 1e9 }, 'a million dollars at most'],
])('refuses %s', async (_what, change, sentence) => {
  await expect(setPrice(ctx, { ...orchid, ...change })).rejects.toThrow(sentence);
});

test('refuses a person who is no administrator', async () => {
  const viewer: PriceCtx = { ...ctx, actor: actorOf({ roles: [] }) };
  await expect(setPrice(viewer, orchid)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(removePrice(viewer, 'x')).rejects.toMatchObject({ code: 'forbidden' });
});

test('a call without a cost gets one by the price of its arrival, and a repeat is still a repeat', async () => {
  const { id, key } = await registerReporter(pool, { name: 'priced-agent' });
  const send = (at: number, attributes = {}) =>
    postTraces(
      gateway.url,
      key,
      JSON.stringify(exportRequest([genaiChatSpan({ at, attributes })])),
    );
  const stored = async () => {
    const { rows } = await pool.query(
      `SELECT received_at AS "receivedAt", shard, position, cost, cost_source AS source
       FROM interaction WHERE reporter = $1 ORDER BY position`,
      [id],
    );
    return rows;
  };
  await send(1);
  expect(await stored()).toMatchObject([{ cost: null, source: null }]);

  await setPrice(ctx, orchid);
  await expect
    .poll(
      async () => {
        await send(Math.floor(Math.random() * 1e6) + 10);
        return (await stored()).at(-1)?.source;
      },
      { timeout: 5000 },
    )
    .toBe('computed');
  const priced = (await stored()).at(-1);
  // 412 in, of which 256 from the cache, and 58 out.
  expect(priced.cost).toBeCloseTo((156 * 2 + 256 * 0.5 + 58 * 8) / 1e6, 12);
  expect(await leafOfStored(pool, priced)).toMatch(/^[0-9a-f]{64}$/);

  const before = (await stored()).length;
  await send(1);
  expect(await stored()).toHaveLength(before);

  await send(5, { 'gen_ai.usage.cost': 0.25 });
  expect((await stored()).at(-1)).toMatchObject({ cost: 0.25, source: 'sent' });
});
