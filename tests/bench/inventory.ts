import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { mintScope } from '@/lib/auth/scope';
import { migrate } from '@/lib/db/migrate';
import { createConnection, createPool, type Pool } from '@/lib/db/pool';
import { type Cursor, type Filter, rangeOf, unregistered } from '@/lib/inventory/address';
import { listFacets, listPulse } from '@/lib/inventory/counts/queries';
import { listInteractions } from '@/lib/inventory/queries';
import { startPostgres } from '../../server/postgres.mjs';
import { type BenchResult, type Figure, figure, medianOf, quantileOf } from './report';

const interactions = 1_000_000;
const rounds = 40;
const pageMax = { max: 50 };
const scope = mintScope({
  id: 'bench',
  name: 'Bench',
  email: 'bench@example.com',
  roles: ['admin'],
});
const none: Filter = { identity: [], kind: [], resource: [], model: [], status: [], session: [] };
const rareIdentity = '00000000-0000-7000-8000-0000000003e7';

/**
 * A million interactions of one day in the product's own tables, then the queries behind the inventory page:
 * first page and page 1,000 in turns, each filter where it is rare and where it is absent, counts and bars.
 */
export async function benchInventory(): Promise<BenchResult> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'sallyport-bench-'));
  const postgres = await startPostgres({ dataDir, disposable: true });
  try {
    const url = await createDatabase(postgres.url);
    const db = createPool(url, { applicationName: 'bench', statementTimeoutMs: 0 });
    try {
      const seconds = await seed(db);
      return {
        name: 'inventory',
        figures: [figure('rows seeded', interactions / seconds, '/s'), ...(await measure(db))],
      };
    } finally {
      await db.end();
    }
  } finally {
    await postgres.stop();
  }
}

async function createDatabase(owner: string): Promise<string> {
  const connection = createConnection(owner, { applicationName: 'bench' });
  await connection.connect();
  await connection.query('CREATE DATABASE bench');
  await connection.end();
  const url = new URL(owner);
  url.pathname = '/bench';
  await migrate(url.href);
  return url.href;
}

