import type { Pool, PoolClient } from '@/lib/db/pool';
import type { Batch } from '@/lib/log/projection';
import type { EntryPlace } from '@/lib/log/schema';
import { marks } from '@/lib/telemetry/schema';
import { batchValues, inBatch } from '../activity/batch';
import { isCosted, isUsage } from '../activity/usage';
import type { Uncounted } from '../links/schema';

const forgetBatch = 10_000;

const instant = (ns: string) =>
  `('epoch'::timestamptz + (${ns} / 1000) * interval '1 microsecond')`;
const latest = `i.received_at + interval '10 minutes'`;
const started = `CASE WHEN i.marks & ${marks.implausible_time} <> 0 THEN i.received_at ELSE least(${instant('i.started_ns')}, ${latest}) END`;
const ended = `CASE WHEN i.marks & ${marks.implausible_time} <> 0 THEN i.received_at
  ELSE greatest(least(${instant('i.ended_ns')}, ${latest}), least(${instant('i.started_ns')}, ${latest})) END`;

// Senders are not trusted: sums saturate instead of overflowing, where an error would stop the projection for good.
const tokenMax = '9223372036854775807';
const tokens = (column: string) =>
  `least(coalesce(sum(greatest(${column}, 0)) FILTER (WHERE is_counted AND ${isUsage('')}), 0), ${tokenMax})::bigint`;
const counted = (condition: string) => `count(*) FILTER (WHERE is_counted AND ${condition})`;
const sums: readonly (readonly [column: string, sum: string])[] = [
  ['exchanges', counted(`kind NOT IN ('step', 'event')`)],
  ['steps', counted(`kind = 'step'`)],
  ['events', counted(`kind = 'event'`)],
  ['inferences', counted(`kind = 'inference'`)],
  ['embeddings', counted(`kind = 'embedding'`)],
  ['tool_calls', counted(`kind = 'tool_call'`)],
  ['errors', counted(`status = 'error'`)],
  ['input_tokens', tokens('input_tokens')],
  ['output_tokens', tokens('output_tokens')],
  ['cost', `coalesce(sum(cost) FILTER (WHERE is_counted AND ${isCosted('')}), 0)`],
  ['priced', counted(isCosted(''))],
];
const sumColumns = sums.map(([column]) => column).join(', ');
const sumValues = sums.map(([column, sum]) => `${sum} AS ${column}`).join(', ');

const isTokens = (column: string) => column.endsWith('_tokens');
const added = ([column]: (typeof sums)[number], more = 'excluded') =>
  isTokens(column)
    ? `${column} = least(s.${column}::numeric + ${more}.${column}, ${tokenMax})::bigint`
    : `${column} = s.${column} + ${more}.${column}`;
const takenAway = ([column]: (typeof sums)[number]) =>
  isTokens(column)
    ? `${column} = greatest(s.${column}::numeric - d.${column}, 0)::bigint`
    : `${column} = greatest(s.${column} - d.${column}, 0)`;
const putBack = (sum: (typeof sums)[number]) => added(sum, 'd');

const openingColumns = [
  'identity',
  'fingerprint',
  'first_received_at',
  'first_shard',
  'first_position',
];
const atOpening = (column: string) =>
  `(array_agg(${column.replace('first_', '')} ORDER BY received_at, position))[1]`;
const isFirst = `(excluded.first_received_at, excluded.first_shard, excluded.first_position)
  < (s.first_received_at, s.first_shard, s.first_position)`;
const ofFirst = (column: string) =>
  `${column} = CASE WHEN ${isFirst} THEN excluded.${column} ELSE s.${column} END`;

const gather = `
  WITH entry AS (
    SELECT i.session, i.identity, i.fingerprint, i.received_at, i.shard, i.position, i.kind, i.status,
      i.input_tokens, i.output_tokens, i.cost, ${started} AS started_at, ${ended} AS ended_at,
      u.position IS NULL AS is_counted
    FROM interaction i LEFT JOIN unnest($6::bigint[]) AS u(position) USING (position)
    WHERE ${inBatch('i')}
  )
  INSERT INTO session AS s (id, ${openingColumns.join(', ')}, last_received_at, started_at, ended_at, ${sumColumns})
  SELECT session, ${openingColumns.map(atOpening).join(', ')},
    max(received_at), min(started_at), max(ended_at), ${sumValues}
  FROM entry GROUP BY session ORDER BY session
  ON CONFLICT (id) DO UPDATE SET
    ${openingColumns.map(ofFirst).join(', ')},
    last_received_at = greatest(s.last_received_at, excluded.last_received_at),
    started_at = least(s.started_at, excluded.started_at), ended_at = greatest(s.ended_at, excluded.ended_at),
    ${sums.map((sum) => added(sum)).join(', ')}`;

/** What entries read before come to: taken away where they turn out to be told twice, else added again. */
const correct = (change: (sum: (typeof sums)[number]) => string) => `
  WITH entry AS (
    SELECT i.session, i.kind, i.status, i.input_tokens, i.output_tokens, i.cost, true AS is_counted
    FROM unnest($1::timestamptz[], $2::int[], $3::bigint[]) AS p(received_at, shard, position)
    JOIN interaction i ON (i.received_at, i.shard, i.position) = (p.received_at, p.shard, p.position)
  )
  UPDATE session s SET ${sums.map(change).join(', ')}
  FROM (SELECT session, ${sumValues} FROM entry GROUP BY session) d WHERE s.id = d.session`;

/** Adds a batch to the sessions its entries belong to. What `uncounted` says is told twice counts once. */
export async function gatherSessions(
  client: PoolClient,
  batch: Batch,
  { within, before, again }: Uncounted,
): Promise<void> {
  // A new day's partition has no statistics yet: a guess at a sequential scan reads the whole day, and a guess
  // at one row joins each with each.
  await client.query(
    'SET LOCAL enable_seqscan = off; SET LOCAL enable_nestloop = off; SET LOCAL jit = off',
  );
  await client.query(gather, [...batchValues(batch), within.map(String)]);
  await client.query('SET LOCAL enable_nestloop = on');
  if (before.length > 0) await client.query(correct(takenAway), placeValues(before));
  if (again.length > 0) await client.query(correct(putBack), placeValues(again));
}

const placeValues = (places: readonly EntryPlace[]) => [
  places.map(({ receivedAt }) => receivedAt),
  places.map(({ shard }) => shard),
  places.map(({ position }) => position.toString()),
];

/** Removes what arrivals since `from` will tell again. A session that began before is counted from there. */
export async function clearSessions(client: PoolClient, from: Date): Promise<void> {
  await client.query('DELETE FROM session WHERE last_received_at >= $1', [from]);
}

const oldestKept = `SELECT coalesce(min(to_date(right(c.relname, 8), 'YYYYMMDD')), date 'epoch')::timestamp AT TIME ZONE 'UTC'
  FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE h.inhparent = 'interaction'::regclass`;

/** Forgets one batch of sessions of which no facts are left. Returns whether there may be more. */
export async function forgetSessions(pool: Pool): Promise<boolean> {
  // None ends more than ten minutes after its last arrival, so the index by end bounds the search.
  const { rowCount } = await pool.query(
    `DELETE FROM session WHERE id = ANY (ARRAY(
       SELECT id FROM session, (SELECT (${oldestKept}) AS day) AS oldest
       WHERE ended_at < day + interval '10 minutes' AND last_received_at < day LIMIT $1))`,
    [forgetBatch],
  );
  return rowCount === forgetBatch;
}
