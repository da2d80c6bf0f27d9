import { expect, test } from 'vitest';
import { rangeWords, rowTime, zonedTime, zoneWord } from './time';

const now = new Date('2026-11-25T09:00:00Z');
const ns = (at: string) => `${Date.parse(at)}000000`;

test.each([
  ['2026-11-12T23:36:01.882Z', 'UTC', '2026-11-12 23:36:01.882'],
  ['2026-11-12T23:36:01.882Z', 'Europe/Vienna', '2026-11-13 00:36:01.882'],
  ['2026-07-12T23:36:01.002Z', 'Europe/Vienna', '2026-07-13 01:36:01.002'],
  ['2026-11-12T00:10:00.000Z', 'America/Argentina/Buenos_Aires', '2026-11-11 21:10:00.000'],
  ['1970-01-01T00:00:00.000Z', 'Asia/Kathmandu', '1970-01-01 05:30:00.000'],
])('%s in %s is %s', (at, zone, text) => {
  expect(zonedTime(new Date(at), zone)).toBe(text);
});

test('a row tells its day only where it is not today, by the clock of the zone', () => {
  expect(rowTime(ns('2026-11-24T23:30:00Z'), now, 'UTC')).toBe('11-24 23:30:00.000');
  expect(rowTime(ns('2026-11-24T23:30:00Z'), now, 'Europe/Vienna')).toBe('00:30:00.000');
  expect(rowTime(ns('2025-12-31T23:30:00Z'), now, 'Europe/Vienna')).toBe('01-01 00:30:00.000');
  expect(rowTime(ns('2025-11-25T08:00:00Z'), now, 'UTC')).toBe('2025-11-25 08:00:00.000');
  expect(rowTime('-1', now, 'Europe/Vienna')).toBe('no such time');
});

test('a heading names the city', () => {
  expect(['UTC', 'America/Argentina/Buenos_Aires'].map(zoneWord)).toEqual(['UTC', 'Buenos Aires']);
});

test('a range names its zone, and the day of its end only where it is another', () => {
  const [from, to] = ['2026-11-12T14:00Z', '2026-11-12T15:30Z'].map((at) => new Date(at));
  const range = { from: from ?? now, to: to ?? now };
  expect(rangeWords(range, 'UTC')).toBe('2026-11-12 14:00 to 15:30 UTC');
  expect(rangeWords(range, 'Asia/Tokyo')).toBe('2026-11-12 23:00 to 2026-11-13 00:30 Tokyo');
  expect(rangeWords({ ...range, to: null }, 'UTC')).toBe('2026-11-12 14:00 to now UTC');
});
