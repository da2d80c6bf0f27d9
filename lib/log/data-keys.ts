import type { ContentKey, KeyEncryptionKey } from '@/lib/core/secrets';
import type { Queryable } from '@/lib/db/pool';

/** What binds a wrapped data key to its row. */
export const dataKeyAssociated = (id: string) => `data_key/wrapped/${id}`;

/**
 * Wraps every data key with another key-encryption key, or with its content key; what they encrypt stays as it
 * is. Returns how many. Runs in the caller's transaction; a gateway that makes a key meanwhile waits for it.
 */
export async function rewrapDataKeys(
  db: Queryable,
  before: KeyEncryptionKey,
  after: KeyEncryptionKey,
): Promise<number> {
  await db.query('LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE');
  const { rows } = await db.query<DataKey>('SELECT id, purpose, wrapped FROM data_key');
  for (const row of rows) await wrapAgain(db, row, before, after);
  return rows.length;
}

/**
 * The data keys of bodies were once wrapped by the key-encryption key itself: such ones are wrapped by its
 * content key. Returns how many.
 */
export async function adoptDataKeys(db: Queryable, kek: KeyEncryptionKey): Promise<number> {
  const { rows } = await db.query<DataKey>(
    `SELECT id, purpose, wrapped FROM data_key WHERE purpose = 'body' AND kek_id = $1`,
    [kek.id],
  );
  const earlier = rows.filter((row) => !opens(kek.content, row));
  for (const row of earlier) await wrapAgain(db, row, { ...kek, content: kek }, kek);
  return earlier.length;
}

type DataKey = { id: string; purpose: string; wrapped: Buffer };

/** What the worker opens too, which holds the content key alone. */
const purposesOfContent = ['body', 'webhook', 'definition'];

export const wrapperOf = (kek: KeyEncryptionKey, purpose: string): ContentKey =>
  purposesOfContent.includes(purpose) ? kek.content : kek;

async function wrapAgain(
  db: Queryable,
  { id, purpose, wrapped }: DataKey,
  before: KeyEncryptionKey,
  after: KeyEncryptionKey,
): Promise<void> {
  const key = wrapperOf(before, purpose).unwrap(wrapped, dataKeyAssociated(id));
  await db.query('UPDATE data_key SET wrapped = $2, kek_id = $3 WHERE id = $1', [
    id,
    wrapperOf(after, purpose).wrap(key, dataKeyAssociated(id)),
    after.id,
  ]);
  key.fill(0);
}

function opens(by: ContentKey, { id, wrapped }: DataKey): boolean {
  try {
    by.unwrap(wrapped, dataKeyAssociated(id)).fill(0);
    return true;
  } catch {
    return false;
  }
}
