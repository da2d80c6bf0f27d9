import type { Pool, PoolClient } from '@/lib/db/pool';
import { appendControl } from '@/lib/log/append-control';
import { isWildcard } from '../host-name';
import { origins } from '../schema';
import { judgeOrigin, type OriginFact } from './judge';
import { findFact, listStandings, putFact, type Standings } from './queries';

/** What is written again only when it moves by more: each write wakes whoever reads facts. */
const sameUntilMs = 30 * 60_000;
/** Held while origins are settled, so that two workers write each change once. */
const settlingLock = 7_305_081;

/**
 * Writes down what is known of the origin of each external API, as a fact that policies read, and an entry where that
 * is another than before. Returns how many changed.
 */
export async function settleOrigins(pool: Pool, now: Date): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [settlingLock]);
    let changed = 0;
    for (const standings of await listStandings(client, now))
      if (await settle(client, standings, now)) changed += 1;
    await client.query('COMMIT');
    return changed;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function settle(client: PoolClient, standings: Standings, now: Date): Promise<boolean> {
  const { id, isInUse, ...standing } = standings;
  const known = await findFact(client, id);
  const before =
    known !== null && known.until > now
      ? (origins.find((each) => each === known.value) ?? null)
      : null;
  const hosts = standing.hosts.filter((host) => !isWildcard(host));
  const judged = isInUse ? judgeOrigin({ ...standing, hosts }, now) : null;
  const isOther = (judged?.origin ?? null) !== before;
  if (!isOther && (judged === null || known === null || !hasMoved(judged, known.until)))
    return false;
  await putFact(client, id, judged ?? { origin: before ?? 'unverified', until: now }, now);
  if (!isOther) return false;
  await appendControl(client, 'origin_changed', {
    by: 'projection:origin',
    identity: id,
    before,
    after: judged?.origin ?? null,
    ...(judged === null ? {} : { why: judged.why, until: judged.until.toISOString() }),
  });
  return true;
}

const hasMoved = ({ until }: OriginFact, known: Date): boolean =>
  Math.abs(until.getTime() - known.getTime()) > sameUntilMs;
