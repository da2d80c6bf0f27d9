import type { EntryPlace } from '@/lib/log/schema';
import type { Link, Told } from './schema';

const hourMs = 3_600_000;
/** Further apart, equal ids are no longer one call. */
const sameCallMaxMs = 48 * hourMs;
const promptGapMaxNs = 5_000_000_000n;

/** An entry of the batch and what was known under one of its ids. */
export type Match = { key: string; entry: Told; known: Told };

/** An entry of the batch and one of the other signal that answers the same prompt with as many tokens. */
export type PromptMatch = Match & { ownKey: string; gapNs: bigint };

export const placeKey = ({ shard, position }: EntryPlace): string => `${shard}-${position}`;

const isEarlier = (a: EntryPlace, b: EntryPlace): boolean => {
  const ms = a.receivedAt.getTime() - b.receivedAt.getTime();
  if (ms !== 0) return ms < 0;
  return a.shard === b.shard ? a.position < b.position : a.shard < b.shard;
};

/** Log before span before metric; among equals the one that arrived first. */
const isPreferred = (a: Told, b: Told): boolean =>
  a.preference === b.preference ? isEarlier(a.place, b.place) : a.preference < b.preference;

const linkOf = (entry: Told, known: Told): Link => ({
  entry: entry.place,
  relation: 'same_call',
  other: known.place,
  uncounted: isPreferred(entry, known) ? 'other' : 'this',
});

/**
 * Pairs entries by equal ids, in the order of the log. One id leads to the one entry that counts, so that a
 * million entries with the same id are a million steps. Two of one signal and one reporter are two calls.
 * Returns also what each id leads to from now on, where that changed.
 */
export function pairCalls(matches: readonly Match[]): { links: Link[]; moved: Map<string, Told> } {
  const links = new Map<string, Link>();
  const moved = new Map<string, Told>();
  for (const { key, entry, known: stored } of matches) {
    const known = moved.get(key) ?? stored;
    const at = placeKey(entry.place);
    if (links.has(at) || at === placeKey(known.place)) continue;
    const apartMs = entry.place.receivedAt.getTime() - known.place.receivedAt.getTime();
    if (apartMs > sameCallMaxMs) {
      moved.set(key, entry);
      continue;
    }
    if (entry.preference === known.preference && entry.reporter === known.reporter) continue;
    const link = linkOf(entry, known);
    links.set(at, link);
    if (link.uncounted === 'other') moved.set(key, entry);
  }
  return { links: [...links.values()], moved };
}

/**
 * Pairs what has no id in common: of one prompt and model, with equal output tokens, ended within 5 s, one by
 * one and the closest first. `linked` are entries that an id has paired already. Returns also the keys that
 * are spent.
 */
export function pairPrompts(
  matches: readonly PromptMatch[],
  linked: ReadonlySet<string>,
): { links: Link[]; spent: string[] } {
  const taken = new Set(linked);
  const links: Link[] = [];
  const spent: string[] = [];
  for (const { key, ownKey, entry, known, gapNs } of [...matches].sort(byGap)) {
    const [at, other] = [placeKey(entry.place), placeKey(known.place)];
    if (gapNs > promptGapMaxNs || taken.has(at) || taken.has(other)) continue;
    taken.add(at).add(other);
    links.push(linkOf(entry, known));
    spent.push(key, ownKey);
  }
  return { links, spent };
}

const byGap = (a: PromptMatch, b: PromptMatch): number =>
  a.gapNs === b.gapNs ? 0 : a.gapNs < b.gapNs ? -1 : 1;
