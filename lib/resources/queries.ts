import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { withinReach } from '@/lib/inventory/reach';
import { allOf, type Sql, sql } from '@/lib/inventory/sql';
import type { ResourceView } from './address';
import { approvalOf, type Definitions } from './definitions/approval';
import type { Approval } from './definitions/schema';
import type { Registered } from './schema';
import type { Classification, ResourceState, SideEffect, Trust } from './words';

export const resourcesPerPage = 100;
/** Days over which it is said who used a resource. */
export const usedDays = 30;

type Named = { id: string; name: string };

export type ResourceType = { name: string; label: string; isOwn: boolean; resources: number };

export type ResourceRow = {
  id: string;
  kind: string;
  name: string;
  state: ResourceState;
  /** Null where nobody says so. */
  owner: Named | null;
  team: Named | null;
  zone: Named | null;
  classification: Classification | null;
  trust: Trust | null;
  sideEffect: SideEffect | null;
  hasProposal: boolean;
  approval: Approval;
  firstAt: Date | null;
  lastAt: Date | null;
  /** Within reach: identities of the last 30 days, interactions of the last 24 hours. */
  usedBy: number;
  calls24h: number;
};

const pattern = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

const said = (column: Sql, value: string | null): Sql[] =>
  value === null ? [] : [value === 'unsaid' ? sql`${column} IS NULL` : sql`${column} = ${value}`];

const saidId = (column: Sql, value: string | null): Sql[] =>
  value === null
    ? []
    : [value === 'unsaid' ? sql`${column} IS NULL` : sql`${column} = ${value}::uuid`];

/** Which resources a view is of, the type aside: rows `r` that are no further name of another. */
function narrowing(view: Omit<ResourceView, 'type' | 'problems'>): Sql[] {
  const like = view.q === null ? null : pattern(view.q);
  return [
    sql`r.alias_of IS NULL`,
    ...(like === null
      ? []
      : [
          sql`(r.name ILIKE ${like} OR r.purpose ILIKE ${like} OR array_to_string(r.tags, ' ') ILIKE ${like}
            OR array_to_string(r.host_names, ' ') ILIKE ${like}
            OR EXISTS (SELECT FROM resource a WHERE a.alias_of = r.id AND a.name ILIKE ${like}))`,
        ]),
    ...said(sql`r.state`, view.state),
    ...said(sql`r.classification`, view.classification),
    ...said(sql`r.trust`, view.trust),
    ...said(sql`r.side_effect`, view.effect),
    ...(view.definitions === null
      ? []
      : [
          sql`EXISTS (SELECT FROM resource_definition d JOIN resource o ON o.id = d.resource_id
            WHERE d.state = 'unapproved' AND (o.id = r.id OR o.alias_of = r.id))`,
        ]),
    ...saidId(sql`r.zone_id`, view.zone),
    ...saidId(sql`r.owner_id`, view.owner),
    ...saidId(sql`r.team_id`, view.team),
  ];
}

const nameKey = sql`lower(r.name)`;

/** Every type, and how many resources of it the rest of a view finds. */
export async function listTypes(
  _scope: ReadScope,
  view: ResourceView,
  db: Queryable = pool(),
): Promise<ResourceType[]> {
  const { text, values } =
    sql`SELECT t.name, t.label, t.is_own AS "isOwn", count(r.id)::int AS resources
    FROM resource_type t LEFT JOIN resource r ON r.kind = t.name AND ${allOf(narrowing(view))}
    GROUP BY t.name ORDER BY t.is_own, t.created_at, array_position(ARRAY['model', 'tool', 'mcp_server', 'dataset',
      'data_source', 'endpoint'], t.name), lower(t.label)`;
  return (await db.query<ResourceType>(text, values)).rows;
}

/** A page of resources by name. They belong to whoever sees the console; how much each is used is told within reach. */
export async function listResources(
  scope: ReadScope,
  view: ResourceView,
  now: Date,
  db: Queryable = pool(),
): Promise<{ rows: ResourceRow[]; next: string | null }> {
  const chosen = sql`SELECT r.* FROM resource r WHERE ${allOf([
    ...narrowing(view),
    ...(view.type === null ? [] : [sql`r.kind = ${view.type}`]),
    ...(view.after === null
      ? []
      : [
          sql`(${nameKey}, r.id) > (SELECT lower(o.name), o.id FROM resource o WHERE o.id = ${view.after}::uuid)`,
        ]),
  ])} ORDER BY ${nameKey}, r.id LIMIT ${resourcesPerPage + 1}`;
  const rows = await readRows(scope, chosen, now, db);
  const shown = rows.slice(0, resourcesPerPage);
  return {
    rows: shown,
    next: rows.length > resourcesPerPage ? (shown.at(-1)?.id ?? null) : null,
  };
}

