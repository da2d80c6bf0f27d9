import type { BlockList } from 'node:net';
import type { ReadScope } from '@/lib/auth/scope';
import { type Clock, systemClock } from '@/lib/core/clock';
import { type Config, gatewayUrl } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { parseNetworks } from '@/lib/core/network';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import { createConnection, createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { refuseUnfit } from '@/lib/db/schema-version';
import type { ReporterRights } from '@/lib/identities/attribute';
import { hasDevelopmentCa } from '@/lib/identities/development-ca/schema';
import type { SignedMessage } from '@/lib/identities/external/schema';
import { type Verified, verifySigned } from '@/lib/identities/external/verify';
import { IssuerKeys } from '@/lib/identities/proofs/issuer-keys';
import { TokenProver } from '@/lib/identities/proofs/token';
import { appendControl } from '@/lib/log/append-control';
import { LogWriter } from '@/lib/log/writer';
import { ApiKeys } from './api/api-keys';
import { Authenticator } from './authenticate';
import { DiskWatch } from './disk';
import { createOneByOne } from './enrolment/one-by-one';
import { InFlight } from './in-flight';
import { createMetrics, type Metrics } from './metrics';
import type { PipelineContext } from './pipeline';
import { QuarantineBudget } from './quarantine-budget';
import { RateLimiter } from './rate-limit';
import { Refusals } from './refusals';
import { RegistryWatch } from './registry-watch';
import { GatewaySettings } from './settings';

const QUARANTINE_BYTES_PER_DAY = 64 * 1024 * 1024;

/** Everything one gateway process works with. */
export type Gateway = {
  config: Config;
  clock: Clock;
  /** Whose word is taken for whence a request came, and which certificate it showed. */
  proxies: BlockList;
  pool: Pool;
  writer: LogWriter;
  /** What it knows of the registry. */
  registry: RegistryWatch;
  authenticator: Authenticator;
  apiKeys: ApiKeys;
  /** For the management API alone: what machines ask must not hold up what agents send. */
  apiPool: Pool;
  /** Whether an external API signed a message. */
  verifySigned(
    asked: { scope: ReadScope; now: Date },
    id: string,
    message: SignedMessage,
  ): Promise<Verified>;
  /** What it changes of records: proposals, enrolments, and what is stopped. */
  records: PrismaClient;
  limiter: RateLimiter;
  inFlight: InFlight;
  settings: GatewaySettings;
  disk: DiskWatch;
  metrics: Metrics;
  contextFor(reporter: ReporterRights, now: Date): PipelineContext;
  /** Throws `unavailable` while the disk is too full to take telemetry in. */
  refuseWhileFull(): void;
  close(): Promise<void>;
};

/** Connects, leases a shard and reads the registry. Throws when the database, or this login, is not fit. */
export async function openGateway(
  config: Config,
  databaseUrl: string,
  kek: KeyEncryptionKey,
): Promise<Gateway> {
  const clock = systemClock;
  const pool = createPool(databaseUrl, { applicationName: 'gateway' });
  await refuseUnfit(pool);
  const apiPool = createPool(databaseUrl, {
    applicationName: 'gateway-api',
    max: 4,
    statementTimeoutMs: 5_000,
  });
  const records = createPrisma(databaseUrl, { applicationName: 'gateway-records', max: 3 });
  const writer = new LogWriter({
    connect: async () => {
      const connection = createConnection(databaseUrl, { applicationName: 'gateway-writer' });
      await connection.connect();
      return connection;
    },
    kek,
    clock,
  });
  // Its own: whatever strangers make others wait for, this waits for nothing but the database.
  const registryPool = createPool(databaseUrl, {
    applicationName: 'gateway-registry-poll',
    max: 1,
  });
  const registry = new RegistryWatch({
    db: registryPool,
    believesDevelopment: hasDevelopmentCa(config),
    connect: async () => {
      const connection = createConnection(databaseUrl, { applicationName: 'gateway-registry' });
      await connection.connect();
      return connection;
    },
  });
  const tokens = new TokenProver({
    keys: new IssuerKeys({ networks: parseNetworks(config.FEDERATION_NETWORKS) }),
    audience: gatewayUrl(config),
  });
  const metrics = createMetrics(writer);
  const oneByOne = createOneByOne();
  const refusals = new Refusals({
    append: (facts) => oneByOne(() => appendControl(pool, 'authentication_refused', facts)),
    count: (reason) => metrics.authenticationsRefused.inc({ reason }),
  });
  const settings = new GatewaySettings(pool, config.CONTENT);
  const disk = new DiskWatch(config.DATA_DIR, config.DISK_MIN_MB);
  const quarantined = new QuarantineBudget(QUARANTINE_BYTES_PER_DAY);
  const pepper = kek.derive('content digest').toString('base64');
  const seriesKey = kek.derive('metric series').toString('base64');
  await Promise.all([writer.start(), registry.start(), settings.start(), disk.check()]);
  refusals.start();
  return {
    config,
    clock,
    proxies: parseNetworks(config.TRUSTED_PROXIES),
    pool,
    writer,
    registry,
    authenticator: new Authenticator({ db: pool, watch: registry, tokens, refusals }),
    apiKeys: new ApiKeys(apiPool, refusals),
    apiPool,
    records,
    verifySigned: (asked, id, message) => verifySigned({ ...asked, db: records, kek }, id, message),
    limiter: new RateLimiter({
      itemsPerSecond: config.INGEST_ITEMS_PER_SECOND,
      bytesPerMinute: config.INGEST_MB_PER_MINUTE * 1024 * 1024,
    }),
    inFlight: new InFlight(),
    settings,
    disk,
    metrics,
    contextFor: (reporter, now) => ({
      reporter,
      byName: registry.state.byName,
      costOf: settings.costOf,
      contentPolicy: settings.contentPolicy,
      pepper,
      seriesKey,
      nowMs: now.getTime(),
      mayKeep: (bytes) => quarantined.take(reporter.id, bytes, now.getTime()),
    }),
    refuseWhileFull() {
      if (!disk.isLow) return;
      throw new AppError(
        'unavailable',
        `Less than ${config.DISK_MIN_MB} MB of disk are free, so no telemetry is taken in. Decisions go on.`,
        { retryAfterSeconds: 30 },
      );
    },
    async close() {
      settings.stop();
      disk.stop();
      await refusals.stop();
      await registry.stop();
      await writer.close();
      await Promise.all([pool, registryPool, apiPool].map((each) => each.end()));
      await records.$disconnect();
    },
  };
}
