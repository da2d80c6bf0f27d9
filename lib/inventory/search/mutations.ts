import type { ReadScope } from '@/lib/auth/scope';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import { pool } from '@/lib/db/pool';
import { canonicalJson } from '@/lib/log/canonical';
import { hasText, type Range } from '../address';
import type { Resolved } from '../conditions';
import { canReadContent, type Opening } from '../mutations';
import { recordOnce } from '../record-once';
import { createWordHash, type WordHash } from './hash-words';
import { searchProblem, searchQuery } from './terms';

/**
 * Makes a filter's words what the index holds, for whoever may read content; of what they may not read, nothing is
 * found by its words. That they searched is on record before they find anything: once for each search, not for each of its pages. Words are on record as hashes, since people
 * search for what must be erasable, and the record is not. A search that is refused matches nothing, and says why.
 */
export async function searchContent(
  scope: ReadScope,
  { filter, range }: { filter: Resolved; range: Range },
  { now, db = pool(), kek }: Opening,
): Promise<{ filter: Resolved; problems: string[] }> {
  const { text = [] } = filter;
  if (!hasText(filter)) return { filter, problems: [] };
  if (!canReadContent(scope)) {
    const problem =
      'You have no right to read content, so you cannot search it. An administrator can give it.';
    return { filter, problems: [problem] };
  }
  const problem = searchProblem(text);
  if (problem !== null) return { filter, problems: [problem] };
  const hashOf = createWordHash((kek ?? keyEncryptionKey()).content);
  const words = searchQuery(text, hashOf);
  if (words === null) return { filter, problems: [] };
  const within = withinOf(filter, hashOf);
  const [from, to] = [range.from.toISOString(), range.to?.toISOString() ?? null];
  await recordOnce(db, {
    kind: 'content_searched',
    // A range that moves with the clock is one range, or every minute of a live page would be a search of its own.
    what: `${canonicalJson(scope.who)} ${words} ${canonicalJson(within)} ${range.preset ?? `${from} ${to}`}`,
    facts: {
      ...scope.who,
      words,
      within,
      from,
      to,
    },
    now,
    // An open page asks again by itself, all day.
    groupMs: 3_600_000,
  });
  return { filter: { ...filter, words }, problems: [] };
}

/**
 * What a filter asks for, as the record keeps it: what senders wrote, names of resources and models, is hashed, as
 * words are, since people look for what must be erasable, and the record is not.
 */
export function recordedFilter(
  filter: Resolved,
  range: Range,
  kek: KeyEncryptionKey = keyEncryptionKey(),
) {
  return {
    words: filter.words ?? null,
    within: withinOf(filter, createWordHash(kek.content)),
    from: range.from.toISOString(),
    to: range.to?.toISOString() ?? null,
  };
}

function withinOf(filter: Resolved, hashOf: WordHash) {
  const hashed = (values: readonly string[]) => values.map((value) => hashOf(value.slice(0, 256)));
  const { identity, kind, status, session, fingerprint } = filter;
  return {
    identity,
    kind,
    status,
    session,
    fingerprint,
    resource: hashed(filter.resource),
    model: hashed(filter.model),
  };
}
