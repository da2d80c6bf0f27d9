import { hash } from 'node:crypto';
import type { Queryable } from '@/lib/db/pool';
import type { Slot } from './encode-group';
import type { PreparedEntry } from './schema';

/** Under which a conflicting item is remembered, so that its own repeat is a repeat. */
const conflictKey = ({ key, digest }: PreparedEntry): string =>
  hash('sha256', Buffer.from(key + digest, 'latin1'), 'binary');

/** What became of one entry: a slot to be appended, or a repeat of what is there. */
export type Judged = Slot | 'duplicate';

/**
 * Tells repeats and conflicts apart. `known` holds what earlier groups stored, key → digest, as far as it
 * was looked up; what this group holds itself is added to it on the way. Same key and content is a repeat;
 * same key and other content is kept and marked, or one reporter's first word would erase the next.
 */
export function judgeEntries(
  entries: readonly PreparedEntry[],
  known: Map<string, string>,
): Judged[] {
  return entries.map((entry) => {
    const digest = known.get(entry.key);
    if (digest === undefined) {
      known.set(entry.key, entry.digest);
      return { entry, seenKey: entry.key, isConflicting: false };
    }
    if (digest === entry.digest) return 'duplicate';
    const seenKey = conflictKey(entry);
    if (known.has(seenKey)) return 'duplicate';
    known.set(seenKey, entry.digest);
    return { entry, seenKey, isConflicting: true };
  });
}

/** What `seen` knows of these entries, under their own keys and as conflicts. */
export async function lookUpSeen(
  db: Queryable,
  entries: readonly PreparedEntry[],
): Promise<Map<string, string>> {
  const keys = entries.flatMap((entry) => [
    Buffer.from(entry.key, 'latin1'),
    Buffer.from(conflictKey(entry), 'latin1'),
  ]);
  const { rows } = await db.query<{ key: Buffer; digest: Buffer }>(
    'SELECT key, digest FROM seen WHERE key = ANY($1::bytea[])',
    [keys],
  );
  return new Map(
    rows.map(({ key, digest }) => [key.toString('latin1'), digest.toString('latin1')]),
  );
}
