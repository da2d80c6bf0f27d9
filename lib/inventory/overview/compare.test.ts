import { expect, it, test } from 'vitest';
import { changeOf, changeText, scaleOf, shareOf, shortCount } from './compare';

it.each([
  [106, 100, '+6 %'],
  [62, 100, '-38 %'],
  [100, 100, 'no change'],
  [1001, 1000, 'about the same'],
  [0, 5, '-100 %'],
  [1200, 100, '12 times'],
])('%d after %d is %s', (now, before, words) => {
  expect(changeOf(now, before)).toBe(words);
});

test('without anything before there is no change to tell, and it says so', () => {
  const day = { length: '24 h', done: null };
  expect(changeText(7, 0, day)).toBe('none in the previous 24 h');
  expect(changeText(0, 0, day)).toBe('none, nor in the previous 24 h');
  expect(changeText(7, 6, day)).toBe('+17 % vs previous 24 h');
  expect(changeText(7, 6, { ...day, done: 'finished hours' })).toBe(
    '+17 %, finished hours vs before',
  );
});

it.each([
  [1, 3000, 'under 0.1 %'],
  [38, 100, '38 %'],
  [4, 1000, '0.4 %'],
  [999, 1000, '99.9 %'],
  [99999, 100000, 'over 99.9 %'],
  [5, 5, '100 %'],
  [0, 0, '0 %'],
])('%d of %d is %s', (part, whole, words) => {
  expect(shareOf(part, whole)).toBe(words);
});

it.each([0, 1, 2, 3, 7, 10, 31, 99, 100, 1_234, 56_789, 9e15])(
  'an axis up to %d starts at zero, is round and has four lines at most',
  (peak) => {
    const { top, ticks } = scaleOf(peak);
    expect(ticks[0]).toBe(0);
    expect(ticks.at(-1)).toBe(top);
    expect(top).toBeGreaterThanOrEqual(peak);
    expect(ticks.length).toBeLessThanOrEqual(5);
    expect(ticks.every(Number.isInteger)).toBe(true);
  },
);

test('counts on an axis are short', () => {
  expect([0, 950, 1_500, 20_000, 3_000_000].map(shortCount)).toEqual([
    '0',
    '950',
    '1.5 k',
    '20 k',
    '3 M',
  ]);
});
