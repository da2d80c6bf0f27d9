import { expect, test } from 'vitest';
import { createAllowance } from './allowance';

const at = (seconds: number) => new Date(seconds * 1000);

test('an address may ask so often at once, and so often a second after that', () => {
  const { take } = createAllowance({ burst: 3, perSecond: 1 });
  expect([1, 2, 3, 4].map(() => take('a', at(0)))).toEqual([true, true, true, false]);
  expect([take('a', at(1)), take('a', at(1))]).toEqual([true, false]);
  expect([1, 2, 3, 4].map(() => take('a', at(100)))).toEqual([true, true, true, false]);
});

test('one address does not use up what another may', () => {
  const { take } = createAllowance({ burst: 1, perSecond: 1 });
  expect([take('a', at(0)), take('a', at(0)), take('b', at(0))]).toEqual([true, false, true]);
});

test('however many addresses ask, only so many are remembered', () => {
  const { take } = createAllowance({ burst: 1, perSecond: 0 });
  take('a', at(0));
  for (let n = 0; n < 9_999; n += 1) take(`x${n}`, at(0));
  expect(take('a', at(0))).toBe(false);
  for (let n = 0; n < 10_000; n += 1) take(`y${n}`, at(0));
  expect(take('a', at(0))).toBe(true);
});
