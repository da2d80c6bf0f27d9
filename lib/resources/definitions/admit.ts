import type { PoolClient } from '@/lib/db/pool';
import { crowdedOf, type Share } from '@/lib/inventory/coverage/shadow/admit';
import type { Batch } from '@/lib/log/projection';
import { definitionLimits } from './schema';

const hoursKept = 48;

/** A definition that a reporter brought in an hour of arrival. */
type Brought = { id: string; resourceId: string; reporter: string; hour: Date };

/**
 * New definitions beyond a reporter's share of an hour. A resource that somebody registered, or of which a definition
 * was decided, has a small share of its own: no flood of other names hides that what was approved has changed, and none
 * of its own keeps whoever decides from having seen the newest.
 */
export async function leaveOut<Sighting extends Brought>(
  client: PoolClient,
  batch: Batch,
  sightings: readonly Sighting[],
): Promise<Set<Sighting>> {
  const { shard } = batch;
  await forgetHours(client, batch);
  const { rows: known } = await client.query<{ id: string }>(
    'SELECT id FROM resource_definition WHERE id = ANY ($1::uuid[])',
    [sightings.map(({ id }) => id)],
  );
  const knownIds = new Set(known.map(({ id }) => id));
  const fresh = sightings.filter(({ id }) => !knownIds.has(id));
  if (fresh.length === 0) return new Set();
  const { rows: watched } = await client.query<{ id: string }>(
    `SELECT d.resource_id AS id FROM resource_definition d
       WHERE d.resource_id = ANY ($1::uuid[]) AND d.state <> 'unapproved'
     UNION SELECT r.id FROM resource r WHERE r.id = ANY ($1::uuid[]) AND r.state <> 'observed'`,
    [fresh.map(({ resourceId }) => resourceId)],
  );
  const watchedIds = new Set(watched.map(({ id }) => id));
  const isWatched = ({ resourceId }: Sighting) => watchedIds.has(resourceId);
  const [changes, others] = [fresh.filter(isWatched), fresh.filter((one) => !isWatched(one))];
  const out = [
    ...(await crowdedChanges(client, shard, changes)),
    ...(await crowdedOthers(client, shard, others)),
  ];
  await noteHours(
    client,
    shard,
    out.map(({ reporter, hour }) => ({ reporter, hour, names: 0, leftOut: 1 })),
  );
  return new Set(out);
}

/** By the clock of the log, which never goes back in a shard: a rebuild finds the same. */
async function forgetHours(client: PoolClient, { shard, after }: Batch): Promise<void> {
  const isOld = `shard = $1 AND hour < date_bin('1 hour', $2, 'epoch') - interval '${hoursKept} hours'`;
  const values = [shard, after.receivedAt];
  await client.query(`DELETE FROM resource_definition_hour WHERE ${isOld}`, values);
  await client.query(`DELETE FROM resource_definition_change WHERE ${isOld}`, values);
}

/** Which find no room, and what the rest comes to. `keyOf` says whose share each is of. */
function judge<Sighting extends Brought>(
  sightings: readonly Sighting[],
  taken: readonly Share[],
  { keyOf, max }: { keyOf: (sighting: Sighting) => string; max: number },
): { out: Sighting[]; shares: Share[] } {
  const named = sightings.map((sighting) => ({
    reporter: keyOf(sighting),
    fingerprint: Buffer.from(sighting.id.replaceAll('-', ''), 'hex'),
    hour: sighting.hour,
    sighting,
  }));
  const { crowded, shares } = crowdedOf(named, taken, max);
  const out = crowded.map((name) => (name as (typeof named)[number]).sighting); // what was handed in comes back
  return { out, shares };
}

const hoursOf = (sightings: readonly Brought[]) => [...new Set(sightings.map(({ hour }) => hour))];

async function crowdedOthers<Sighting extends Brought>(
  client: PoolClient,
  shard: number,
  sightings: readonly Sighting[],
): Promise<Sighting[]> {
  if (sightings.length === 0) return [];
  const { rows: taken } = await client.query<Share>(
    'SELECT reporter, hour, names FROM resource_definition_hour WHERE shard = $1 AND hour = ANY ($2::timestamptz[])',
    [shard, hoursOf(sightings)],
  );
  const { out, shares } = judge(sightings, taken, {
    keyOf: ({ reporter }) => reporter,
    max: definitionLimits.newPerHourMax,
  });
  await noteHours(
    client,
    shard,
    shares.map((share) => ({ ...share, leftOut: 0 })),
  );
  return out;
}

async function crowdedChanges<Sighting extends Brought>(
  client: PoolClient,
  shard: number,
  sightings: readonly Sighting[],
): Promise<Sighting[]> {
  if (sightings.length === 0) return [];
  const { rows: taken } = await client.query<Share>(
    `SELECT reporter || ' ' || resource_id AS reporter, hour, names FROM resource_definition_change
     WHERE shard = $1 AND hour = ANY ($2::timestamptz[]) AND resource_id = ANY ($3::uuid[])`,
    [shard, hoursOf(sightings), sightings.map(({ resourceId }) => resourceId)],
  );
  const { out, shares } = judge(sightings, taken, {
    keyOf: ({ reporter, resourceId }) => `${reporter} ${resourceId}`,
    max: definitionLimits.changesPerHourMax,
  });
  await client.query(
    `INSERT INTO resource_definition_change AS n (shard, reporter, resource_id, hour, names)
     SELECT $1, split_part(of, ' ', 1)::uuid, split_part(of, ' ', 2)::uuid, hour, names
     FROM unnest($2::text[], $3::timestamptz[], $4::int[]) AS s(of, hour, names)
     ON CONFLICT (shard, reporter, resource_id, hour) DO UPDATE SET names = greatest(n.names, excluded.names)`,
    [
      shard,
      shares.map(({ reporter }) => reporter),
      shares.map(({ hour }) => hour),
      shares.map(({ names }) => names),
    ],
  );
  return out;
}

async function noteHours(
  client: PoolClient,
  shard: number,
  shares: readonly (Share & { leftOut: number })[],
): Promise<void> {
  await client.query(
    `INSERT INTO resource_definition_hour AS n (shard, reporter, hour, names, left_out)
     SELECT $1, reporter, hour, max(names), sum(left_out) FROM unnest($2::uuid[], $3::timestamptz[], $4::int[], $5::int[])
       AS s(reporter, hour, names, left_out) GROUP BY reporter, hour
     ON CONFLICT (shard, reporter, hour) DO UPDATE SET names = greatest(n.names, excluded.names),
       left_out = n.left_out + excluded.left_out`,
    [
      shard,
      shares.map(({ reporter }) => reporter),
      shares.map(({ hour }) => hour),
      shares.map(({ names }) => names),
      shares.map(({ leftOut }) => leftOut),
    ],
  );
}
