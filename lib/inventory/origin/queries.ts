import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { EntryPlace } from '@/lib/log/schema';
import type { StrangeOrigin } from '../schema';

const strangeMax = 10;

/**
 * External APIs that an entry is taken for and whose hosts it did not come from, with the hosts that were registered
 * when it arrived. APIs beyond the scope are not named.
 */
export async function listStrange(
  { sees }: ReadScope,
  { receivedAt, shard, position }: EntryPlace,
  db: Queryable = pool(),
): Promise<StrangeOrigin[]> {
  const { rows } = await db.query<StrangeOrigin>(
    `SELECT d.id, d.name, coalesce(v.hosts, '{}') AS hosts
     FROM external_mismatch m JOIN identity d ON d.id = m.identity
     LEFT JOIN LATERAL (
       SELECT v.hosts FROM external_api_version v WHERE v.identity_id = m.identity AND v.since <= m.received_at
       ORDER BY v.since DESC LIMIT 1
     ) v ON true
     WHERE (m.received_at, m.shard, m.position) = ($1::timestamptz, $2::int, $3::bigint)
       AND ($4::uuid[] IS NULL OR d.team_id = ANY ($4))
     ORDER BY d.name LIMIT ${strangeMax}`,
    [receivedAt, shard, position.toString(), sees === 'all' ? null : sees],
  );
  return rows;
}
