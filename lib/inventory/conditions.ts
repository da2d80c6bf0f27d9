import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import { interactionKinds } from '@/lib/telemetry/schema';
import {
  type Cursor,
  type Facet,
  type Filter,
  facets,
  hasText,
  type Range,
  unregistered,
} from './address';
import { type KindTerm, kindsOf } from './kinds';
import { amongReach } from './reach';
import { type Sql, sql } from './sql';

/** Filters whose values are what the tables hold: registered identities by id, words by their hashes. */
export type Resolved = Filter & {
  /** A `tsquery` for `text`. Without it, a filter that has text matches nothing. */
  words?: string;
};

/** One value is compared by `=`, so that the planner sees how rare it is and which index keeps the order. */
function among(column: Sql, values: readonly string[], type: Sql): Sql {
  const [first] = values;
  return values.length === 1
    ? sql`${column} = ${first}::${type}`
    : sql`${column} = ANY(${values}::${type}[])`;
}

const conditionOf: Record<Facet, (values: readonly string[], filter: Filter) => Sql> = {
  // The values of this facet.
  kind: (values) => among(sql`i.kind`, kindsOf(values as readonly KindTerm[]), sql`text`),
  // Together with every kind, for the index of the two.
  status: (values) =>
    sql`(${among(sql`i.status`, values, sql`text`)} AND i.kind = ANY(${interactionKinds}::text[]))`,
  // A model is found by the index of models, any other resource by its own: see the migration's indexes. Beside other
  // models than itself no model is asked for, and naming it would keep the planner from joining the two indexes.
  resource: (values, { model }) => {
    const others = sql`(${among(sql`i.resource`, values, sql`text`)} AND i.resource_kind <> 'model')`;
    const models = model.length === 0 ? values : values.filter((value) => model.includes(value));
    if (models.length === 0) return others;
    return sql`(${others} OR (${among(sql`i.model`, models, sql`text`)}
      AND ${among(sql`i.resource`, models, sql`text`)} AND i.resource_kind = 'model'))`;
  },
  model: (values) => among(sql`i.model`, values, sql`text`),
  session: (values) => among(sql`i.session`, values, sql`uuid`),
  fingerprint: (values) =>
    among(
      sql`i.fingerprint`,
      values.map((hex) => `\\x${hex}`),
      sql`bytea`,
    ),
  behalf: (values) => among(sql`i.on_behalf_of`, values, sql`text`),
  identity: (values) => {
    // A name that nobody is registered under is still in the list and matches nothing.
    const ids = values.filter((value) => z.guid().safeParse(value).success);
    const named = ids.length === 0 ? sql`false` : among(sql`i.identity`, ids, sql`uuid`);
    if (!values.includes(unregistered)) return named;
    return ids.length === 0 ? sql`i.identity IS NULL` : sql`(${named} OR i.identity IS NULL)`;
  },
};

/** The facets as conditions on `interaction i`. */
export const facetConditions = (filter: Resolved): Sql[] =>
  facets
    .filter((facet) => filter[facet].length > 0)
    .map((facet) => conditionOf[facet](filter[facet], filter));

/** All of a filter as conditions on `interaction i`, of which only what this person may find is left. */
export const filterConditions = (scope: ReadScope, filter: Resolved): Sql[] => [
  ...facetConditions(filter),
  ...reachConditions(scope, filter),
  ...textConditions(filter),
];

/**
 * Whose entries are found: those that are seen, and by their words those whose content may be read.
 * INVARIANT: content is never read of more than is seen.
 */
export const reachConditions = ({ sees, content }: ReadScope, filter: Resolved): Sql[] =>
  amongReach(sql`i.identity`, hasText(filter) ? content.read : sees);

// A scalar subquery is asked row by row and last of all: no plan can turn it into reading every document.
function textConditions(filter: Resolved): Sql[] {
  if (!hasText(filter)) return [];
  if (filter.words === undefined) return [sql`false`];
  return [
    sql`(SELECT s.document @@ ${filter.words}::tsquery FROM search_document s
      WHERE s.received_at = i.received_at AND s.shard = i.shard AND s.position = i.position)`,
  ];
}

/** When a thing happened: as it says itself, unless that is implausible. The expression of its index. */
export const happenedAt = sql`(CASE WHEN i.marks & 2 = 0
  THEN to_timestamp((i.started_ns / 1000000) / 1000.0::double precision) ELSE i.received_at END)`;

/** A time further ahead of its arrival than this is implausible: the mark `implausible_time`. */
const skewMs = 10 * 60_000;

/** Nothing of the range arrived before this. */
export const arrivedFrom = ({ from }: Range): Date => new Date(from.getTime() - skewMs);

/** Bounds of when it happened, and of arrival as far as they follow, which choose the partitions. */
export const rangeConditions = (range: Range): Sql[] => [
  sql`i.received_at >= ${arrivedFrom(range)}`,
  sql`${happenedAt} >= ${range.from}`,
  ...(range.to === null ? [] : [sql`${happenedAt} < ${range.to}`]),
];

/**
 * One call told by two signals is one interaction: the entry that is not counted is shown only when it is opened
 * itself. Of an exchange both ends are shown, unless it is what the figures count that is asked for. A subquery, so
 * that a page looks up its own rows and never reads all links; DISTINCT, since the planner takes that for true of
 * nearly every row, as it is.
 */
export const countedOnce = ({
  isCounted,
}: Resolved): Sql => sql`(SELECT l.uncounted FROM entry_link l
    WHERE l.received_at = i.received_at AND l.shard = i.shard AND l.position = i.position
      AND l.uncounted = 'this' ${isCounted === true ? sql`` : sql`AND l.relation = 'same_call'`} LIMIT 1) IS DISTINCT FROM 'this'`;

/** After the comparison of rows comes the same bound alone, since partitions are not chosen by row comparisons. */
export function cursorConditions(cursor: Cursor | null): Sql[] {
  if (cursor === null) return [];
  const { receivedAt, shard, position } = cursor.place;
  const place = sql`(${receivedAt}::timestamptz, ${shard}::int, ${position.toString()}::bigint)`;
  return cursor.direction === 'before'
    ? [sql`(i.received_at, i.shard, i.position) < ${place}`, sql`i.received_at <= ${receivedAt}`]
    : [sql`(i.received_at, i.shard, i.position) > ${place}`, sql`i.received_at >= ${receivedAt}`];
}
