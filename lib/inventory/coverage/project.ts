import type { PoolClient } from '@/lib/db/pool';
import { manyNamesHex } from '@/lib/identities/attribute';
import type { Batch, Projection } from '@/lib/log/projection';
import { type BodyRole, bodyRoles, marks } from '@/lib/telemetry/schema';
import { type Aspect, aspects } from './aspects';
import { listCrowded } from './shadow/project';

const hourMs = 3_600_000;
/** So long are hours kept: seven days, and what of the eighth arrives late. */
const hoursKeptMs = 8 * 24 * hourMs;
/** A session that goes on after so long a pause counts as started again. */
const pauseMs = 24 * hourMs;
const pause = `interval '${pauseMs} milliseconds'`;
const startsMax = 64;
/** Of the memory of sessions, in one batch: more than one brings, so that it never outgrows a day. */
const forgottenMin = 1_000;

// Role, size and digest of a body take 37 bytes, the role comes first: see lib/log/leaf.ts.
const roles = bodyRoles
  .map(
    (_, at) =>
      `CASE WHEN length(bodies) > ${37 * at} THEN 1 << get_byte(bodies, ${37 * at}) ELSE 0 END`,
  )
  .join(' | ');
const has = (role: BodyRole) => `roles & ${1 << bodyRoles.indexOf(role)} <> 0`;
const around = `kind IN ('event', 'step', 'agent_call')`;

const conditions: Record<Aspect, string> = {
  inference: `kind = 'inference'`,
  input: `kind = 'inference' AND ${has('input')}`,
  output: `kind = 'inference' AND ${has('output')}`,
  prompt: `${around} AND ${has('input')}`,
  answer: `${around} AND ${has('output')}`,
  tool_call: `kind = 'tool_call'`,
  argument: `kind = 'tool_call' AND ${has('input')}`,
  result: `kind = 'tool_call' AND ${has('output')}`,
  retrieval: `kind IN ('retrieval', 'memory')`,
  transfer: `kind = 'data_transfer'`,
  mcp: `kind = 'mcp'`,
  trace: `signal = 'trace'`,
  log: `signal = 'log'`,
  // Data points are rows of their own: see below.
  metric: 'false',
};

const list = (of: (aspect: Aspect) => string): string => aspects.map(of).join(', ');

/**
 * The batch's entries, when each happened (arrival where the sender's time is implausible), who acts, and which of
 * them starts its session: by the order of the log and by what is remembered of each session and actor, so that it
 * depends neither on how batches are cut nor on what else the session holds. Names beyond their reporter's share
 * are one actor.
 */
const entries = `
  entry AS MATERIALIZED (
    SELECT i.received_at, i.position, i.identity, i.reporter, i.session, i.kind, i.status, i.dialect,
      CASE WHEN c.reporter IS NULL THEN i.fingerprint ELSE decode('${manyNamesHex}', 'hex') END AS fingerprint,
      coalesce(signal, 'trace') AS signal, on_behalf_of IS NOT NULL AS has_user, ${roles} AS roles,
      CASE WHEN marks & ${marks.implausible_time} <> 0 THEN i.received_at
        ELSE timestamptz 'epoch' + started_ns / 1000 * interval '1 microsecond' END AS at
    FROM interaction i LEFT JOIN unnest($7::uuid[], $8::bytea[], $9::timestamptz[]) AS c(reporter, fingerprint, hour)
      ON c.fingerprint = i.fingerprint AND c.reporter = i.reporter AND i.identity IS NULL
        AND c.hour = date_bin('1 hour', i.received_at, 'epoch')
    WHERE i.shard = $1 AND i.received_at BETWEEN $2 AND $4
      AND (i.received_at, i.shard, i.position) > ($2, $1, $3) AND (i.received_at, i.shard, i.position) <= ($4, $1, $5)
  ), acting AS MATERIALIZED (
    SELECT *, coalesce(identity, CASE WHEN length(fingerprint) = 16 THEN encode(fingerprint, 'hex')::uuid END) AS actor
    FROM entry
  ), following AS MATERIALIZED (
    SELECT *, lag(received_at) OVER (one ORDER BY position) AS previous_at,
      coalesce(max(position) FILTER (WHERE has_user) OVER one >= position, false) AS names_user
    FROM acting WINDOW one AS (PARTITION BY session, actor)
  ), told AS MATERIALIZED (
    SELECT f.*, actor IS NOT NULL
      AND coalesce(f.received_at - coalesce(f.previous_at, k.last_received_at) > ${pause}, true) AS starts
    FROM following f LEFT JOIN LATERAL (
      SELECT s.last_received_at FROM coverage_session s
      WHERE f.previous_at IS NULL AND (s.shard, s.session, s.actor) = ($1, f.session, f.actor) LIMIT 1
    ) k ON true
  ), remembered AS (
    INSERT INTO coverage_session (shard, session, actor, last_received_at, hour)
    SELECT $1, session, actor, max(received_at), date_bin('1 hour', max(received_at), 'epoch')
    FROM acting WHERE actor IS NOT NULL GROUP BY session, actor
    ON CONFLICT (shard, session, actor) DO UPDATE SET last_received_at = excluded.last_received_at, hour = excluded.hour
  )`;

