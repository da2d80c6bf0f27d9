export type BudgetLimits = { perSecond: number; burst: number };

const keysMax = 10_000;

/** So many a second for each key, and a burst of them at first: a bucket that fills again. Bounded in memory. */
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
    let bucket = this.buckets.get(key);
    if (bucket === undefined) {
      // Forgetting some refills theirs, which costs less than remembering without bound.
      if (this.buckets.size >= keysMax) this.buckets.clear();
      bucket = { left: burst, atMs: nowMs };
      this.buckets.set(key, bucket);
    }
    const seconds = Math.max(0, nowMs - bucket.atMs) / 1000;
    bucket.left = Math.min(burst, bucket.left + seconds * perSecond);
    bucket.atMs = Math.max(bucket.atMs, nowMs);
    return bucket;
  }
}
