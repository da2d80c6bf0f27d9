import type { Pool, PoolClient } from '@/lib/db/pool';
import { batchValues, inBatch } from '@/lib/inventory/activity/batch';
import { crowdedOf, type Share } from '@/lib/inventory/coverage/shadow/admit';
import { keptSince } from '@/lib/log/kept-since';
import type { Batch, Projection } from '@/lib/log/projection';
import { shadowIdentity } from '@/lib/log/schema';
import { codingAgents, marks } from '@/lib/telemetry/schema';
import { erasureLock, manyPeople } from './schema';

/**
 * People and their agents that nobody had told of before, of one reporter, shard and day of arrival; beyond them new
 * ones are counted as one. So nobody fills the tables with names, or leaves others no room for theirs.
 */
export const newPeoplePerDayMax = 2_000;

type Seen = {
  person: string;
  identity: string;
  reporter: string;
  day: Date;
  isKnown: boolean;
  /** Null of whoever is known. */
  text: string | null;
  interactions: number;
  points: number;
  firstAt: Date;
  lastAt: Date;
  lastReceivedAt: Date;
};

const happened = (
  ns: string,
) => `CASE WHEN i.marks & ${marks.implausible_time} <> 0 THEN i.received_at
  ELSE timestamptz 'epoch' + i.${ns} / 1000 * interval '1 microsecond' END`;

/**
 * Who is a person: an e-mail address, whichever agent says it, and whatever a coding agent says. An id of any other
 * agent is that of a customer as a rule, who signs in nowhere that could show a factor.
 */
const isPerson = (program: string) =>
  `(i.on_behalf_of ~ '[^@\\s]@[^@\\s]' OR ${program} IN (${codingAgents.map((name) => `'${name}'`).join(', ')}))`;
const programOf = { interaction: 'i.dialect', measurement: `split_part(i.name, '.', 1)` } as const;

const told = (table: 'interaction' | 'measurement', ns: string) =>
  `SELECT i.on_behalf_of AS text, coalesce(i.identity, '${shadowIdentity}') AS identity, i.reporter,
     date_bin('1 day', i.received_at, 'epoch') AS day, ${table === 'interaction' ? 'count(*), 0' : '0, count(*)'},
     min(${happened(ns)}), max(${happened(ns)}), max(i.received_at), min(i.position)
   FROM ${table} i WHERE ${inBatch('i')} AND i.on_behalf_of IS NOT NULL AND ${isPerson(programOf[table])}
   GROUP BY 1, 2, 3, 4`;

/** For whom agents act, as far as what they send declares it. */
export const behind: Projection = {
  name: 'behind',
  everyMs: 500,

  async apply(client, batch) {
    await client.query(`SELECT pg_advisory_xact_lock_shared(${erasureLock})`);
    // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
    await client.query('SET LOCAL enable_seqscan = off');
    const { rows } = await client.query<Seen>(
      `WITH told (text, identity, reporter, day, interactions, points, first_at, last_at, last_received_at, first) AS (
         ${told('interaction', 'started_ns')} UNION ALL ${told('measurement', 'ended_ns')}
       ), seen AS MATERIALIZED (
         SELECT term_id(text) AS person, * FROM (
           SELECT text, identity, reporter, day, sum(interactions) AS interactions, sum(points) AS points,
             min(first_at) AS first_at, max(last_at) AS last_at, max(last_received_at) AS last_received_at,
             min(first) AS first
           FROM told GROUP BY 1, 2, 3, 4
         ) one
       )
       SELECT s.person, s.identity, s.reporter, s.day, k.known IS NOT NULL AS "isKnown",
         CASE WHEN k.known IS NULL THEN s.text END AS text, s.interactions::int, s.points::int,
         s.first_at AS "firstAt", s.last_at AS "lastAt", s.last_received_at AS "lastReceivedAt"
       FROM seen s LEFT JOIN LATERAL (
         SELECT true AS known FROM person_behind b
         WHERE (b.person, b.identity, b.reporter, b.shard) = (s.person, s.identity, s.reporter, $1)
       ) k ON true
       ORDER BY s.first`,
      batchValues(batch),
    );
    if (rows.length > 0) await write(client, batch.shard, await admitted(client, batch, rows));
    return undefined;
  },

  // What it tells of is what the log still holds: what has expired is not told again.
  async clear(client) {
    const { arrival } = await keptSince(client);
    // Whoever erases meanwhile waits, as for a batch, instead of for rows in another order.
    await client.query(`SELECT pg_advisory_xact_lock_shared(${erasureLock})`);
    await client.query(
      `DELETE FROM person_behind_decision d WHERE d.person = ANY (ARRAY(
         SELECT person FROM person_behind GROUP BY person HAVING max(last_received_at) < $1))`,
      [arrival],
    );
    await client.query('DELETE FROM person_behind');
    await client.query('DELETE FROM person_behind_name');
    await client.query('DELETE FROM person_behind_day');
    return arrival;
  },
};

