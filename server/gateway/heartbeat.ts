import { newId } from '@/lib/core/ids';
import { logEvent } from '@/lib/core/log';
import { clearProcessStatus, writeProcessStatus } from '@/lib/log/process-status';
import { version } from '@/package.json';
import type { Gateway } from './gateway';

const HEARTBEAT_MS = 2000;
/** Latency figures are over this window and the one before. */
const LATENCY_WINDOW_MS = 30_000;

/** Tells every two seconds how this gateway does, and takes its row away at the end. */
export function startHeartbeat(gateway: Gateway): { stop(): Promise<void> } {
  const id = newId();
  const startedAt = new Date();
  let before = { atMs: Date.now(), stored: 0 };
  const beat = async () => {
    const {
      shard,
      queuedItems,
      storedTotal,
      duplicatesTotal,
      conflictingTotal,
      refusedTotal,
      ackP50Ms,
      ackP99Ms,
    } = gateway.writer.figures();
    const nowMs = Date.now();
    const itemsPerSecond =
      ((storedTotal - before.stored) * 1000) / Math.max(1, nowMs - before.atMs);
    before = { atMs: nowMs, stored: storedTotal };
    await writeProcessStatus(gateway.pool, {
      id,
      role: 'gateway',
      version,
      startedAt,
      figures: {
        itemsPerSecond: Math.round(itemsPerSecond),
        ackP50Ms,
        ackP99Ms,
        queuedItems,
        acceptedTotal: storedTotal,
        refusedTotal,
        duplicatesTotal,
        conflictingTotal,
        diskFreeMb: gateway.disk.freeMb,
        isDiskLow: gateway.disk.isLow,
        shard,
        rssMb: Math.round(process.memoryUsage.rss() / 1024 / 1024),
        node: process.version,
      },
    });
  };
  const safely = () => beat().catch((error) => logEvent('heartbeat_failed', { error }));
  void safely();
  const timer = setInterval(safely, HEARTBEAT_MS);
  const window = setInterval(() => gateway.writer.turnLatencyWindow(), LATENCY_WINDOW_MS);
  return {
    async stop() {
      clearInterval(timer);
      clearInterval(window);
      await clearProcessStatus(gateway.pool, id).catch(() => undefined);
    },
  };
}