async function readRows(
  { sees }: ReadScope,
  chosen: Sql,
  now: Date,
  db: Queryable,
): Promise<ResourceRow[]> {
  const hourAgo24 = new Date(now.getTime() - 24 * 3_600_000);
  const daysAgo = new Date(now.getTime() - usedDays * 24 * 3_600_000);
  const within = (column: Sql) => allOf(withinReach(column, sees));
  const { text, values } = sql`WITH chosen AS MATERIALIZED (${chosen}), named AS MATERIALIZED (
      SELECT id AS resource, id, kind, term_id(name) AS term FROM chosen
      UNION ALL SELECT c.id, a.id, a.kind, term_id(a.name) FROM chosen c JOIN resource a ON a.alias_of = c.id
    ), seen AS (
      SELECT n.resource, min(s.first_at) AS first_at, max(s.last_at) AS last_at
      FROM named n JOIN resource_seen s ON s.resource_id = n.id GROUP BY 1
    ), defined AS (
      SELECT n.resource, count(*)::int AS total, count(*) FILTER (WHERE d.state = 'unapproved')::int AS undecided,
        bool_or(d.state = 'approved') AS approved,
        (array_agg(d.state ORDER BY d.last_on DESC, d.first_at DESC, d.id DESC))[1] AS newest
      FROM named n JOIN resource_definition d ON d.resource_id = n.id GROUP BY 1
    ), used AS (
      SELECT n.resource, count(DISTINCT d.identity)::int AS identities
      FROM named n JOIN rollup_day d ON d.resource = n.term AND d.resource_kind = n.kind
      WHERE d.at >= ${daysAgo} AND d.resource = ANY (ARRAY(SELECT term FROM named)) AND ${within(sql`d.identity`)} GROUP BY 1
    ), called AS (
      SELECT n.resource, sum(h.interactions)::float8 AS interactions
      FROM named n JOIN rollup_hour h ON h.resource = n.term AND h.resource_kind = n.kind
      WHERE h.at >= ${hourAgo24} AND h.resource = ANY (ARRAY(SELECT term FROM named)) AND ${within(sql`h.identity`)} GROUP BY 1
    )
    SELECT r.id, r.kind, r.name, r.state, r.classification, r.trust, r.side_effect AS "sideEffect",
      r.proposed_at IS NOT NULL AS "hasProposal",
      CASE WHEN p.id IS NULL THEN NULL ELSE json_build_object('id', p.id, 'name', p.name) END AS owner,
      CASE WHEN t.id IS NULL THEN NULL ELSE json_build_object('id', t.id, 'name', t.name) END AS team,
      CASE WHEN z.id IS NULL THEN NULL ELSE json_build_object('id', z.id, 'name', z.name) END AS zone,
      coalesce(defined.total, 0) AS total,
      coalesce(defined.undecided, 0) AS undecided, coalesce(defined.approved, false) AS "hasApproved", defined.newest,
      seen.first_at AS "firstAt", seen.last_at AS "lastAt", coalesce(used.identities, 0) AS "usedBy",
      coalesce(called.interactions, 0) AS "calls24h"
    FROM chosen r LEFT JOIN person p ON p.id = r.owner_id LEFT JOIN team t ON t.id = r.team_id
      LEFT JOIN zone z ON z.id = r.zone_id LEFT JOIN seen ON seen.resource = r.id
      LEFT JOIN defined ON defined.resource = r.id LEFT JOIN used ON used.resource = r.id LEFT JOIN called ON called.resource = r.id
    ORDER BY ${nameKey}, r.id`;
  const { rows } = await db.query<Omit<ResourceRow, 'approval'> & Definitions>(text, values);
  return rows.map(({ total, undecided, hasApproved, newest, ...row }) => ({
    ...row,
    approval: approvalOf({ total, undecided, hasApproved, newest }),
  }));
}

export type ResourceDetail = ResourceRow & {
  names: string[];
  purpose: string;
  tags: string[];
  hostNames: string[];
  revision: number;
  stateReason: string | null;
  changedAt: Date;
  proposal: unknown;
  /** As entries name whoever acted. */
  proposedBy: string | null;
  proposedAt: Date | null;
};

