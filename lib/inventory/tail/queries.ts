import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { hasText, type Range } from '../address';
import { countedOnce, filterConditions, type Resolved, rangeConditions } from '../conditions';
import { readRows } from '../queries';
import { allOf, type Sql, sql } from '../sql';
import type { Batch } from './schema';

export const pollMs = 500;
/** At most 200 rows a second: more than anybody reads. */
export const batchMax = 100;
const countedMax = 10_000;
/** How far the clocks of two gateways may lie apart before a row is left to the next load of the list. */
export const skewMs = 600_000;

type Head = { next: bigint; at: Date };
/** Where each telemetry shard ends: what lies before is visible to every reader. */
export type Heads = ReadonlyMap<number, Head>;

/** For a view with words, how far the index of words has come: before, nothing is found by them. */
export async function readHeads(
  _scope: ReadScope,
  filter: Resolved,
  db: Queryable = pool('tail'),
): Promise<Heads> {
  const { rows } = await db.query<{ id: number; next_position: bigint; last_received_at: Date }>(
    hasText(filter)
      ? `SELECT c.shard AS id, c.position + 1 AS next_position, c.received_at AS last_received_at
         FROM projection_cursor c JOIN shard s ON s.id = c.shard AND s.kind = 'telemetry'
         WHERE c.projection = 'search'`
      : `SELECT id, next_position, last_received_at FROM shard
         WHERE kind = 'telemetry' AND last_received_at IS NOT NULL`,
  );
  return new Map(
    rows.map(({ id, next_position: next, last_received_at: at }) => [id, { next, at }]),
  );
}

/**
 * What a view gained while the heads moved. By position within each shard and not by arrival over all of
 * them: a row whose shard committed later than another's is neither missed nor told twice.
 */
export async function listBetween(
  scope: ReadScope,
  { filter, range }: { filter: Resolved; range: Range },
  [from, to]: [Heads, Heads],
  db: Queryable = pool('tail'),
): Promise<Batch> {
  const moved = movedConditions(from, to);
  if (moved === null) return { rows: [], leftOut: 0 };
  const where = allOf([
    ...moved,
    ...rangeConditions(range),
    ...filterConditions(scope, filter),
    countedOnce(filter),
  ]);
  const order = sql`i.received_at DESC, i.shard DESC, i.position DESC`;
  const rows = await readRows({ where, order, limit: batchMax + 1 }, db);
  if (rows.length <= batchMax) return { rows, leftOut: 0 };
  const { text, values } = sql`SELECT count(*)::int AS n FROM (
      SELECT 1 FROM interaction i WHERE ${where} LIMIT ${countedMax}) counted`;
  const counted = await db.query<{ n: number }>(text, values);
  const total = Math.max(counted.rows[0]?.n ?? 0, rows.length);
  return { rows: rows.slice(0, batchMax), leftOut: total - batchMax };
}

/** Null where no head moved, which costs no look at interactions at all. */
function movedConditions(from: Heads, to: Heads): Sql[] | null {
  const newest = Math.max(0, ...[...from.values()].map(({ at }) => at.getTime()));
  let earliest = Number.POSITIVE_INFINITY;
  let latest = 0;
  const shards: Sql[] = [];
  for (const [shard, head] of to) {
    const before = from.get(shard);
    const next = before?.next ?? 0n;
    if (head.next <= next) continue;
    // A shard that was silent for days did not write in them.
    earliest = Math.min(earliest, Math.max(before?.at.getTime() ?? 0, newest - skewMs));
    latest = Math.max(latest, head.at.getTime());
    shards.push(
      sql`(i.shard = ${shard} AND i.position >= ${next.toString()}::bigint AND i.position < ${head.next.toString()}::bigint)`,
    );
  }
  if (shards.length === 0) return null;
  const any = shards.reduce((all, one) => sql`${all} OR ${one}`);
  return [
    sql`i.received_at >= ${new Date(earliest)}`,
    sql`i.received_at <= ${new Date(latest)}`,
    sql`(${any})`,
  ];
}
