import type { Pool } from '@/lib/db/pool';
import { type PeriodName, readPeriod } from '@/lib/inventory/overview/period';
import {
  compare,
  getPeriod,
  listActors,
  listBars,
  listNamed,
} from '@/lib/inventory/overview/queries';
import { scopeOf } from '../support/people';
import { type Figure, figure, quantileOf } from './report';

const interactions = 2_000_000;
const rounds = 20;
const scope = scopeOf();

/**
 * Two million interactions over 60 days, 30 and as many before them, as the projection rolls them up: 60
 * identities with three models and nine tools each. Then everything the overview page asks for, together.
 */
export async function overviewFigures(db: Pool): Promise<Figure[]> {
  await seed(db);
  const figures: Figure[] = [];
  for (const [name, bound] of [
    ['30d', { max: 150 }],
    ['7d', undefined],
    ['24h', undefined],
  ] as const) {
    const taken: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const started = performance.now();
      await readOverview(db, name);
      if (round > 0) taken.push(performance.now() - started);
    }
    figures.push(figure(`overview of ${name} p95`, quantileOf(taken, 0.95), 'ms', bound));
  }
  return figures;
}

async function readOverview(db: Pool, name: PeriodName): Promise<void> {
  const now = new Date();
  const period = await getPeriod(scope, readPeriod({ from: name }, now), now, db);
  await Promise.all([
    listBars(scope, period, 'UTC', db),
    compare(scope, period, db),
    listActors(scope, { period }, db),
    listNamed(scope, period, 'models', db),
    listNamed(scope, period, 'resources', db),
  ]);
}

async function seed(db: Pool): Promise<void> {
  await db.query(
    `INSERT INTO term SELECT term_id(name), name FROM (
       SELECT 'model-' || n AS name FROM generate_series(0, 2) n UNION ALL SELECT 'tool-' || n FROM generate_series(0, 539) n) named
     ON CONFLICT DO NOTHING`,
  );
  for (const [table, unit] of [
    ['rollup_hour', 'hour'],
    ['rollup_day', 'day'],
  ]) {
    await db.query(
      `INSERT INTO ${table} (at, shard, identity, kind, status, resource_kind, resource, interactions, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, cost_nano, costed)
       SELECT date_trunc('${unit}', now() - interval '60 days' * i / ${interactions}, 'UTC'), 1,
         ('00000000-0000-7000-8000-' || lpad(to_hex(i % 60), 12, '0'))::uuid,
         CASE WHEN h % 12 < 5 THEN 'inference' ELSE 'tool_call' END, CASE WHEN h % 50 = 0 THEN 'error' ELSE 'ok' END,
         CASE WHEN h % 12 < 5 THEN 'model' ELSE 'tool' END,
         term_id(CASE WHEN h % 12 < 5 THEN 'model-' || h % 3 ELSE 'tool-' || (i % 60) * 9 + h % 9 END),
         count(*), 400 * count(*), 50 * count(*), 0, 0, 1000000 * count(*), count(*)
       FROM (SELECT i, abs(hashint8(i)) AS h FROM generate_series(0::bigint, ${interactions - 1}) i) made
       GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1 ON CONFLICT DO NOTHING`,
    );
    await db.query(`ANALYZE ${table}`);
  }
}
