import { describe, expect, it } from 'vitest';
import { rhythmOf, rhythmWords } from './rhythm';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const monday = Date.parse('2026-11-02T00:00:00Z');

/** A generator of its own, so that every run of the tests sees the same starts. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The newest 64 starts and the hours of the last eight days, as the projection keeps them. */
function seen(starts: number[]) {
  const sorted = starts.toSorted((a, b) => a - b);
  const last = sorted.at(-1) ?? 0;
  const hours = new Set(
    sorted.filter((at) => at > last - 8 * day).map((at) => Math.floor(at / hour) * hour),
  );
  return {
    starts: sorted.slice(-64).map((at) => new Date(at)),
    hours: [...hours].map((at) => new Date(at)),
  };
}

const words = (starts: number[]): string | null => {
  const rhythm = rhythmOf(seen(starts));
  return rhythm === null ? null : rhythmWords(rhythm);
};
const series = (count: number, at: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => at(index));

describe('what is periodic', () => {
  const roll = dice(1);
  it.each<[string, number[], string]>([
    ['every minute', series(60, (n) => monday + n * minute), 'every minute'],
    ['every 30 seconds', series(60, (n) => monday + n * 30_000), 'every 30 seconds'],
    [
      'every 5 minutes with jitter',
      series(50, (n) => monday + n * 5 * minute + roll() * 40_000),
      'every 5 minutes',
    ],
    [
      'every 15 minutes, three sessions each time',
      series(60, (n) => monday + Math.floor(n / 3) * 15 * minute + (n % 3) * 2_000),
      'every 15 minutes',
    ],
    [
      'every hour, some runs left out',
      series(40, (n) => monday + (n + Math.floor(n / 9)) * hour + roll() * minute),
      'every hour',
    ],
    [
      'every 5 minutes by day, not by night',
      series(64, (n) => monday + Math.floor(n / 32) * day + (n % 32) * 5 * minute),
      'every 5 minutes',
    ],
    [
      'nightly at 02:00',
      series(10, (n) => monday + n * day + 2 * hour + roll() * 3 * minute),
      'daily about 02:00 UTC',
    ],
    [
      'nightly at midnight, a little before or after',
      series(10, (n) => monday + n * day + (roll() - 0.5) * 4 * minute),
      'daily about 00:00 UTC',
    ],
    [
      'nightly on working days',
      series(15, (n) => monday + (Math.floor(n / 5) * 7 + (n % 5)) * day + 3 * hour),
      'daily about 03:00 UTC',
    ],
    [
      'a nightly batch of two hundred sessions',
      series(1600, (n) => monday + Math.floor(n / 200) * day + 2 * hour + (n % 200) * 20_000),
      'daily about 02:00 UTC',
    ],
    [
      'a batch of two hundred sessions four times a day',
      series(3200, (n) => monday + Math.floor(n / 200) * 6 * hour + (n % 200) * 15_000),
      'every 6 hours',
    ],
  ])('%s', (_what, starts, expected) => {
    expect(words(starts)).toBe(expected);
  });
});

describe('what is not', () => {
  it('nothing, one start, or a few', () => {
    for (const count of [0, 1, 4])
      expect(words(series(count, (n) => monday + n * hour))).toBeNull();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('people in working hours (%i)', (seed) => {
    const roll = dice(seed);
    const starts = series(5 * 14, () => 0).map(
      (_, n) => monday + (n % 5) * day + (8 + roll() * 9) * hour,
    );
    expect(words(starts)).toBeNull();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('one person once or twice a morning (%i)', (seed) => {
    const roll = dice(seed);
    const starts = series(20, (n) => monday + Math.floor(n / 2) * day + (8 + roll() * 3) * hour);
    expect(words(starts)).toBeNull();
  });

  it('starts at random, whatever their number and density', () => {
    let found = 0;
    for (let seed = 1; seed <= 400; seed += 1) {
      const roll = dice(seed);
      const meanMs = [2_000, minute, 10 * minute, 2 * hour][seed % 4] ?? minute;
      let at = monday;
      const starts = series(8 + (seed % 57), () => {
        at -= Math.log(1 - roll()) * meanMs;
        return at;
      });
      if (words(starts) !== null) found += 1;
    }
    expect(found).toBeLessThanOrEqual(2);
  });

  it('one moment told many times', () => {
    expect(words(series(64, () => monday))).toBeNull();
  });
});

it('a period is told in the unit that fits', () => {
  const told = (periodMs: number) => rhythmWords({ periodMs, minuteOfDay: null });
  expect([45_000, 61_000, 90 * minute, 7 * hour, 2 * day, 1.02 * hour].map(told)).toEqual([
    'every 45 seconds',
    'every minute',
    'every 90 minutes',
    'every 7 hours',
    'every 2 days',
    'every hour',
  ]);
});
