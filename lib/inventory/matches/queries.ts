import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import type { Queryable } from '@/lib/db/pool';
import { type Cursor, facets, hasText, type Range } from '../address';
import {
  arrivedFrom,
  countedOnce,
  cursorConditions,
  facetConditions,
  filterConditions,
  happenedAt,
  type Resolved,
  rangeConditions,
  reachConditions,
} from '../conditions';
import { countMax } from '../schema';
import { allOf, type Sql, sql } from '../sql';

/**
 * Finds what matches in order of arrival, and never reads all to find a few. Which way is short depends on how
 * often values meet, which no statistics know: so the arrivals next to the cursor are read first, and only where
 * these hold too few are the rest found by joining the indexes of the values asked for, without regard to order.
 */
export type Asked = { scope: ReadScope; filter: Resolved; range: Range; cursor: Cursor | null };

/** Where a text is found at all, as far as it is not found everywhere. */
export type Places = { received_at: Date; shard: number; position: bigint }[];

/** Later than this after the end of a range hardly anything of it arrives. */
const promptMs = 60 * 60_000;

type Stretch = { conditions: Sql[]; plan: 'in order' | 'nearest' | 'by values' };

/** `isOrdered` unless any of the matches will do, which are found sooner where there are many. */
type Wanted = { columns: Sql; limit: number; isOrdered?: boolean };

/** The columns of at most `limit` matches, nearest to the cursor first: newest arrival first where there is none. */
export async function findMatches<Row extends Record<string, unknown>>(
  client: Queryable,
  asked: Asked,
  { columns, limit, nearest, isOrdered = true }: Wanted & { nearest: number },
): Promise<Row[]> {
  const places = await findPlaces(client, asked);
  if (places !== null) return atPlaces<Row>(client, asked, places, { columns, limit });
  const rows: Row[] = [];
  for await (const stretch of stretchesOf(client, asked, nearest)) {
    const rest = limit - rows.length;
    rows.push(
      ...(await readStretch<Row>(client, asked, stretch, { columns, limit: rest, isOrdered })),
    );
    if (rows.length >= limit) break;
  }
  return rows;
}

/** Null without a text, and for one that more than 10,000 entries hold: those are found by walking. */
async function findPlaces(
  client: Queryable,
  { filter, range, cursor }: Asked,
): Promise<Places | null> {
  if (!hasText(filter) || filter.words === undefined) return null;
  const where = allOf([
    sql`i.document @@ ${filter.words}::tsquery`,
    sql`i.received_at >= ${arrivedFrom(range)}`,
    ...cursorConditions(cursor),
  ]);
  const from = sql`FROM search_document i WHERE ${where}`;
  if ((await estimate(client, from)) > countMax * everywhere) return null;
  const statement = sql`SELECT i.received_at, i.shard, i.position ${from} LIMIT ${countMax + 1}`;
  const places = await byValues(client, () =>
    client.query<Places[number]>(statement.text, statement.values),
  );
  return places.rows.length > countMax ? null : places.rows;
}

/** How many times too many the statistics must say that places are before they are not even looked up. */
const everywhere = 5;

const Estimate = z.tuple([
  z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: z.object({ 'Plan Rows': z.number() }) })]) }),
]);

/** How many rows the planner expects: from statistics, so few where a day has none yet. */
async function estimate(client: Queryable, from: Sql): Promise<number> {
  const statement = sql`EXPLAIN (FORMAT JSON) SELECT 1 ${from}`;
  const { rows } = await client.query(statement.text, statement.values);
  return Estimate.parse(rows)[0]['QUERY PLAN'][0].Plan['Plan Rows'];
}

async function atPlaces<Row extends Record<string, unknown>>(
  client: Queryable,
  { scope, filter, range, cursor }: Asked,
  places: Places,
  { columns, limit }: Wanted,
): Promise<Row[]> {
  const where = allOf([
    ...rangeConditions(range),
    ...facetConditions(filter),
    ...reachConditions(scope, filter),
    countedOnce(filter),
  ]);
  const statement = sql`SELECT ${columns} FROM (
      SELECT f.* FROM unnest(${places.map((place) => place.received_at)}::timestamptz[],
        ${places.map(({ shard }) => shard)}::int[],
        ${places.map(({ position }) => position.toString())}::bigint[]) AS f(received_at, shard, position)
      ORDER BY ${orderOf(cursor, 'f')}
    ) f CROSS JOIN LATERAL (
      SELECT i.* FROM interaction i
      WHERE i.received_at = f.received_at AND i.shard = f.shard AND i.position = f.position OFFSET 0
    ) i WHERE ${where} ORDER BY ${orderOf(cursor, 'f')} LIMIT ${limit}`;
  return (await client.query<Row>(statement.text, statement.values)).rows;
}

async function* stretchesOf(
  client: Queryable,
  asked: Asked,
  nearest: number,
): AsyncGenerator<Stretch> {
  const { range, cursor } = asked;
  const isUpward = cursor?.direction === 'after';
  const late = range.to === null ? null : new Date(range.to.getTime() + promptMs);
  // What arrived long after it happened is little, and lies among much that happened later.
  const lateStretch: Stretch[] =
    late === null ? [] : [{ conditions: [sql`i.received_at >= ${late}`], plan: 'by values' }];
  const prompt = late === null ? [] : [sql`i.received_at < ${late}`];
  if (!isUpward) yield* lateStretch;
  yield* promptStretches(client, asked, prompt, nearest);
  if (isUpward) yield* lateStretch;
}

