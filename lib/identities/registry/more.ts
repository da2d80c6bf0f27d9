import type { ReadScope } from '@/lib/auth/scope';
import type { Queryable } from '@/lib/db/pool';
import { sessionsCountedMax } from './schema';

const reached = '($2::uuid[] IS NULL OR n.team_id = ANY ($2))';
const named = (from: string) =>
  `(SELECT coalesce(json_agg(json_build_object('id', n.id, 'name', n.name) ORDER BY n.name), '[]') FROM ${from})`;
const statement = `SELECT
  CASE WHEN i.acts_for_all THEN to_json('all'::text) ELSE json_build_object(
    'people', (SELECT coalesce(json_agg(json_build_object('id', p.id, 'name', p.name, 'isGone',
        p.disabled_at IS NOT NULL OR coalesce(cardinality(p.roles), 0) = 0) ORDER BY p.name), '[]')
      FROM person p WHERE p.id = ANY (i.acts_for_people)),
    'teams', ${named('team n WHERE n.id = ANY (i.acts_for_teams)')}) END AS "actsFor",
  coalesce(i.expects, '{}') AS expects,
  CASE WHEN i.reports_for_all THEN to_json('all'::text) ELSE ${named(
    `identity_reports_for r JOIN identity n ON n.id = r.identity_id
     WHERE r.reporter_id = i.id AND n.state <> 'decommissioned' AND ${reached}`,
  )} END AS "reportsFor",
  ${named(
    `identity_reports_for r JOIN identity n ON n.id = r.reporter_id
     WHERE r.identity_id = i.id AND n.state <> 'decommissioned' AND ${reached}`,
  )} AS "reportedBy",
  (SELECT count(*) FROM identity_fingerprint f WHERE f.identity_id = i.id)::int AS joined,
  (SELECT v.by FROM identity_version v WHERE v.identity_id = i.id AND v.revision = 1) AS by,
  json_build_object(
    'sessions', (SELECT count(*) FROM (SELECT FROM session s WHERE s.identity = i.id LIMIT ${sessionsCountedMax}) s),
    'interactions', (SELECT coalesce(sum(c.interactions), 0) FROM coverage c WHERE c.identity = i.id),
    'credentials', (SELECT count(*) FROM credential c WHERE c.identity_id = i.id),
    'versions', (SELECT count(*) FROM identity_version v WHERE v.identity_id = i.id)) AS counts
FROM identity i WHERE i.id = $1`;

/** What a page about one identity shows beyond a line of the list; of others those that are reached. */
export async function readMore(
  { sees }: ReadScope,
  id: string,
  db: Queryable,
): Promise<Record<string, unknown>> {
  const { rows } = await db.query<Record<string, unknown>>(statement, [
    id,
    sees === 'all' ? null : sees,
  ]);
  return rows[0] ?? {};
}
