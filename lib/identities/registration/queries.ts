import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';

export const reportableMax = 5000;

/** Identities in use that a collector can be let report for, of those that are reached, by name. */
export async function listReportable(
  { sees }: ReadScope,
  db: Queryable = pool(),
): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT id, name FROM identity WHERE state <> 'decommissioned' AND ($1::uuid[] IS NULL OR team_id = ANY ($1))
     ORDER BY name LIMIT ${reportableMax}`,
    [sees === 'all' ? null : sees],
  );
  return rows;
}
