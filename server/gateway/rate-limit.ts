import { AppError } from '@/lib/core/errors';

export type RateLimits = { itemsPerSecond: number; bytesPerMinute: number };

/** What has not been used is kept for so long: short peaks pass, the rate holds. */
const BURST_SECONDS = 2;
const REPORTERS_MAX = 10_000;

type Bucket = { items: number; bytes: number; atMs: number };

/**
 * Per reporter: items a second and uncompressed bytes a minute. A request is let in while its reporter has
 * anything left and charged for what it really held, so that one large request makes the next ones wait.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();
  private readonly limits: RateLimits;

  constructor(limits: RateLimits) {
    this.limits = limits;
  }

  /** Throws `rate_limited`, with the seconds to wait, when the reporter has used up what it has. */
  admit(reporter: string, nowMs: number): void {
    const bucket = this.bucketOf(reporter, nowMs);
    const itemWait = -bucket.items / this.limits.itemsPerSecond;
    const byteWait = (-bucket.bytes / this.limits.bytesPerMinute) * 60;
    const waitSeconds = Math.max(itemWait, byteWait);
    if (waitSeconds <= 0) return;
    throw new AppError(
      'rate_limited',
      `This reporter sent more than ${itemWait >= byteWait ? `${this.limits.itemsPerSecond} items a second` : `${Math.round(this.limits.bytesPerMinute / 1024 / 1024)} MB a minute`}. Send this again after the time in Retry-After.`,
      { retryAfterSeconds: Math.max(1, Math.ceil(waitSeconds)) },
    );
  }

  charge(reporter: string, items: number, bytes: number, nowMs: number): void {
    const bucket = this.bucketOf(reporter, nowMs);
    bucket.items -= items;
    bucket.bytes -= bytes;
  }

  private bucketOf(reporter: string, nowMs: number): Bucket {
    const { itemsPerSecond, bytesPerMinute } = this.limits;
    const full = {
      items: itemsPerSecond * BURST_SECONDS,
      bytes: (bytesPerMinute / 60) * BURST_SECONDS,
    };
    let bucket = this.buckets.get(reporter);
    if (bucket === undefined) {
      // Forgetting someone refills their bucket, which costs less than remembering without bound.
      if (this.buckets.size >= REPORTERS_MAX) this.buckets.clear();
      bucket = { ...full, atMs: nowMs };
      this.buckets.set(reporter, bucket);
    }
    const seconds = Math.max(0, nowMs - bucket.atMs) / 1000;
    bucket.items = Math.min(full.items, bucket.items + seconds * itemsPerSecond);
    bucket.bytes = Math.min(full.bytes, bucket.bytes + (seconds * bytesPerMinute) / 60);
    bucket.atMs = nowMs;
    return bucket;
  }
}