/** The same, but for whom there is no room in their day: they are all one. Notes the room that others took. */
async function admitted(
  client: PoolClient,
  { shard, after }: Batch,
  seen: readonly Seen[],
): Promise<Seen[]> {
  // By the clock of the log, which never goes back in a shard: a rebuild finds the same.
  await client.query(
    `DELETE FROM person_behind_day WHERE shard = $1 AND day < date_bin('1 day', $2, 'epoch')`,
    [shard, after.receivedAt],
  );
  const fresh = seen.filter(({ isKnown }) => !isKnown);
  if (fresh.length === 0) return [...seen];
  const { rows: taken } = await client.query<Share>(
    'SELECT reporter, day AS hour, people AS names FROM person_behind_day WHERE shard = $1',
    [shard],
  );
  const named = new Map(fresh.map((one) => [one, nameOf(one)]));
  const { crowded, shares } = crowdedOf([...named.values()], taken, newPeoplePerDayMax);
  await client.query(
    `INSERT INTO person_behind_day (shard, reporter, day, people)
     SELECT $1, reporter, day, people FROM unnest($2::uuid[], $3::timestamptz[], $4::int[]) AS s(reporter, day, people)
     ON CONFLICT (shard, reporter, day) DO UPDATE SET people = excluded.people`,
    [
      shard,
      shares.map(({ reporter }) => reporter),
      shares.map(({ hour }) => hour),
      shares.map(({ names }) => names),
    ],
  );
  const isCrowded = new Set(crowded);
  return seen.map((one) => {
    const name = named.get(one);
    return name !== undefined && isCrowded.has(name)
      ? { ...one, person: manyPeople, text: null }
      : one;
  });
}

/**
 * A person behind another agent is another name: what a reporter makes up is rows, whichever of the two it varies. The
 * time for which there is so much room, an hour of other names, is a day here.
 */
const nameOf = ({ person, identity, reporter, day }: Seen) => ({
  reporter,
  hour: day,
  fingerprint: Buffer.from((person + identity).replaceAll('-', ''), 'hex'),
});

async function write(client: PoolClient, shard: number, seen: readonly Seen[]): Promise<void> {
  const column = <Name extends keyof Seen>(name: Name) => seen.map((one) => one[name]);
  await client.query(
    `INSERT INTO person_behind AS b (person, identity, reporter, shard, evidence, interactions, points, first_at, last_at,
       last_received_at)
     SELECT person, identity, reporter, $1, 'declared', sum(interactions), sum(points), min(first_at), max(last_at),
       max(last_received_at)
     FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::int[], $7::timestamptz[], $8::timestamptz[],
       $9::timestamptz[]) AS s(person, identity, reporter, interactions, points, first_at, last_at, last_received_at)
     GROUP BY person, identity, reporter
     ON CONFLICT (person, identity, reporter, shard) DO UPDATE SET interactions = b.interactions + excluded.interactions,
       points = b.points + excluded.points, first_at = least(b.first_at, excluded.first_at),
       last_at = greatest(b.last_at, excluded.last_at),
       last_received_at = greatest(b.last_received_at, excluded.last_received_at)`,
    [
      shard,
      column('person'),
      column('identity'),
      column('reporter'),
      column('interactions'),
      column('points'),
      column('firstAt'),
      column('lastAt'),
      column('lastReceivedAt'),
    ],
  );
  const fresh = seen.filter(({ text }) => text !== null);
  if (fresh.length === 0) return;
  await client.query(
    `INSERT INTO person_behind_name (id, text)
     SELECT DISTINCT ON (id) id, text FROM unnest($1::uuid[], $2::text[]) AS n(id, text) ORDER BY id
     ON CONFLICT DO NOTHING`,
    [fresh.map(({ person }) => person), fresh.map(({ text }) => text)],
  );
}

const forgetBatch = 10_000;

/**
 * Forgets one batch of people of whom no facts are kept, and what was decided on them. Returns whether there may be more.
 * INVARIANT: names go while no batch is being read, which could be about to write one more of theirs.
 */
export async function forgetBehind(pool: Pool): Promise<boolean> {
  const { arrival } = await keptSince(pool);
  const { rows: found } = await pool.query(
    'SELECT FROM person_behind WHERE last_received_at < $1 LIMIT 1',
    [arrival],
  );
  if (found.length === 0) return false;
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [erasureLock]);
    const { rows } = await client.query<{ person: string }>(
      `DELETE FROM person_behind WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM person_behind WHERE last_received_at < $1 LIMIT $2)) RETURNING person`,
      [arrival, forgetBatch],
    );
    await client.query(
      `DELETE FROM person_behind_name n WHERE n.id = ANY ($1::uuid[])
         AND NOT EXISTS (SELECT FROM person_behind b WHERE b.person = n.id)`,
      [rows.map(({ person }) => person)],
    );
    await client.query(
      `DELETE FROM person_behind_decision d WHERE d.person = ANY ($1::uuid[])
         AND NOT EXISTS (SELECT FROM person_behind b WHERE b.person = d.person)`,
      [rows.map(({ person }) => person)],
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
