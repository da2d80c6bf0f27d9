import type { EntryPlace } from '@/lib/log/schema';
import {
  endKinds,
  endStatuses,
  type Facts,
  type Holder,
  type Link,
  roles,
  writtenKinds,
} from './schema';

const writtenNames: readonly string[] = writtenKinds;
const minuteMs = 60_000;
/** Further apart, equal ids are no longer one call. */
const sameCallMaxMs = 48 * 60 * minuteMs;
/** Both ends of an exchange, and a span and what was written in it, arrive within this time of each other. */
const spanMaxMs = 15 * minuteMs;
const promptGapMaxNs = 5_000_000_000n;

export const placeKey = ({ shard, position }: EntryPlace): string => `${shard}-${position}`;

/** The order of the log: by arrival. */
function byPlace({ place: a }: Holder, { place: b }: Holder): number {
  const ms = a.receivedAt.getTime() - b.receivedAt.getTime();
  if (ms !== 0) return ms;
  return a.shard === b.shard ? Number(a.position - b.position) : a.shard - b.shard;
}

const isWithin = (a: Holder, b: Holder, maxMs: number): boolean =>
  Math.abs(a.place.receivedAt.getTime() - b.place.receivedAt.getTime()) <= maxMs;

const linkOf = (
  entry: Holder,
  other: Holder,
  relation: Link['relation'] = 'same_call',
  uncounted: Link['uncounted'] = 'this',
): Link => ({ entry: entry.place, key: entry.key, relation, other: other.place, uncounted });

/**
 * Which of those that share one key tell of the same call. Says the same of the same holders, in whatever order
 * they came. INVARIANT: of one owner an entry gives way to a log record, or to what stands before it in the log and
 * is of the same end; of two owners the end that was served gives way. So none gives way to itself, by however many
 * others, and something of every call is counted.
 */
export function pairHolders(holders: readonly Holder[]): Link[] {
  const sorted = [...holders].sort(byPlace);
  const role = sorted[0]?.role ?? 0;
  if (role < roles.prompt) return pairIds(sorted);
  if (role < roles.self) return pairPrompts(sorted);
  return role < roles.called ? pairSpan(sorted) : pairEnds(sorted);
}

/** A log record before a span, among equals the first. Another one of the same signal and reporter holds nothing. */
function pairIds(sorted: readonly Holder[]): Link[] {
  const log = sorted.find(({ role }) => role === roles.id);
  return sorted.flatMap((each) => {
    const best = log ?? sorted.find(({ role }) => role === each.role);
    return best === undefined || best === each || !isWithin(each, best, sameCallMaxMs)
      ? []
      : [linkOf(each, best)];
  });
}

/** Of one prompt and model, with equal output tokens: each span with the closest log record, within 5 s. */
function pairPrompts(sorted: readonly Holder[]): Link[] {
  const logs = sorted.filter(({ role }) => role === roles.prompt);
  return sorted
    .filter(({ role }) => role !== roles.prompt)
    .flatMap((span) => {
      const near = logs.filter(
        (log) => gapNs(span, log) <= promptGapMaxNs && isSameCall(span, log),
      );
      const [closest] = near.sort((a, b) => Number(gapNs(span, a) - gapNs(span, b)));
      return closest === undefined ? [] : [linkOf(span, closest)];
    });
}

function gapNs({ facts: a }: Holder, { facts: b }: Holder): bigint {
  const gap = (a?.endedNs ?? 0n) - (b?.endedNs ?? 0n);
  return gap < 0n ? -gap : gap;
}

/** Where both tell an id of one sort, it decides. */
const isSameCall = ({ facts: a }: Holder, { facts: b }: Holder): boolean =>
  (['requestId', 'responseId', 'toolCallId'] as const).every((id) => {
    const [one, other] = [a?.[id] ?? null, b?.[id] ?? null];
    return one === null || other === null || one === other;
  });

/**
 * A span gives way to the log record of its kind that was written in it. Else it and an inference right below it
 * that had the same response were instrumented twice: the outer is sent last, and keeps its usage as reported.
 */
function pairSpan(sorted: readonly Holder[]): Link[] {
  const span = sorted.find(({ role }) => role === roles.self);
  if (span?.facts == null) return [];
  const { kind } = span.facts;
  const written = roles.written + writtenNames.indexOf(kind);
  const log = sorted.find(({ role }) => role === written);
  if (log !== undefined && isWithin(span, log, spanMaxMs) && isSameCall(span, log))
    return [linkOf(span, log)];
  const inner = sorted.find(({ role }) => role === roles.nested);
  if (inner === undefined || !isNested(span, inner)) return [];
  return byPlace(inner, span) < 0 ? [linkOf(span, inner)] : [linkOf(inner, span)];
}

const isNested = (outer: Holder, inner: Holder): boolean =>
  outer.facts?.kind === 'inference' &&
  outer.facts.responseId !== null &&
  outer.facts.responseId === inner.facts?.responseId &&
  isServed(outer.facts) === isServed(inner.facts) &&
  placeKey(outer.place) !== placeKey(inner.place) &&
  isWithin(outer, inner, spanMaxMs);

const isServed = ({ spanKind }: Facts): boolean => spanKind === 'server' || spanKind === 'consumer';

/**
 * An end that was served gives way to the end that called it, one to one. Where the two disagree on how it ended,
 * or the caller tells of less, both count.
 */
function pairEnds(sorted: readonly Holder[]): Link[] {
  const called = sorted.filter(({ role }) => role === roles.called);
  const free = new Set(sorted.filter(({ role }) => role !== roles.called));
  const links = new Map<Holder, Link>();
  for (const isAgreed of [true, false]) {
    for (const caller of called.filter((each) => !links.has(each))) {
      const end = [...free].find(
        (each) => areEnds(caller, each) && (!isAgreed || doAgree(caller.facts, each.facts)),
      );
      if (end === undefined) continue;
      free.delete(end);
      links.set(caller, linkOf(end, caller, 'counterpart', isAgreed ? 'this' : 'none'));
    }
  }
  return [...links.values()];
}

const areEnds = (caller: Holder, served: Holder): boolean =>
  caller.who !== served.who &&
  endKindOf(caller.facts?.kind) ===
    endKinds[Math.floor((served.role - roles.served) / endStatuses.length)] &&
  isWithin(caller, served, spanMaxMs);

const endKindOf = (kind: string | undefined): (typeof endKinds)[number] =>
  kind === 'inference' || kind === 'data_transfer' ? kind : 'call';

/** A refused request is a failure to who asked and none to who refused it, so only the other way is a dispute. */
function doAgree(caller: Facts | null, served: Facts | null): boolean {
  if (caller === null || served === null) return false;
  if (served.status === 'error' && caller.status !== 'error') return false;
  return (['inputTokens', 'outputTokens', 'cost'] as const).every((figure) => {
    const [told, least] = [caller[figure], served[figure]];
    return least === null || (told !== null && told >= least);
  });
}
