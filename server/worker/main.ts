import { config } from '@/lib/core/config';
import { logEvent } from '@/lib/core/log';
import { parseNetworks } from '@/lib/core/network';
import { contentKey } from '@/lib/core/secrets';
import { createPool, databaseUrl } from '@/lib/db/pool';
import { createPrisma } from '@/lib/db/prisma';
import { refuseUnfit } from '@/lib/db/schema-version';
import { projections } from '@/lib/log/project';
import { runDelivering } from './delivering';
import { runHeartbeat } from './heartbeat';
import { runProbing, runSettling } from './probing';
import { type Projecting, runProjecting } from './projecting';
import { parseArguments } from './roles';
import { stopSignal } from './stop';
import { runTrusting } from './trusting';
import { type Alarms, runUpkeep } from './upkeep';

/** One for each projection; partitions, status, origins, asking, and two for what is slow. */
const connectionsMax = projections.length + 6;
/** A batch of a large backlog may take longer than a page's query. */
const statementTimeoutMs = 120_000;
const deliveryConnectionsMax = 4;
const recordConnectionsMax = 2;

async function main(): Promise<void> {
  const startedAt = new Date();
  const { roles, rebuild } = parseArguments(
    process.argv.slice(2),
    projections.map(({ name }) => name),
  );
  const settings = config();
  const { RETENTION_BODY_DAYS, RETENTION_FACTS_DAYS, SMTP_URL, SMTP_FROM } = settings;
  const delivers = roles.includes('delivery');
  if (delivers && SMTP_FROM !== undefined && SMTP_URL === undefined)
    throw new Error('SMTP_FROM is set and SMTP_URL is not: set both, or neither for no e-mail.');
  const pool = createPool(databaseUrl(), {
    applicationName: 'worker',
    max: connectionsMax,
    statementTimeoutMs,
  });
  await refuseUnfit(pool);
  // A key that is missing is said at the start, and not by a projection that stands still.
  if (delivers || roles.includes('projections')) contentKey();

  const stop = stopSignal();
  const projecting: Projecting = { running: new Set(), failing: new Map() };
  const alarms: Alarms = new Set();
  const jobs = [runHeartbeat(pool, startedAt, { projecting, alarms }, stop)];
  if (roles.includes('projections')) {
    jobs.push(runProjecting(pool, rebuild, projecting, stop));
    jobs.push(runSettling(pool, stop));
    jobs.push(
      runUpkeep(pool, { bodies: RETENTION_BODY_DAYS, facts: RETENTION_FACTS_DAYS }, alarms, stop),
    );
  }
  const records = roles.includes('projections')
    ? createPrisma(databaseUrl(), { applicationName: 'worker', max: recordConnectionsMax })
    : undefined;
  if (records !== undefined) jobs.push(runTrusting(records, pool, stop));
  const db = delivers
    ? createPrisma(databaseUrl(), { applicationName: 'worker', max: deliveryConnectionsMax })
    : undefined;
  if (delivers)
    jobs.push(runProbing(pool, { networks: parseNetworks(settings.WEBHOOK_NETWORKS) }, stop));
  if (db !== undefined) jobs.push(runDelivering({ db, content: contentKey(), settings }, stop));
  logEvent('worker_started', { roles });
  await Promise.all(jobs);
  await Promise.all([db?.$disconnect(), records?.$disconnect()]);
  await pool.end();
  logEvent('worker_stopped');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    logEvent('worker_refused_to_start', { error });
    process.exit(1);
  },
);
