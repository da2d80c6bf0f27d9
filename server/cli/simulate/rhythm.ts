/** When things happen: hours and weekdays in a time zone. Pure; a day is its number since 1970 as people there count. */

export const dayMs = 86_400_000;

/** How much of a day's work falls into each hour, and how a weekday compares to others, Monday first. */
export type Rhythm = { hours: readonly number[]; weekdays: readonly number[] };

const hoursOf = (text: string) => text.split(' ').map(Number);

export const rhythms = {
  office: {
    hours: hoursOf('0 0 0 0 0 0 1 4 9 13 13 11 6 9 12 11 9 6 3 1 1 1 0 0'),
    weekdays: [1.05, 1.1, 1.08, 1, 0.8, 0.05, 0.03],
  },
  customers: {
    hours: hoursOf('2 1 1 0 0 1 3 5 7 8 9 10 11 10 9 9 9 10 12 14 15 13 8 4'),
    weekdays: [1.25, 1.1, 1, 1, 0.95, 0.8, 0.75],
  },
  always: { hours: hoursOf(Array(24).fill('1').join(' ')), weekdays: [1, 1, 1, 1, 1, 1, 1] },
  oncall: {
    hours: hoursOf('2 2 2 2 2 2 3 4 6 7 7 6 5 6 7 6 5 4 3 3 3 3 2 2'),
    weekdays: [1.1, 1.2, 1.2, 1.1, 1, 0.5, 0.5],
  },
} as const satisfies Record<string, Rhythm>;
export type RhythmName = keyof typeof rhythms;

/** Clocks are changed on quarters of an hour at most. */
const quarterMs = 900_000;
const offsetsMax = 10_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** What clocks there show beyond UTC. Asking Intl takes longer than making a span, so answers are kept. */
function offsetMs(timeZone: string, ms: number): number {
  const quarter = Math.floor(ms / quarterMs);
  const key = `${timeZone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const offset = askOffset(timeZone, quarter * quarterMs);
  if (offsets.size >= offsetsMax) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

function askOffset(timeZone: string, ms: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    formats.set(timeZone, format);
  }
  const part = Object.fromEntries(
    format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - ms;
}

/** The number of the day that it is there. */
export const dayOf = (timeZone: string, ms: number): number =>
  Math.floor((ms + offsetMs(timeZone, ms)) / dayMs);

/** The moment at which clocks there show so many minutes into that day. */
export function momentOf(timeZone: string, day: number, minutes: number): number {
  const local = day * dayMs + minutes * 60_000;
  const guess = local - offsetMs(timeZone, local);
  return local - offsetMs(timeZone, guess);
}

/** 0 is Monday: the first of January 1970 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;

export const weekOf = (day: number): number => Math.floor((day + 3) / 7);

/** Minutes into the day, for a number from 0 to 1 that says how much of the day's work came before. */
export function minuteOf({ hours }: Rhythm, share: number): number {
  const sum = hours.reduce((total, weight) => total + weight, 0);
  let left = share * sum;
  for (const [hour, weight] of hours.entries()) {
    if (left < weight) return hour * 60 + (left / weight) * 60;
    left -= weight;
  }
  return 24 * 60 - 1;
}
