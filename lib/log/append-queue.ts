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

/** What may be held at once, waiting or being written. */
export type QueueLimits = { itemsMax: number; bytesMax: number };

type Load = { items: number; bytes: number };

export const itemsOf = ({ entries, refused }: AppendRequest) => entries.length + refused.length;

/**
 * Requests on their way into the log, taken in turns of their reporters. A request counts from `push` until
 * `settle`. When there is much of it, whoever holds most is told to come back first; when full, everyone is.
 */
export class AppendQueue {
  private readonly waiting = new Map<string, PendingAppend[]>();
  private readonly loads = new Map<string, Load>();
  private readonly total: Load = { items: 0, bytes: 0 };
  private readonly limits: QueueLimits;

  constructor(limits: QueueLimits) {
    this.limits = limits;
  }

  /** Items that are not yet settled. */
  get heldItems(): number {
    return this.total.items;
  }

  /** Throws `rate_limited` when this reporter has to wait. To be asked before the work of decoding. */
  admit(reporter: string): void {
    const fill = this.fillOf(this.total);
    if (fill < 0.5) return;
    const own = this.loads.get(reporter);
    const share = fill / Math.max(1, this.loads.size);
    if (fill < 1 && (own === undefined || this.fillOf(own) <= share)) return;
    throw new AppError(
      'rate_limited',
      'The log is behind. Send this again after the time in Retry-After.',
      { retryAfterSeconds: fill >= 1 ? 2 : 1 },
    );
  }

  push(request: PendingAppend): void {
    const waiting = this.waiting.get(request.reporter);
    if (waiting === undefined) this.waiting.set(request.reporter, [request]);
    else waiting.push(request);
    let load = this.loads.get(request.reporter);
    if (load === undefined) {
      load = { items: 0, bytes: 0 };
      this.loads.set(request.reporter, load);
    }
    for (const one of [load, this.total]) {
      one.items += itemsOf(request);
      one.bytes += request.bytes;
    }
  }

  /** To be called once for each request that was pushed, when it has its answer. */
  settle(request: AppendRequest): void {
    const load = this.loads.get(request.reporter);
    for (const one of [load, this.total]) {
      if (one === undefined) continue;
      one.items -= itemsOf(request);
      one.bytes -= request.bytes;
    }
    if (load !== undefined && load.items <= 0 && load.bytes <= 0)
      this.loads.delete(request.reporter);
  }

  /** What is next: one request of each reporter in turn, up to these bounds, and `requestsMin` in any case. */
  take({
    rowsMax,
    bytesMax,
    requestsMin,
  }: {
    rowsMax: number;
    bytesMax: number;
    requestsMin: number;
  }): PendingAppend[] {
    const group: PendingAppend[] = [];
    let rows = 0;
    let bytes = 0;
    while (this.waiting.size > 0) {
      for (const [reporter, own] of this.waiting) {
        const next = own[0];
        if (next === undefined) {
          this.waiting.delete(reporter);
          continue;
        }
        const isTooMuch = rows + itemsOf(next) > rowsMax || bytes + next.bytes > bytesMax;
        if (isTooMuch && group.length >= requestsMin) return group;
        own.shift();
        rows += itemsOf(next);
        bytes += next.bytes;
        group.push(next);
        // Re-inserted at the end, so that turns are kept between groups.
        this.waiting.delete(reporter);
        if (own.length > 0) this.waiting.set(reporter, own);
      }
    }
    return group;
  }

  private fillOf({ items, bytes }: Load): number {
    return Math.max(items / this.limits.itemsMax, bytes / this.limits.bytesMax);
  }
}
