import type { Pool, PoolClient } from '@/lib/db/pool';
import { nameOf } from '@/lib/inventory/activity/acted-on';
import { batchValues, inBatch } from '@/lib/inventory/activity/batch';
import { crowdedOf, type Share } from '@/lib/inventory/coverage/shadow/admit';
import { keptSince } from '@/lib/log/kept-since';
import type { Batch, Projection } from '@/lib/log/projection';
import { marks } from '@/lib/telemetry/schema';

/**
 * Names that a reporter had not brought before, of one shard and hour of arrival; beyond them new names are counted and
 * not listed until an hour has room. So nobody fills the registry with names, or leaves others no room for theirs.
 */
export const newNamesPerHourMax = 100;
/** Hours of what found no room, by the clock of the log. */
const hoursKept = 48;

/** Held shared by a batch; see the function forget_resource in the migrations. */
export const erasureLock = 7_305_100;

type Seen = {
  id: string;
  kind: string;
  /** Null of what is known. */
  name: string | null;
  reporter: string;
  hour: Date;
  interactions: number;
  firstAt: Date;
  lastAt: Date;
  lastReceivedAt: Date;
};

const happened = `CASE WHEN i.marks & ${marks.implausible_time} <> 0 THEN i.received_at
  ELSE timestamptz 'epoch' + i.started_ns / 1000 * interval '1 microsecond' END`;

/** What is acted on, and when it was: one row for each type and name, whoever told of it. */
export const resources: Projection = {
  name: 'resources',
  everyMs: 500,

  async apply(client, batch) {
    await client.query(`SELECT pg_advisory_xact_lock_shared(${erasureLock})`);
    // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
    await client.query('SET LOCAL enable_seqscan = off');
    const { rows } = await client.query<Seen>(
      `WITH acted AS MATERIALIZED (
         SELECT i.resource_kind AS kind, ${nameOf('i')} AS name, i.reporter,
           date_bin('1 hour', i.received_at, 'epoch') AS hour, count(*) AS interactions, min(${happened}) AS first_at,
           max(${happened}) AS last_at, max(i.received_at) AS last_received_at, min(i.position) AS first
         FROM interaction i WHERE ${inBatch('i')} AND i.resource_kind IS NOT NULL GROUP BY 1, 2, 3, 4
       ), seen AS MATERIALIZED (
         SELECT resource_id(kind, name) AS id, * FROM acted WHERE name <> ''
       )
       SELECT s.id, s.kind, CASE WHEN k.known IS NULL THEN s.name END AS name, s.reporter, s.hour, s.interactions::int,
         s.first_at AS "firstAt", s.last_at AS "lastAt", s.last_received_at AS "lastReceivedAt"
       FROM seen s LEFT JOIN LATERAL (
         SELECT true AS known FROM resource_seen o WHERE (o.resource_id, o.shard, o.reporter) = (s.id, $1, s.reporter)
         UNION ALL SELECT true FROM resource r WHERE r.id = s.id AND (r.state <> 'observed' OR r.alias_of IS NOT NULL)
         LIMIT 1
       ) k ON true
       ORDER BY s.first`,
      batchValues(batch),
    );
    if (rows.length > 0) await write(client, batch.shard, await admitted(client, batch, rows));
    return undefined;
  },

  // What people said stays, and so does what it is said of. What has expired is not seen again.
  async clear(client) {
    const { arrival } = await keptSince(client);
    await client.query(`SELECT pg_advisory_xact_lock_shared(${erasureLock})`);
    await client.query('DELETE FROM resource_seen');
    await client.query('DELETE FROM resource_name_hour');
    await client.query(`DELETE FROM resource r WHERE ${isUnsaid}`);
    return arrival;
  },
};

const isUnsaid = `r.state = 'observed' AND r.alias_of IS NULL AND r.proposal IS NULL
  AND NOT EXISTS (SELECT FROM resource_definition d WHERE d.resource_id = r.id)`;

