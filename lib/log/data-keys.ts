import type { KeyEncryptionKey } from '@/lib/core/secrets';
import type { Queryable } from '@/lib/db/pool';

/** What binds a wrapped data key to its row. */
export const dataKeyAssociated = (id: string) => `data_key/wrapped/${id}`;

/**
 * Wraps every data key with another key-encryption key; what they encrypt stays as it is. Returns how
 * many. Runs in the caller's transaction; a gateway that makes a key meanwhile waits for it.
 */
export async function rewrapDataKeys(
  db: Queryable,
  before: KeyEncryptionKey,
  after: KeyEncryptionKey,
): Promise<number> {
  await db.query('LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE');
  const { rows } = await db.query<{ id: string; wrapped: Buffer }>(
    'SELECT id, wrapped FROM data_key',
  );
  for (const { id, wrapped } of rows) {
    const key = before.unwrap(wrapped, dataKeyAssociated(id));
    await db.query('UPDATE data_key SET wrapped = $2, kek_id = $3 WHERE id = $1', [
      id,
      after.wrap(key, dataKeyAssociated(id)),
      after.id,
    ]);
    key.fill(0);
  }
  return rows.length;
}
