import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sift } from './sift';

/** Entries of which the refused are given, and how many times the database was asked. */
async function siftOf(count: number, poison: ReadonlySet<number>) {
  let asked = 0;
  let rows = 0;
  const sifted = await sift(
    Array.from({ length: count }, (_, at) => at),
    async (part) => {
      asked += 1;
      rows += part.length;
      return !part.some((at) => poison.has(at));
    },
  );
  return { ...sifted, asked, rows };
}

describe('what the database refuses', () => {
  test('is found alone where it is little, and all its neighbours are taken in their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3000 }),
        fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 3 }),
        async (count, places) => {
          const poison = new Set(places.map((place) => place % count));
          const { taken, refused } = await siftOf(count, poison);
          const sorted = (list: Iterable<number>) => [...list].sort((a, b) => a - b);
          expect(refused).toEqual(sorted(poison));
          expect(taken).toEqual(sorted(taken));
          expect(taken).toHaveLength(count - poison.size);
        },
      ),
    );
  });

  test('costs a bounded number of writes, however much of it there is', async () => {
    const all = new Set(Array.from({ length: 16_384 }, (_, at) => at));
    const everything = await siftOf(16_384, all);
    expect(everything.taken).toEqual([]);
    expect(everything.refused).toHaveLength(16_384);
    expect(everything.asked).toBeLessThan(40);
    const scattered = await siftOf(16_384, new Set([...all].filter((at) => at % 64 === 63)));
    expect(scattered.asked).toBeLessThan(100);
    expect(scattered.rows).toBeLessThan(16 * 16_384);
    expect(scattered.taken.length + scattered.refused.length).toBe(16_384);
  });
});