/** In order of arrival, 500 to a batch, as the gateway writes; every value's share is in the CASEs. */
async function seed(db: Pool): Promise<number> {
  await db.query("SELECT ensure_partitions((now() - interval '2 days')::date, now()::date)");
  await db.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at)
     SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'agent', 'agent-' || i, '{}', 'active', now()
     FROM generate_series(1, 1000) i`,
  );
  const started = performance.now();
  for (let first = 0; first < interactions; first += 100_000) {
    await db.query(
      `INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, declared_name, service,
         on_behalf_of, session, conversation, trace, span, dialect, kind, operation, name, provider, model,
         resource_kind, resource, status, error_type, started_ns, ended_ns, input_tokens, output_tokens,
         server_address, server_port, marks, bodies, salt)
       SELECT at, 1 + (b % 2), i, r, CASE WHEN i % 10 = 7 THEN NULL ELSE r END, 'self', 'billing-agent', 'billing',
         'customer-' || i % 5000, ('00000000-0000-8000-8000-' || lpad(to_hex(i / 8), 12, '0'))::uuid, 'conv-' || i / 8,
         sha256(int8send(i))::bytea, int8send(i), 'genai',
         CASE WHEN i % 90001 = 5 THEN 'memory' WHEN model IS NOT NULL THEN 'inference' WHEN i % 20 = 1 THEN 'retrieval' ELSE 'tool_call' END,
         'chat', 'chat gpt-4.1-mini', 'openai',
         model, CASE WHEN model IS NULL THEN 'tool' ELSE 'model' END,
         coalesce(model, CASE WHEN i % 90001 = 4 THEN 'rare-tool' ELSE 'tool_' || i % 40 END),
         CASE WHEN i % 50 = 0 THEN 'error' ELSE 'ok' END, CASE WHEN i % 50 = 0 THEN 'timeout' END,
         (extract(epoch FROM at) * 1000)::bigint * 1000000 - 900000000, (extract(epoch FROM at) * 1000)::bigint * 1000000,
         400, 50, 'api.example.com', 443, 0, sha256(int8send(i)), sha256(int8send(i + 1))
       FROM (
         SELECT i, i / 500 AS b, date_trunc('milliseconds', now()) - interval '23 hours' + (i / 500) * interval '41 seconds' AS at,
           ('00000000-0000-7000-8000-' || lpad(to_hex(CASE WHEN i % 90001 = 2 THEN 999 ELSE 1 + i % 40 END), 12, '0'))::uuid AS r,
           CASE WHEN i % 90001 = 3 THEN 'rare-model' WHEN i % 3 = 0 AND i % 90001 > 5 THEN 'gpt-4.1-mini' END AS model
         FROM generate_series($1::bigint, $1::bigint + 99999) i
       ) made`,
      [first],
    );
  }
  const seconds = (performance.now() - started) / 1000;
  await db.query(
    `INSERT INTO rollup_minute SELECT date_trunc('minute', received_at), shard,
       coalesce(identity, '00000000-0000-0000-0000-000000000000'), kind, status, count(*), 0, 0, 0
     FROM interaction GROUP BY 1, 2, 3, 4, 5`,
  );
  return seconds;
}

async function measure(db: Pool): Promise<Figure[]> {
  const now = new Date();
  const range = rangeOf('24h', now);
  const page =
    (filter: Partial<Filter>, cursor: Cursor | null = null) =>
    () =>
      listInteractions(scope, { filter: { ...none, ...filter }, range, cursor }, db);
  const { rows } = await db.query<{ received_at: Date; shard: number; position: bigint }>(
    `SELECT received_at, shard, position FROM interaction
     ORDER BY received_at DESC, shard DESC, position DESC OFFSET 49949 LIMIT 1`,
  );
  const edge = rows[0];
  if (edge === undefined) throw new Error('Nothing was seeded.');
  const place = { receivedAt: edge.received_at, shard: edge.shard, position: edge.position };
  const page1000 = page({}, { direction: 'before', place });
  const figures: Figure[] = [];
  for (const when of ['without statistics', 'analysed']) {
    if (when === 'analysed') await db.query('ANALYZE interaction');
    const [first, deep] = await times([page({}), page1000]);
    const ratio =
      Math.max(medianOf(first), medianOf(deep)) / Math.min(medianOf(first), medianOf(deep));
    figures.push(
      figure(`first page p95, ${when}`, quantileOf(first, 0.95), 'ms', pageMax),
      figure(`page 1,000 p95, ${when}`, quantileOf(deep, 0.95), 'ms', pageMax),
      figure(`ratio of the two, ${when}`, ratio, 'times', { max: 1.3 }),
    );
    const filters: [string, Partial<Filter>][] = [
      ['rare identity', { identity: [rareIdentity] }],
      ['absent identity', { identity: ['00000000-0000-7000-8000-0000000003e8'] }],
      ['nobody registered', { identity: [unregistered] }],
      ['two identities', { identity: [rareIdentity, '00000000-0000-7000-8000-000000000001'] }],
      ['frequent kind', { kind: ['inference'] }],
      ['rare kind', { kind: ['memory'] }],
      ['absent kind', { kind: ['process'] }],
      ['errors', { status: ['error'] }],
      ['errors of a rare kind', { status: ['error'], kind: ['memory'] }],
      ['absent status', { status: ['unset'] }],
      ['rare model', { model: ['rare-model'] }],
      ['absent model', { model: ['no-such-model'] }],
      ['rare resource', { resource: ['rare-tool'] }],
      ['frequent resource', { resource: ['tool_7'] }],
      ['absent resource', { resource: ['no-such-tool'] }],
      ['session', { session: ['00000000-0000-8000-8000-000000001000'] }],
    ];
    for (const [name, filter] of filters) {
      const [taken] = await times([page(filter)], 10);
      figures.push(
        figure(
          `${name} p95, ${when}`,
          quantileOf(taken, 0.95),
          'ms',
          when === 'analysed' ? pageMax : undefined,
        ),
      );
    }
  }
  const [facets, filtered, pulse] = await times(
    [
      () => listFacets(scope, { filter: none, range }, db),
      () => listFacets(scope, { filter: { ...none, resource: ['tool_7'] }, range }, db),
      () => listPulse(scope, { filter: none, range }, now, db),
    ],
    10,
  );
  figures.push(
    figure('counts of facets p95', quantileOf(facets, 0.95), 'ms'),
    figure('counts of facets within a resource p95', quantileOf(filtered, 0.95), 'ms'),
    figure('bars p95', quantileOf(pulse, 0.95), 'ms'),
  );
  return figures;
}

type Times<Runs extends readonly unknown[]> = { [Run in keyof Runs]: number[] };

/** In turns, so that whatever else the machine does falls on all alike; the first turn warms and is not counted. */
async function times<const Runs extends readonly (() => Promise<unknown>)[]>(
  runs: Runs,
  count = rounds,
): Promise<Times<Runs>> {
  const taken: number[][] = runs.map(() => []);
  for (let round = 0; round <= count; round += 1) {
    for (const [index, run] of runs.entries()) {
      const started = performance.now();
      await run();
      if (round > 0) taken[index]?.push(performance.now() - started);
    }
  }
  // One list of times for each run.
  return taken as Times<Runs>;
}
