import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { pool, type Queryable } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';
import type { Keeping, Removal, Settings } from './schema';

/** What the organisation set. Throws `not_found` before it is set up. */
export async function getSettings(_scope: ReadScope, db: Queryable = pool()): Promise<Settings> {
  const { rows } = await db.query<Settings>(
    `SELECT organisation, time_zone AS "timeZone", content, retention_body_days AS "retentionBodyDays",
       retention_facts_days AS "retentionFactsDays" FROM setting WHERE id = 1`,
  );
  const [settings] = rows;
  if (settings === undefined) throw new AppError('not_found', 'The organisation is not set up.');
  return settings;
}

/** What retention would remove if so many days were kept: whole days by arrival (UTC), as `expire_days` does. */
export async function previewRemoval(
  _scope: ReadScope,
  { retentionBodyDays: bodies, retentionFactsDays: facts }: Keeping,
  db: Queryable = pool(),
): Promise<Removal> {
  const { rows } = await db.query<Record<keyof Removal, number>>(
    `WITH kept AS (
       SELECT today - least($1::int, $2::int) AS bodies, today - $2::int AS facts
       FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS utc
     ), part AS (
       SELECT t.expires_with, to_date(right(c.relname, 8), 'YYYYMMDD') AS day, pg_total_relation_size(c.oid) AS bytes
       FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class p ON p.oid = h.inhparent
         JOIN partitioned_table t ON t.name = p.relname
       WHERE p.relnamespace = 'public'::regnamespace AND t.expires_with IS NOT NULL AND pg_relation_size(c.oid) > 0
     ), gone AS (
       SELECT part.* FROM part, kept
       WHERE part.day < CASE part.expires_with WHEN 'bodies' THEN kept.bodies ELSE kept.facts END
     )
     SELECT
       (count(DISTINCT day) FILTER (WHERE expires_with = 'bodies'))::int AS "bodyDays",
       coalesce(sum(bytes) FILTER (WHERE expires_with = 'bodies'), 0)::float8 AS "bodyBytes",
       (count(DISTINCT day) FILTER (WHERE expires_with <> 'bodies'))::int AS "factDays",
       coalesce(sum(bytes) FILTER (WHERE expires_with <> 'bodies'), 0)::float8 AS "factBytes",
       (SELECT count(*)::int FROM quarantine q, kept WHERE q.received_at < kept.bodies::timestamp AT TIME ZONE 'UTC') AS quarantined
     FROM gone`,
    [bodies, facts],
  );
  const [removal] = rows;
  if (removal === undefined) throw new AppError('internal', 'The days could not be counted.');
  return removal;
}

/** Whether days can be counted in this zone: PostgreSQL's list of zones and this runtime's are not quite the same. */
export async function isZoneOfDatabase(db: PrismaClient, zone: string): Promise<boolean> {
  const rows = await db.$queryRaw<{ known: boolean }[]>`
    SELECT EXISTS (SELECT FROM pg_timezone_names WHERE lower(name) = lower(${zone})) AS known`;
  return rows[0]?.known === true;
}
