export type BudgetLimits = { perSecond: number; burst: number };

/** How many keys are told apart; beyond, those that asked longest ago are forgotten. */
const keysMax = 10_000;

/**
 * So many a second for each key, and a burst of them at first: a bucket that fills again. Within this process, and
 * bounded in memory.
 */
export class Budget {
  private readonly buckets = new Map<string, { left: number; atMs: number }>();
  private readonly limits: BudgetLimits;

  constructor(limits: BudgetLimits) {
    this.limits = limits;
  }

  /** Seconds until there is one again; 0 when there is. Takes none. */
  waitSeconds(key: string, nowMs: number): number {
    const { left } = this.bucketOf(key, nowMs);
    return left >= 1 ? 0 : Math.max(1, Math.ceil((1 - left) / this.limits.perSecond));
  }

  /** Takes one where there is one. Returns whether there was. */
  take(key: string, nowMs: number): boolean {
    const bucket = this.bucketOf(key, nowMs);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }

  private bucketOf(key: string, nowMs: number) {
    const { perSecond, burst } = this.limits;
    const bucket = this.buckets.get(key) ?? { left: burst, atMs: nowMs };
    const seconds = Math.max(0, nowMs - bucket.atMs) / 1000;
    bucket.left = Math.min(burst, bucket.left + seconds * perSecond);
    bucket.atMs = Math.max(bucket.atMs, nowMs);
    // Set anew, so that the map's order is that of asking.
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > keysMax && oldest !== undefined) this.buckets.delete(oldest);
    return bucket;
  }
}
