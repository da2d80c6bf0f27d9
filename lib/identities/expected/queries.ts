import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';

export const expectableMax = 1000;

export type Expectable = { id: string; kind: string; name: string };

/**
 * Resources that an identity can be expected to act on, those that people registered first. `among`: only these ids,
 * whatever became of them. Resources belong to whoever sees the console.
 */
export async function listExpectable(
  _scope: ReadScope,
  among: readonly string[] | null,
  db: Queryable = pool(),
): Promise<Expectable[]> {
  const { rows } = await db.query<Expectable>(
    `SELECT r.id, r.kind, r.name FROM resource r
     WHERE r.alias_of IS NULL AND CASE WHEN $1::uuid[] IS NULL THEN r.state <> 'retired' ELSE r.id = ANY ($1) END
     ORDER BY r.state <> 'registered', r.kind, lower(r.name), r.id LIMIT ${expectableMax}`,
    [among],
  );
  return rows;
}
