import { describe, expect, it } from 'vitest';
import { QuarantineBudget } from './quarantine-budget';
import { RateLimiter } from './rate-limit';

const admits = (limiter: RateLimiter, reporter: string, nowMs: number) => {
  try {
    limiter.admit(reporter, nowMs);
    return true;
  } catch {
    return false;
  }
};

describe('the rate limiter', () => {
  it('lets a reporter send its rate and a short peak, and makes it wait for what it took beyond', () => {
    const limiter = new RateLimiter({ itemsPerSecond: 100, bytesPerMinute: 60_000 });
    limiter.charge('a', 200, 0, 0);
    expect(admits(limiter, 'a', 0)).toBe(true);
    limiter.charge('a', 100, 0, 0);
    expect(admits(limiter, 'a', 0)).toBe(false);
    expect(admits(limiter, 'a', 900)).toBe(false);
    expect(admits(limiter, 'a', 1000)).toBe(true);
  });

  it('counts bytes as well as items, and each reporter by itself', () => {
    const limiter = new RateLimiter({ itemsPerSecond: 100, bytesPerMinute: 60_000 });
    limiter.charge('a', 1, 5_000, 0);
    expect(admits(limiter, 'a', 0)).toBe(false);
    expect(admits(limiter, 'b', 0)).toBe(true);
    expect(admits(limiter, 'a', 3_000)).toBe(true);
  });

  it('says after how many seconds to come back', () => {
    const limiter = new RateLimiter({ itemsPerSecond: 10, bytesPerMinute: 60_000 });
    limiter.charge('a', 75, 0, 0);
    expect(() => limiter.admit('a', 0)).toThrow(
      expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 6 }),
    );
  });

  it('does not refill for a clock that goes back', () => {
    const limiter = new RateLimiter({ itemsPerSecond: 10, bytesPerMinute: 60_000 });
    limiter.charge('a', 30, 0, 10_000);
    expect(admits(limiter, 'a', 5_000)).toBe(false);
  });
});

describe('the quarantine budget', () => {
  it('keeps so much of a reporter a day and no more, and begins anew the next day', () => {
    const budget = new QuarantineBudget(100);
    expect(budget.take('a', 60, 0)).toBe(true);
    expect(budget.take('a', 60, 0)).toBe(false);
    expect(budget.take('a', 40, 0)).toBe(true);
    expect(budget.take('b', 100, 0)).toBe(true);
    expect(budget.take('a', 100, 86_400_000)).toBe(true);
  });
});
