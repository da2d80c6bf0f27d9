/**
 * The one way of telemetry into the log. Requests that arrive together are appended in one transaction with
 * contiguous positions, and each is answered only after its commit: acknowledged means stored, once.
 * While the database commits one group the next is encoded at the positions that follow it. The writer's
 * connection holds the lease of its shard, so it alone appends there. When the connection is lost, whatever was
 * not acknowledged is refused: its sender repeats it, and `seen` tells what had been committed.
 */
import { performance } from 'node:perf_hooks';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { copyIn } from '@/lib/db/copy-in';
import {
  AppendQueue,
  type AppendRequest,
  type PendingAppend,
  type QueueLimits,
} from './append-queue';
import { lookUpSeen } from './dedupe';
import { GroupEncoder } from './encode-group';
import { Group, NotEncodable } from './group';
import { LatencyWindow } from './latency';
import type { AppendOutcome, PreparedEntry, RefusedItem } from './schema';
import { sift } from './sift';
import { type SessionOptions, WriterSession } from './writer-session';

const ROWS_PER_GROUP = 4096;
const BYTES_PER_GROUP = 32 * 1024 * 1024;
const ATTEMPTS = 6;

const DEFAULT_LIMITS: QueueLimits = { itemsMax: 65_536, bytesMax: 128 * 1024 * 1024 };

type Session = NonNullable<WriterSession['current']>;

export class LogWriter {
  private readonly queue: AppendQueue;
  private readonly latency = new LatencyWindow();
  private readonly session: WriterSession;
  private readonly options: SessionOptions;
  private readonly freeEncoders: GroupEncoder[] = [];
  /** Being committed; the next group begins where it ends. */
  private writing: Group | null = null;
  /** Encoded ahead. */
  private next: Group | null = null;
  /** Could not be encoded ahead. */
  private readonly unencoded: PendingAppend[] = [];
  private running: Promise<void> | null = null;
  private isClosing = false;
  /** After a repeat was met, groups are looked up before they are encoded, until one has none. */
  private looksUpFirst = false;
  private readonly totals = { stored: 0, duplicates: 0, conflicting: 0, refused: 0 };

  constructor(options: SessionOptions & { limits?: QueueLimits }) {
    this.options = options;
    this.session = new WriterSession(options);
    this.queue = new AppendQueue(options.limits ?? DEFAULT_LIMITS);
  }

  /** Connects, leases a shard and makes a data key; throws when the database refuses. */
  async start(): Promise<void> {
    await this.session.start();
  }

  get isReady(): boolean {
    return this.session.current !== null && !this.isClosing;
  }

  /** Throws `rate_limited` or `unavailable` when this reporter's items would not be taken now. */
  admit(reporter: string): void {
    if (!this.isReady)
      throw new AppError(
        'unavailable',
        'The log cannot be written just now. Send this again later.',
        { retryAfterSeconds: 1 },
      );
    this.queue.admit(reporter);
  }

