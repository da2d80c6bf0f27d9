import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { shadowIdentity } from '@/lib/log/schema';
import type { Figure } from './metrics';

/** One metric of one identity beside what was counted of its calls in the same hours. */
export type Compared = {
  identity: string;
  name: string | null;
  metric: string;
  figure: Figure;
  measured: number;
  counted: number;
};

const comparedMax = 200;

/** Measured against counted since `from`, the largest difference first. At most 200. */
export async function listCompared(
  _scope: ReadScope,
  from: Date,
  db: Queryable = pool(),
): Promise<Compared[]> {
  const { rows } = await db.query<Compared>(
    `WITH measured AS (
       SELECT identity, metric, figure, sum(amount) AS measured, min(at) AS first FROM measured_hour
       WHERE at >= $1 GROUP BY 1, 2, 3
     ), hours AS (
       SELECT identity, min(first) AS first FROM measured GROUP BY 1
     ), counted AS (
       SELECT r.identity, sum(r.interactions)::float8 AS calls, sum(r.input_tokens)::float8 AS input_tokens,
         sum(r.output_tokens)::float8 AS output_tokens, (sum(r.cost_nano) / 1e9)::float8 AS cost
       FROM rollup_hour r JOIN hours h ON h.identity = r.identity AND r.at >= h.first
       WHERE r.at >= $1 AND r.kind IN ('inference', 'embedding') GROUP BY 1
     ), compared AS (
       SELECT m.identity, m.metric, m.figure, m.measured, coalesce(CASE m.figure WHEN 'calls' THEN c.calls
         WHEN 'input_tokens' THEN c.input_tokens WHEN 'output_tokens' THEN c.output_tokens ELSE c.cost END, 0) AS counted
       FROM measured m LEFT JOIN counted c ON c.identity = m.identity
     )
     SELECT c.*, i.name FROM compared c LEFT JOIN identity i ON i.id = c.identity
     WHERE c.identity <> '${shadowIdentity}'
     ORDER BY abs(c.measured - c.counted) / greatest(c.measured, c.counted, 1e-9) DESC, c.identity, c.metric, c.figure
     LIMIT ${comparedMax}`,
    [from],
  );
  return rows;
}
