/**
 * What data points add to the hours of which they were measured. A delta is what was added. Of what only grows, each
 * reading adds its difference to the one before in its run: so sums depend on which readings there are, never on
 * the order, the batches or the repeats in which they arrive.
 */

const HOUR_NS = 3_600_000_000_000n;
const MS_NS = 1_000_000n;
/** What was added over longer than this is of the hour in which it ended: nobody knows how it was spread. */
const SPREAD_NS_MAX = 24n * HOUR_NS;
/**
 * A run of which the first reading is further than this from its start had a life before it was sent here, so what it
 * had grown to by then is no part of what was measured here.
 */
const FIRST_NS_MAX = HOUR_NS / 4n;
/** Beyond this a single point is no plausible usage. */
const AMOUNT_MAX = 1e12;

/** How far a run had come by when. Amounts are billionths, so that what was added can be taken away exactly. */
export type Reading = { endedNs: bigint; amountNano: bigint };

/** What was added from when to when. */
export type Addition = { begunNs: bigint; endedNs: bigint; amountNano: bigint };

/** A part of an addition that is of one hour; times in milliseconds. */
export type Part = { hourMs: number; begunMs: number; endedMs: number; amountNano: bigint };

/** Billionths of an amount, or null where it is no plausible one. */
export function nanoOf(amount: number | null): bigint | null {
  if (amount === null || !(amount >= 0 && amount <= AMOUNT_MAX)) return null;
  const whole = Math.trunc(amount);
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.round((amount - whole) * 1e9));
}

/** What a delta added. Without a start, or with none that can be, it is of the moment it ended. */
export function additionOfDelta(
  startedNs: bigint | null,
  { endedNs, amountNano }: Reading,
): Addition {
  const isWhole = startedNs !== null && startedNs <= endedNs;
  return { begunNs: isWhole ? startedNs : endedNs, endedNs, amountNano };
}

/** What a reading added since the one before in its run, or since the run began. Less than before is a reset. */
function additionOf(
  startedNs: bigint | null,
  before: Reading | undefined,
  { endedNs, amountNano }: Reading,
): Addition {
  if (before !== undefined) {
    const isReset = amountNano < before.amountNano;
    const added = isReset ? amountNano : amountNano - before.amountNano;
    return { begunNs: before.endedNs, endedNs, amountNano: added };
  }
  const isFromStart =
    startedNs !== null && startedNs <= endedNs && endedNs - startedNs <= FIRST_NS_MAX;
  return isFromStart
    ? { begunNs: startedNs, endedNs, amountNano }
    : { begunNs: endedNs, endedNs, amountNano: 0n };
}

/**
 * What changes when `fresh` readings of one run come to be known: what the run adds now, and what it was held to add
 * before. `known` are readings known before; it must hold the neighbours of each fresh one, and may hold others.
 */
export function changeOf(
  startedNs: bigint | null,
  known: readonly Reading[],
  fresh: readonly Reading[],
): { less: Addition[]; more: Addition[] } {
  const before = inOrder(known);
  const after = inOrder([...known, ...fresh]);
  const isFresh = new Set(fresh.map(({ endedNs }) => endedNs));
  // What a fresh reading adds, and what the one after it adds, is all that can be another.
  const touched = new Set(
    after.flatMap(({ endedNs }, at) => {
      const previous = after[at - 1];
      return isFresh.has(endedNs) || (previous !== undefined && isFresh.has(previous.endedNs))
        ? endedNs
        : [];
    }),
  );
  const additions = (readings: readonly Reading[]) =>
    readings.flatMap((reading, at) =>
      touched.has(reading.endedNs) ? [additionOf(startedNs, readings[at - 1], reading)] : [],
    );
  return { less: additions(before), more: additions(after) };
}

/** Each moment once, with the most that was told of it. */
export function inOrder(readings: readonly Reading[]): Reading[] {
  const most = new Map<bigint, bigint>();
  for (const { endedNs, amountNano } of readings) {
    const known = most.get(endedNs);
    if (known === undefined || known < amountNano) most.set(endedNs, amountNano);
  }
  return Array.from(most, ([endedNs, amountNano]) => ({ endedNs, amountNano })).sort((a, b) =>
    a.endedNs < b.endedNs ? -1 : 1,
  );
}

/** An addition over the hours in which it was measured, evenly by time. The parts come to exactly the whole. */
export function spread({ begunNs, endedNs, amountNano }: Addition): Part[] {
  const length = endedNs - begunNs;
  // What ends with the hour is of the hour that it ends.
  const last = hourOf(length > 0n ? endedNs - 1n : endedNs);
  const first = length > SPREAD_NS_MAX ? last : hourOf(begunNs);
  const parts: Part[] = [];
  let told = 0n;
  for (let hour = first; hour <= last; hour += HOUR_NS) {
    const until = hour === last ? endedNs : hour + HOUR_NS;
    const from = hour > begunNs ? hour : begunNs;
    const upTo = hour === last ? amountNano : (amountNano * (until - begunNs)) / length;
    parts.push({
      hourMs: Number(hour / MS_NS),
      begunMs: Number((from + MS_NS - 1n) / MS_NS),
      endedMs: Number(until / MS_NS),
      amountNano: upTo - told,
    });
    told = upTo;
  }
  return parts;
}

const hourOf = (ns: bigint) => ns - (ns % HOUR_NS);
