import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { pool, type Queryable } from '@/lib/db/pool';
import { allOf, type Sql, sql } from '@/lib/inventory/sql';
import { type IdentityKind, type IdentityState, identityKinds, identityStates } from '../schema';
import { identityConditions, isUnowned, orderOf } from './conditions';
import { readMore } from './more';
import { formatPlace, type Place, parsePlace } from './place';
import { readRows } from './rows';
import {
  type IdentityCounts,
  type IdentityCursor,
  IdentityDetail,
  type IdentityFilter,
  type IdentityPage,
  type IdentitySort,
  identitiesPerPage,
} from './schema';

const run = <Row extends Record<string, unknown>>(db: Queryable, { text, values }: Sql) =>
  db.query<Row>(text, values);

type Asked = {
  filter: IdentityFilter;
  sort: IdentitySort;
  cursor: IdentityCursor | null;
  now: Date;
  /** Rows of a page. */
  limit?: number;
};

/** One page of those that match, in order, with what a line of the list shows. A cursor of another order is none. */
export async function listIdentities(
  { sees }: ReadScope,
  { filter, sort, cursor, now, limit = identitiesPerPage }: Asked,
  db: Queryable = pool(),
): Promise<IdentityPage> {
  const { key, type, join } = orderOf(sort, now);
  const place = cursor === null ? null : placeIn(cursor.place, sort);
  const isUpward = place !== null && cursor?.direction === 'before';
  const isFalling = sort.isDescending !== isUpward;
  const order = isFalling ? sql`f.key DESC, f.id DESC` : sql`f.key, f.id`;
  const { rows } = await run<{ id: string | null; key: string; total: number }>(
    db,
    sql`WITH found AS MATERIALIZED (
        SELECT i.id, ${key} AS key FROM identity i LEFT JOIN zone z ON z.id = i.zone_id ${join}
        WHERE ${identityConditions(filter, sees, now)})
      SELECT t.total, p.id, p.key::text AS key FROM (SELECT count(*)::int AS total FROM found) t LEFT JOIN (
        SELECT f.id, f.key FROM found f WHERE ${beside(place, type, isFalling)} ORDER BY ${order} LIMIT ${limit + 1}
      ) p ON true`,
  );
  const found = rows.flatMap(({ id, key: value }) => (id === null ? [] : [{ id, key: value }]));
  const shown = found.slice(0, limit);
  if (isUpward) shown.reverse();
  const isMore = found.length > limit;
  const at = (index: number) => {
    const row = shown.at(index);
    return row === undefined ? null : formatPlace([row.key, row.id]);
  };
  const ids = shown.map(({ id }) => id);
  return {
    rows: await readRows(ids, now, db),
    before: (isUpward ? isMore : place !== null) ? at(0) : null,
    after: isUpward || isMore ? at(-1) : null,
    total: rows[0]?.total ?? 0,
  };
}

function placeIn(text: string, { by }: IdentitySort): Place | null {
  const place = parsePlace(text);
  if (place === null || by === 'name') return place;
  return /^-?infinity$|^[0-9 :.+-]{10,40}$/.test(place[0]) ? place : null;
}

const beside = (place: Place | null, type: Sql, isFalling: boolean): Sql => {
  if (place === null) return sql`true`;
  const there = sql`(${place[0]}${type}, ${place[1]}::uuid)`;
  return isFalling ? sql`(f.key, f.id) < ${there}` : sql`(f.key, f.id) > ${there}`;
};

/** How many there are of each kind and state, for whoever sees them. */
export async function countIdentities(
  { sees }: ReadScope,
  db: Queryable = pool(),
): Promise<IdentityCounts> {
  const { rows } = await run<{
    kind: IdentityKind;
    state: IdentityState;
    n: number;
    unowned: number;
  }>(
    db,
    sql`SELECT i.kind, i.state, count(*)::int AS n, (count(*) FILTER (WHERE ${isUnowned}))::int AS unowned
      FROM identity i WHERE ${allOf(sees === 'all' ? [] : [sql`i.team_id = ANY(${sees}::uuid[])`])} GROUP BY 1, 2`,
  );
  const inUse = rows.filter(({ state }) => state === 'active' || state === 'suspended');
  const sum = (some: readonly { n: number }[]) => some.reduce((all, { n }) => all + n, 0);
  return {
    kind: tally(identityKinds, (kind) => sum(inUse.filter((row) => row.kind === kind))),
    state: tally(identityStates, (state) => sum(rows.filter((row) => row.state === state))),
    unowned: rows
      .filter(({ state }) => state !== 'decommissioned')
      .reduce((all, row) => all + row.unowned, 0),
  };
}

const tally = <Name extends string>(names: readonly Name[], count: (name: Name) => number) =>
  // Each name is a key, since all of them are gone through.
  Object.fromEntries(names.map((name) => [name, count(name)])) as Record<Name, number>;

/** All that is known of one. Throws `not_found` where none that the scope reaches has this id. */
export async function getIdentity(
  scope: ReadScope,
  { id, now }: { id: string; now: Date },
  db: Queryable = pool(),
): Promise<IdentityDetail> {
  await requireReached(scope, id, db);
  const [rows, more] = await Promise.all([readRows([id], now, db), readMore(scope, id, db)]);
  const [row] = rows;
  if (row === undefined) throw new AppError('not_found', unknown);
  return IdentityDetail.parse({ ...row, ...more });
}

const unknown = 'No identity is registered under this id.';

/** Throws `not_found` for one that is not registered, or that the scope does not reach. */
export async function requireReached(
  { sees }: ReadScope,
  id: string,
  db: Queryable,
): Promise<void> {
  const { rows } = await run(
    db,
    sql`SELECT 1 AS found FROM identity i WHERE i.id = ${id}
      AND ${allOf(sees === 'all' ? [] : [sql`i.team_id = ANY(${sees}::uuid[])`])}`,
  );
  if (rows.length === 0) throw new AppError('not_found', unknown);
}
