import { AppError } from '@/lib/core/errors';

/** Reads at once; one connection more than this is there, so that keys can always be checked. */
const atOnceMax = 3;
const atOncePerKey = 2;

/** Reads take time at the database, so only a few go on at once, and one key never has them all. */
export class Seats {
  private readonly byKey = new Map<string, number>();
  private taken = 0;

  /** Returns what leaves the seat again. Throws `rate_limited` when there is none. */
  take(key: string): () => void {
    const own = this.byKey.get(key) ?? 0;
    if (own >= atOncePerKey || this.taken >= atOnceMax)
      throw new AppError(
        'rate_limited',
        `${own >= atOncePerKey ? `This key has ${atOncePerKey} requests under way` : 'Too many requests are under way'}. Send this again after the time in Retry-After.`,
        { retryAfterSeconds: 1 },
      );
    this.taken += 1;
    this.byKey.set(key, own + 1);
    return () => {
      this.taken -= 1;
      const left = (this.byKey.get(key) ?? 1) - 1;
      if (left === 0) this.byKey.delete(key);
      else this.byKey.set(key, left);
    };
  }
}