  /** Resolves after commit. Rejects with `unavailable` when it is unknown whether it was stored: repeat it. */
  append(request: AppendRequest): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      const pending: PendingAppend = {
        ...request,
        queuedAtMs: performance.now(),
        resolve: (outcome) => {
          this.queue.settle(request);
          resolve(outcome);
        },
        reject: (error) => {
          this.queue.settle(request);
          reject(error);
        },
      };
      this.queue.push(pending);
      if (this.writing !== null) this.encodeAhead();
      this.running ??= this.run();
    });
  }

  /** Totals are since the start; latencies over the current window and the one before. */
  figures() {
    const { stored, duplicates, conflicting, refused } = this.totals;
    return {
      shard: this.session.current?.lease.shard ?? null,
      queuedItems: this.queue.heldItems,
      storedTotal: stored,
      duplicatesTotal: duplicates,
      conflictingTotal: conflicting,
      refusedTotal: refused,
      ackP50Ms: this.latency.quantileMs(0.5),
      ackP99Ms: this.latency.quantileMs(0.99),
    };
  }

  turnLatencyWindow(): void {
    this.latency.turn();
  }

  /** Writes what was taken in, then gives the shard back. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.running;
    await this.session.close();
  }

  private async run(): Promise<void> {
    try {
      // One turn of the event loop, so that what arrived together is written together.
      await new Promise(setImmediate);
      for (;;) {
        this.encodeAhead();
        const group = this.next;
        this.next = null;
        const requests = group?.requests ?? this.takeUnencoded();
        if (requests.length === 0) return;
        await this.writeRequests(requests, group);
      }
    } finally {
      // Not later than the queue was seen empty: what is appended next starts the next run.
      this.running = null;
    }
  }

  private takeUnencoded(): PendingAppend[] {
    const requests = this.unencoded.splice(0);
    const bounds = { rowsMax: ROWS_PER_GROUP, bytesMax: BYTES_PER_GROUP, requestsMin: 1 };
    return requests.length > 0 ? requests : this.queue.take(bounds);
  }

  /** Fills the next group with what waits, in turns of the reporters. */
  private encodeAhead(): void {
    const session = this.session.current;
    if (session === null || this.looksUpFirst || this.unencoded.length > 0) return;
    for (;;) {
      const { rows, bytes } = this.next ?? { rows: 0, bytes: 0 };
      const requests = this.queue.take({
        rowsMax: ROWS_PER_GROUP - rows,
        bytesMax: BYTES_PER_GROUP - bytes,
        requestsMin: this.next === null ? 1 : 0,
      });
      if (requests.length === 0) return;
      const next = this.next ?? this.openGroup(session, new Map());
      this.next = next;
      try {
        for (const request of requests) next.add(request);
      } catch {
        // A group that is half encoded is not written: its requests are encoded anew, where errors are dealt with.
        const rest = requests.filter((request) => !next.requests.includes(request));
        this.unencoded.push(...next.requests, ...rest);
        this.next = null;
        return;
      }
    }
  }

  /** A group at the shard's end, behind what is being written. */
  private openGroup({ lease, key }: Session, known: Map<string, string>): Group {
    const before = this.writing;
    const receivedAtMs = Math.max(
      this.options.clock().getTime(),
      lease.lastReceivedAtMs,
      before?.receivedAt.getTime() ?? 0,
    );
    const place = {
      receivedAt: new Date(receivedAtMs),
      shard: lease.shard,
      firstPosition: lease.nextPosition + BigInt(before?.slots ?? 0),
    };
    return new Group(this.freeEncoders.pop() ?? new GroupEncoder(), { lease, key, place }, known);
  }

  private async writeRequests(
    requests: readonly PendingAppend[],
    ahead: Group | null,
  ): Promise<void> {
    try {
      const outcomes = await this.store(await this.session.usable(), requests, ahead);
      requests.forEach((request, index) => {
        this.settle(request, outcomes[index] ?? nothing());
      });
    } catch (error) {
      if (isDataRefused(error)) await this.isolate(requests, error);
      else this.refuse(requests, error);
    }
  }

  private settle(request: PendingAppend, outcome: AppendOutcome): void {
    this.totals.stored += outcome.stored;
    this.totals.duplicates += outcome.duplicates;
    this.totals.conflicting += outcome.conflicting;
    this.totals.refused += request.refused.length + outcome.refused.length;
    this.latency.observe(performance.now() - request.queuedAtMs);
    request.resolve(outcome);
  }

  private refuse(requests: readonly PendingAppend[], error: unknown): void {
    logEvent('append_failed', { error, requests: requests.length });
    if (!isDataRefused(error)) this.session.drop();
    const refusal = new AppError(
      'unavailable',
      'The log could not be written. Nothing of this request was acknowledged: send it again.',
      { retryAfterSeconds: 1, cause: error },
    );
    for (const request of requests) request.reject(refusal);
  }

  /** Writes requests as one group; when it meets what others stored, it is looked up and encoded again. */
  private async store(
    session: Session,
    requests: readonly PendingAppend[],
    ahead: Group | null,
  ): Promise<AppendOutcome[]> {
    let group = ahead?.fits(session.lease) ? ahead : null;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      group ??= await this.encode(session, requests);
      try {
        await this.write(session, group);
        return group.outcomes();
      } catch (error) {
        // 23505: a key is known already. 40P01: two gateways met over the same keys.
        const code = sqlState(error);
        if (code !== '23505' && code !== '40P01') throw error;
        this.looksUpFirst = true;
        group = null;
      }
    }
    throw new Error('The same items were stored by others again and again.');
  }

  private async encode(session: Session, requests: readonly PendingAppend[]): Promise<Group> {
    const entries = this.looksUpFirst ? requests.flatMap((request) => request.entries) : [];
    const known = entries.length > 0 ? await lookUpSeen(session.client, entries) : new Map();
    this.looksUpFirst = known.size > 0;
    const group = this.openGroup(session, known);
    for (const request of requests) group.add(request);
    return group;
  }

  private async write(session: Session, group: Group): Promise<void> {
    this.writing = group;
    try {
      await this.session.ensurePartitions(session, group.receivedAt);
      const query = group.finish();
      if (query !== null) await copyIn(session.client, query.sql, query.data);
    } finally {
      this.writing = null;
    }
    // Only now: what a failed query left in the socket's queue must not be overwritten.
    this.freeEncoders.push(group.encoder);
    session.lease.nextPosition += BigInt(group.slots);
    session.lease.lastReceivedAtMs = group.receivedAt.getTime();
  }

  /**
   * The database would not take some value in here. Requests are written one by one; of the one that holds it, what
   * is refused goes to quarantine and its neighbours are stored, all in one transaction: a sender is never told
   * to repeat what is there.
   */
  private async isolate(requests: readonly PendingAppend[], error: unknown): Promise<void> {
    if (requests.length > 1) {
      for (const request of requests) await this.writeRequests([request], null);
      return;
    }
    const [request] = requests;
    if (request === undefined || request.entries.length === 0) {
      this.refuse(requests, error);
      return;
    }
    try {
      const session = await this.session.usable();
      const { taken, refused } = await sift(request.entries, (part) =>
        this.isTaken(session, { ...request, entries: [...part], refused: [], replayed: [] }),
      );
      const items = refused.map(storageRefused);
      const [outcome] = await this.store(session, [without(request, taken, items)], null);
      this.settle(request, { ...(outcome ?? nothing()), refused: items });
    } catch (thrown) {
      this.refuse(requests, thrown);
    }
  }

  /** Whether the database takes this: it is written, and taken back. */
  private async isTaken(session: Session, request: PendingAppend): Promise<boolean> {
    const group = this.openGroup(session, await lookUpSeen(session.client, request.entries));
    try {
      group.add(request);
      const query = group.finish();
      if (query !== null) await copyIn(session.client, `BEGIN;${query.sql};ROLLBACK`, query.data);
    } catch (error) {
      if (!isDataRefused(error)) throw error;
      await session.client.query('ROLLBACK');
      return false;
    }
    this.freeEncoders.push(group.encoder);
    return true;
  }
}

