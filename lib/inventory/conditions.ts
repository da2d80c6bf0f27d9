import { z } from 'zod';
import type { Cursor, Facet, Filter, Range } from './address';
import { unregistered } from './address';
import { type Sql, sql } from './sql';

/** Filters whose values are what the tables hold: registered identities by id. */
export type Resolved = Filter;

/** One value is compared by `=`, so that the planner sees how rare it is and which index keeps the order. */
function among(column: Sql, values: readonly string[], type: Sql): Sql {
  const [first] = values;
  return values.length === 1
    ? sql`${column} = ${first}::${type}`
    : sql`${column} = ANY(${values}::${type}[])`;
}

const conditionOf: Record<Facet, (values: readonly string[]) => Sql> = {
  kind: (values) => among(sql`i.kind`, values, sql`text`),
  status: (values) => among(sql`i.status`, values, sql`text`),
  // A model is found by the index of models, any other resource by its own: see the migration's indexes.
  resource: (values) => {
    const named = among(sql`i.resource`, values, sql`text`);
    const model = among(sql`i.model`, values, sql`text`);
    return sql`((${named} AND i.resource_kind <> 'model') OR (${model} AND ${named} AND i.resource_kind = 'model'))`;
  },
  model: (values) => among(sql`i.model`, values, sql`text`),
  session: (values) => among(sql`i.session`, values, sql`uuid`),
  identity: (values) => {
    // A name that nobody is registered under is still in the list and matches nothing.
    const ids = values.filter((value) => z.guid().safeParse(value).success);
    const named = ids.length === 0 ? sql`false` : among(sql`i.identity`, ids, sql`uuid`);
    if (!values.includes(unregistered)) return named;
    return ids.length === 0 ? sql`i.identity IS NULL` : sql`(${named} OR i.identity IS NULL)`;
  },
};

/** The facets as conditions on `interaction i`; `except` leaves its own facet out. */
export const filterConditions = (filter: Resolved, except?: Facet): Sql[] =>
  (Object.keys(conditionOf) as Facet[]) // the keys of a Record over Facet
    .filter((facet) => facet !== except && filter[facet].length > 0)
    .map((facet) => conditionOf[facet](filter[facet]));

/** Bounds of arrival on both sides where there are two: they choose the partitions. */
export const rangeConditions = ({ from, to }: Range): Sql[] => [
  sql`i.received_at >= ${from}`,
  ...(to === null ? [] : [sql`i.received_at < ${to}`]),
];

/** After the comparison of rows comes the same bound alone, since partitions are not chosen by row comparisons. */
export function cursorConditions(cursor: Cursor | null): Sql[] {
  if (cursor === null) return [];
  const { receivedAt, shard, position } = cursor.place;
  const place = sql`(${receivedAt}::timestamptz, ${shard}::int, ${position.toString()}::bigint)`;
  return cursor.direction === 'before'
    ? [sql`(i.received_at, i.shard, i.position) < ${place}`, sql`i.received_at <= ${receivedAt}`]
    : [sql`(i.received_at, i.shard, i.position) > ${place}`, sql`i.received_at >= ${receivedAt}`];
}
