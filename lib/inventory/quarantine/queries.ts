import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { seesAll } from '../reach';
import { type Count, countMax } from '../schema';
import { allOf, type Sql, sql } from '../sql';
import { type QuarantineCursor, QuarantinedItem } from './schema';

export const quarantinePageSize = 50;

const columns = sql`q.id, q.received_at, q.reporter, d.name AS reporter_name, q.signal, q.reason, q.detail, q.bytes,
  q.digest, q.item IS NOT NULL AS is_kept, q.replay_state, q.replayed_at`;

/** One page of what was refused, newest first. It became nobody's, so whoever sees but some teams sees none of it. */
export async function listQuarantined(
  scope: ReadScope,
  { reasons, cursor }: { reasons: string[]; cursor: QuarantineCursor | null },
  db: Queryable = pool(),
): Promise<{ items: QuarantinedItem[]; hasNewer: boolean; hasOlder: boolean }> {
  if (!seesAll(scope)) return { items: [], hasNewer: false, hasOlder: false };
  const isUpward = cursor?.direction === 'after';
  const order = isUpward ? sql`q.received_at, q.id` : sql`q.received_at DESC, q.id DESC`;
  const where: Sql[] = reasons.length === 0 ? [] : [sql`q.reason = ANY(${reasons}::text[])`];
  if (cursor !== null) {
    const place = sql`(${cursor.receivedAt}::timestamptz, ${cursor.id}::uuid)`;
    where.push(
      isUpward ? sql`(q.received_at, q.id) > ${place}` : sql`(q.received_at, q.id) < ${place}`,
    );
  }
  const { rows } = await run(
    db,
    sql`SELECT ${columns} FROM quarantine q LEFT JOIN identity d ON d.id = q.reporter
      WHERE ${allOf(where)} ORDER BY ${order} LIMIT ${quarantinePageSize + 1}`,
  );
  const isMore = rows.length > quarantinePageSize;
  const items = rows.slice(0, quarantinePageSize).map(itemOf);
  if (isUpward) return { items: items.reverse(), hasNewer: isMore, hasOlder: true };
  return { items, hasNewer: cursor !== null, hasOlder: isMore };
}

export async function findQuarantined(
  scope: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<QuarantinedItem | null> {
  if (!seesAll(scope)) return null;
  const { rows } = await run(
    db,
    sql`SELECT ${columns} FROM quarantine q LEFT JOIN identity d ON d.id = q.reporter WHERE q.id = ${id}::uuid`,
  );
  return rows[0] === undefined ? null : itemOf(rows[0]);
}

/** By reason, exact to 10,000 in all; what a replay turned into entries is no longer waiting, so not counted. */
export async function countQuarantined(
  scope: ReadScope,
  db: Queryable = pool(),
): Promise<{ total: Count; byReason: { reason: string; count: number }[] }> {
  if (!seesAll(scope)) return { total: { count: 0, isMore: false }, byReason: [] };
  const found = await run(
    db,
    sql`SELECT reason, count(*)::int AS count FROM (
        SELECT reason FROM quarantine WHERE replay_state IS DISTINCT FROM 'accepted' LIMIT ${countMax + 1}
      ) q GROUP BY reason ORDER BY count DESC, reason`,
  );
  // The columns of the statement above.
  const byReason = found.rows as { reason: string; count: number }[];
  const sum = byReason.reduce((all, { count }) => all + count, 0);
  return { total: { count: Math.min(sum, countMax), isMore: sum > countMax }, byReason };
}

const run = (db: Queryable, statement: Sql) =>
  db.query<Record<string, unknown>>(statement.text, statement.values);

const itemOf = (row: Record<string, unknown>): QuarantinedItem =>
  QuarantinedItem.parse({
    id: row.id,
    receivedAt: iso(row.received_at),
    reporter: row.reporter,
    reporterName: row.reporter_name,
    signal: row.signal,
    reason: row.reason,
    detail: row.detail,
    bytes: row.bytes,
    digest: row.digest instanceof Buffer ? row.digest.toString('hex') : '',
    isKept: row.is_kept,
    replayState: row.replay_state,
    replayedAt: iso(row.replayed_at),
  });

const iso = (value: unknown): string | null => (value instanceof Date ? value.toISOString() : null);
