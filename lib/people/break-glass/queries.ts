import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';

export type BreakGlassInUse = { id: string; name: string; since: Date };

/** Accounts kept for emergencies that are signed in now. Asked by every page: there are two such accounts at most. */
export async function listBreakGlassInUse(
  _scope: ReadScope,
  { now, idleMs }: { now: Date; idleMs: number },
  db: Queryable = pool(),
): Promise<BreakGlassInUse[]> {
  const { rows } = await db.query<BreakGlassInUse>(
    `SELECT p.id, p.name, min(s.created_at) AS since FROM person p JOIN sign_in s ON s.person_id = p.id
     WHERE p.is_break_glass AND s.ended_at IS NULL AND s.factor_at IS NOT NULL AND s.expires_at > $1 AND s.last_seen_at > $2
     GROUP BY p.id, p.name ORDER BY p.name`,
    [now, new Date(now.getTime() - idleMs)],
  );
  return rows;
}
