import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { IdentityKind, IdentityState } from '@/lib/identities/schema';
import { amongReach, seesAll, withinReach } from '../reach';
import { allOf, Sql, sql } from '../sql';
import { type Actor, actorOf } from './actor';
import { type Aspect, aspects } from './aspects';
import type { CoveredIdentity } from './schema';

/** Beyond so many identities the first by name are read, and the page says so. */
export const identitiesMax = 1000;

const dayMs = 86_400_000;
const list = (of: (aspect: Aspect) => string): Sql => new Sql([aspects.map(of).join(', ')], []);

type Row = {
  id: string;
  name: string;
  kind: IdentityKind;
  state: IdentityState;
  key_ends_at: Date | null;
  interactions: number | null;
  first_at: Date | null;
  last_at: Date | null;
  dialects: string[] | null;
} & Record<`recent_${Aspect}`, number | null> &
  Record<`last_${Aspect}`, Date | null>;

/** What arrives of each identity in use, by name; or of one. */
export async function listCoverage(
  scope: ReadScope,
  { now, id = null }: { now: Date; id?: string | null },
  db: Queryable = pool(),
): Promise<CoveredIdentity[]> {
  const chosen = allOf([
    sql`state <> 'decommissioned'`,
    ...(id === null ? [] : [sql`id = ${id}`]),
    ...withinReach(sql`id`, scope.sees),
  ]);
  const { text, values } = sql`WITH chosen AS MATERIALIZED (
       SELECT id, name, kind, state FROM identity WHERE ${chosen} ORDER BY name LIMIT ${identitiesMax}
     ), ever AS (
       SELECT c.identity, min(c.first_at) AS first_at, max(c.last_at) AS last_at,
         ${list((name) => `max(c.${name}) AS last_${name}`)}
       FROM coverage c JOIN chosen i ON i.id = c.identity GROUP BY c.identity
     ), recent AS (
       SELECT c.identity, sum(c.interactions::float8) AS interactions,
         ${list((name) => `sum(c.${name}::float8) AS recent_${name}`)}
       FROM coverage_hour c JOIN chosen i ON i.id = c.identity WHERE c.hour >= ${new Date(now.getTime() - 7 * dayMs)} GROUP BY c.identity
     ), keys AS (
       SELECT c.identity_id AS identity, max(c.expires_at) AS key_ends_at
       FROM credential c JOIN chosen i ON i.id = c.identity_id WHERE c.revoked_at IS NULL GROUP BY c.identity_id
     )
     SELECT i.*, ever.*, recent.*, keys.key_ends_at, i.id, i.kind,
       ARRAY(SELECT DISTINCT unnest(c.dialects) FROM coverage c WHERE c.identity = i.id ORDER BY 1) AS dialects
     FROM chosen i LEFT JOIN ever ON ever.identity = i.id LEFT JOIN recent ON recent.identity = i.id
       LEFT JOIN keys ON keys.identity = i.id
     ORDER BY i.name`;
  const { rows } = await db.query<Row>(text, values);
  return rows.map(coveredOf);
}

/** What arrives of one identity; null where none in use has this id. */
export async function findCoverage(
  scope: ReadScope,
  { now, id }: { now: Date; id: string },
  db: Queryable = pool(),
): Promise<CoveredIdentity | null> {
  return (await listCoverage(scope, { now, id }, db))[0] ?? null;
}

function coveredOf(row: Row): CoveredIdentity {
  // Object.fromEntries forgets which names it was given; they are all of them.
  const recent = Object.fromEntries(
    aspects.map((aspect) => [aspect, row[`recent_${aspect}`] ?? 0]),
  ) as Record<Aspect, number>;
  const last = Object.fromEntries(
    aspects.map((aspect) => [aspect, row[`last_${aspect}`]]),
  ) as Record<Aspect, Date | null>;
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    state: row.state,
    keyEndsAt: row.key_ends_at,
    interactions: row.interactions ?? 0,
    recent,
    last,
    dialects: row.dialects ?? [],
    firstAt: row.first_at,
    lastAt: row.last_at,
  };
}

/** What kind of actor each of these identities is. */
export async function listActors(
  scope: ReadScope,
  ids: readonly string[],
  db: Queryable = pool(),
): Promise<Map<string, Actor>> {
  const { text, values } =
    sql`SELECT i.id::text, s.at, s.has_user, h.hours FROM unnest(${ids}::uuid[]) AS i(id)
     LEFT JOIN (
       SELECT identity, array_agg(at) AS at, array_agg(has_user) AS has_user
       FROM coverage_start WHERE identity = ANY(${ids}::uuid[]) GROUP BY identity
     ) s ON s.identity = i.id
     LEFT JOIN (
       SELECT identity, array_agg(DISTINCT hour) AS hours
       FROM coverage_hour WHERE identity = ANY(${ids}::uuid[]) AND sessions > 0 GROUP BY identity
     ) h ON h.identity = i.id
     WHERE ${allOf(amongReach(sql`i.id`, scope.sees))}`;
  const { rows } = await db.query<{
    id: string;
    at: Date[] | null;
    has_user: boolean[] | null;
    hours: Date[] | null;
  }>(text, values);
  return new Map(
    rows.map(({ id, at, has_user, hours }) => [
      id,
      actorOf({
        starts: (at ?? []).map((each, index) => ({
          at: each,
          hasUser: has_user?.[index] === true,
        })),
        hours: hours ?? [],
      }),
    ]),
  );
}

export type JoinedActor = {
  fingerprint: string;
  since: Date;
  interactions: number;
  firstAt: Date | null;
  lastAt: Date | null;
};

/**
 * The unregistered actors that an identity was before, and how much of what they did nobody answers for: so whoever
 * sees but some teams sees none of it.
 */
export async function listJoined(
  scope: ReadScope,
  identity: string,
  db: Queryable = pool(),
): Promise<JoinedActor[]> {
  if (!seesAll(scope)) return [];
  const { rows } = await db.query<{
    fingerprint: Buffer;
    since: Date;
    interactions: bigint;
    first_at: Date | null;
    last_at: Date | null;
  }>(
    `SELECT f.fingerprint, f.since, coalesce(sum(s.interactions), 0)::bigint AS interactions, min(s.first_at) AS first_at,
       max(s.last_at) AS last_at
     FROM identity_fingerprint f LEFT JOIN shadow_actor s ON s.fingerprint = f.fingerprint
     WHERE f.identity_id = $1 GROUP BY f.fingerprint, f.since ORDER BY f.since DESC LIMIT 20`,
    [identity],
  );
  return rows.map((row) => ({
    fingerprint: row.fingerprint.toString('hex'),
    since: row.since,
    interactions: Number(row.interactions),
    firstAt: row.first_at,
    lastAt: row.last_at,
  }));
}
