import { expect, test } from 'vitest';
import { Budget } from './budget';

test('a burst passes, then so many a second, each key by itself', () => {
  const budget = new Budget({ perSecond: 2, burst: 3 });
  const taken = (key: string, atMs: number) => budget.take(key, atMs);
  expect([taken('a', 0), taken('a', 0), taken('a', 0), taken('a', 0)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(budget.waitSeconds('a', 0)).toBe(1);
  expect(taken('b', 0)).toBe(true);
  expect([taken('a', 500), taken('a', 500)]).toEqual([true, false]);
  expect(budget.waitSeconds('a', 1_000)).toBe(0);
  // A clock that goes back gives nothing twice.
  expect([taken('a', 1_000), taken('a', 0), taken('a', 1_000)]).toEqual([true, false, false]);
});

test('what it remembers is bounded', () => {
  const budget = new Budget({ perSecond: 1, burst: 1 });
  for (let i = 0; i < 30_000; i += 1) budget.take(`key ${i}`, 0);
  expect(budget.take('key 29999', 0)).toBe(false);
  expect(budget.take('key 1', 0)).toBe(true);
});

test('those that asked longest ago are forgotten first', () => {
  const budget = new Budget({ burst: 1, perSecond: 0 });
  budget.take('a', 0);
  for (let n = 0; n < 9_999; n += 1) budget.take(`x${n}`, 0);
  expect(budget.take('a', 0)).toBe(false);
  for (let n = 0; n < 9_999; n += 1) budget.take(`y${n}`, 0);
  expect(budget.take('a', 0)).toBe(false);
  for (let n = 0; n < 10_000; n += 1) budget.take(`z${n}`, 0);
  expect(budget.take('a', 0)).toBe(true);
});
