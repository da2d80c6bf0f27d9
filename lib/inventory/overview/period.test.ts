import { expect, it, test } from 'vitest';
import { barUnits, periodSearch, readPeriod } from './period';

const now = new Date('2026-11-25T14:36:02Z');

test('without a word in the address it is the last 24 hours, the running one among them', () => {
  const { preset, grain, from, to } = readPeriod({}, now);
  expect({ preset, grain, to }).toEqual({ preset: '24h', grain: 'hour', to: null });
  expect(from.toISOString()).toBe('2026-11-24T15:36:02.000Z');
});

test('30 days go by the days of the organisation, a week by hours', () => {
  expect(readPeriod({ from: '30d' }, now).grain).toBe('day');
  expect(readPeriod({ from: '7d' }, now).grain).toBe('hour');
});

test('two times make a period, which the address says again', () => {
  const asked = readPeriod({ from: '2026-11-12T14:00', to: '2026-11-12T18:00:00.000Z' }, now);
  expect(asked.problems).toEqual([]);
  expect(periodSearch(asked)).toBe(
    '?from=2026-11-12T14%3A00%3A00.000Z&to=2026-11-12T18%3A00%3A00.000Z',
  );
  expect(periodSearch(readPeriod({ from: '7d' }, now))).toBe('?from=7d');
  expect(periodSearch(readPeriod({}, now))).toBe('');
});

test('an hour goes by minutes, for as long as these and those before are kept', () => {
  const grain = (from: string, to: string) => readPeriod({ from, to }, now).grain;
  expect(readPeriod({ from: '1h' }, now).grain).toBe('minute');
  expect(grain('2026-11-25T10:00', '2026-11-25T11:30')).toBe('minute');
  expect(grain('2026-11-25T10:00', '2026-11-25T13:30')).toBe('hour');
  expect(grain('2026-11-23T15:00', '2026-11-23T16:00')).toBe('hour');
});

it.each([
  { from: 'yesterday' },
  { from: '2026-11-12T14:00', to: 'soon' },
  { from: '2026-11-13T14:00', to: '2026-11-12T14:00' },
  { from: '2027-11-13T14:00' },
  { from: '2020-01-01T00:00' },
  { to: '2026-11-12T14:00' },
])('%o gets a sentence and the last 24 hours', (params) => {
  const asked = readPeriod(params, now);
  expect(asked.preset).toBe('24h');
  expect(asked.problems).toHaveLength(1);
});

it.each([
  ['1h', 2],
  ['6h', 1],
  ['24h', 1],
  ['7d', 6],
  ['30d', 1],
])('the bars of %s stand for %d units', (from, units) => {
  const { grain, from: start } = readPeriod({ from }, now);
  expect(barUnits({ grain, from: start, end: now })).toBe(units);
});
