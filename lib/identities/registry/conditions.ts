import { allOf, type Sql, sql } from '@/lib/inventory/sql';
import { isLive } from '../credentials/live';
import { classOf } from '../credentials/schema';
import type { IdentityFilter, IdentitySort } from './schema';

const wordsMax = 8;

/** Of identities `i`, in zones `z`, those that match and that the reach has. */
export function identityConditions(
  filter: IdentityFilter,
  sees: 'all' | readonly string[],
  now: Date,
): Sql {
  const { kind = [], state = [], trust = [], environment = [], tag = [] } = filter;
  return allOf([
    ...(sees === 'all' ? [] : [sql`i.team_id = ANY(${sees}::uuid[])`]),
    ...among(sql`i.kind`, kind),
    ...among(sql`i.state`, state),
    ...among(sql`i.trust`, trust),
    ...among(sql`z.environment`, environment),
    ...referring(sql`i.team_id`, filter.team),
    ...referring(sql`i.owner_id`, filter.owner),
    ...referring(sql`i.sponsor_id`, filter.sponsor),
    ...referring(sql`i.zone_id`, filter.zone),
    ...(tag.length === 0 ? [] : [sql`i.tags @> ${tag}::text[]`]),
    ...(filter.isUnowned ? [isUnowned] : []),
    ...timeConditions(filter, now),
    ...assured(filter.assurance ?? [], now),
    ...searched(filter.search ?? ''),
  ]);
}

export const isUnowned = sql`NOT EXISTS (SELECT FROM person p WHERE p.id = i.owner_id AND p.disabled_at IS NULL
  AND cardinality(p.roles) > 0)`;

const among = (column: Sql, values: readonly string[]): Sql[] =>
  values.length === 0 ? [] : [sql`${column} = ANY(${values}::text[])`];

function referring(column: Sql, values: readonly string[] = []): Sql[] {
  if (values.length === 0) return [];
  const ids = values.filter((value) => value !== 'none');
  const isOne = sql`${column} = ANY(${ids}::uuid[])`;
  return [ids.length === values.length ? isOne : sql`(${column} IS NULL OR ${isOne})`];
}

function timeConditions({ endsBefore, seenBefore, seenAfter }: IdentityFilter, now: Date): Sql[] {
  return [
    ...(endsBefore
      ? [
          sql`i.id IN (SELECT e.identity_id FROM (${endings(now)}) e WHERE e.ends_at < ${endsBefore})`,
        ]
      : []),
    ...(seenBefore ? [sql`NOT ${seenSince(seenBefore)}`] : []),
    ...(seenAfter ? [seenSince(seenAfter)] : []),
  ];
}

/** The same as `assuranceOf` says of one: lib/identities/credentials/assurance.ts. */
function assured(levels: readonly number[], now: Date): Sql[] {
  if (levels.length === 0) return [];
  const known = sql`SELECT c.identity_id, CASE WHEN count(DISTINCT k.class) FILTER (WHERE k.class <> 'bearer') >= 2 THEN 2
      WHEN bool_or(k.class <> 'placed') THEN 1 ELSE 0 END AS level
    FROM credential c JOIN unnest(${Object.keys(classOf)}::text[], ${Object.values(classOf)}::text[]) AS k(kind, class)
      ON k.kind = c.kind WHERE ${isLive(now)} GROUP BY c.identity_id`;
  const isOne = sql`i.id IN (SELECT k.identity_id FROM (${known}) k WHERE k.level = ANY(${levels}::int[]))`;
  const isNothing = sql`i.id NOT IN (SELECT k.identity_id FROM (${known}) k WHERE k.level > 0)`;
  return [levels.includes(0) ? sql`(${isOne} OR ${isNothing})` : isOne];
}

const seenSince = (at: Date): Sql =>
  sql`EXISTS (SELECT FROM coverage c WHERE c.identity = i.id AND c.last_at >= ${at})`;

/** Every word in some text of it; what a pattern would read otherwise stands for itself. */
function searched(search: string): Sql[] {
  const words = search
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  return words.slice(0, wordsMax).map((word) => {
    const pattern = `%${word.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    return sql`i.searched LIKE ${pattern}`;
  });
}

/** Of each identity when the first of its credentials ends that can prove something and has no successor. */
export const endings = (now: Date, whose: Sql = sql`true`): Sql =>
  sql`SELECT c.identity_id, min(c.expires_at) AS ends_at FROM credential c
    WHERE ${whose} AND ${isLive(now)} AND NOT EXISTS (
      SELECT FROM credential n WHERE n.replaces_id = c.id AND n.replaces_id IS NOT NULL AND n.revoked_at IS NULL)
    GROUP BY c.identity_id`;

/** What a list is in the order of: the value that a place in it is told by, and from where that is read. */
export function orderOf({ by }: IdentitySort, now: Date): { key: Sql; type: Sql; join: Sql } {
  const time = sql`::timestamptz`;
  switch (by) {
    case 'name':
      return { key: sql`lower(i.name) COLLATE "C"`, type: sql`::text COLLATE "C"`, join: sql`` };
    case 'registered':
      return { key: sql`i.created_at`, type: time, join: sql`` };
    case 'seen':
      return {
        key: sql`coalesce(o.at, '-infinity')`,
        type: time,
        join: sql`LEFT JOIN (SELECT c.identity, max(c.last_at) AS at FROM coverage c GROUP BY 1) o ON o.identity = i.id`,
      };
    case 'ends':
      return {
        key: sql`coalesce(e.ends_at, 'infinity')`,
        type: time,
        join: sql`LEFT JOIN (${endings(now)}) e ON e.identity_id = i.id`,
      };
  }
}
