import type { Queryable } from '@/lib/db/pool';
import { Sql, sql } from '@/lib/inventory/sql';
import { isLive } from '../credentials/live';
import { type CredentialKind, classOf, proofClasses } from '../credentials/schema';
import { endings } from './conditions';
import { IdentityRow } from './schema';

const hourMs = 3_600_000;
const hoursShown = 24;

const somebody = (alias: string) =>
  `CASE WHEN ${alias}.id IS NOT NULL THEN json_build_object('id', ${alias}.id, 'name', ${alias}.name, 'isGone',
    ${alias}.disabled_at IS NOT NULL OR coalesce(cardinality(${alias}.roles), 0) = 0) END`;
const columns = `i.id, i.kind, i.name, coalesce(i.names, '{}') AS names, i.state, i.state_reason AS "stateReason",
  i.state_at AS "stateAt", i.purpose, coalesce(i.tags, '{}') AS tags, i.trust, i.trust_at AS "trustAt",
  i.reports_for_all AS "reportsForAll", i.revision, i.created_at AS "createdAt",
  ${somebody('owner')} AS owner, ${somebody('sponsor')} AS sponsor,
  CASE WHEN t.id IS NOT NULL THEN json_build_object('id', t.id, 'name', t.name) END AS team,
  CASE WHEN z.id IS NOT NULL THEN json_build_object('id', z.id, 'name', z.name, 'environment', z.environment) END AS zone`;
const from = `identity i LEFT JOIN person owner ON owner.id = i.owner_id LEFT JOIN person sponsor ON sponsor.id = i.sponsor_id
  LEFT JOIN team t ON t.id = i.team_id LEFT JOIN zone z ON z.id = i.zone_id`;

type Found = Record<string, unknown> & {
  id: string;
  live: number;
  kinds: CredentialKind[] | null;
  endsAt: Date | null;
};
const run = <Row extends Record<string, unknown>>(db: Queryable, { text, values }: Sql) =>
  db.query<Row>(text, values);
const plain = (text: string) => new Sql([text], []);

/** What a line shows of each of these, in their order; the caller has seen that they are reached. */
export async function readRows(
  ids: readonly string[],
  now: Date,
  db: Queryable,
): Promise<IdentityRow[]> {
  if (ids.length === 0) return [];
  const first = Math.floor(now.getTime() / hourMs) * hourMs - (hoursShown - 1) * hourMs;
  const [{ rows }, { rows: hours }] = await Promise.all([
    run<Found>(
      db,
      sql`SELECT ${plain(columns)}, coalesce(k.live, 0) AS live, k.kinds, e.ends_at AS "endsAt",
          (SELECT max(c.last_at) FROM coverage c WHERE c.identity = i.id) AS "lastSeenAt"
        FROM ${plain(from)}
        LEFT JOIN LATERAL (SELECT count(*)::int AS live, array_agg(DISTINCT c.kind) AS kinds FROM credential c
          WHERE c.identity_id = i.id AND ${isLive(now)}) k ON true
        LEFT JOIN (${endings(now, sql`c.identity_id = ANY(${ids}::uuid[])`)}) e ON e.identity_id = i.id
        WHERE i.id = ANY(${ids}::uuid[])`,
    ),
    run<{ identity: string; hour: Date; n: number }>(
      db,
      sql`SELECT c.identity::text, c.hour, sum(c.interactions)::float8 AS n FROM coverage_hour c
        WHERE c.identity = ANY(${ids}::uuid[]) AND c.hour >= ${new Date(first)} AND c.hour <= ${now} GROUP BY 1, 2`,
    ),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (row === undefined) return [];
    const mine = Array.from({ length: hoursShown }, () => 0);
    for (const each of hours)
      if (each.identity === id) mine[Math.round((each.hour.getTime() - first) / hourMs)] = each.n;
    return [rowOf(row, mine)];
  });
}

function rowOf({ live, kinds, endsAt, ...row }: Found, hours: number[]): IdentityRow {
  const classes = new Set((kinds ?? []).map((kind) => classOf[kind]));
  return IdentityRow.parse({
    ...row,
    credentials: { live, classes: proofClasses.filter((each) => classes.has(each)), endsAt },
    hours,
  });
}
