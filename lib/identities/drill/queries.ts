import type { ReadScope } from '@/lib/auth/scope';
import { parseInput } from '@/lib/core/parse-input';
import { pool, type Queryable } from '@/lib/db/pool';
import { liveText } from '../credentials/live';
import { type Drill, DrillIds, drillCountedMax, drillNamesMax, onlyDays } from './schema';

const hourMs = 3_600_000;
const hoursShown = 24;
// Names that stand for none, for too many and for erased ones: lib/inventory/rollups/terms.ts.
const untold = ['', 'other', '[erased]'];

const statement = () => `SELECT i.id, i.name, i.state,
  (SELECT coalesce(json_agg(k ORDER BY k.kind), '[]') FROM (SELECT c.kind, count(*)::int AS live FROM credential c
     WHERE c.identity_id = i.id AND ${liveText('c', '$2')} GROUP BY 1) k) AS credentials,
  (SELECT count(*) FROM (SELECT FROM session s WHERE s.identity = i.id AND s.ended_at > $2 - interval '1 hour'
     LIMIT ${drillCountedMax}) s)::int AS sessions,
  (SELECT coalesce(json_object_agg(h.at, h.n), '{}') FROM (SELECT extract(epoch FROM c.hour)::bigint AS at,
     sum(c.interactions) AS n FROM coverage_hour c WHERE c.identity = i.id AND c.hour >= $3 AND c.hour <= $2
     GROUP BY 1) h) AS hours,
  (SELECT count(*) FROM (SELECT DISTINCT b.person FROM person_behind b WHERE b.identity = i.id
     AND b.last_at > $2 - interval '1 day' LIMIT ${drillCountedMax}) b)::int AS people,
  (SELECT json_build_object('count', count(*), 'some', coalesce(json_agg(json_build_object('kind', o.kind, 'name', o.name))
       FILTER (WHERE o.place <= ${drillNamesMax}), '[]'))
     FROM (SELECT mine.kind, t.text AS name, row_number() OVER (ORDER BY mine.kind, t.text) AS place
       FROM (SELECT DISTINCT r.resource_kind AS kind, r.resource FROM rollup_day r WHERE r.identity = i.id AND r.at >= $4
         AND r.resource_kind <> '' LIMIT ${drillCountedMax}) mine JOIN term t ON t.id = mine.resource
       WHERE t.text <> ALL ($5) AND NOT EXISTS (SELECT FROM rollup_day r WHERE r.resource = mine.resource AND r.at >= $4
         AND r.resource_kind = mine.kind AND r.identity <> i.id)) o) AS only,
  (SELECT json_build_object('count', count(*), 'some', coalesce(json_agg(json_build_object('id', o.id, 'name', o.name))
       FILTER (WHERE o.place <= ${drillNamesMax}), '[]'))
     FROM (SELECT n.id, n.name, row_number() OVER (ORDER BY n.name) AS place FROM identity n
       WHERE n.id <> i.id AND n.state = 'active' AND ($6::uuid[] IS NULL OR n.team_id = ANY ($6))
         AND i.kind = 'service' AND (i.reports_for_all OR EXISTS (
           SELECT FROM identity_reports_for r WHERE r.reporter_id = i.id AND r.identity_id = n.id))
         AND NOT EXISTS (SELECT FROM credential c WHERE c.identity_id = n.id AND ${liveText('c', '$2')})
         AND NOT EXISTS (SELECT FROM identity other WHERE other.id <> ALL ($1) AND other.state = 'active'
           AND other.reports_for_all)
         AND NOT EXISTS (SELECT FROM identity_reports_for r JOIN identity other ON other.id = r.reporter_id
           WHERE r.identity_id = n.id AND other.id <> ALL ($1) AND other.state = 'active')) o) AS silenced,
  (SELECT coalesce(json_agg(json_build_object('id', p.id, 'name', p.name) ORDER BY p.name), '[]') FROM person p
     WHERE p.id IN (i.owner_id, i.sponsor_id) AND p.id IS DISTINCT FROM $7::uuid AND p.disabled_at IS NULL
       AND cardinality(p.roles) > 0) AS told
FROM identity i WHERE i.id = ANY ($1) AND ($6::uuid[] IS NULL OR i.team_id = ANY ($6)) ORDER BY i.name, i.id`;

/**
 * What would stop if these were suspended now by `by`, all at once; of them those that the scope reaches. It reads what is
 * counted already, so that asking costs nothing that is noticed.
 */
export async function drillStop(
  { sees }: ReadScope,
  { ids, by = null, now }: { ids: readonly string[]; by?: string | null; now: Date },
  db: Queryable = pool(),
): Promise<Drill[]> {
  const asked = parseInput(DrillIds, ids);
  const first = Math.floor(now.getTime() / hourMs) * hourMs - (hoursShown - 1) * hourMs;
  const since = new Date(now.getTime() - onlyDays * 24 * hourMs);
  const { rows } = await db.query<Omit<Drill, 'hours'> & { hours: Record<string, number> }>(
    statement(),
    [asked, now, new Date(first), since, untold, sees === 'all' ? null : sees, by],
  );
  return rows.map(({ hours, ...row }) => ({
    ...row,
    hours: Array.from(
      { length: hoursShown },
      (_, index) => hours[String((first + index * hourMs) / 1000)] ?? 0,
    ),
  }));
}
