import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import type { Connection, Queryable } from '@/lib/db/pool';
import { readNetworks, readRegistryChanges } from '@/lib/identities/state/queries';
import { RegistryState } from '@/lib/identities/state/registry-state';

const POLL_MS = 100;
/** Whoever can stop the database must not keep a stopped agent alive: older than this, nothing is believed. */
const STALE_MS = 2_000;
const CATCH_UP_MS = 1_000;
const NETWORKS_EVERY_MS = 1_000;
const LISTEN_AGAIN_MS = 1_000;

type Options = {
  db: Queryable;
  connect: () => Promise<Connection>;
  /** Whether certificates of the development authority count; they do unless told. */
  believesDevelopment?: boolean;
};

/**
 * Keeps this gateway's registry new: reads what changed every 100 ms, and at once when a person stopped something. Reads
 * never run beside each other, so what is applied never goes back.
 */
export class RegistryWatch {
  readonly state: RegistryState;
  private readonly options: Options;
  private seen = '0';
  private freshAtMs = Number.NEGATIVE_INFINITY;
  private networksAtMs = Number.NEGATIVE_INFINITY;
  private underWay: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private listener: Connection | undefined;
  private listening: Promise<void> | undefined;
  private listenTimer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(options: Options) {
    this.options = options;
    this.state = new RegistryState(options);
  }

  async start(): Promise<void> {
    this.listening = this.listen();
    await Promise.all([this.refresh(), this.listening]);
    this.poll();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.listenTimer);
    await this.listening;
    await this.listener?.end().catch(() => undefined);
    await this.underWay?.catch(() => undefined);
  }

  /** Throws `unavailable` when too long nothing was heard of the database. */
  refuseIfStale(): void {
    if (!this.isStale()) return;
    throw new AppError(
      'unavailable',
      'Who you are cannot be checked just now. Send this again later.',
      { retryAfterSeconds: 1 },
    );
  }

  /** Asks the database once more when too long nothing was heard of it: perhaps it was this process that was busy. */
  async catchUp(): Promise<void> {
    if (!this.isStale()) return;
    const late = sleep(CATCH_UP_MS, undefined, { ref: false });
    await Promise.race([this.refresh().catch(() => undefined), late]);
  }

  private isStale(): boolean {
    return performance.now() - this.freshAtMs > STALE_MS;
  }

  /** Reads what was committed before this was called; calls at one moment share a read. */
  refresh(): Promise<void> {
    if (this.underWay === undefined) {
      this.underWay = this.read().finally(() => {
        this.underWay = undefined;
      });
      return this.underWay;
    }
    // The one under way may have begun too early.
    this.next ??= this.underWay
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.refresh();
      });
    return this.next;
  }

  private async read(): Promise<void> {
    const { db } = this.options;
    const startedMs = performance.now();
    const changes = await readRegistryChanges(db, this.seen);
    this.state.apply(changes);
    this.seen = changes.seen;
    if (startedMs - this.networksAtMs > NETWORKS_EVERY_MS) {
      this.state.applyNetworks(await readNetworks(db));
      this.networksAtMs = startedMs;
    }
    this.freshAtMs = startedMs;
  }

  private poll(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.refresh()
        .catch((error) => logEvent('registry_unreadable', { error }))
        .finally(() => this.poll());
    }, POLL_MS);
  }

  /** Without it all is known a poll later, so that it cannot be had is no reason not to start. Never throws. */
  private async listen(): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await this.options.connect();
      this.listener = connection;
      connection.on('notification', () => {
        this.networksAtMs = Number.NEGATIVE_INFINITY;
        this.refresh().catch((error) => logEvent('registry_unreadable', { error }));
      });
      connection.once('end', () => {
        if (this.listener === connection) this.listenAgain();
      });
      await connection.query('LISTEN registry');
    } catch (error) {
      logEvent('registry_not_listened', { error });
      this.listener = undefined;
      connection?.end().catch(() => undefined);
      this.listenAgain();
    }
  }

  /** One at a time, whatever tells that nothing is listened to. */
  private listenAgain(): void {
    if (this.isStopped || this.listenTimer !== undefined) return;
    this.listenTimer = setTimeout(() => {
      this.listenTimer = undefined;
      this.listening = this.listen();
    }, LISTEN_AGAIN_MS);
    this.listenTimer.unref();
  }
}
