import type { Params } from '../address';
import type { Against } from './compare';

export const periods = ['1h', '6h', '24h', '7d', '30d'] as const;
export type PeriodName = (typeof periods)[number];
export const firstPeriod: PeriodName = '24h';

export const periodLabels: Record<PeriodName, { label: string; length: string }> = {
  '1h': { label: 'Last hour', length: '1 h' },
  '6h': { label: 'Last 6 hours', length: '6 h' },
  '24h': { label: 'Last 24 hours', length: '24 h' },
  '7d': { label: 'Last 7 days', length: '7 d' },
  '30d': { label: 'Last 30 days', length: '30 d' },
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const hoursOf: Record<PeriodName, number> = { '1h': 1, '6h': 6, '24h': 24, '7d': 168, '30d': 720 };
/** Longer periods go by days of the organisation, shorter ones by hours, and the shortest by minutes. */
const hourlyMaxMs = 8 * dayMs;
const minutelyMaxMs = 2 * hourMs;
/** Minutes are kept for a little longer. */
const minutesKeptMs = 48 * hourMs;

export type Grain = 'minute' | 'hour' | 'day';

/** A period is compared with the one before it, so minutes must reach back to where that begins. */
function grainOf(from: Date, to: Date, now: Date): Grain {
  const spanMs = to.getTime() - from.getTime();
  if (spanMs > hourlyMaxMs) return 'day';
  const isKept = now.getTime() - from.getTime() + spanMs <= minutesKeptMs;
  return spanMs <= minutelyMaxMs && isKept ? 'minute' : 'hour';
}
const longestMs = 800 * dayMs;
const unitMs: Record<Grain, number> = { minute: minuteMs, hour: hourMs, day: dayMs };

/** What the address asks for, before it is widened to whole minutes, hours or days. `to` null is now. */
export type Asked = {
  preset: PeriodName | null;
  grain: Grain;
  from: Date;
  to: Date | null;
  problems: string[];
};

const Instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** Without a zone, as a form sends it, a time stands for UTC. */
function readInstant(text: string): Date | null {
  if (!Instant.test(text)) return null;
  const at = new Date(/(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`);
  return at.getTime() > 0 && at.getUTCFullYear() < 5000 ? at : null;
}

/** Reads an address. Never throws: what is not understood becomes a sentence in `problems`. */
export function readPeriod(params: Params, now: Date): Asked {
  const one = (name: string) => {
    const value = params[name];
    return (Array.isArray(value) ? value[0] : value) || null;
  };
  const [from, to] = [one('from'), one('to')];
  const preset = periods.find((name) => name === from);
  if (preset !== undefined && to === null) return presetPeriod(preset, now);
  if (from === null && to === null) return presetPeriod(firstPeriod, now);
  const standard = (problem: string) => ({
    ...presetPeriod(firstPeriod, now),
    problems: [problem],
  });
  const [start, end] = [readInstant(from ?? ''), to === null ? null : readInstant(to)];
  if (start === null || (to !== null && end === null)) {
    return standard(
      `The period is not understood. Write from=${periods.join(', ')} or for example from=2026-11-12T14:00Z&to=2026-11-13T14:00Z.`,
    );
  }
  if (start >= (end ?? now))
    return standard('The period ends before it starts, so the last 24 hours are shown.');
  const span = (end ?? now).getTime() - start.getTime();
  if (span > longestMs)
    return standard('A period has 800 days at most, so the last 24 hours are shown.');
  return {
    preset: null,
    grain: grainOf(start, end ?? now, now),
    from: start,
    to: end,
    problems: [],
  };
}

function presetPeriod(preset: PeriodName, now: Date): Asked {
  const spanMs = hoursOf[preset] * hourMs;
  const grain = grainOf(new Date(now.getTime() - spanMs), now, now);
  // The running minute, hour or day is the last of them.
  const from = new Date(now.getTime() - spanMs + unitMs[grain]);
  return { preset, grain, from, to: null, problems: [] };
}

/** A period in whole minutes, hours or days, and the one before it of the same length. */
export type Period = Asked & {
  zone: string;
  from: Date;
  /** Where its last minute, hour or day ends, which may be ahead. */
  end: Date;
  /** What is compared is over: what is whole up to here, with as much before. */
  comparedTo: Date;
  before: { from: Date; to: Date };
};

/** `6 h` or `30 d`: how long the period is, for a sentence. */
function lengthOf({ preset, from, end }: Period): string {
  if (preset !== null) return periodLabels[preset].length;
  const ms = end.getTime() - from.getTime();
  if (ms < 2 * hourMs && ms % hourMs !== 0) return `${Math.round(ms / minuteMs)} min`;
  const hours = Math.round(ms / hourMs);
  return hours <= 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** With what a period is compared, in words; the hour or day that runs is left out of both. */
export const againstOf = (period: Period): Against => ({
  length: lengthOf(period),
  done: period.comparedTo < period.end ? `finished ${period.grain}s` : null,
});

/** The address of a period, from its question mark on. */
export function periodSearch({ preset, from, to }: Pick<Period, 'preset' | 'from' | 'to'>): string {
  if (preset !== null) return preset === firstPeriod ? '' : `?from=${preset}`;
  const search = new URLSearchParams({ from: from.toISOString() });
  if (to !== null) search.set('to', to.toISOString());
  return `?${search}`;
}

/** How many minutes, hours or days one bar stands for, so that there are about thirty and never a hundred. */
export function barUnits({ grain, from, end }: Pick<Period, 'grain' | 'from' | 'end'>): number {
  const ms = end.getTime() - from.getTime();
  if (grain === 'minute') return ms <= hourMs ? 2 : 5;
  if (grain === 'hour') return ms <= 48 * hourMs ? 1 : 6;
  return ms <= 93 * dayMs ? 1 : ms <= 370 * dayMs ? 7 : 28;
}
