import { newId } from '@/lib/core/ids';
import type { Pool } from '@/lib/db/pool';
import { clearProcessStatus, writeProcessStatus } from '@/lib/log/process-status';
import { projections } from '@/lib/log/project';
import { type Lag, listLags } from '@/lib/log/projection';
import { version } from '@/package.json';
import type { Projecting } from './projecting';
import { repeat } from './repeat';
import type { Alarms } from './upkeep';

const beatMs = 2_000;

/** Tells every two seconds how far the projections are, and goes quietly at the end. */
export async function runHeartbeat(
  pool: Pool,
  startedAt: Date,
  { projecting, alarms }: { projecting: Projecting; alarms: Alarms },
  stop: AbortSignal,
): Promise<void> {
  const id = newId(startedAt.getTime());
  await repeat('heartbeat', stop, async () => {
    const lags = await listLags(pool, projections);
    const figures = {
      ...figuresOf(lags, Date.now()),
      standby: projecting.running.size === 0,
      failing: [...projecting.failing.values()],
      alarms: [...alarms],
    };
    await writeProcessStatus(pool, { id, role: 'worker', version, startedAt, figures });
    return beatMs;
  });
  await clearProcessStatus(pool, id).catch(() => undefined);
}

export function figuresOf(lags: readonly Lag[], nowMs: number) {
  const perShard = lags.map(({ projection, shard, entries, oldestAt }) => ({
    name: projection,
    shard,
    lagEntries: entries,
    lagMs: oldestAt === null ? 0 : Math.max(0, nowMs - oldestAt.getTime()),
  }));
  return {
    lagMs: Math.max(0, ...perShard.map(({ lagMs }) => lagMs)),
    projections: perShard,
    rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
  };
}
