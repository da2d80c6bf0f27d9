import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { authorizeRead } from '../permissions';
import { Rights, type Role, rolesOf } from '../schema';

export type OpenInvitation = {
  id: string;
  name: string;
  email: string;
  roles: Role[];
  reach: Exclude<Rights, 'none'>;
  contentRead: Rights;
  contentExport: Rights;
  teams: string[];
  invitedBy: string;
  createdAt: Date;
  expiresAt: Date;
};

const invitationsMax = 200;

/** Invitations that still open an account, the newest first; links of resets open none. */
export async function listOpenInvitations(
  scope: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<OpenInvitation[]> {
  authorizeRead(scope, 'people.read');
  const { rows } = await db.query<
    Omit<OpenInvitation, 'roles' | 'teams'> & { roles: string[] | null; teams: string[] | null }
  >(
    `SELECT v.id, v.name, v.email, v.roles, v.reach, v.content_read AS "contentRead", v.content_export AS "contentExport",
       v.created_at AS "createdAt", v.expires_at AS "expiresAt", p.name AS "invitedBy",
       ARRAY(SELECT t.name FROM team t WHERE t.id = ANY(v.team_ids) ORDER BY t.name) AS teams
     FROM invitation v JOIN person p ON p.id = v.invited_by
     WHERE v.person_id IS NULL AND v.used_at IS NULL AND v.revoked_at IS NULL AND v.expires_at > $1 AND p.disabled_at IS NULL AND 'admin' = ANY(p.roles)
     ORDER BY v.created_at DESC, v.id LIMIT ${invitationsMax}`,
    [now],
  );
  return rows.map((row) => ({
    ...row,
    roles: rolesOf(row.roles ?? []),
    contentRead: Rights.catch('none').parse(row.contentRead),
    contentExport: Rights.catch('none').parse(row.contentExport),
    teams: row.teams ?? [],
  }));
}
