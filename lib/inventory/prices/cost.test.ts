import { describe, expect, test } from 'vitest';
import { costBy } from './cost';
import type { SetPrice } from './schema';

const price = (change: Partial<SetPrice> = {}): SetPrice => ({
  provider: '',
  model: 'orchid-2',
  inputPerMillion: 3,
  outputPerMillion: 15,
  cacheReadPerMillion: 0.3,
  cacheWritePerMillion: 3.75,
  ...change,
});
const used = {
  kind: 'inference',
  provider: 'acme',
  model: 'orchid-2',
  inputTokens: 1_000_000,
  outputTokens: 100_000,
  cacheReadTokens: null,
  cacheWriteTokens: null,
} as const;

describe('a cost', () => {
  test('is that of input and output', () => {
    expect(costBy([price()])(used)).toBeCloseTo(4.5);
  });

  test('counts cached tokens once, at their own price', () => {
    const cached = { ...used, cacheReadTokens: 600_000, cacheWriteTokens: 100_000 };
    expect(costBy([price()])(cached)).toBeCloseTo(0.9 + 0.18 + 0.375 + 1.5);
  });

  test('takes the price of input for cached tokens where no other is said', () => {
    const plain = price({ cacheReadPerMillion: null, cacheWritePerMillion: null });
    expect(costBy([plain])({ ...used, cacheReadTokens: 600_000 })).toBeCloseTo(4.5);
  });

  test('never falls below zero when more is said to be cached than was sent', () => {
    const odd = { ...used, inputTokens: 10, cacheReadTokens: 9e15, cacheWriteTokens: 9e15 };
    expect(costBy([price()])(odd)).toBeCloseTo((10 * 0.3) / 1e6 + 1.5);
  });

  test.each([
    ['no price is set', [], used],
    ['the model has no price', [price({ model: 'other' })], used],
    ['no model is named', [price()], { ...used, model: null }],
    ['input is not known', [price()], { ...used, inputTokens: null }],
    ['output is not known', [price()], { ...used, outputTokens: null }],
    ['it is a step that repeats its children', [price()], { ...used, kind: 'step' as const }],
  ])('is unknown, not zero, where %s', (_where, prices, call) => {
    expect(costBy(prices)(call)).toBeNull();
  });

  test('an embedding needs no output', () => {
    const call = { ...used, kind: 'embedding' as const, outputTokens: null };
    expect(costBy([price()])(call)).toBeCloseTo(3);
  });
});

describe('of several prices', () => {
  const inDollars = (prices: SetPrice[]) => costBy(prices)({ ...used, outputTokens: 0 });

  test('one for the provider goes before one for any', () => {
    const own = price({ provider: 'acme', inputPerMillion: 7 });
    expect(inDollars([price(), own])).toBeCloseTo(7);
    expect(inDollars([own, price({ provider: 'other', inputPerMillion: 9 })])).toBeCloseTo(7);
  });

  test('a name in full goes before a beginning, a longer beginning before a shorter', () => {
    const short = price({ model: 'o*', inputPerMillion: 1 });
    const long = price({ model: 'orchid-*', inputPerMillion: 2 });
    expect(inDollars([short, long])).toBeCloseTo(2);
    expect(inDollars([short, long, price()])).toBeCloseTo(3);
  });
});
