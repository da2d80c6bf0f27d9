import type { Queryable } from '@/lib/db/pool';
import { type CanonicalValue, canonicalJson } from './canonical';

/**
 * Appends one entry to the control shard, in the transaction that `db` is in: if this fails, what it tells of
 * must not happen. `kind` is lower case letters and underscores; facts are at most 256 KiB of JSON.
 */
export async function appendControl(
  db: Queryable,
  kind: string,
  facts: CanonicalValue,
): Promise<void> {
  await db.query('SELECT 1 FROM append_control($1, $2)', [kind, canonicalJson(facts)]);
}