/** All but the names that find no room in their hour. Of those only how many there were is kept. */
async function admitted(
  client: PoolClient,
  { shard, after }: Batch,
  seen: readonly Seen[],
): Promise<Seen[]> {
  // By the clock of the log, which never goes back in a shard: a rebuild finds the same.
  await client.query(
    `DELETE FROM resource_name_hour WHERE shard = $1
       AND hour < date_bin('1 hour', $2, 'epoch') - interval '${hoursKept} hours'`,
    [shard, after.receivedAt],
  );
  const fresh = seen.filter(({ name }) => name !== null);
  if (fresh.length === 0) return [...seen];
  const { rows: taken } = await client.query<Share>(
    `SELECT reporter, hour, names FROM resource_name_hour WHERE shard = $1 AND hour = ANY ($2::timestamptz[])`,
    [shard, [...new Set(fresh.map(({ hour }) => hour))]],
  );
  const named = fresh.map((each) => ({
    reporter: each.reporter,
    fingerprint: Buffer.from(each.id.replaceAll('-', ''), 'hex'),
    hour: each.hour,
    each,
  }));
  const { crowded, shares } = crowdedOf(named, taken, newNamesPerHourMax);
  const out = new Set(crowded.map((name) => (name as (typeof named)[number]).each)); // what was handed in comes back
  await client.query(
    `INSERT INTO resource_name_hour AS n (shard, reporter, hour, names, left_out)
     SELECT $1, reporter, hour, max(names), sum(left_out) FROM unnest($2::uuid[], $3::timestamptz[], $4::int[], $5::int[])
       AS s(reporter, hour, names, left_out) GROUP BY reporter, hour
     ON CONFLICT (shard, reporter, hour) DO UPDATE SET names = greatest(n.names, excluded.names),
       left_out = n.left_out + excluded.left_out`,
    [
      shard,
      [...shares, ...out].map(({ reporter }) => reporter),
      [...shares, ...out].map(({ hour }) => hour),
      [...shares.map(({ names }) => names), ...[...out].map(() => 0)],
      [...shares.map(() => 0), ...[...out].map(() => 1)],
    ],
  );
  return seen.filter((each) => !out.has(each));
}

async function write(client: PoolClient, shard: number, seen: readonly Seen[]): Promise<void> {
  const column = <Name extends keyof Seen>(name: Name) => seen.map((one) => one[name]);
  const fresh = seen.filter(({ name }) => name !== null);
  if (fresh.length > 0)
    await client.query(
      `INSERT INTO resource (id, kind, name, created_at, changed_at)
       SELECT DISTINCT ON (id) id, kind, name, at, at
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS n(id, kind, name, at) ORDER BY id, at
       ON CONFLICT DO NOTHING`,
      [
        fresh.map(({ id }) => id),
        fresh.map(({ kind }) => kind),
        fresh.map(({ name }) => name),
        fresh.map(({ lastReceivedAt }) => lastReceivedAt),
      ],
    );
  await client.query(
    `INSERT INTO resource_seen AS s (resource_id, shard, reporter, interactions, first_at, last_at, last_received_at)
     SELECT id, $1, reporter, sum(interactions), min(first_at), max(last_at), max(last_received_at)
     FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[])
       AS n(id, reporter, interactions, first_at, last_at, last_received_at)
     GROUP BY id, reporter
     ON CONFLICT (resource_id, shard, reporter) DO UPDATE SET interactions = s.interactions + excluded.interactions,
       first_at = least(s.first_at, excluded.first_at), last_at = greatest(s.last_at, excluded.last_at),
       last_received_at = greatest(s.last_received_at, excluded.last_received_at)`,
    [
      shard,
      column('id'),
      column('reporter'),
      column('interactions'),
      column('firstAt'),
      column('lastAt'),
      column('lastReceivedAt'),
    ],
  );
}

const forgetBatch = 10_000;

/**
 * Forgets one batch of what no facts are kept of and nobody said anything of. Returns whether there may be more.
 * INVARIANT: names go while no batch is being read, which could be about to write one more of theirs.
 */
export async function forgetResources(pool: Pool): Promise<boolean> {
  const { arrival } = await keptSince(pool);
  const { rows: found } = await pool.query(
    'SELECT FROM resource_seen WHERE last_received_at < $1 LIMIT 1',
    [arrival],
  );
  if (found.length === 0) return false;
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [erasureLock]);
    const { rows } = await client.query<{ id: string }>(
      `DELETE FROM resource_seen WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM resource_seen WHERE last_received_at < $1 LIMIT $2)) RETURNING resource_id AS id`,
      [arrival, forgetBatch],
    );
    await client.query(
      `DELETE FROM resource r WHERE r.id = ANY ($1::uuid[]) AND ${isUnsaid}
         AND NOT EXISTS (SELECT FROM resource_seen s WHERE s.resource_id = r.id)`,
      [rows.map(({ id }) => id)],
    );
    await client.query('COMMIT');
    client.release();
    return rows.length === forgetBatch;
  } catch (error) {
    // A connection in an unknown state is closed, which rolls back.
    client.release(true);
    throw error;
  }
}