async function* promptStretches(
  client: Queryable,
  { scope, filter, range, cursor }: Asked,
  prompt: Sql[],
  nearest: number,
): AsyncGenerator<Stretch> {
  const used = facets.filter((facet) => filter[facet].length > 0);
  // What is reached of all is found as a value is.
  const isAny = used.length === 0 && scope.sees !== 'all';
  const isOrdered =
    !isAny && (used.every((facet) => facet === 'session') || used.join() === 'identity');
  const edge = isOrdered ? null : await findEdge(client, { range, cursor }, prompt, nearest);
  if (edge === null) {
    yield { conditions: prompt, plan: 'in order' };
    return;
  }
  const [near, far] = cursor?.direction === 'after' ? [sql`<=`, sql`>`] : [sql`>=`, sql`<`];
  const at = sql`(${edge.received_at}::timestamptz, ${edge.shard}::int, ${edge.position.toString()}::bigint)`;
  const place = sql`(i.received_at, i.shard, i.position)`;
  const bound = (side: Sql) => sql`i.received_at ${side} ${edge.received_at}`;
  yield { conditions: [...prompt, sql`${place} ${near} ${at}`, bound(near)], plan: 'nearest' };
  const beyond = cursor?.direction === 'after' ? sql`>=` : sql`<=`;
  yield { conditions: [...prompt, sql`${place} ${far} ${at}`, bound(beyond)], plan: 'by values' };
}

/** The last of the arrivals nearest to the cursor; null when there are no more than these. */
async function findEdge(
  client: Queryable,
  { range, cursor }: Pick<Asked, 'range' | 'cursor'>,
  prompt: Sql[],
  nearest: number,
): Promise<Places[number] | null> {
  const where = allOf([
    sql`i.received_at >= ${arrivedFrom(range)}`,
    ...prompt,
    ...cursorConditions(cursor),
  ]);
  const statement = sql`SELECT i.received_at, i.shard, i.position FROM interaction i WHERE ${where}
    ORDER BY ${orderOf(cursor, 'i')} OFFSET ${nearest - 1} LIMIT 1`;
  return (await client.query<Places[number]>(statement.text, statement.values)).rows[0] ?? null;
}

async function readStretch<Row extends Record<string, unknown>>(
  client: Queryable,
  { scope, filter, range, cursor }: Asked,
  { conditions, plan }: Stretch,
  { columns, limit, isOrdered }: Wanted,
): Promise<Row[]> {
  const arrived = [
    ...conditions,
    sql`i.received_at >= ${arrivedFrom(range)}`,
    ...cursorConditions(cursor),
  ];
  const matching = [
    ...rangeConditions(range),
    ...filterConditions(scope, filter),
    countedOnce(filter),
  ];
  const order = orderOf(cursor, 'i');
  // OFFSET 0 keeps the conditions on values out of the walk's own plan.
  const statement =
    plan === 'nearest'
      ? sql`SELECT ${columns} FROM (SELECT i.* FROM interaction i WHERE ${allOf(arrived)} ORDER BY ${order} OFFSET 0) i
          WHERE ${allOf(matching)} ORDER BY ${order} LIMIT ${limit}`
      : sql`SELECT ${columns} FROM interaction i WHERE ${allOf([...arrived, ...matching])}
          ${isOrdered ? sql`ORDER BY ${order}` : sql``} LIMIT ${limit}`;
  const read = () => client.query<Row>(statement.text, statement.values);
  if (plan === 'by values') return (await byValues(client, read)).rows;
  return (await (plan === 'in order' ? planned(client, inOrder, read) : read())).rows;
}

/** Lists of rows are joined, and only what is in all of them is read. */
const byValues = <Value>(client: Queryable, read: () => Promise<Value>): Promise<Value> =>
  planned(client, ['enable_indexscan', 'enable_indexonlyscan', 'enable_seqscan'], read);

/** An index that has the order is walked until enough is found. */
const inOrder = ['enable_bitmapscan', 'enable_seqscan'];

/** Reads without some of the ways that the planner would take. */
async function planned<Value>(
  client: Queryable,
  without: readonly string[],
  read: () => Promise<Value>,
): Promise<Value> {
  const settings = without.map((name) => `SET LOCAL ${name} = off`).join('; ');
  await client.query(`${settings}; SET LOCAL work_mem = '32MB'`);
  const value = await read();
  await client.query(`${without.map((name) => `RESET ${name}`).join('; ')}; RESET work_mem`);
  return value;
}

const orders = {
  i: {
    down: sql`i.received_at DESC, i.shard DESC, i.position DESC`,
    up: sql`i.received_at, i.shard, i.position`,
  },
  f: {
    down: sql`f.received_at DESC, f.shard DESC, f.position DESC`,
    up: sql`f.received_at, f.shard, f.position`,
  },
};

const orderOf = (cursor: Cursor | null, table: keyof typeof orders): Sql =>
  orders[table][cursor?.direction === 'after' ? 'up' : 'down'];

/** When matches happened, in milliseconds. */
export const happenedMs = sql`(extract(epoch FROM ${happenedAt}) * 1000)::float8`;
