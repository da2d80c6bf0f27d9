import type { Pool, PoolClient } from '@/lib/db/pool';
import { keptSince } from '@/lib/log/kept-since';
import type { Batch } from '@/lib/log/projection';
import { shadowIdentity } from '@/lib/log/schema';
import { marks } from '@/lib/telemetry/schema';
import { nameOf } from '../activity/acted-on';
import { batchValues, countingLock, inBatch } from '../activity/batch';
import { isCosted, isUsage } from '../activity/usage';
import type { Uncounted } from '../links/schema';
import { erasedTerm, noTerm, otherTerm } from './terms';

/**
 * Names that nobody had brought before, of one reporter, shard and hour of arrival; beyond them new names become
 * `other`. So nobody fills the tables with names, or leaves others no room for theirs.
 */
const newTermsPerHourMax = 200;

const hourOfArrival = (i: string) => `date_bin('1 hour', ${i}.received_at, 'epoch')`;

const largest = '9223372036854775807';
const sums = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] as const;
const figures = ['interactions', ...sums, 'cost_nano', 'costed'] as const;
const dimensions = 'shard, identity, kind, status, resource_kind, resource';

/** Minutes are kept for two days and an hour, by the clock of the log; what happened longer before it came has none. */
export const minutesKept = '49 hours';

/** $6 is the time zone, $7 before which moment nothing is counted. `from` chooses the entries. */
const counted = (from: string) => `SELECT
    CASE WHEN i.marks & ${marks.implausible_time} > 0 THEN ${hourOfArrival('i')}
      ELSE to_timestamp(i.started_ns / 3600000000000 * 3600) END AS hour,
    CASE WHEN i.marks & ${marks.implausible_time} > 0 THEN date_bin('1 minute', i.received_at, 'epoch')
      ELSE to_timestamp(i.started_ns / 60000000000 * 60) END AS minute,
    date_trunc('day', CASE WHEN i.marks & ${marks.implausible_time} > 0 THEN i.received_at
      ELSE to_timestamp(i.started_ns / 1000000000) END, $6) AS day,
    ${hourOfArrival('i')} AS arrival, i.shard, coalesce(i.identity, '${shadowIdentity}') AS identity, i.kind, i.status,
    coalesce(i.resource_kind, '') AS resource_kind, ${nameOf('i')} AS name, count(*) AS interactions,
    ${sums.map((column) => `coalesce(sum(greatest(i.${column}, 0)) FILTER (WHERE ${isUsage('i.')}), 0) AS ${column}`).join(', ')},
    coalesce(sum(round(i.cost * 1e9)::bigint) FILTER (WHERE ${isCosted('i.')}), 0) AS cost_nano,
    count(*) FILTER (WHERE ${isCosted('i.')}) AS costed
  FROM ${from} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`;

const named = `SELECT f.*, CASE WHEN f.name IS NULL THEN '${noTerm}' ELSE coalesce(t.term, '${otherTerm}') END AS resource
  FROM found f LEFT JOIN LATERAL (
    SELECT h.term FROM term_hour h WHERE f.name IS NOT NULL AND (h.hour, h.shard, h.term) = (f.arrival, f.shard, term_id(f.name)) LIMIT 1
  ) t ON true`;

const bucket = (at: 'minute' | 'hour' | 'day') =>
  `SELECT ${at} AS at, ${dimensions}, ${figures.map((figure) => `least(sum(${figure}), ${largest})::bigint AS ${figure}`).join(', ')}
   FROM named WHERE ${at} >= $7${at === 'minute' ? ` AND minute > arrival - interval '${minutesKept}'` : ''} GROUP BY ${at}, ${dimensions}`;

const added = figures
  .map(
    (figure) => `${figure} = least(r.${figure}::numeric + excluded.${figure}, ${largest})::bigint`,
  )
  .join(', ');
const insert = (table: string, at: 'minute' | 'hour' | 'day') =>
  `INSERT INTO ${table} AS r (at, ${dimensions}, ${figures.join(', ')}) ${bucket(at)}
   ORDER BY at, ${dimensions} ON CONFLICT (at, ${dimensions}) DO UPDATE SET ${added}`;

/**
 * Adds the batch to its minutes, hours and days, takes out of theirs what another entry now counts for, and puts back
 * what counts again.
 */
