/** How regularly something starts. `minuteOfDay` is set, in UTC, where it starts once a day. */
export type Rhythm = { periodMs: number; minuteOfDay: number | null };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Starts closer together than this may be one run: a job that opens several sessions, or one after another. */
const runGapsMs = [0, 20_000, 90_000, 10 * minuteMs, 3 * hourMs];

/** Null is neither regular by its newest starts nor by the hours of the last days in which anything started. */
export function rhythmOf({
  starts,
  hours,
}: {
  starts: readonly Date[];
  /** Beginnings of hours in which sessions started. */
  hours: readonly Date[];
}): Rhythm | null {
  const byHours = hourlyRhythm(sortedMs(hours));
  const byStarts = rhythmOfStarts(sortedMs(starts));
  if (byHours === null || byStarts === null) return byHours ?? byStarts;
  // Where the newest starts all belong to one run, they tell how it goes on and not how often it comes.
  return byStarts.periodMs < byHours.periodMs / 2 ? byHours : byStarts;
}

function rhythmOfStarts(sorted: readonly number[]): Rhythm | null {
  for (const gapMs of runGapsMs) {
    const runs = runsOf(sorted, gapMs);
    const periodMs = periodOf(runs);
    if (periodMs !== null) return rhythm(periodMs, runs);
  }
  return null;
}

/** A run fills a part of its period; what goes on through most of it, as people do by day, has no rhythm. */
const runShareMax = 1 / 3;

type Run = { at: number; endsAt: number };

function runsOf(sorted: readonly number[], gapMs: number): Run[] {
  const runs: Run[] = [];
  for (const at of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && at - last.endsAt <= gapMs) last.endsAt = at;
    else runs.push({ at, endsAt: at });
  }
  return runs;
}

const runsMin = 8;
const dailyRunsMin = 5;
/** So many periods between two starts are runs left out; more are a pause. */
const skippedMax = 4;

function periodOf(runs: readonly Run[]): number | null {
  if (runs.length < dailyRunsMin) return null;
  const gaps = runs.slice(1).map(({ at }, index) => at - (runs[index]?.at ?? at));
  const periodMs = medianOf(gaps);
  if (periodMs < 1000) return null;
  const isRare = periodMs >= 12 * hourMs;
  if (!isRare && runs.length < runsMin) return null;
  if (medianOf(runs.map(({ at, endsAt }) => endsAt - at)) > periodMs * runShareMax) return null;
  // What starts once a day keeps to its minute; what starts every minute may be seconds late.
  const toleranceMs = isRare
    ? 20 * minuteMs
    : Math.max(periodMs * 0.15, Math.min(periodMs / 4, 10_000));
  let single = 0;
  let off = 0;
  for (const gap of gaps) {
    const periods = Math.max(1, Math.round(gap / periodMs));
    if (Math.abs(gap - periods * periodMs) > toleranceMs || periods > skippedMax) off += 1;
    else if (periods === 1) single += 1;
  }
  const offMax = runs.length < runsMin ? 0 : gaps.length * 0.1;
  return off <= offMax && single >= gaps.length * (isRare ? 0.6 : 0.75) ? periodMs : null;
}

function hourlyRhythm(hours: readonly number[]): Rhythm | null {
  const runs = runsOf(hours, hourMs);
  if (runs.length < dailyRunsMin) return null;
  const gaps = runs.slice(1).map(({ at }, index) => at - (runs[index]?.at ?? at));
  const periodMs = medianOf(gaps);
  const isRegular = gaps.every((gap) => gap === periodMs || gap === 2 * periodMs);
  const longest = Math.max(...runs.map(({ at, endsAt }) => endsAt - at + hourMs));
  if (periodMs < 3 * hourMs || !isRegular || longest > periodMs * runShareMax) return null;
  return rhythm(periodMs, runs);
}

function rhythm(periodMs: number, runs: readonly Run[]): Rhythm {
  const isDaily = Math.abs(periodMs - dayMs) <= 20 * minuteMs;
  if (!isDaily) return { periodMs, minuteOfDay: null };
  // The mean on a circle: a job about midnight is not one about noon.
  const angles = runs.map(({ at }) => ((at % dayMs) / dayMs) * 2 * Math.PI);
  const sum = (of: (angle: number) => number) => angles.reduce((all, each) => all + of(each), 0);
  const turn = Math.atan2(sum(Math.sin), sum(Math.cos)) / (2 * Math.PI);
  const minute = Math.round((((turn + 1) % 1) * 1440) / 5) * 5;
  return { periodMs: dayMs, minuteOfDay: minute % 1440 };
}

/** "every 15 minutes", "every hour", "daily about 02:00 UTC". */
export function rhythmWords({ periodMs, minuteOfDay }: Rhythm): string {
  if (minuteOfDay !== null) {
    const clock = [Math.floor(minuteOfDay / 60), minuteOfDay % 60];
    return `daily about ${clock.map((part) => String(part).padStart(2, '0')).join(':')} UTC`;
  }
  if (periodMs < 55_000) return every(Math.max(1, Math.round(periodMs / 1000)), 'second');
  const hours = Math.round(periodMs / hourMs);
  const isWholeHours = hours > 0 && Math.abs(periodMs - hours * hourMs) < hours * hourMs * 0.04;
  if (!isWholeHours) return every(Math.round(periodMs / minuteMs), 'minute');
  return hours % 24 === 0 ? every(hours / 24, 'day') : every(hours, 'hour');
}

const every = (count: number, unit: string): string =>
  count === 1 ? `every ${unit}` : `every ${count} ${unit}s`;

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

const sortedMs = (dates: readonly Date[]): number[] =>
  dates.map((at) => at.getTime()).sort((a, b) => a - b);
