import { expect, test } from 'vitest';
import { inTurns } from './in-turns';

test('many are worked through in order, and others have their turn between', async () => {
  let turns = 0;
  const other = setInterval(() => {
    turns += 1;
  }, 0);
  const items = Array.from({ length: 2_000 }, (_, n) => n);
  let seen = 0;
  const made = await inTurns(items, (n) => {
    const until = performance.now() + 0.02;
    while (performance.now() < until);
    if (n === items.length - 1) seen = turns;
    return n;
  });
  clearInterval(other);
  expect(made).toEqual(items);
  expect(seen).toBeGreaterThan(2);
});
