import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { ForeignSecret } from './schema';

export const foreignSecretsMax = 500;

/** Those that identities use elsewhere, the one that is due first comes first; of one identity, or of all. */
export async function listForeignSecrets(
  { sees }: ReadScope,
  {
    identity = null,
    onlyOverdue = false,
    now,
  }: { identity?: string | null; onlyOverdue?: boolean; now: Date },
  db: Queryable = pool(),
): Promise<ForeignSecret[]> {
  const { rows } = await db.query<ForeignSecret>(
    `SELECT s.id, json_build_object('id', i.id, 'name', i.name) AS identity, s.issuer, s.label,
       encode(s.fingerprint, 'hex') AS fingerprint, s.made_at AS "madeAt", s.rotated_at AS "rotatedAt", s.due_at AS "dueAt",
       s.due_at <= $1 AS "isOverdue",
       CASE WHEN p.id IS NULL THEN NULL ELSE json_build_object('id', p.id, 'name', p.name) END AS owner,
       (SELECT count(*)::int FROM foreign_secret o JOIN identity other ON other.id = o.identity_id
          WHERE o.fingerprint = s.fingerprint AND o.id <> s.id AND ($2::uuid[] IS NULL OR other.team_id = ANY ($2))) AS "sharedBy"
     FROM foreign_secret s JOIN identity i ON i.id = s.identity_id
       LEFT JOIN person p ON p.id = coalesce(s.owner_id, i.owner_id)
     WHERE ($2::uuid[] IS NULL OR i.team_id = ANY ($2)) AND ($3::uuid IS NULL OR s.identity_id = $3)
       AND (NOT $4 OR s.due_at <= $1)
     ORDER BY s.due_at, s.id LIMIT ${foreignSecretsMax}`,
    [now, sees === 'all' ? null : sees, identity, onlyOverdue],
  );
  return rows;
}

/** How many are overdue. */
export async function countOverdueSecrets(
  { sees }: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM foreign_secret s JOIN identity i ON i.id = s.identity_id
     WHERE s.due_at <= $1 AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2))`,
    [now, sees === 'all' ? null : sees],
  );
  return rows[0]?.count ?? 0;
}
