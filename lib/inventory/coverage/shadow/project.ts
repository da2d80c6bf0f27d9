import type { PoolClient } from '@/lib/db/pool';
import type { Batch } from '@/lib/log/projection';
import { crowdedOf, type NameHour, type Share } from './admit';

/** The batch's names that are to be told under one for all of their reporter's, and notes the room that others took. */
export async function listCrowded(
  client: PoolClient,
  { shard, after, through }: Batch,
): Promise<NameHour[]> {
  // By the clock of the log, which never goes back in a shard: a rebuild finds the same.
  await client.query(
    `DELETE FROM shadow_name_hour WHERE shard = $1 AND hour < date_bin('1 hour', $2, 'epoch')`,
    [shard, after.receivedAt],
  );
  const { rows: names } = await client.query<NameHour>(
    `WITH named AS MATERIALIZED (
       SELECT reporter, fingerprint, date_bin('1 hour', received_at, 'epoch') AS hour, min(position) AS first
       FROM interaction
       WHERE shard = $1 AND received_at BETWEEN $2 AND $4 AND identity IS NULL AND fingerprint IS NOT NULL
         AND (received_at, shard, position) > ($2, $1, $3) AND (received_at, shard, position) <= ($4, $1, $5)
       GROUP BY 1, 2, 3
     )
     SELECT n.reporter, n.fingerprint, n.hour FROM named n LEFT JOIN LATERAL (
       SELECT true AS known FROM shadow_actor s
       WHERE (s.fingerprint, s.shard, s.reporter) = (n.fingerprint, $1, n.reporter) LIMIT 1
     ) k ON true
     WHERE k.known IS NULL ORDER BY n.first`,
    [
      shard,
      after.receivedAt,
      after.position.toString(),
      through.receivedAt,
      through.position.toString(),
    ],
  );
  if (names.length === 0) return [];
  const { rows: taken } = await client.query<Share>(
    'SELECT reporter, hour, names FROM shadow_name_hour WHERE shard = $1',
    [shard],
  );
  const { crowded, shares } = crowdedOf(names, taken);
  await client.query(
    `INSERT INTO shadow_name_hour (shard, reporter, hour, names)
     SELECT $1, reporter, hour, names FROM unnest($2::uuid[], $3::timestamptz[], $4::int[]) AS s(reporter, hour, names)
     ON CONFLICT (shard, reporter, hour) DO UPDATE SET names = excluded.names`,
    [
      shard,
      shares.map(({ reporter }) => reporter),
      shares.map(({ hour }) => hour),
      shares.map(({ names }) => names),
    ],
  );
  return crowded;
}
