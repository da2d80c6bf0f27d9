import { expect, test } from 'vitest';
import { delayMaxMs, delayMsAfter, freeFailures, waitSentence } from './throttle';

test('the first failures cost no waiting', () => {
  for (const failures of [0, 1, 2, 3, 4]) expect(delayMsAfter('account', failures)).toBe(0);
  expect(delayMsAfter('address', freeFailures.address - 1)).toBe(0);
});

test('from the fifth failure on the delay doubles up to 15 minutes and stays there', () => {
  const delays = [5, 6, 7, 8, 9, 10, 11, 1000].map((failures) => delayMsAfter('account', failures));
  expect(delays).toEqual([
    30_000,
    60_000,
    120_000,
    240_000,
    480_000,
    delayMaxMs,
    delayMaxMs,
    delayMaxMs,
  ]);
});

test('the sentence says how long to wait', () => {
  expect(waitSentence(29.2)).toBe('Too many wrong passwords. Try again in 30 seconds.');
  expect(waitSentence(240)).toBe('Too many wrong passwords. Try again in 4 minutes.');
  expect(waitSentence(0)).toBe('Too many wrong passwords. Try again in 1 seconds.');
});
