import { AppError } from '@/lib/core/errors';

/** Bodies that are being read or worked on at once; more wait for their senders' next try. */
const IN_FLIGHT_BYTES_MAX = 256 * 1024 * 1024;

/** What one request holds of it; may be told the true size once that is known, and is released once. */
export type Held = { resize(bytes: number): void; release(): void };

/** Counts the bytes that requests under way may hold, whatever carries them. */
export class InFlight {
  private bytes = 0;

  /** Throws `rate_limited` when there is no room. */
  hold(bytes: number): Held {
    if (this.bytes + bytes > IN_FLIGHT_BYTES_MAX)
      throw new AppError(
        'rate_limited',
        'Too much is being received at once. Send this again after the time in Retry-After.',
        { retryAfterSeconds: 1 },
      );
    let held = bytes;
    this.bytes += held;
    const resize = (to: number) => {
      this.bytes += to - held;
      held = to;
    };
    return { resize, release: () => resize(0) };
  }
}
