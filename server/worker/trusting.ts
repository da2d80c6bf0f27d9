import { systemClock } from '@/lib/core/clock';
import { logEvent } from '@/lib/core/log';
import type { Pool } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';
import { applyTrustRules } from '@/lib/identities/trust/mutations';
import { readTrustMark } from '@/lib/identities/trust/queries';
import { repeat } from './repeat';

const lookMs = 10_000;
const hourMs = 3_600_000;

/**
 * Raises and lowers trust: soon after something changed that it goes by, and hourly, since time passes and secrets are
 * used. Several workers may do this at once.
 */
export async function runTrusting(db: PrismaClient, pool: Pool, stop: AbortSignal): Promise<void> {
  let last = { mark: '', atMs: 0 };
  await repeat('trust', stop, async () => {
    const now = systemClock();
    const mark = await readTrustMark(db);
    if (mark === last.mark && now.getTime() - last.atMs < hourMs) return lookMs;
    const moved = await applyTrustRules(db, pool, now, stop);
    if (moved > 0) logEvent('trust_moved', { identities: moved });
    last = { mark, atMs: now.getTime() };
    return lookMs;
  });
}
