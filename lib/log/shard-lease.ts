import type { Connection } from '@/lib/db/pool';

/** Class of the advisory locks that lease shards; the second key is the shard's id. */
const LEASE_CLASS = 7305;
const SHARDS_MAX = 10_000;

export type ShardLease = { shard: number; nextPosition: bigint; lastReceivedAtMs: number };

/**
 * Leases a shard of this kind to the session of `client`, the first free one or a new one, and reads where
 * its tree ends. The lease ends with the session, so only one connection can ever append to a shard, and
 * positions can be counted in memory.
 */
export async function leaseShard(
  client: Connection,
  kind: 'telemetry' | 'decision',
  now: Date,
): Promise<ShardLease> {
  const known = await client.query<{ id: number }>(
    'SELECT id FROM shard WHERE kind = $1 ORDER BY id',
    [kind],
  );
  for (const { id } of known.rows) {
    if (await isLeased(client, id)) return await headOf(client, id);
  }
  for (let attempt = 0; attempt < SHARDS_MAX; attempt += 1) {
    const made = await client.query<{ id: number }>(
      `INSERT INTO shard (id, kind, created_at) SELECT coalesce(max(id), 0) + 1, $1, $2 FROM shard
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [kind, now],
    );
    const id = made.rows[0]?.id;
    if (id !== undefined && (await isLeased(client, id))) return await headOf(client, id);
  }
  throw new Error('No shard could be leased.');
}

async function isLeased(client: Connection, shard: number): Promise<boolean> {
  const { rows } = await client.query<{ leased: boolean }>(
    'SELECT pg_try_advisory_lock($1, $2) AS leased',
    [LEASE_CLASS, shard],
  );
  return rows[0]?.leased === true;
}

async function headOf(client: Connection, shard: number): Promise<ShardLease> {
  const { rows } = await client.query<{ next_position: bigint; last_received_at: Date | null }>(
    'SELECT next_position, last_received_at FROM shard WHERE id = $1',
    [shard],
  );
  const head = rows[0];
  if (head === undefined) throw new Error(`Shard ${shard} is gone.`);
  return {
    shard,
    nextPosition: head.next_position,
    lastReceivedAtMs: head.last_received_at?.getTime() ?? 0,
  };
}
