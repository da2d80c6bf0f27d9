import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { type Zone, zonesMax } from './schema';

/** Every zone, by name, and how much of what the scope reaches lives in it. */
export async function listZones({ sees }: ReadScope, db: Queryable = pool()): Promise<Zone[]> {
  const { rows } = await db.query<Zone>(
    `SELECT z.id, z.name, z.kind, z.environment, z.purpose, z.changed_at AS "changedAt", (
       SELECT count(*) FROM identity i WHERE i.zone_id = z.id AND i.state <> 'decommissioned'
         AND ($1::uuid[] IS NULL OR i.team_id = ANY ($1)))::int AS identities,
       (SELECT count(*) FROM resource r WHERE r.zone_id = z.id AND r.state = 'registered')::int AS resources
     FROM zone z ORDER BY lower(z.name), z.id LIMIT $2`,
    [sees === 'all' ? null : sees, zonesMax],
  );
  return rows;
}
