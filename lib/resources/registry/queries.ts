import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import type { Queryable } from '@/lib/db/pool';
import { allOf, type Sql, sql } from '@/lib/inventory/sql';
import { approvalOf, type Definitions, effectiveTrust } from '../definitions/approval';
import type { Approval, DefinitionState } from '../definitions/schema';
import type { Classification, ResourceState, SideEffect, Trust } from '../words';

export const cataloguePerPage = 200;

type Named = { id: string; name: string };

/** What the registry says of a resource; not who uses it. */
export type Catalogued = {
  id: string;
  kind: string;
  name: string;
  names: string[];
  state: ResourceState;
  /** Id of the person who answers for it. */
  owner: string | null;
  team: Named | null;
  zone: Named | null;
  purpose: string;
  tags: string[];
  hostNames: string[];
  classification: Classification | null;
  trust: Trust | null;
  sideEffect: SideEffect | null;
  approval: Approval;
  /** What trust comes to, its definitions considered. */
  effectiveTrust: Trust;
  hasProposal: boolean;
  revision: number;
  firstAt: Date | null;
  lastAt: Date | null;
};

export type CatalogueFilter = {
  type: readonly string[];
  state: readonly ResourceState[];
  classification: readonly Classification[];
  trust: readonly Trust[];
  side_effect: readonly SideEffect[];
  zone: readonly string[];
};

/** By id, after `after`, which is the last one of the page before. Resources are of whoever may read the registry. */
export async function listCatalogued(
  _scope: ReadScope,
  { filter, after }: { filter: CatalogueFilter; after: string | null },
  db: Queryable,
): Promise<{ resources: Catalogued[]; next: string | null }> {
  const among = (column: Sql, values: readonly string[]): Sql[] =>
    values.length === 0 ? [] : [sql`${column} = ANY(${values})`];
  const resources = await read(
    [
      ...among(sql`r.kind`, filter.type),
      ...among(sql`r.state`, filter.state),
      ...among(sql`r.classification`, filter.classification),
      ...among(sql`r.trust`, filter.trust),
      ...among(sql`r.side_effect`, filter.side_effect),
      ...(filter.zone.length === 0 ? [] : [sql`r.zone_id = ANY(${filter.zone}::uuid[])`]),
      ...(after === null ? [] : [sql`r.id > ${after}::uuid`]),
    ],
    cataloguePerPage + 1,
    db,
  );
  const shown = resources.slice(0, cataloguePerPage);
  return {
    resources: shown,
    next: resources.length > cataloguePerPage ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** Throws `not_found` where there is none; a further name of a resource is that resource. */
export async function getCatalogued(
  _scope: ReadScope,
  id: string,
  db: Queryable,
): Promise<Catalogued> {
  const one = sql`r.id = (SELECT coalesce(o.alias_of, o.id) FROM resource o WHERE o.id = ${id}::uuid)`;
  const [found] = await read([one], 1, db);
  if (found === undefined) throw new AppError('not_found', 'No resource is known under this id.');
  return found;
}

async function read(conditions: Sql[], limit: number, db: Queryable): Promise<Catalogued[]> {
  const { text, values } = sql`WITH chosen AS MATERIALIZED (
      SELECT r.* FROM resource r WHERE r.alias_of IS NULL AND ${allOf(conditions)} ORDER BY r.id LIMIT ${limit}
    ), named AS MATERIALIZED (
      SELECT id AS resource, id FROM chosen
      UNION ALL SELECT c.id, a.id FROM chosen c JOIN resource a ON a.alias_of = c.id
    ), seen AS (
      SELECT n.resource, min(s.first_at) AS first_at, max(s.last_at) AS last_at
      FROM named n JOIN resource_seen s ON s.resource_id = n.id GROUP BY 1
    ), defined AS (
      SELECT n.resource, count(*)::int AS total, count(*) FILTER (WHERE d.state = 'unapproved')::int AS undecided,
        bool_or(d.state = 'approved') AS approved,
        (array_agg(d.state ORDER BY d.last_on DESC, d.first_at DESC, d.id DESC))[1] AS newest
      FROM named n JOIN resource_definition d ON d.resource_id = n.id GROUP BY 1
    )
    SELECT r.id, r.kind, r.name, r.state, r.owner_id AS owner, r.purpose, r.tags, r.host_names AS "hostNames",
      r.classification, r.trust, r.side_effect AS "sideEffect", r.proposed_at IS NOT NULL AS "hasProposal", r.revision,
      ARRAY(SELECT a.name FROM resource a WHERE a.alias_of = r.id ORDER BY a.name) AS names,
      CASE WHEN t.id IS NULL THEN NULL ELSE json_build_object('id', t.id, 'name', t.name) END AS team,
      CASE WHEN z.id IS NULL THEN NULL ELSE json_build_object('id', z.id, 'name', z.name) END AS zone,
      seen.first_at AS "firstAt", seen.last_at AS "lastAt", coalesce(defined.total, 0) AS total,
      coalesce(defined.undecided, 0) AS undecided, coalesce(defined.approved, false) AS "hasApproved", defined.newest
    FROM chosen r LEFT JOIN team t ON t.id = r.team_id LEFT JOIN zone z ON z.id = r.zone_id
      LEFT JOIN seen ON seen.resource = r.id LEFT JOIN defined ON defined.resource = r.id
    ORDER BY r.id`;
  const { rows } = await db.query<Omit<Catalogued, 'approval' | 'effectiveTrust'> & Definitions>(
    text,
    values,
  );
  return rows.map(({ total, undecided, hasApproved, newest, ...row }) => {
    const approval = approvalOf({ total, undecided, hasApproved, newest });
    return { ...row, approval, effectiveTrust: effectiveTrust(row.trust, approval) };
  });
}

export type CataloguedDefinition = {
  id: string;
  name: string;
  digest: string;
  bytes: number;
  state: DefinitionState;
  firstAt: Date;
  lastOn: string;
  decidedAt: Date | null;
};

/** Digests and states of what was offered under a resource's names, the newest first; never what they say. */
export async function listCataloguedDefinitions(
  scope: ReadScope,
  id: string,
  db: Queryable,
): Promise<CataloguedDefinition[]> {
  const found = await getCatalogued(scope, id, db);
  const { rows } = await db.query<CataloguedDefinition>(
    `SELECT d.id, r.name, encode(d.digest, 'hex') AS digest, d.bytes, d.state, d.first_at AS "firstAt",
       to_char(d.last_on, 'YYYY-MM-DD') AS "lastOn", d.decided_at AS "decidedAt"
     FROM resource r JOIN resource_definition d ON d.resource_id = r.id WHERE r.id = $1 OR r.alias_of = $1
     ORDER BY d.first_at DESC, d.id DESC LIMIT 400`,
    [found.id],
  );
  return rows;
}
