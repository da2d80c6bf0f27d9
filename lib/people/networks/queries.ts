import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { type Network, networksMax } from './schema';

/** Every named network, by name. `networkOf` says which of them an address is in. */
export async function listNetworks(_scope: ReadScope, db: Queryable = pool()): Promise<Network[]> {
  const { rows } = await db.query<Network>(
    `SELECT id, name, cidrs, changed_at AS "changedAt" FROM network ORDER BY lower(name), id LIMIT $1`,
    [networksMax],
  );
  return rows;
}
