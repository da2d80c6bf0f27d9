import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { keyEncryptionKey } from '@/lib/core/secrets';
import { pool, type Queryable } from '@/lib/db/pool';
import { readBodies } from '@/lib/log/queries';
import { parseEntryId } from '../entry-id';
import { type Opening, recordOpened, whyWithheld } from '../mutations';
import { findSession, listBodyDigests, listSessionEntries } from './queries';
import {
  createMemory,
  isReadable,
  type ReadEntry,
  type ReaderPage,
  readTurns,
  sealedTurn,
  type Turn,
} from './reader';
import type { SessionEntry } from './schema';

/** Entries read for one page of the reader. */
export const readerPageEntries = 40;
/** What is read again before a page, so that the history it repeats is known. */
const historyInferences = 4;
const historyEntriesMax = 24;
/** What is decrypted for one page at most; a page that would need more ends earlier. */
const pageCharsMax = 8_000_000;

/**
 * Opens one page of a session's conversation: what was read, said and done. One entry of the control shard tells
 * of it, before anything is shown.
 */
export async function openReader(
  scope: ReadScope,
  { session, after }: { session: string; after: string | null },
  { now, db = pool(), kek = keyEncryptionKey() }: Opening,
): Promise<ReaderPage> {
  const found = await findSession(scope, session, db);
  if (found === null || found === 'waiting')
    throw new AppError('not_found', 'There is no such session yet.');
  const { entries } = await listSessionEntries(scope, found, db);
  const readable = entries.filter(isReadable);
  const from = after === null ? 0 : readable.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0)
    throw new AppError('not_found', 'That part of the session is no longer there.');
  const part = readable.slice(from, from + readerPageEntries);
  const [first, last] = [part[0], part.at(-1)];
  const page = (done: number, turns: Turn[], sentence: string | null): ReaderPage => ({
    turns,
    after: from + done < readable.length ? (part[done - 1]?.id ?? null) : null,
    entries: readable.length,
    done: from + done,
    withheld: sentence,
  });
  if (first === undefined || last === undefined) return page(0, [], null);
  const withheld = await whyWithheld(scope, found.identity, db);
  if (withheld !== null) {
    const digests = await listBodyDigests(scope, part.map(placeOf), db);
    const sealed = part.map((entry, index) =>
      sealedTurn({
        ...entry,
        bodies: (digests[index] ?? []).map((digest) => ({ ...digest, text: null })),
      }),
    );
    return page(part.length, sealed, withheld);
  }
  await recordOpened(db, 'content_opened', scope, session, now, {
    first: first.id,
    last: last.id,
    entries: part.length,
  });
  const open = (entry: SessionEntry) => openEntry(db, kek, entry);
  const memory = createMemory();
  const calls = readable.flatMap(({ kind }, at) => (kind === 'inference' && at < from ? [at] : []));
  const begin = calls.at(-historyInferences) ?? 0;
  const history = readable.slice(Math.max(begin, from - historyEntriesMax), from);
  for (const entry of history) readTurns(await open(entry), memory);
  const turns: Turn[] = [];
  let chars = 0;
  let done = 0;
  for (const entry of part) {
    const read = await open(entry);
    turns.push(...readTurns(read, memory));
    done += 1;
    chars += read.bodies.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
    if (chars > pageCharsMax) break;
  }
  return page(done, turns, null);
}

async function openEntry(
  db: Queryable,
  kek: Parameters<typeof readBodies>[1],
  entry: SessionEntry,
): Promise<ReadEntry> {
  return { ...entry, bodies: await readBodies(db, kek, placeOf(entry)) };
}

function placeOf({ id }: SessionEntry) {
  const place = parseEntryId(id);
  if (place === null) throw new Error(`${id} is not the id of an entry.`);
  return place;
}
