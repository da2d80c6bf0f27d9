import type { Clock } from '@/lib/core/clock';
import { logEvent } from '@/lib/core/log';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import type { Connection } from '@/lib/db/pool';
import { type BodyKey, createBodyKey } from './body-key';
import { leaseShard, type ShardLease } from './shard-lease';

const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 2000;
const DAY_MS = 86_400_000;
const PARTITION_DAYS_AHEAD = 3;

export type SessionOptions = {
  /** A fresh connection of this process's role; the session ends it. */
  connect(): Promise<Connection>;
  kek: KeyEncryptionKey;
  clock: Clock;
};

type Session = { client: Connection; lease: ShardLease; key: BodyKey; partitionsUntilMs: number };

/**
 * The writer's connection with the shard it holds the lease of and the key it seals with. When the connection
 * is lost, another one is made, and the shard leased and its end read anew.
 */
export class WriterSession {
  current: Session | null = null;
  private readonly options: SessionOptions;
  private reopening: Promise<void> | null = null;
  private isClosed = false;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  /** Connects, leases a shard and makes a data key; throws when the database refuses. */
  async start(): Promise<void> {
    this.current = await this.open();
  }

  /** Throws while there is no connection. */
  async usable(): Promise<Session> {
    const { current, options } = this;
    if (current === null) throw new Error('The database connection is being made again.');
    if (current.key.isWorn())
      current.key = await createBodyKey(current.client, options.kek, options.clock());
    return current;
  }

  /** Gives the connection up and makes another one, which is not waited for. */
  drop(): void {
    const client = this.current?.client;
    this.current = null;
    client?.end().catch(() => undefined);
    if (client !== undefined) this.reopen();
  }

  async ensurePartitions(session: Session, receivedAt: Date): Promise<void> {
    if (receivedAt.getTime() + DAY_MS < session.partitionsUntilMs) return;
    const last = dayOf(new Date(receivedAt.getTime() + PARTITION_DAYS_AHEAD * DAY_MS));
    await session.client.query('SELECT ensure_partitions($1::date, $2::date)', [
      dayOf(receivedAt),
      last,
    ]);
    session.partitionsUntilMs = Date.parse(last) + DAY_MS;
  }

  /** Gives the shard back. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.reopening;
    await this.current?.client.end();
    this.current = null;
  }

  private async open(): Promise<Session> {
    const client = await this.options.connect();
    const now = this.options.clock();
    try {
      const lease = await leaseShard(client, 'telemetry', now);
      const key = await createBodyKey(client, this.options.kek, now);
      client.on('error', (error) => {
        logEvent('writer_connection_lost', { error });
        if (this.current?.client === client) this.reopen();
      });
      return { client, lease, key, partitionsUntilMs: 0 };
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  private reopen(): void {
    this.current = null;
    const retry = async () => {
      let waitMs = RECONNECT_MS_MIN;
      while (!this.isClosed && this.current === null) {
        try {
          this.current = await this.open();
        } catch (error) {
          logEvent('writer_reconnect_failed', { error });
          await new Promise((resolve) => setTimeout(resolve, waitMs));
          waitMs = Math.min(waitMs * 2, RECONNECT_MS_MAX);
        }
      }
    };
    this.reopening ??= retry().finally(() => {
      this.reopening = null;
    });
  }
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
