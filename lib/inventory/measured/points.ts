import type { PoolClient } from '@/lib/db/pool';
import type { Batch } from '@/lib/log/projection';
import type { MetricForm, Temporality } from '@/lib/telemetry/schema';
import { marks } from '@/lib/telemetry/schema';
import { batchValues, inBatch } from '../activity/batch';
import { nanoOf } from './add-up';
import { type Figure, figureOf, metricNames } from './metrics';

/** A data point that tells of usage, as the projection reads it. */
export type Point = {
  identity: string;
  metric: string;
  figure: Figure;
  temporality: Temporality | null;
  /** Hex; null in entries from before series were told apart. */
  series: string | null;
  startedNs: bigint | null;
  endedNs: bigint;
  receivedAt: Date;
  /** Null where it says no plausible amount. */
  amountNano: bigint | null;
};

type Row = {
  received_at: Date;
  identity: string;
  name: string;
  token_type: string | null;
  operation: string | null;
  form: MetricForm;
  temporality: Temporality | null;
  monotonic: boolean | null;
  started_ns: bigint | null;
  ended_ns: bigint;
  value: number | null;
  count: bigint | null;
  sum: number | null;
  marks: number;
  series: string | null;
};

/** What of a batch measures usage of somebody registered, in the order of the log. */
export async function readPoints(client: PoolClient, batch: Batch): Promise<Point[]> {
  const { rows } = await client.query<Row>(
    `SELECT m.received_at, m.identity, m.name, m.token_type, m.operation, m.form, m.temporality, m.monotonic,
       m.started_ns, m.ended_ns, m.value, m.count, m.sum, m.marks, encode(m.series, 'hex') AS series
     FROM measurement m WHERE ${inBatch('m')} AND m.identity IS NOT NULL AND m.name = ANY ($6::text[])
     ORDER BY m.received_at, m.position`,
    [...batchValues(batch), metricNames],
  );
  return rows.flatMap((row) => {
    const known = figureOf(row.name, { tokenType: row.token_type, operation: row.operation });
    if (known === null) return [];
    // Times that cannot be are told by arrival, as everywhere.
    const isTimely = (row.marks & marks.implausible_time) === 0;
    return {
      identity: row.identity,
      metric: row.name,
      figure: known.figure,
      temporality: row.temporality,
      series: row.series,
      startedNs: isTimely ? row.started_ns : null,
      endedNs: isTimely ? row.ended_ns : BigInt(row.received_at.getTime()) * 1_000_000n,
      receivedAt: row.received_at,
      amountNano: row.temporality === null ? null : nanoOf(amountOf(row, known.of)),
    };
  });
}

/** The number of a point that adds up; null of a form of which none does. */
function amountOf({ form, monotonic, value, count, sum }: Row, of: 'sum' | 'count'): number | null {
  if (form === 'sum') return monotonic === true ? value : null;
  if (form !== 'histogram' && form !== 'exponential_histogram') return null;
  return of === 'sum' ? sum : count === null ? null : Number(count);
}