/** Data points of metrics: they are no interactions, and tell that an identity runs. */
async function countMeasurements(
  client: PoolClient,
  { shard, after, through }: Batch,
): Promise<void> {
  const others = aspects.filter((aspect) => aspect !== 'metric');
  await client.query(
    `WITH told AS MATERIALIZED (
       SELECT identity, CASE WHEN marks & ${marks.implausible_time} <> 0 THEN received_at
         ELSE timestamptz 'epoch' + ended_ns / 1000 * interval '1 microsecond' END AS at
       FROM measurement WHERE identity IS NOT NULL AND shard = $1 AND received_at BETWEEN $2 AND $4
         AND (received_at, shard, position) > ($2, $1, $3) AND (received_at, shard, position) <= ($4, $1, $5)
     ), hours AS (
       INSERT INTO coverage_hour AS c (identity, hour, shard, interactions, sessions, metric, ${others.join(', ')})
       SELECT identity, date_bin('1 hour', at, 'epoch'), $1, 0, 0, count(*), ${others.map(() => '0').join(', ')}
       FROM told WHERE at >= $6 GROUP BY 1, 2
       ON CONFLICT (identity, hour, shard) DO UPDATE SET metric = c.metric + excluded.metric
     )
     INSERT INTO coverage AS c (identity, shard, interactions, first_at, last_at, dialects, metric)
     SELECT identity, $1, 0, min(at), max(at), '{}', max(at) FROM told GROUP BY 1
     ON CONFLICT (identity, shard) DO UPDATE SET first_at = least(c.first_at, excluded.first_at),
       last_at = greatest(c.last_at, excluded.last_at), metric = greatest(c.metric, excluded.metric)`,
    [
      shard,
      after.receivedAt,
      after.position.toString(),
      through.receivedAt,
      through.position.toString(),
      keptFromOf(through.receivedAt),
    ],
  );
}

