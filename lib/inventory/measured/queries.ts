import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { IdentityKind } from '@/lib/identities/schema';
import { usageKinds } from '../overview/schema';
import { withinReach } from '../reach';
import { allOf, Sql, sql } from '../sql';
import type { Figure } from './metrics';

/** One figure of one metric of an identity, beside what was counted of its calls in the same hours. */
export type Compared = {
  identity: string;
  name: string;
  kind: IdentityKind;
  metric: string;
  figure: Figure;
  /** The hours compared; null while there is no whole one. */
  hours: { from: Date; to: Date } | null;
  measured: number;
  counted: number;
  /** Calls counted in these hours, and of how many the cost is known. */
  calls: number;
  costed: number;
  /** When it was last measured, and how many calls were counted in the hours after. */
  lastAt: Date | null;
  callsSince: number;
  /** Data points that say no plausible amount, and those that were too many or too late to follow. */
  implausible: number;
  unfollowed: number;
};

/** The page shows so many; one more is read to tell that there are more. */
export const comparedMax = 200;

const hourMs = 3_600_000;
const rangeMs = 7 * 24 * hourMs;
/** An hour is closed so long after it ended: what tells of it takes its time to arrive and to be counted. */
const settleMs = 5 * 60_000;

const counts = ['calls', 'costed', 'cost_nano', 'input_tokens', 'output_tokens'];
const sums = new Sql(
  [
    counts
      .map(
        (sum) =>
          `coalesce(sum(c.${sum}) FILTER (WHERE c.at >= e.since AND c.at < e.until), 0)::float8 AS ${sum}`,
      )
      .join(', '),
  ],
  [],
);

type Row = Omit<Compared, 'hours'> & { since: Date | null; until: Date | null };

/**
 * What was measured in the last seven days beside what was counted, the largest difference first; of one identity
 * or of all in use. An hour is compared when measuring began before it and went on after it, so that neither the
 * hour in which a sender began nor the one it is in looks like a gap.
 */
export async function listCompared(
  scope: ReadScope,
  { now, id = null }: { now: Date; id?: string | null },
  db: Queryable = pool(),
): Promise<Compared[]> {
  const from = new Date(Math.floor((now.getTime() - rangeMs) / hourMs) * hourMs);
  const settled = new Date(now.getTime() - settleMs);
  const told = allOf([
    sql`h.at >= ${from}`,
    ...(id === null ? [] : [sql`h.identity = ${id}`]),
    ...withinReach(sql`h.identity`, scope.sees),
  ]);
  const { text, values } = sql`WITH hour AS MATERIALIZED (
       SELECT * FROM measured_hour h WHERE ${told}
     ), extent AS MATERIALIZED (
       SELECT identity, metric, max(ended_at) AS last_at,
         date_bin('1 hour', min(begun_at) + interval '1 hour' - interval '1 millisecond', 'epoch') AS since,
         least(date_bin('1 hour', max(ended_at), 'epoch'), date_bin('1 hour', ${settled}, 'epoch')) AS until
       FROM hour GROUP BY identity, metric
     ), measured AS (
       SELECT h.identity, h.metric, h.figure, sum(h.implausible)::float8 AS implausible, sum(h.unfollowed)::float8 AS unfollowed,
         (coalesce(sum(h.amount_nano) FILTER (WHERE h.at >= e.since AND h.at < e.until), 0) / 1e9)::float8 AS measured
       FROM hour h JOIN extent e USING (identity, metric) GROUP BY h.identity, h.metric, h.figure
     ), call_hour AS MATERIALIZED (
       SELECT r.identity, r.at, sum(r.interactions) AS calls, sum(r.costed) AS costed, sum(r.cost_nano) AS cost_nano,
         sum(r.input_tokens) AS input_tokens, sum(r.output_tokens) AS output_tokens
       FROM rollup_hour r WHERE r.at >= ${from} AND r.at < date_bin('1 hour', ${settled}, 'epoch') AND r.kind = ANY (${usageKinds})
         AND r.identity IN (SELECT identity FROM extent) GROUP BY r.identity, r.at
     ), counted AS (
       SELECT e.identity, e.metric, ${sums},
         coalesce(sum(c.calls) FILTER (WHERE c.at > e.last_at), 0)::float8 AS calls_since
       FROM extent e LEFT JOIN call_hour c ON c.identity = e.identity GROUP BY e.identity, e.metric
     ), compared AS (
       SELECT m.*, c.calls, c.costed, c.calls_since AS "callsSince", CASE m.figure WHEN 'calls' THEN c.calls
         WHEN 'input_tokens' THEN c.input_tokens WHEN 'output_tokens' THEN c.output_tokens ELSE c.cost_nano / 1e9 END AS counted
       FROM measured m JOIN counted c USING (identity, metric)
     )
     SELECT c.*, i.name, i.kind, e.last_at AS "lastAt", e.since, e.until
     FROM compared c JOIN extent e USING (identity, metric) JOIN identity i ON i.id = c.identity
     WHERE i.state <> 'decommissioned'
     ORDER BY abs(c.measured - c.counted) / greatest(c.measured, c.counted, 1e-9) DESC, i.name, c.metric, c.figure
     LIMIT ${comparedMax + 1}`;
  const { rows } = await db.query<Row>(text, values);
  return rows.map(({ since, until, ...row }) => ({
    ...row,
    hours: since !== null && until !== null && since < until ? { from: since, to: until } : null,
  }));
}
