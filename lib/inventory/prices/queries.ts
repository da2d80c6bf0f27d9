import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { type Price, pricesMax } from './schema';

/** Every price, by model. */
export async function listPrices(_scope: ReadScope, db: Queryable = pool()): Promise<Price[]> {
  return loadPrices(db);
}

/** The same for the gateway, which computes by them. */
export async function loadPrices(db: Queryable): Promise<Price[]> {
  const { rows } = await db.query<Price>(
    `SELECT id, provider, model, input_per_million AS "inputPerMillion", output_per_million AS "outputPerMillion",
       cache_read_per_million AS "cacheReadPerMillion", cache_write_per_million AS "cacheWritePerMillion",
       set_at AS "setAt"
     FROM price ORDER BY model, provider LIMIT $1`,
    [pricesMax],
  );
  return rows;
}