export async function rollUp(
  client: PoolClient,
  batch: Batch,
  { within, before, again }: Uncounted,
): Promise<void> {
  await admitTerms(client, batch);
  const { floor } = await keptSince(client);
  const zone = await zoneOfDays(client);
  await client.query(
    `WITH found AS (${counted(`interaction i WHERE ${inBatch('i')} AND i.position <> ALL ($8::bigint[])`)}),
       named AS MATERIALIZED (${named}), hours AS (${insert('rollup_hour', 'hour')}),
       minutes AS (${insert('rollup_minute', 'minute')})
     ${insert('rollup_day', 'day')}`,
    [...batchValues(batch), zone, floor, within.map(String)],
  );
  if (before.length > 0) await subtract(client, before, zone, floor);
  if (again.length > 0) await restore(client, again, zone, floor);
}

/** The names that the batch brings, in the order of the log: known ones, and while there is room new ones. */
async function admitTerms(client: PoolClient, batch: Batch): Promise<void> {
  await client.query(
    `WITH found AS (
       SELECT ${hourOfArrival('i')} AS hour, ${nameOf('i')} AS name, i.reporter, min(i.position) AS first
       FROM interaction i WHERE ${inBatch('i')} AND i.resource_kind IS NOT NULL GROUP BY 1, 2, 3
     ), fresh AS (
       SELECT f.*, NOT EXISTS (SELECT FROM term k WHERE k.id = f.term) AS is_new
       FROM (SELECT found.*, term_id(name) AS term FROM found WHERE name IS NOT NULL) f
       WHERE NOT EXISTS (SELECT FROM term_hour h WHERE (h.hour, h.shard, h.term) = (f.hour, $1, f.term))
     ), spent AS (
       SELECT h.hour, h.reporter, count(*) AS terms FROM term_hour h
       WHERE h.is_new AND h.shard = $1 AND h.hour IN (SELECT hour FROM fresh) GROUP BY 1, 2
     ), admitted AS MATERIALIZED (
       SELECT DISTINCT ON (f.hour, f.term) f.* FROM (
         SELECT fresh.*, row_number() OVER (PARTITION BY hour, reporter, is_new ORDER BY first) AS rank FROM fresh
       ) f LEFT JOIN spent s USING (hour, reporter)
       WHERE NOT f.is_new OR f.rank + coalesce(s.terms, 0) <= ${newTermsPerHourMax} ORDER BY f.hour, f.term, f.first
     ), kept AS (
       INSERT INTO term (id, text) SELECT DISTINCT term, name FROM admitted ORDER BY 1 ON CONFLICT DO NOTHING
     )
     INSERT INTO term_hour (hour, shard, term, reporter, is_new) SELECT hour, $1, term, reporter, is_new FROM admitted`,
    batchValues(batch),
  );
}

const atPlaces = `unnest($1::timestamptz[], $2::int[], $3::bigint[]) AS p(received_at, shard, position)
  CROSS JOIN LATERAL (SELECT * FROM interaction o
    WHERE (o.received_at, o.shard, o.position) = (p.received_at, p.shard, p.position) LIMIT 1) i
  WHERE $4::int IS NULL AND $5::int IS NULL`;
const placeValues = (places: Uncounted['before'], zone: string, floor: Date) => [
  places.map(({ receivedAt }) => receivedAt),
  places.map(({ shard }) => shard),
  places.map(({ position }) => position.toString()),
  null,
  null,
  zone,
  floor,
];

async function subtract(
  client: PoolClient,
  places: Uncounted['before'],
  zone: string,
  floor: Date,
): Promise<void> {
  for (const [table, at] of [
    ['rollup_minute', 'minute'],
    ['rollup_hour', 'hour'],
    ['rollup_day', 'day'],
  ] as const) {
    const { rows } = await client.query<{ at: Date }>(
      `WITH found AS (${counted(atPlaces)}), named AS MATERIALIZED (${named}), less AS MATERIALIZED (${bucket(at)}),
         taken AS (
           UPDATE ${table} r SET ${figures.map((figure) => `${figure} = greatest(r.${figure} - less.${figure}, 0)`).join(', ')}
           FROM less WHERE (r.at, ${keysOf('r')}) = (less.at, ${keysOf('less')}) RETURNING r.at, r.interactions
         )
       SELECT DISTINCT at FROM taken WHERE interactions = 0`,
      placeValues(places, zone, floor),
    );
    // As if it had never been counted, so that a rebuild gives the same rows.
    await client.query(
      `DELETE FROM ${table} WHERE at = ANY ($1::timestamptz[]) AND interactions = 0`,
      [rows.map(({ at: emptied }) => emptied)],
    );
  }
}