/** What arrives of whom, when sessions start, and who acts without being registered. */
export const coverage: Projection = {
  name: 'coverage',

  async apply(client, batch) {
    const { shard, after, through } = batch;
    // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
    await client.query('SET LOCAL enable_seqscan = off');
    const keptFrom = keptFromOf(through.receivedAt);
    const crowded = await listCrowded(client, batch);
    const { rows } = await client.query<{ identities: string[] | null }>(
      `WITH ${entries}, hours AS (
         INSERT INTO coverage_hour AS c (identity, hour, shard, interactions, sessions, ${list((name) => name)})
         SELECT identity, date_bin('1 hour', at, 'epoch'), $1, count(*), count(*) FILTER (WHERE starts),
           ${list((name) => `count(*) FILTER (WHERE ${conditions[name]})`)}
         FROM told WHERE identity IS NOT NULL AND at >= $6 GROUP BY 1, 2
         ON CONFLICT (identity, hour, shard) DO UPDATE SET interactions = c.interactions + excluded.interactions,
           sessions = c.sessions + excluded.sessions, ${list((name) => `${name} = c.${name} + excluded.${name}`)}
       ), ever AS (
         INSERT INTO coverage AS c (identity, shard, interactions, first_at, last_at, dialects, ${list((name) => name)})
         SELECT identity, $1, count(*), min(at), max(at), array_agg(DISTINCT dialect ORDER BY dialect),
           ${list((name) => `max(at) FILTER (WHERE ${conditions[name]})`)}
         FROM told WHERE identity IS NOT NULL GROUP BY 1
         ON CONFLICT (identity, shard) DO UPDATE SET interactions = c.interactions + excluded.interactions,
           first_at = least(c.first_at, excluded.first_at), last_at = greatest(c.last_at, excluded.last_at),
           dialects = ARRAY(SELECT DISTINCT unnest(c.dialects || excluded.dialects) ORDER BY 1),
           ${list((name) => `${name} = greatest(c.${name}, excluded.${name})`)}
       ), actors AS (
         INSERT INTO shadow_actor AS s (fingerprint, shard, reporter, kind, interactions, sessions, errors,
           first_at, last_at, last_received_at)
         SELECT fingerprint, $1, reporter, kind, count(*), count(*) FILTER (WHERE starts),
           count(*) FILTER (WHERE status = 'error'), min(at), max(at), max(received_at)
         FROM told WHERE identity IS NULL AND fingerprint IS NOT NULL GROUP BY 1, 3, 4
         ON CONFLICT (fingerprint, shard, reporter, kind) DO UPDATE SET
           interactions = s.interactions + excluded.interactions, sessions = s.sessions + excluded.sessions,
           errors = s.errors + excluded.errors, first_at = least(s.first_at, excluded.first_at),
           last_at = greatest(s.last_at, excluded.last_at),
           last_received_at = greatest(s.last_received_at, excluded.last_received_at)
       ), named AS (
         UPDATE coverage_start c SET has_user = true
         FROM (SELECT DISTINCT identity, session FROM entry WHERE has_user AND identity IS NOT NULL) u
         WHERE c.identity = u.identity AND c.shard = $1 AND c.session = u.session AND NOT c.has_user
       ), begun AS (
         INSERT INTO coverage_start (identity, shard, at, session, has_user)
         SELECT identity, $1, at, session, names_user FROM (
           SELECT identity, at, session, bool_or(names_user) AS names_user,
             row_number() OVER (PARTITION BY identity ORDER BY at DESC, session DESC) AS newest
           FROM told WHERE starts AND identity IS NOT NULL GROUP BY identity, at, session
         ) s WHERE newest <= ${startsMax}
         ON CONFLICT DO NOTHING RETURNING identity
       )
       SELECT array_agg(DISTINCT identity::text) AS identities FROM begun`,
      [
        shard,
        after.receivedAt,
        after.position.toString(),
        through.receivedAt,
        through.position.toString(),
        keptFrom,
        crowded.map(({ reporter }) => reporter),
        crowded.map(({ fingerprint }) => fingerprint),
        crowded.map(({ hour }) => hour),
      ],
    );
    await countMeasurements(client, batch);
    await forgetOlder(client, batch, rows[0]?.identities ?? []);
    return undefined;
  },

  // What it tells of is what the log still holds: what has expired is not told again.
  async clear(client) {
    await client.query('DELETE FROM coverage_hour');
    await client.query('DELETE FROM coverage');
    await client.query('DELETE FROM coverage_start');
    await client.query('DELETE FROM coverage_session');
    await client.query('DELETE FROM shadow_actor');
    await client.query('DELETE FROM shadow_name_hour');
    const { rows } = await client.query<{ from: Date | null }>(
      `SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD'))::timestamp AT TIME ZONE 'UTC' AS "from"
       FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE h.inhparent = 'interaction'::regclass`,
    );
    return rows[0]?.from ?? new Date(0);
  },
};

const keptFromOf = (at: Date) =>
  new Date(Math.max(0, Math.floor((at.getTime() - hoursKeptMs) / hourMs) * hourMs));

/** Keeps memory bounded: by the log's own time, so that a rebuild forgets the same. */
async function forgetOlder(
  client: PoolClient,
  { shard, after, through, entries: told }: Batch,
  identities: readonly string[],
): Promise<void> {
  await client.query(
    `DELETE FROM coverage_session WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM coverage_session WHERE shard = $1 AND hour < date_bin('1 hour', $2, 'epoch') - ${pause}
       ORDER BY hour LIMIT $3))`,
    [shard, through.receivedAt, Math.max(forgottenMin, 2 * told)],
  );
  const keptFrom = keptFromOf(through.receivedAt);
  if (keptFrom > keptFromOf(after.receivedAt))
    await client.query('DELETE FROM coverage_hour WHERE shard = $1 AND hour < $2', [
      shard,
      keptFrom,
    ]);
  if (identities.length === 0) return;
  await client.query(
    `DELETE FROM coverage_start c USING (
       SELECT identity, at, session, row_number() OVER (PARTITION BY identity ORDER BY at DESC, session DESC) AS newest
       FROM coverage_start WHERE shard = $1 AND identity = ANY($2::uuid[])
     ) s WHERE c.shard = $1 AND (c.identity, c.at, c.session) = (s.identity, s.at, s.session)
       AND s.newest > ${startsMax}`,
    [shard, identities],
  );
}
