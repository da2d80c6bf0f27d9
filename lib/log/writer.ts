/**
 * The one way of telemetry into the log. Requests that arrive together are appended in one transaction with
 * contiguous positions, and each is answered only after its commit: acknowledged means stored, once.
 * The writer's connection holds the lease of its shard, so it alone appends there. When the connection is
 * lost, whatever was not acknowledged is refused (its sender repeats it and `seen` tells what had been
 * committed), and the shard is leased and its end read again before anything more is written.
 */
import { performance } from 'node:perf_hooks';
import type { Clock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import { copyIn } from '@/lib/db/copy-in';
import type { Connection } from '@/lib/db/pool';
import {
  AppendQueue,
  type AppendRequest,
  type PendingAppend,
  type QueueLimits,
} from './append-queue';
import { type BodyKey, createBodyKey } from './body-key';
import { judgeEntries, lookUpSeen } from './dedupe';
import { GroupEncoder, type RefusedSlot, type Slot } from './encode-group';
import { LatencyWindow } from './latency';
import type { AppendOutcome, PreparedEntry, RefusedItem } from './schema';
import { leaseShard, type ShardLease } from './shard-lease';

const ROWS_PER_GROUP = 4096;
const ATTEMPTS = 6;
const RECONNECT_MS = 200;
const DAY_MS = 86_400_000;
const PARTITION_DAYS_AHEAD = 3;

const DEFAULT_LIMITS: QueueLimits = { itemsMax: 65_536, bytesMax: 128 * 1024 * 1024 };

export type WriterFigures = {
  shard: number | null;
  queuedItems: number;
  storedTotal: number;
  duplicatesTotal: number;
  conflictingTotal: number;
  refusedTotal: number;
  ackP50Ms: number | null;
  ackP99Ms: number | null;
};

type WriterOptions = {
  /** A fresh connection of this process's role; the writer ends it. */
  connect(): Promise<Connection>;
  kek: KeyEncryptionKey;
  clock: Clock;
  limits?: QueueLimits;
};

type Session = { client: Connection; lease: ShardLease; key: BodyKey; partitionsUntilMs: number };

export class LogWriter {
  private readonly queue: AppendQueue;
  private readonly latency = new LatencyWindow();
  private readonly options: WriterOptions;
  private encoder = new GroupEncoder();
  private session: Session | null = null;
  private running: Promise<void> | null = null;
  private reopening: Promise<void> | null = null;
  private isClosing = false;
  /** After a repeat was met, groups are looked up before they are written, until one has none. */
  private looksUpFirst = false;
  private stored = 0;
  private duplicates = 0;
  private conflicting = 0;
  private refused = 0;

  constructor(options: WriterOptions) {
    this.options = options;
    this.queue = new AppendQueue(options.limits ?? DEFAULT_LIMITS);
  }

  /** Connects, leases a shard and makes a data key; throws when the database refuses. */
  async start(): Promise<void> {
    this.session = await this.openSession();
  }

  get isReady(): boolean {
    return this.session !== null && !this.isClosing;
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
      this.queue.push({ ...request, queuedAtMs: performance.now(), resolve, reject });
      this.running ??= this.run().finally(() => {
        this.running = null;
      });
    });
  }

  figures(): WriterFigures {
    return {
      shard: this.session?.lease.shard ?? null,
      queuedItems: this.queue.queuedItems,
      storedTotal: this.stored,
      duplicatesTotal: this.duplicates,
      conflictingTotal: this.conflicting,
      refusedTotal: this.refused,
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
    await this.session?.client.end();
    this.session = null;
  }

  private async run(): Promise<void> {
    // One turn of the event loop, so that what arrived together is written together.
    await new Promise(setImmediate);
    for (
      let group = this.queue.take(ROWS_PER_GROUP);
      group.length > 0;
      group = this.queue.take(ROWS_PER_GROUP)
    ) {
      await this.writeGroup(group);
    }
  }

  private async writeGroup(group: readonly PendingAppend[]): Promise<void> {
    try {
      const session = await this.usableSession();
      const outcomes = await this.store(session, group);
      const nowMs = performance.now();
      group.forEach((request, index) => {
        const outcome = outcomes[index] ?? NOTHING;
        this.stored += outcome.stored;
        this.duplicates += outcome.duplicates;
        this.conflicting += outcome.conflicting;
        this.refused += request.refused.length;
        this.latency.observe(nowMs - request.queuedAtMs);
        request.resolve(outcome);
      });
    } catch (error) {
      if (isDataRefused(error) && (await this.isolate(group))) return;
      logEvent('append_failed', { error, requests: group.length });
      if (!isDataRefused(error)) this.dropSession();
      const refusal = new AppError(
        'unavailable',
        'The log could not be written. Nothing of this request was acknowledged: send it again.',
        { retryAfterSeconds: 1, cause: error },
      );
      for (const request of group) request.reject(refusal);
    }
  }

  /**
   * The database would not take some value in this group. Each half is written by itself, until what it
   * refuses stands alone and goes to quarantine: no item is refused for its neighbour.
   */
  private async isolate(group: readonly PendingAppend[]): Promise<boolean> {
    if (group.length > 1) {
      for (const request of group) await this.writeGroup([request]);
      return true;
    }
    const [request] = group;
    if (request === undefined || request.entries.length === 0) return false;
    const middle = Math.ceil(request.entries.length / 2);
    const [first, second] = [request.entries.slice(0, middle), request.entries.slice(middle)];
    const lone = second.length === 0 ? first[0] : undefined;
    const parts: [PreparedEntry[], RefusedItem[]][] =
      lone === undefined
        ? [
            [first, request.refused],
            [second, []],
          ]
        : [[[], [...request.refused, storageRefused(lone)]]];
    const total = { ...NOTHING };
    try {
      // One after the other: there is one connection and one set of buffers.
      for (const [entries, refused] of parts) {
        const outcome = await new Promise<AppendOutcome>((resolve, reject) => {
          void this.writeGroup([{ ...request, entries, refused, resolve, reject }]);
        });
        total.stored += outcome.stored;
        total.duplicates += outcome.duplicates;
        total.conflicting += outcome.conflicting;
      }
      request.resolve(total);
    } catch (error) {
      request.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }

  /** Writes a group, looking for repeats and setting aside what the database will not take. */
  private async store(session: Session, group: readonly PendingAppend[]): Promise<AppendOutcome[]> {
    const refused: RefusedSlot[] = group.flatMap(({ reporter, refused: items }) =>
      items.map((item) => ({ reporter, item })),
    );
    const replayed = group.flatMap((request) => request.replayed ?? []);
    const entries = group.flatMap((request) => request.entries);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const known = this.looksUpFirst
        ? await lookUpSeen(session.client, entries)
        : new Map<string, string>();
      this.looksUpFirst = known.size > 0;
      const judged = judgeEntries(entries, known);
      const slots = judged.filter((slot): slot is Slot => slot !== 'duplicate');
      try {
        await this.write(session, slots, refused, replayed);
        let at = 0;
        return group.map(({ entries: { length } }) => {
          const own = judged.slice(at, at + length);
          at += length;
          return {
            stored: own.filter((slot) => slot !== 'duplicate').length,
            duplicates: own.filter((slot) => slot === 'duplicate').length,
            conflicting: own.filter((slot) => slot !== 'duplicate' && slot.isConflicting).length,
          };
        });
      } catch (error) {
        // 23505: a key is known already. 40P01: two gateways met over the same keys.
        const code = sqlState(error);
        if (code !== '23505' && code !== '40P01') throw error;
        this.looksUpFirst = true;
      }
    }
    throw new Error('The same items were stored by others again and again.');
  }

  private async write(
    session: Session,
    slots: readonly Slot[],
    refused: readonly RefusedSlot[],
    replayed: NonNullable<AppendRequest['replayed']>,
  ): Promise<void> {
    if (slots.length === 0 && refused.length === 0 && replayed.length === 0) return;
    const { lease } = session;
    const receivedAt = new Date(Math.max(this.options.clock().getTime(), lease.lastReceivedAtMs));
    await this.ensurePartitions(session, receivedAt);
    const { sql, data } = this.encoder.encode(
      slots,
      refused,
      { receivedAt, shard: lease.shard, firstPosition: lease.nextPosition },
      session.key,
    );
    try {
      const statements = [...replayed.map(replayStatement)];
      if (slots.length > 0)
        statements.push(
          headStatement(lease.shard, lease.nextPosition + BigInt(slots.length), receivedAt),
        );
      if (sql !== '') statements.push(sql);
      await copyIn(session.client, statements.join(';'), data);
    } catch (error) {
      // What the failed query left in the socket's queue must not be overwritten by the next group.
      this.encoder = new GroupEncoder();
      throw error;
    }
    lease.nextPosition += BigInt(slots.length);
    lease.lastReceivedAtMs = receivedAt.getTime();
  }

  private async ensurePartitions(session: Session, receivedAt: Date): Promise<void> {
    if (receivedAt.getTime() + DAY_MS < session.partitionsUntilMs) return;
    const last = new Date(receivedAt.getTime() + PARTITION_DAYS_AHEAD * DAY_MS);
    await session.client.query('SELECT ensure_partitions($1::date, $2::date)', [
      dayOf(receivedAt),
      dayOf(last),
    ]);
    session.partitionsUntilMs = Date.parse(dayOf(last)) + DAY_MS;
  }

  private async usableSession(): Promise<Session> {
    const { session } = this;
    if (session === null) throw new Error('The database connection is being made again.');
    if (session.key.isWorn())
      session.key = await createBodyKey(session.client, this.options.kek, this.options.clock());
    return session;
  }

  private async openSession(): Promise<Session> {
    const client = await this.options.connect();
    const now = this.options.clock();
    try {
      const lease = await leaseShard(client, 'telemetry', now);
      const key = await createBodyKey(client, this.options.kek, now);
      client.on('error', (error) => {
        logEvent('writer_connection_lost', { error });
        if (this.session?.client === client) this.reopen();
      });
      return { client, lease, key, partitionsUntilMs: 0 };
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  private dropSession(): void {
    const client = this.session?.client;
    this.session = null;
    client?.end().catch(() => undefined);
    if (client !== undefined) this.reopen();
  }

  /** Until this succeeds `admit` refuses, so nothing piles up while the database is away. */
  private reopen(): void {
    this.session = null;
    const retry = async () => {
      while (!this.isClosing && this.session === null) {
        try {
          this.session = await this.openSession();
        } catch (error) {
          logEvent('writer_reconnect_failed', { error });
          await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
        }
      }
    };
    this.reopening ??= retry().finally(() => {
      this.reopening = null;
    });
  }
}

const NOTHING: AppendOutcome = { stored: 0, duplicates: 0, conflicting: 0 };

/** SQLSTATE class 22, or a check that failed: this data will never be taken. */
function isDataRefused(error: unknown): boolean {
  const code = sqlState(error);
  return code?.startsWith('22') === true || code === '23514';
}

function storageRefused({ interaction, raw }: PreparedEntry): RefusedItem {
  const item = raw();
  return {
    signal: 'trace',
    reason: 'storage_refused',
    detail: `The database refused a value of the item ${JSON.stringify(interaction.name.slice(0, 80))}.`,
    bytes: item.length,
    raw: item,
  };
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** Moves the shard's head in the transaction that appends: readers and successors go by it. */
const headStatement = (shard: number, nextPosition: bigint, receivedAt: Date): string =>
  `UPDATE shard SET next_position = ${nextPosition}, last_received_at = '${receivedAt.toISOString()}' WHERE id = ${shard}`;

/** The id is this side's own, checked all the same, since a COPY query takes no parameters. */
function replayStatement({
  id,
  state,
}: {
  id: string;
  state: 'accepted' | 'refused_again';
}): string {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new RangeError('not a UUID');
  return `UPDATE quarantine SET replayed_at = now(), replay_state = '${state}' WHERE id = '${id}'`;
}

function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
