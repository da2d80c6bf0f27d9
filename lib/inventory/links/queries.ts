import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { EntryPlace } from '@/lib/log/schema';
import { formatEntryId } from '../entry-id';
import { amongReach } from '../reach';
import type { LinkedEntry } from '../schema';
import { allOf, sql } from '../sql';

/** At most this many other ends of one entry are named. */
const linkedMax = 20;

/** The entries that tell of the same call or of its other end, and which of the two counts. */
export async function listLinked(
  scope: ReadScope,
  { receivedAt, shard, position }: EntryPlace,
  db: Queryable = pool(),
): Promise<LinkedEntry[]> {
  const place = sql`(${receivedAt}::timestamptz, ${shard}::int, ${position.toString()}::bigint)`;
  const statement = sql`SELECT l.relation, l.received_at, l.shard, l.position, l."isCounted", l."isDisputed", i.signal,
      coalesce(d.name, i.declared_name, i.service) AS who, d.id IS NOT NULL AS "isRegistered"
    FROM (
      SELECT relation, other_received_at AS received_at, other_shard AS shard, other_position AS position,
        uncounted = 'this' AS "isCounted", uncounted = 'none' AS "isDisputed"
      FROM entry_link WHERE (received_at, shard, position) = ${place}
      UNION
      SELECT relation, received_at, shard, position, false, uncounted = 'none'
      FROM entry_link WHERE (other_received_at, other_shard, other_position) = ${place}
      LIMIT ${linkedMax}
    ) l JOIN interaction i ON (i.received_at, i.shard, i.position) = (l.received_at, l.shard, l.position)
    LEFT JOIN identity d ON d.id = i.identity
    WHERE ${allOf(amongReach(sql`i.identity`, scope.sees))} ORDER BY l.relation DESC, l.received_at, l.shard, l.position`;
  const { rows } = await db.query<
    Omit<LinkedEntry, 'id'> & { received_at: Date; shard: number; position: bigint }
  >(statement.text, statement.values);
  return rows.map(({ received_at, shard: of, position: at, signal, ...entry }) => ({
    id: formatEntryId({ receivedAt: received_at, shard: of, position: at }),
    ...entry,
    signal: signal ?? 'trace',
  }));
}