async function restore(
  client: PoolClient,
  places: Uncounted['again'],
  zone: string,
  floor: Date,
): Promise<void> {
  await client.query(
    `WITH found AS (${counted(atPlaces)}), named AS MATERIALIZED (${named}),
       hours AS (${insert('rollup_hour', 'hour')}), minutes AS (${insert('rollup_minute', 'minute')})
     ${insert('rollup_day', 'day')}`,
    placeValues(places, zone, floor),
  );
}

const keysOf = (alias: string) =>
  dimensions
    .split(', ')
    .map((column) => `${alias}.${column}`)
    .join(', ');

/** The zone whose days are counted: one for all of them, so that what is taken out again finds its day. */
async function zoneOfDays(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ zone: string }>(
    `WITH kept AS (INSERT INTO rollup_zone (zone)
       SELECT organisation_zone() WHERE NOT EXISTS (SELECT FROM rollup_zone) RETURNING zone)
     SELECT zone FROM rollup_zone UNION ALL SELECT zone FROM kept LIMIT 1`,
  );
  return rows[0]?.zone ?? 'UTC';
}

/** Whether days were counted in another zone than the organisation has: it was UTC until it was set up. */
export async function areDaysStale(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ stale: boolean }>(
    'SELECT EXISTS (SELECT FROM rollup_zone WHERE zone <> organisation_zone()) AS stale',
  );
  return rows[0]?.stale === true;
}

/** What happened before `floor` cannot be counted again, so it stays. */
export async function clearRollups(client: PoolClient, floor: Date): Promise<void> {
  await client.query('DELETE FROM rollup_minute');
  await client.query('DELETE FROM rollup_hour WHERE at >= $1', [floor]);
  await client.query('DELETE FROM rollup_day WHERE at >= $1', [floor]);
  await client.query('DELETE FROM term_hour');
  await client.query('DELETE FROM rollup_zone');
}

const forgetBatch = 10_000;

/**
 * Forgets one batch of minutes, hours, days, actors and names of which no facts are kept. Returns whether there may be more.
 * INVARIANT: names go while no batch is being counted, which could be about to count one more of theirs.
 */
export async function forgetRollups(pool: Pool): Promise<boolean> {
  const { arrival, floor } = await keptSince(pool);
  let removed = 0;
  for (const [table, column, before] of [
    ['arrival_minute', 'minute', arrival],
    ['rollup_minute', 'at', floor],
    ['rollup_hour', 'at', floor],
    ['rollup_day', 'at', floor],
    ['measured_hour', 'at', floor],
    ['shadow_actor', 'last_received_at', arrival],
  ] as const) {
    const { rowCount } = await pool.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${column} < $1 LIMIT $2))`,
      [before, forgetBatch],
    );
    removed = Math.max(removed, rowCount ?? 0);
  }
  if (removed === forgetBatch) return true;
  return (await forgetTerms(pool)) === forgetBatch;
}

const isUnused = `NOT EXISTS (SELECT FROM rollup_minute r WHERE r.resource = t.id)
  AND NOT EXISTS (SELECT FROM rollup_hour r WHERE r.resource = t.id)
  AND NOT EXISTS (SELECT FROM rollup_day r WHERE r.resource = t.id)
  AND NOT EXISTS (SELECT FROM term_hour h WHERE h.term = t.id)`;

/** Looks for names without holding up who counts, and then only at those again. */
async function forgetTerms(pool: Pool): Promise<number> {
  const { rows: found } = await pool.query<{ id: string }>(
    `SELECT t.id FROM term t WHERE t.id <> ALL ($1::uuid[]) AND ${isUnused} LIMIT $2`,
    [[noTerm, otherTerm, erasedTerm], forgetBatch],
  );
  if (found.length === 0) return 0;
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [countingLock]);
    const { rowCount } = await client.query(
      `DELETE FROM term t WHERE t.id = ANY ($1::uuid[]) AND ${isUnused}`,
      [found.map(({ id }) => id)],
    );
    await client.query('COMMIT');
    client.release();
    return rowCount ?? 0;
  } catch (error) {
    // A connection in an unknown state is closed, which rolls back.
    client.release(true);
    throw error;
  }
}