/** Null where there is none; a further name of a resource is that resource. */
export async function findResource(
  scope: ReadScope,
  id: string,
  now: Date,
  db: Queryable = pool(),
): Promise<ResourceDetail | null> {
  const { text, values } =
    sql`SELECT r.id, r.purpose, r.tags, r.host_names AS "hostNames", r.revision,
      r.state_reason AS "stateReason", r.changed_at AS "changedAt", r.proposal, r.proposed_by AS "proposedBy",
      r.proposed_at AS "proposedAt", ARRAY(SELECT a.name FROM resource a WHERE a.alias_of = r.id ORDER BY a.name) AS names
    FROM resource r WHERE r.id = (SELECT coalesce(o.alias_of, o.id) FROM resource o WHERE o.id = ${id}::uuid)`;
  const [more] = (
    await db.query<Omit<ResourceDetail, keyof ResourceRow> & { id: string }>(text, values)
  ).rows;
  if (more === undefined) return null;
  const [row] = await readRows(
    scope,
    sql`SELECT r.* FROM resource r WHERE r.id = ${more.id}::uuid`,
    now,
    db,
  );
  return row === undefined ? null : { ...row, ...more };
}

export type ResourceUser = {
  /** Null for whoever acts without being registered. */
  id: string | null;
  name: string | null;
  kind: string | null;
  interactions: number;
  errors: number;
  /** By day of the organisation, the first of 30 first. */
  days: number[];
  lastDay: string;
};
export const usersMax = 100;

/** Who used a resource in the last 30 days, of those within reach, whoever did most first. */
export async function listUsers(
  { sees }: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<ResourceUser[]> {
  const { text, values } =
    sql`WITH zone AS (SELECT organisation_zone() AS name), named AS MATERIALIZED (
      SELECT kind, term_id(name) AS term FROM resource WHERE id = ${id}::uuid OR alias_of = ${id}::uuid
    ), day AS MATERIALIZED (
      SELECT d.identity, ((now() AT TIME ZONE z.name)::date - (d.at AT TIME ZONE z.name)::date) AS ago,
        sum(d.interactions)::float8 AS interactions,
        coalesce(sum(d.interactions) FILTER (WHERE d.status = 'error'), 0)::float8 AS errors
      FROM zone z CROSS JOIN named n JOIN rollup_day d ON d.resource = n.term AND d.resource_kind = n.kind
      WHERE d.at >= now() - make_interval(days => ${usedDays}) AND ${allOf(withinReach(sql`d.identity`, sees))}
      GROUP BY 1, 2
    )
    SELECT i.id, i.name, i.kind, sum(d.interactions) AS interactions, sum(d.errors) AS errors,
      to_char((now() AT TIME ZONE z.name)::date - min(d.ago), 'YYYY-MM-DD') AS "lastDay",
      (SELECT array_agg(coalesce(o.interactions, 0) ORDER BY g.ago DESC) FROM generate_series(0, ${usedDays - 1}::int) AS g(ago)
        LEFT JOIN day o ON o.identity = d.identity AND o.ago = g.ago) AS days
    FROM day d CROSS JOIN zone z LEFT JOIN identity i ON i.id = d.identity
    GROUP BY d.identity, i.id, z.name ORDER BY sum(d.interactions) DESC, i.name NULLS LAST LIMIT ${usersMax + 1}`;
  return (await db.query<ResourceUser>(text, values)).rows;
}

export type ResourceVersionRow = {
  revision: number;
  attributes: Registered;
  at: Date;
  by: string;
  reason: string | null;
};

/** What was said of a resource at each revision, the newest first. */
export async function listVersions(
  _scope: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<ResourceVersionRow[]> {
  const { rows } = await db.query<ResourceVersionRow>(
    `SELECT v.revision, v.attributes, v.at, coalesce(p.name, v.by) AS by, v.reason FROM resource_version v
     LEFT JOIN person p ON 'person:' || p.id = v.by
     WHERE v.resource_id = $1 ORDER BY v.revision DESC LIMIT 100`,
    [id],
  );
  return rows;
}

/** Who brought more names or definitions in the last two days than are listed, and how many found no room. */
export async function listLeftOut(
  { sees }: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<{ reporter: string; names: number }[]> {
  const { text, values } =
    sql`SELECT coalesce(i.name, 'a removed reporter') AS reporter, sum(h.left_out)::int AS names
    FROM (SELECT reporter, hour, left_out FROM resource_name_hour
      UNION ALL SELECT reporter, hour, left_out FROM resource_definition_hour) h LEFT JOIN identity i ON i.id = h.reporter
    WHERE h.left_out > 0 AND h.hour >= ${new Date(now.getTime() - 48 * 3_600_000)}
      AND ${allOf(withinReach(sql`h.reporter`, sees))}
    GROUP BY 1 ORDER BY 2 DESC LIMIT 5`;
  return (await db.query<{ reporter: string; names: number }>(text, values)).rows;
}
