import { systemClock } from '@/lib/core/clock';
import { logEvent } from '@/lib/core/log';
import type { Pool } from '@/lib/db/pool';
import { settleOrigins } from '@/lib/identities/external/origin/settle';
import { disbelieved, type Looking, lookAt } from '@/lib/identities/external/probe/look';
import { claimProbes, type DueProbe, keepProbes } from '@/lib/identities/external/probe/queries';
import { repeat } from './repeat';

const pollMs = 2_000;
const settleMs = 5_000;
const apisAtOnce = 4;
const hostsAtOnce = 4;

/** Asks the hosts of external APIs when they are due, until asked to stop. Several workers may do this at once. */
export async function runProbing(pool: Pool, looking: Looking, stop: AbortSignal): Promise<void> {
  await repeat('asking external APIs', stop, async () => {
    const due = await claimProbes(pool, apisAtOnce, systemClock());
    await Promise.all(due.map((each) => probe(pool, each, looking)));
    return due.length === apisAtOnce ? 0 : pollMs;
  });
}

/** Settles what is known of their origins. */
export const runSettling = (pool: Pool, stop: AbortSignal): Promise<void> =>
  repeat('settling origins', stop, async () => {
    await settleOrigins(pool, systemClock());
    return settleMs;
  });

export async function probe(
  pool: Pool,
  { id, hosts, pins, authority, isDisbelieved }: DueProbe,
  looking: Looking,
): Promise<void> {
  const waiting = [...hosts];
  const work = async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      const looked = isDisbelieved ? disbelieved : await lookAt(host, { authority, pins }, looking);
      await keepProbes(pool, id, [{ host, ...looked, probedAt: systemClock() }]);
    }
  };
  try {
    await Promise.all(Array.from({ length: hostsAtOnce }, work));
    if (hosts.length === 0) await keepProbes(pool, id, []);
  } catch (error) {
    logEvent('external_api_not_asked', { identity: id, error });
  }
}
