import { logEvent } from '@/lib/core/log';
import type { Pool } from '@/lib/db/pool';
import { forgetOrigins } from '@/lib/identities/external/project';
import { forgetDerived } from '@/lib/inventory/activity/project';
import {
  ensurePartitions,
  expireDays,
  forgetSeen,
  forgetStale,
  type RetentionDays,
} from '@/lib/log/retention';
import { forgetBehind } from '@/lib/people/behind/project';
import { forgetDefinitions } from '@/lib/resources/definitions/project';
import { forgetResources } from '@/lib/resources/project';
import { pause, repeat } from './repeat';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Leaves room for ingest, which writes to the same table. */
const betweenBatchesMs = 50;

/** What upkeep has to complain of; empty when all is well. */
export type Alarms = Set<'partitions' | 'retention'>;

/** Partitions ahead, retention behind, until asked to stop. Several workers may do this at once. */
export async function runUpkeep(
  pool: Pool,
  first: RetentionDays,
  alarms: Alarms,
  stop: AbortSignal,
): Promise<void> {
  await Promise.all([
    repeat(
      'partitions',
      stop,
      () => alarmed(alarms, 'partitions', () => ensurePartitions(pool)),
      minuteMs,
    ),
    repeat(
      'retention',
      stop,
      () => alarmed(alarms, 'retention', () => expire(pool, first)),
      minuteMs,
    ),
    repeat('forgetting', stop, async () => {
      await forgetStale(pool);
      while (!stop.aborted && (await forgetSeen(pool))) await pause(betweenBatchesMs, stop);
      return minuteMs;
    }),
  ]);
}

async function expire(pool: Pool, first: RetentionDays): Promise<void> {
  const dropped = await expireDays(pool, first);
  if (dropped > 0) logEvent('days_expired', { partitions: dropped });
  while (await forgetDerived(pool));
  while (await forgetBehind(pool));
  await forgetDefinitions(pool);
  while (await forgetOrigins(pool));
  while (await forgetResources(pool));
}

async function alarmed(
  alarms: Alarms,
  name: 'partitions' | 'retention',
  work: () => Promise<void>,
): Promise<number> {
  alarms.add(name);
  await work();
  alarms.delete(name);
  return hourMs;
}