const nothing = (): AppendOutcome => ({ stored: 0, duplicates: 0, conflicting: 0, refused: [] });

/** A request without what was refused of it. What is replayed lies in quarantine already, and stays there. */
function without(
  request: PendingAppend,
  entries: PreparedEntry[],
  items: readonly RefusedItem[],
): PendingAppend {
  const { replayed } = request;
  if (replayed === undefined)
    return { ...request, entries, refused: [...request.refused, ...items] };
  return {
    ...request,
    entries,
    replayed: replayed.map(({ id }) => ({ id, state: 'refused_again' })),
  };
}

function storageRefused(entry: PreparedEntry): RefusedItem {
  const item = entry.raw();
  const isInteraction = 'interaction' in entry;
  const { name } = isInteraction ? entry.interaction : entry.measurement;
  return {
    signal: isInteraction ? entry.interaction.signal : 'metric',
    reason: 'storage_refused',
    detail: `The database refused a value of the item ${JSON.stringify(name.slice(0, 80))}.`,
    bytes: item?.length ?? 0,
    raw: item,
  };
}

/** Not encodable, SQLSTATE class 22, or a check that failed: this data will never be taken. */
function isDataRefused(error: unknown): boolean {
  if (error instanceof NotEncodable) return true;
  const code = sqlState(error);
  return code?.startsWith('22') === true || code === '23514';
}

function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
