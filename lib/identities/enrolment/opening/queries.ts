import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { EnrolmentCode, EnrolmentOpening } from '../schema';

/** Whether workloads may ask, by which codes that work, and from which networks without one. */
export async function getOpening(
  _scope: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<EnrolmentOpening> {
  const [setting, codes, networks] = await Promise.all([
    db.query<{ enrolment: boolean }>('SELECT enrolment FROM setting WHERE id = 1'),
    db.query<EnrolmentCode>(
      `SELECT c.id, c.name, c.hint, t.name AS team, z.name AS zone, c.uses, c.uses_max AS "usesMax", p.name AS maker,
         c.created_at AS "createdAt", c.expires_at AS "expiresAt", c.revoked_at AS "revokedAt"
       FROM enrolment_code c JOIN person p ON p.id = c.made_by LEFT JOIN team t ON t.id = c.team_id
         LEFT JOIN zone z ON z.id = c.zone_id
       WHERE c.revoked_at IS NULL AND c.expires_at > $1 ORDER BY c.created_at DESC, c.id`,
      [now],
    ),
    db.query<EnrolmentOpening['networks'][number]>(
      `SELECT n.id, n.name, n.cidrs, t.name AS team, z.name AS zone
       FROM enrolment_network e JOIN network n ON n.id = e.network_id LEFT JOIN team t ON t.id = e.team_id
         LEFT JOIN zone z ON z.id = e.zone_id ORDER BY lower(n.name), n.id`,
    ),
  ]);
  return {
    isOn: setting.rows[0]?.enrolment === true,
    codes: codes.rows,
    networks: networks.rows,
  };
}
