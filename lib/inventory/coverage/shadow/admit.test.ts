import { expect, it } from 'vitest';
import { crowdedOf, type NameHour } from './admit';

const hour = (n: number) => new Date(n * 3_600_000);
const name = (reporter: string, n: number, at = 0): NameHour => ({
  reporter,
  fingerprint: Buffer.of(n),
  hour: hour(at),
});

it('names beyond the share of their reporter and hour are crowded, in the order of the log', () => {
  const names = [name('a', 1), name('a', 2), name('b', 3), name('a', 4), name('a', 5)];
  const { crowded, shares } = crowdedOf(names, [{ reporter: 'a', hour: hour(0), names: 1 }], 3);
  expect(crowded).toEqual([name('a', 4), name('a', 5)]);
  expect(shares).toEqual([
    { reporter: 'a', hour: hour(0), names: 3 },
    { reporter: 'b', hour: hour(0), names: 1 },
  ]);
});

it('what finds no room in one hour may in the next, and what was admitted stays', () => {
  const names = [name('a', 1), name('a', 2), name('a', 1, 1), name('a', 2, 1)];
  const { crowded, shares } = crowdedOf(names, [], 1);
  expect(crowded).toEqual([name('a', 2)]);
  expect(shares.map(({ names: count }) => count)).toEqual([1, 1]);
});
