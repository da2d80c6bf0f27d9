import type { PoolClient } from '@/lib/db/pool';
import { keptSince } from '@/lib/log/kept-since';
import type { Batch, Projection } from '@/lib/log/projection';
import { shadowIdentity } from '@/lib/log/schema';
import { marks } from '@/lib/telemetry/schema';
import { batchValues, inBatch } from '../activity/batch';
import { knownMetrics } from './metrics';

/** Beyond this a single point is no plausible usage and counts as nothing. */
const amountMax = 1e12;
const seriesKeptDays = 8;

const known = `(VALUES ${knownMetrics
  .map(
    ({ metric, tokenType, figure, of }) =>
      `('${metric}', ${tokenType === null ? 'NULL' : `'${tokenType}'`}, '${figure}', '${of}')`,
  )
  .join(', ')}) AS k(metric, token_type, figure, of)`;

/**
 * A delta is what was added. What only grows was added since the point before of its series, or since the
 * series began; a point that is not later than the one before tells nothing new.
 */
const added = `CASE WHEN temporality = 'delta' THEN amount
  WHEN before_ended_ns IS NULL OR before_started_ns <> started_ns AND ended_ns > before_ended_ns THEN amount
  WHEN ended_ns <= before_ended_ns THEN 0
  ELSE greatest(amount - before_amount, 0) END`;

/** What senders measured of their own usage, by hour of what was measured. */
export const measured: Projection = {
  name: 'measured',

  async apply(client, batch) {
    await client.query('SET LOCAL enable_seqscan = off');
    await client.query(
      `WITH point AS (
         SELECT m.shard, m.position, coalesce(m.identity, '${shadowIdentity}') AS identity, m.name AS metric, k.figure,
           m.temporality, coalesce(m.started_ns, 0) AS started_ns, m.ended_ns, m.received_at,
           CASE WHEN m.marks & ${marks.implausible_time} <> 0 THEN date_bin('1 hour', m.received_at, 'epoch')
             ELSE to_timestamp(m.ended_ns / 3600000000000 * 3600) END AS at,
           m.series, a.amount
         FROM measurement m JOIN ${known} ON k.metric = m.name AND (k.token_type IS NULL OR k.token_type = m.token_type)
         CROSS JOIN LATERAL (SELECT CASE WHEN m.form = 'sum' THEN CASE WHEN m.monotonic THEN m.value END
           WHEN m.form IN ('histogram', 'exponential_histogram') THEN CASE k.of WHEN 'sum' THEN m.sum ELSE m.count END
           END AS amount) a
         WHERE ${inBatch('m')} AND m.series IS NOT NULL AND m.temporality IS NOT NULL
           AND a.amount BETWEEN 0 AND ${amountMax}
       ), followed AS (
         SELECT p.*,
           coalesce(lag(p.started_ns) OVER one, s.started_ns) AS before_started_ns,
           coalesce(max(p.ended_ns) OVER (one ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), s.ended_ns) AS before_ended_ns,
           coalesce(lag(p.amount) OVER one, s.amount) AS before_amount
         FROM point p LEFT JOIN measured_series s ON s.series = p.series AND p.temporality = 'cumulative'
         WINDOW one AS (PARTITION BY p.series, p.temporality ORDER BY p.ended_ns, p.position)
       ), last AS (
         INSERT INTO measured_series AS s (series, started_ns, ended_ns, amount, received_at)
         SELECT DISTINCT ON (series) series, started_ns, ended_ns, amount, received_at FROM followed
         WHERE temporality = 'cumulative' ORDER BY series, ended_ns DESC, position DESC
         ON CONFLICT (series) DO UPDATE SET started_ns = excluded.started_ns, ended_ns = excluded.ended_ns,
           amount = excluded.amount, received_at = excluded.received_at WHERE excluded.ended_ns > s.ended_ns
       )
       INSERT INTO measured_hour AS r (at, shard, identity, metric, figure, amount)
       SELECT at, shard, identity, metric, figure, sum(${added}) FROM followed
       GROUP BY 1, 2, 3, 4, 5 HAVING sum(${added}) > 0
       ON CONFLICT (at, shard, identity, metric, figure) DO UPDATE SET
         amount = least(r.amount + excluded.amount, 1e18)`,
      batchValues(batch),
    );
    await forget(client, batch);
  },

  async clear(client) {
    const { arrival, floor } = await keptSince(client);
    await client.query('DELETE FROM measured_series');
    await client.query('DELETE FROM measured_hour WHERE at >= $1', [floor]);
    return arrival;
  },
};

/** Drops series that ended, by the clock of the log. */
async function forget(client: PoolClient, { through, entries }: Batch): Promise<void> {
  await client.query(
    `DELETE FROM measured_series WHERE series = ANY (ARRAY(
       SELECT series FROM measured_series WHERE received_at < $1::timestamptz - interval '${seriesKeptDays} days'
       ORDER BY received_at LIMIT $2))`,
    [through.receivedAt, Math.max(1000, 2 * entries)],
  );
}
