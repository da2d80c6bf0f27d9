import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { additionOfDelta, changeOf, inOrder, nanoOf, type Reading, spread } from './add-up';

const hour = 3_600_000_000_000n;
const minute = hour / 60n;
const start = 1_795_000_000n * 1_000_000_000n - ((1_795_000_000n * 1_000_000_000n) % hour);
const reading = (atMinute: number, amount: number): Reading => ({
  endedNs: start + BigInt(atMinute) * minute,
  amountNano: BigInt(amount) * 1_000_000_000n,
});

/** Adds batches up as the projection does, and returns what each hour comes to. */
function addUp(startedNs: bigint | null, batches: readonly (readonly Reading[])[]) {
  const hours = new Map<number, bigint>();
  let known: Reading[] = [];
  for (const batch of batches) {
    const { less, more } = changeOf(startedNs, known, batch);
    for (const [additions, sign] of [
      [less, -1n],
      [more, 1n],
    ] as const)
      for (const { hourMs, amountNano } of additions.flatMap(spread))
        hours.set(hourMs, (hours.get(hourMs) ?? 0n) + sign * amountNano);
    known = inOrder([...known, ...batch]);
  }
  return new Map([...hours].filter(([, amount]) => amount !== 0n).sort(([a], [b]) => a - b));
}

const sumOf = (hours: Map<number, bigint>) => [...hours.values()].reduce((a, b) => a + b, 0n);

/** Moments of a day with amounts that grow, or begin again. */
const readings = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1_440 }), fc.integer({ min: 0, max: 1_000_000 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((pairs) => inOrder(pairs.map(([at, amount]) => reading(at, amount))));

/** The readings in any order, some told again, cut into batches anyhow. */
const deliveries = readings.chain((all) =>
  fc
    .tuple(
      fc.array(fc.nat({ max: all.length - 1 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 60, maxLength: 60 }),
      fc.infiniteStream(fc.nat()),
    )
    .map(([again, sizes, random]) => {
      const sent = [...all, ...again.flatMap((at) => all[at] ?? [])]
        .map((each) => ({ each, by: random.next().value ?? 0 }))
        .sort((a, b) => a.by - b.by)
        .map(({ each }) => each);
      const batches: Reading[][] = [];
      for (const size of sizes) if (sent.length > 0) batches.push(sent.splice(0, size));
      return { all, batches };
    }),
);

describe('what only grows', () => {
  it('comes to the same in each hour, in whatever order, batches and repeats it arrives', () => {
    fc.assert(
      fc.property(deliveries, fc.constantFrom(null, start - minute), ({ all, batches }, began) => {
        expect(addUp(began, batches)).toEqual(addUp(began, [all]));
      }),
      { numRuns: 500 },
    );
  });

  it('comes to the last less the first, and again from each reset', () => {
    fc.assert(
      fc.property(deliveries, ({ all, batches }) => {
        const expected = all.reduce((sum, { amountNano }, at) => {
          const before = all[at - 1]?.amountNano ?? amountNano;
          return sum + (amountNano < before ? amountNano : amountNano - before);
        }, 0n);
        expect(sumOf(addUp(null, batches))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('counts from its start only when that was seen: a quarter of an hour before, at most', () => {
    const first = [reading(20, 100)];
    expect(sumOf(addUp(start + 10n * minute, [first]))).toBe(100_000_000_000n);
    expect(sumOf(addUp(start, [first]))).toBe(0n);
    expect(sumOf(addUp(start + 30n * minute, [first]))).toBe(0n);
  });

  it('is held to have grown evenly between two readings', () => {
    const hours = addUp(null, [[reading(30, 0), reading(150, 120)]]);
    expect([...hours.values()]).toEqual([30n, 60n, 30n].map((amount) => amount * 1_000_000_000n));
  });
});

describe('an addition', () => {
  it('comes to exactly its parts, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 30n * hour }),
        fc.bigInt({ min: 0n, max: 10n ** 21n }),
        fc.bigInt({ min: 0n, max: 2n ** 62n }),
        (length, amountNano, begunNs) => {
          const parts = spread({ begunNs, endedNs: begunNs + length, amountNano });
          expect(parts.reduce((sum, part) => sum + part.amountNano, 0n)).toBe(amountNano);
          expect(parts.length).toBeLessThanOrEqual(25);
          for (const part of parts) expect(part.amountNano).toBeGreaterThanOrEqual(0n);
        },
      ),
    );
  });

  it('that ends with an hour is of that hour, and one over more than a day of the hour it ended in', () => {
    const parts = (begun: number, ended: number) =>
      spread({
        begunNs: start + BigInt(begun) * minute,
        endedNs: start + BigInt(ended) * minute,
        amountNano: 60n,
      }).map(({ hourMs, amountNano }) => [
        (hourMs - Number(start / 1_000_000n)) / 3_600_000,
        amountNano,
      ]);
    expect(parts(0, 60)).toEqual([[0, 60n]]);
    expect(parts(59, 61)).toEqual([
      [0, 30n],
      [1, 30n],
    ]);
    expect(parts(0, 1_500)).toEqual([[24, 60n]]);
    expect(parts(60, 60)).toEqual([[1, 60n]]);
  });

  it('of a delta reaches from its start, where it tells one that can be', () => {
    const delta = { endedNs: start, amountNano: 1n };
    expect(additionOfDelta(start - minute, delta).begunNs).toBe(start - minute);
    expect(additionOfDelta(start + minute, delta).begunNs).toBe(start);
    expect(additionOfDelta(null, delta).begunNs).toBe(start);
  });
});

it.each<[number | null, bigint | null]>([
  [0, 0n],
  [1.5, 1_500_000_000n],
  [0.1 + 0.2, 300_000_000n],
  [123_456_789_012, 123_456_789_012_000_000_000n],
  [1e12, 10n ** 21n],
  [1e12 + 1, null],
  [1e308, null],
  [-1, null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [null, null],
])('the amount %s is %s billionths', (amount, nano) => {
  expect(nanoOf(amount)).toBe(nano);
});
