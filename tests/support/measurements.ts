import type { Pool } from '@/lib/db/pool';

/** A data point as a test tells it; the rest is that of a cumulative sum of one agent's input tokens. */
export type Measured = {
  receivedAt: Date;
  identity: string | null;
  endedNs: bigint;
  startedNs?: bigint | null;
  value?: number | null;
  series?: string | null;
  name?: string;
  tokenType?: string | null;
  operation?: string | null;
  form?: string;
  temporality?: string | null;
  count?: number | null;
  sum?: number | null;
  marks?: number;
};

/** Appends data points at the head of a shard as a gateway would, in the order given. */
export async function appendMeasured(
  db: Pool,
  shard: number,
  points: readonly Measured[],
): Promise<void> {
  const column = <Value>(of: (point: Measured) => Value) => points.map(of);
  await db.query(
    `WITH head AS (
       UPDATE shard SET next_position = next_position + $2, last_received_at = $3 WHERE id = $1
       RETURNING next_position - $2 AS first
     ), item AS (
       SELECT t.*, head.first + t.n - 1 AS position FROM head, unnest($4::timestamptz[], $5::uuid[], $6::bigint[], $7::bigint[],
         $8::float8[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::float8[], $17::int[])
         WITH ORDINALITY AS t(at, identity, started_ns, ended_ns, value, series, name, token_type, operation, form, temporality,
           count, sum, marks, n)
     ), entry AS (
       INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
       SELECT at, $1, position, 'measurement', '00000000-0000-7000-8000-000000000001', sha256('leaf') FROM item
     )
     INSERT INTO measurement (received_at, shard, position, reporter, identity, vantage, name, form, temporality, monotonic,
       started_ns, ended_ns, value, count, sum, token_type, operation, marks, series, bodies, salt)
     SELECT at, $1, position, '00000000-0000-7000-8000-000000000001', identity, 'self', name, form, temporality,
       CASE form WHEN 'sum' THEN true END, started_ns, ended_ns, value, count, sum, token_type, operation, marks,
       decode(series, 'hex'), '', '' FROM item`,
    [
      shard,
      points.length,
      points.at(-1)?.receivedAt,
      column(({ receivedAt }) => receivedAt),
      column(({ identity }) => identity),
      column(({ startedNs }) => (startedNs == null ? null : String(startedNs))),
      column(({ endedNs }) => String(endedNs)),
      column(({ value }) => value ?? null),
      column(({ series }) => (series === undefined ? '5e'.repeat(16) : series)),
      column(({ name }) => name ?? 'claude_code.token.usage'),
      column(({ tokenType }) => (tokenType === undefined ? 'input' : tokenType)),
      column(({ operation }) => operation ?? null),
      column(({ form }) => form ?? 'sum'),
      column(({ temporality }) => (temporality === undefined ? 'cumulative' : temporality)),
      column(({ count }) => count ?? null),
      column(({ sum }) => sum ?? null),
      column(({ marks }) => marks ?? 0),
    ],
  );
}
