import { expect, test } from 'vitest';
import { delayMsAfter, throttleRules, waitSentence } from './throttle';

test('the first failures cost no waiting', () => {
  for (const failures of [0, 1, 2, 3, 4])
    expect(delayMsAfter('accountAtAddress', failures)).toBe(0);
  expect(delayMsAfter('address', 19)).toBe(0);
  expect(delayMsAfter('account', 99)).toBe(0);
});

test('from the fifth failure on the delay doubles up to 15 minutes and stays there', () => {
  const { delayMaxMs } = throttleRules.accountAtAddress;
  const delays = [5, 6, 7, 8, 9, 10, 11, 1000].map((failures) =>
    delayMsAfter('accountAtAddress', failures),
  );
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

test('failures from everywhere slow an account down, by a delay that never grows', () => {
  for (const failures of [100, 101, 100_000])
    expect(delayMsAfter('account', failures)).toBe(30_000);
});

test('the sentence says how long to wait', () => {
  expect(waitSentence(29.2)).toBe('Too many wrong passwords. Try again in 30 seconds.');
  expect(waitSentence(240)).toBe('Too many wrong passwords. Try again in 4 minutes.');
  expect(waitSentence(0)).toBe('Too many wrong passwords. Try again in 1 seconds.');
});
