import type { Pool, PoolClient } from '@/lib/db/pool';

/** Days to keep while the organisation has not been set up; its settings govern after. */
export type RetentionDays = { bodies: number; facts: number };

const partitionDaysAhead = 7;
const seenHours = 48;
const seenBatch = 10_000;
const quarantineBatch = 1000;

/** First days kept, as the settings say, or `$1` and `$2` while there are none. */
const keptFrom = `SELECT today - least(bodies, facts) AS bodies, today - facts AS facts
  FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS utc,
    (SELECT coalesce(max(retention_body_days), $1) AS bodies, coalesce(max(retention_facts_days), $2) AS facts
     FROM setting) AS days`;

/** Makes the day partitions of today and a week ahead, so that a worker away for days stops no ingest. */
export async function ensurePartitions(pool: Pool): Promise<void> {
  await brieflyLocked(pool, async (client) => {
    await client.query(
      `SELECT ensure_partitions(today, today + $1::int) FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS utc`,
      [partitionDaysAhead],
    );
  });
}

/**
 * Drops the days whose bodies, or facts, are older than the settings say, and refused items as old as such
 * bodies. Returns how many partitions.
 */
export async function expireDays(pool: Pool, first: RetentionDays): Promise<number> {
  // Row by row and for as long as it takes, so not while partitions are locked.
  while (await expireQuarantined(pool, first));
  return await brieflyLocked(pool, async (client) => {
    const { rows } = await client.query<{ dropped: number }>(
      `SELECT expire_days(bodies, facts) AS dropped FROM (${keptFrom}) AS kept`,
      [first.bodies, first.facts],
    );
    return rows[0]?.dropped ?? 0;
  });
}

/** Deletes one batch of refused items. Returns whether there may be more. */
async function expireQuarantined(pool: Pool, first: RetentionDays): Promise<boolean> {
  const { rows } = await pool.query<{ removed: number }>(
    `SELECT expire_quarantined(bodies, $3) AS removed FROM (${keptFrom}) AS kept`,
    [first.bodies, first.facts, quarantineBatch],
  );
  return rows[0]?.removed === quarantineBatch;
}

/** Forgets one batch of dedupe keys older than 48 hours. Returns whether there may be more. */
export async function forgetSeen(pool: Pool): Promise<boolean> {
  const { rowCount } = await pool.query(
    `DELETE FROM seen WHERE key = ANY (ARRAY(
       SELECT key FROM seen WHERE received_at < now() - make_interval(hours => $1) ORDER BY received_at LIMIT $2))`,
    [seenHours, seenBatch],
  );
  return rowCount === seenBatch;
}

/**
 * Forgets processes that ended without saying so, wrong passwords that no longer slow anybody down, proofs that lapsed,
 * sign-ins of long ago, and what was looked
 * for in exports that nobody fetched within a minute, which may have to be erasable.
 */
export async function forgetStale(pool: Pool): Promise<void> {
  await pool.query(`DELETE FROM process_status WHERE seen_at < now() - interval '1 hour'`);
  await pool.query(`DELETE FROM throttle WHERE until < now() - interval '1 day'`);
  await pool.query('DELETE FROM used_proof WHERE until < now()');
  // What the log tells of them stays. A place is known for 90 days (lib/auth/tell.ts).
  await pool.query(`DELETE FROM sign_in WHERE expires_at < now() - interval '100 days'`);
  await pool.query(
    `UPDATE export_job SET state = 'expired', search = '', finished_at = now()
     WHERE state = 'queued' AND created_at < now() - interval '1 minute'`,
  );
  await pool.query(`DELETE FROM export_job WHERE finished_at < now() - interval '1 hour'`);
}

/**
 * Making or dropping a partition locks its parent, and whoever appends queues behind a lock that is waited
 * for. So the wait is short; the caller tries again later.
 */
async function brieflyLocked<Value>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Value>,
): Promise<Value> {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN; SET LOCAL lock_timeout = '2s'`);
    const value = await work(client);
    await client.query('COMMIT');
    client.release();
    return value;
  } catch (error) {
    // A connection in an unknown state is closed, which rolls back.
    client.release(true);
    throw error;
  }
}
