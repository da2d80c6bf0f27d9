import { AppError } from '@/lib/core/errors';

/** Bodies that are being read or worked on at once; more wait for their senders' next try. */
const IN_FLIGHT_BYTES_MAX = 256 * 1024 * 1024;

/** What one request holds of it, which is released once. */
export type Held = {
  /** To the true size once that is known. Throws `rate_limited` when it grows beyond what there is. */
  resize(bytes: number): void;
  release(): void;
};

/**
 * Counts the bytes that requests under way may hold, whatever carries them. A reporter may hold as much as it
 * leaves free, so that one fills half of it, two a third each, and a newcomer always finds as much as they have.
 */
export class InFlight {
  private readonly byReporter = new Map<string, number>();
  private bytes = 0;

  /** Throws `rate_limited` when there is no room. */
  hold(reporter: string, bytes: number): Held {
    let held = 0;
    const resize = (to: number) => {
      const own = this.byReporter.get(reporter) ?? 0;
      const more = to - held;
      if (more > 0 && own + more > IN_FLIGHT_BYTES_MAX - this.bytes)
        throw new AppError(
          'rate_limited',
          'Too much is being received at once. Send this again after the time in Retry-After.',
          { retryAfterSeconds: 1 },
        );
      held = to;
      this.bytes += more;
      if (own + more > 0) this.byReporter.set(reporter, own + more);
      else this.byReporter.delete(reporter);
    };
    resize(bytes);
    return { resize, release: () => resize(0) };
  }
}
