import type { Pool, PoolClient } from '@/lib/db/pool';
import { keptSince } from '@/lib/log/kept-since';
import type { Batch, Projection } from '@/lib/log/projection';
import { clearLinks, forgetLinks, linkBatch } from '../links/project';
import { areDaysStale, clearRollups, forgetRollups, minutesKept, rollUp } from '../rollups/project';
import { clearSessions, forgetSessions, gatherSessions } from '../sessions/project';
import { countingLock } from './batch';

/**
 * What happened, each call counted once: finds what tells of the same call, then counts by minute, hour, day and session.
 * The steps stand in this order in one transaction, since each needs what the one before found.
 */
export const activity: Projection = {
  name: 'activity',
  everyMs: 500,

  async apply(client, batch) {
    await client.query(`SELECT pg_advisory_xact_lock_shared(${countingLock})`);
    // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
    await client.query('SET LOCAL enable_seqscan = off');
    await client.query('SET LOCAL jit = off');
    const uncounted = await linkBatch(client, batch);
    await rollUp(client, batch, uncounted);
    await gatherSessions(client, batch, uncounted);
    await forget(client, batch);
    return undefined;
  },

  isStale: areDaysStale,

  async clear(client) {
    // Whoever erases meanwhile waits, as for a batch, instead of for rows in another order.
    await client.query(`SELECT pg_advisory_xact_lock_shared(${countingLock})`);
    const { arrival, floor } = await keptSince(client);
    await clearLinks(client);
    await clearRollups(client, floor);
    await clearSessions(client, arrival);
    return arrival;
  },
};

const memory = [
  ['call_id', 'received_at', '48 hours'],
  ['exchange_end', 'received_at', '15 minutes'],
  ['term_hour', 'hour', '49 hours'],
  ['rollup_minute', 'at', minutesKept],
] as const;

/** Forgets one batch of what was derived from facts that are no longer kept. Returns whether there may be more. */
export async function forgetDerived(pool: Pool): Promise<boolean> {
  const more = [await forgetSessions(pool), await forgetLinks(pool), await forgetRollups(pool)];
  return more.includes(true);
}

/**
 * Drops what no batch to come looks up. By the clock of the log, not of the machine: a rebuild reads what is
 * old, and must find what the first reading found. At most twice what a batch can bring.
 */
async function forget(client: PoolClient, batch: Batch): Promise<void> {
  for (const [table, column, keep] of memory) {
    await client.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT m.ctid FROM ${table} m WHERE m.${column} < least(
           (SELECT min(coalesce(c.received_at, 'epoch')) FROM shard s
              LEFT JOIN projection_cursor c ON c.projection = 'activity' AND c.shard = s.id
              WHERE s.kind <> 'control' AND s.next_position > coalesce(c.position, -1) + 1), $1) - interval '${keep}'
         ORDER BY m.${column} LIMIT $2))`,
      [batch.through.receivedAt, Math.max(1000, 2 * batch.entries)],
    );
  }
}
