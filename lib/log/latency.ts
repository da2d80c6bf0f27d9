const BUCKETS = 64;
const GROWTH = 1.25;

/** Latencies in logarithmic buckets (1 ms to about 20 minutes, 12 % wide), forgotten a window at a time. */
export class LatencyWindow {
  private current = new Float64Array(BUCKETS);
  private previous = new Float64Array(BUCKETS);

  observe(ms: number): void {
    const bucket = Math.min(
      BUCKETS - 1,
      Math.max(0, Math.ceil(Math.log(Math.max(ms, 1)) / Math.log(GROWTH))),
    );
    this.current[bucket] = (this.current[bucket] ?? 0) + 1;
  }

  /** Starts a new window; figures are over this one and the one before. */
  turn(): void {
    this.previous = this.current;
    this.current = new Float64Array(BUCKETS);
  }

  /** The upper edge of the bucket that holds the quantile, in milliseconds; null without data. */
  quantileMs(quantile: number): number | null {
    const counts = Array.from(this.current, (count, index) => count + (this.previous[index] ?? 0));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return null;
    let seen = 0;
    for (const [index, count] of counts.entries()) {
      seen += count;
      if (seen >= total * quantile) return Math.round(GROWTH ** index * 10) / 10;
    }
    return null;
  }
}
