import type { ReadScope } from '@/lib/auth/scope';
import { config } from '@/lib/core/config';
import { pool, type Queryable } from '@/lib/db/pool';
import { countQuarantined } from '../quarantine/queries';
import { assessIngest, assessProjections } from './assess';
import {
  type Finding,
  GatewayFigures,
  type Health,
  type Instrument,
  type Process,
  WorkerFigures,
} from './schema';

/** A process that has said nothing for this long is taken for gone. */
const silentMs = 15_000;
const minutesShown = 60;

/** One reading of everything the health page shows. */
export async function getHealth(
  scope: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<Health> {
  const lastMinute = Math.floor(now.getTime() / 60_000) * 60_000;
  const from = new Date(lastMinute - (minutesShown - 1) * 60_000);
  const [processes, minutes, day, quarantined, server, settings] = await Promise.all([
    listProcesses(now, db),
    db.query<{ minute: Date; n: bigint }>(
      'SELECT minute, sum(interactions)::bigint AS n FROM arrival_minute WHERE minute >= $1 GROUP BY minute',
      [from],
    ),
    db.query<{ n: bigint }>(
      'SELECT coalesce(sum(interactions), 0)::bigint AS n FROM arrival_minute WHERE minute >= $1',
      [new Date(lastMinute - 24 * 3_600_000)],
    ),
    countQuarantined(scope, db),
    db.query<{ version: string; schema: string | null }>(
      `SELECT current_setting('server_version') AS version,
         (SELECT max(migration_name) FROM _prisma_migrations WHERE finished_at IS NOT NULL) AS schema`,
    ),
    db.query<{ content: string; retention_body_days: number; retention_facts_days: number }>(
      'SELECT content, retention_body_days, retention_facts_days FROM setting',
    ),
  ]);
  const counted = new Map(minutes.rows.map(({ minute, n }) => [minute.getTime(), Number(n)]));
  const first = config();
  const setting = settings.rows[0];
  const products = processes.map(({ version }) => version);
  return {
    at: now.toISOString(),
    processes,
    minutes: Array.from({ length: minutesShown }, (_, index) => {
      const at = new Date(from.getTime() + index * 60_000);
      return { at: at.toISOString(), interactions: counted.get(at.getTime()) ?? 0 };
    }),
    interactions24h: Number(day.rows[0]?.n ?? 0n),
    quarantined: quarantined.total,
    versions: {
      product: [...new Set(products)].join(', ') || 'unknown',
      postgres: server.rows[0]?.version ?? 'unknown',
      node: process.versions.node,
      schema: server.rows[0]?.schema ?? 'unknown',
    },
    settings: {
      content: setting?.content ?? first.CONTENT,
      retentionBodyDays: setting?.retention_body_days ?? first.RETENTION_BODY_DAYS,
      retentionFactsDays: setting?.retention_facts_days ?? first.RETENTION_FACTS_DAYS,
      diskMinMb: first.DISK_MIN_MB,
    },
  };
}

/** Whether telemetry is taken in, as every page says it. */
export async function getIngest(
  _scope: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<Finding> {
  const processes = await listProcesses(now, db);
  return assessIngest({ processes, settings: { diskMinMb: config().DISK_MIN_MB } });
}

/** Whether the instrument itself is healthy, in the few figures that stand beside others. */
export async function getInstrument(
  scope: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<Instrument> {
  const [processes, { total }] = await Promise.all([
    listProcesses(now, db),
    countQuarantined(scope, db),
  ]);
  const lags = processes.flatMap(({ worker, isSilent }) => (isSilent ? [] : (worker?.lagMs ?? [])));
  return {
    ingest: assessIngest({ processes, settings: { diskMinMb: config().DISK_MIN_MB } }),
    projections: assessProjections({ processes }),
    lagMs: lags.length === 0 ? null : Math.max(...lags),
    quarantined: total,
  };
}

async function listProcesses(now: Date, db: Queryable): Promise<Process[]> {
  const { rows } = await db.query<{
    id: string;
    role: string;
    version: string;
    started_at: Date;
    seen_at: Date;
    figures: unknown;
  }>(
    'SELECT id, role, version, started_at, seen_at, figures FROM process_status ORDER BY role, started_at LIMIT 100',
  );
  return rows.map((row) => ({
    id: row.id,
    role: row.role,
    version: row.version,
    startedAt: row.started_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    isSilent: now.getTime() - row.seen_at.getTime() > silentMs,
    gateway: row.role === 'gateway' ? GatewayFigures.parse(objectOf(row.figures)) : null,
    worker: row.role === 'worker' ? WorkerFigures.parse(objectOf(row.figures)) : null,
  }));
}

/** A row's figures are whatever its process wrote. */
const objectOf = (value: unknown): object =>
  typeof value === 'object' && value !== null ? value : {};
