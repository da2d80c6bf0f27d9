import { AppError } from '@/lib/core/errors';
import type { AppendOutcome, PreparedEntry, RefusedItem } from './schema';

export type AppendRequest = {
  reporter: string;
  entries: PreparedEntry[];
  refused: RefusedItem[];
  /** Uncompressed bytes that this request keeps in memory. */
  bytes: number;
  /** Quarantine rows that this request settles when it commits. */
  replayed?: { id: string; state: 'accepted' | 'refused_again' }[];
};

export type PendingAppend = AppendRequest & {
  queuedAtMs: number;
  resolve(outcome: AppendOutcome): void;
  reject(error: Error): void;
};

export type QueueLimits = { itemsMax: number; bytesMax: number };

const itemsOf = ({ entries, refused }: AppendRequest) => entries.length + refused.length;

/**
 * Requests that wait for the writer, a queue for each reporter, taken in turns. When it fills up, whoever
 * has the longest queue is told to come back first; when it is full, everyone is.
 */
export class AppendQueue {
  private readonly byReporter = new Map<string, { items: number; requests: PendingAppend[] }>();
  private items = 0;
  private bytes = 0;
  private readonly limits: QueueLimits;

  constructor(limits: QueueLimits) {
    this.limits = limits;
  }

  get queuedItems(): number {
    return this.items;
  }

  /** Throws `rate_limited` when this reporter has to wait. To be asked before the work of decoding. */
  admit(reporter: string): void {
    const fill = Math.max(this.items / this.limits.itemsMax, this.bytes / this.limits.bytesMax);
    if (fill < 0.5) return;
    const own = this.byReporter.get(reporter)?.items ?? 0;
    const share = this.items / Math.max(1, this.byReporter.size);
    if (fill >= 1 || own > share) {
      throw new AppError(
        'rate_limited',
        'The log is behind. Send this again after the time in Retry-After.',
        { retryAfterSeconds: fill >= 1 ? 2 : 1 },
      );
    }
  }

  push(request: PendingAppend): void {
    let own = this.byReporter.get(request.reporter);
    if (own === undefined) {
      own = { items: 0, requests: [] };
      this.byReporter.set(request.reporter, own);
    }
    own.requests.push(request);
    own.items += itemsOf(request);
    this.items += itemsOf(request);
    this.bytes += request.bytes;
  }

  /** What is next: one request of each reporter in turn, up to `rowsMax` items, and `requestsMin` in any case. */
  take(rowsMax: number, requestsMin = 1): PendingAppend[] {
    const group: PendingAppend[] = [];
    let rows = 0;
    while (this.byReporter.size > 0) {
      for (const [reporter, own] of this.byReporter) {
        const next = own.requests[0];
        if (next === undefined) {
          this.byReporter.delete(reporter);
          continue;
        }
        if (group.length >= requestsMin && rows + itemsOf(next) > rowsMax) return group;
        own.requests.shift();
        own.items -= itemsOf(next);
        this.items -= itemsOf(next);
        this.bytes -= next.bytes;
        rows += itemsOf(next);
        group.push(next);
        // Re-inserted at the end, so that turns are kept between groups.
        this.byReporter.delete(reporter);
        if (own.requests.length > 0) this.byReporter.set(reporter, own);
      }
    }
    return group;
  }
}
