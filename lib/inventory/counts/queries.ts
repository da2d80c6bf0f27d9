import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { shadowIdentity } from '@/lib/log/project';
import { columnOf, filterConditions, type Resolved, rangeConditions } from '../conditions';
import { type Count, countMax, type Facet, facets, type Range, unregistered } from '../schema';
import { allOf, type Sql, sql, unionAll } from '../sql';

export type FacetValue = { value: string; count: Count };
export type FacetCounts = { total: Count; values: Partial<Record<Facet, FacetValue[]>> };
export type Pulse = { stepMinutes: number; bars: { at: Date; interactions: number }[] };

const countedFacets = [
  'kind',
  'identity',
  'status',
  'resource',
  'model',
] as const satisfies Facet[];
const rolledUp = ['kind', 'identity', 'status'] as const satisfies Facet[];
const valuesShown = 7;

/** The minutes know kind, identity and status, and whole minutes only. */
function canRollUp(filter: Resolved, range: Range): boolean {
  const isWhole = (at: Date | null) => at === null || at.getTime() % 60_000 === 0;
  const isKnown = facets.every(
    (facet) => filter[facet].length === 0 || rolledUp.some((known) => known === facet),
  );
  return isKnown && isWhole(range.from) && isWhole(range.to);
}

/**
 * How many match, and how many would with each value of a facet. Exact where the minutes answer; otherwise
 * exact to 10,000 and "more" beyond, so that no count ever reads a whole day.
 */
export async function listFacets(
  _scope: ReadScope,
  { filter, range }: { filter: Resolved; range: Range },
  db: Queryable = pool(),
): Promise<FacetCounts> {
  const isRolledUp = canRollUp(filter, range);
  const rolled = isRolledUp ? await rollUp(filter, range, db) : null;
  const values: FacetCounts['values'] = { ...rolled?.values };
  for (const facet of countedFacets) {
    values[facet] ??= await countValues(facet, filter, range, db);
  }
  return { total: rolled?.total ?? (await countAll(filter, range, db)), values };
}

async function rollUp(filter: Resolved, range: Range, db: Queryable): Promise<FacetCounts> {
  const conditions = {
    kind: among(sql`kind`, filter.kind),
    status: among(sql`status`, filter.status),
    identity: among(
      sql`identity::text`,
      filter.identity.map((value) => (value === unregistered ? shadowIdentity : value)),
    ),
  };
  const others = (facet?: Facet) =>
    allOf(rolledUp.filter((other) => other !== facet).map((other) => conditions[other]));
  const { rows } = await run<{ facet: number; value: string | null; n: bigint }>(
    db,
    sql`SELECT GROUPING(kind, identity, status) AS facet, coalesce(kind, identity::text, status) AS value,
        coalesce(CASE GROUPING(kind, identity, status)
          WHEN 3 THEN sum(interactions) FILTER (WHERE ${others('kind')})
          WHEN 5 THEN sum(interactions) FILTER (WHERE ${others('identity')})
          WHEN 6 THEN sum(interactions) FILTER (WHERE ${others('status')})
          ELSE sum(interactions) FILTER (WHERE ${others()}) END, 0)::bigint AS n
      FROM rollup_minute WHERE ${minutes(range)}
      GROUP BY GROUPING SETS ((kind), (identity), (status), ()) ORDER BY n DESC`,
  );
  const of = (code: number): FacetValue[] =>
    rows
      .filter(({ facet, n }) => facet === code && n > 0n)
      .map(({ value, n }) => ({
        value: value === null || value === shadowIdentity ? unregistered : value,
        count: { count: Number(n), isMore: false },
      }));
  const total = rows.find(({ facet }) => facet === 7)?.n ?? 0n;
  return {
    total: { count: Number(total), isMore: false },
    values: { kind: of(3), identity: of(5), status: of(6) },
  };
}

async function countAll(filter: Resolved, range: Range, db: Queryable): Promise<Count> {
  const { rows } = await run<{ n: number }>(
    db,
    sql`SELECT ${bounded([...rangeConditions(range), ...filterConditions(filter)])} AS n`,
  );
  return countOf(rows[0]?.n ?? 0);
}

/** Candidates are the most frequent values among the newest 10,000; each is then counted by itself. */
async function countValues(
  facet: Facet,
  filter: Resolved,
  range: Range,
  db: Queryable,
): Promise<FacetValue[]> {
  const where = [...rangeConditions(range), ...filterConditions(filter, facet)];
  const { rows } = await run<{ value: string | null; n: number; total: number }>(
    db,
    sql`WITH sample AS MATERIALIZED (
        SELECT ${columnOf(facet)} AS value FROM interaction i WHERE ${allOf(where)}
        ORDER BY i.received_at DESC, i.shard DESC, i.position DESC LIMIT ${countMax + 1}
      )
      SELECT value, count(*)::int AS n, (SELECT count(*)::int FROM sample) AS total FROM sample
      WHERE ${facet === 'identity' ? sql`true` : sql`value IS NOT NULL`}
      GROUP BY value ORDER BY n DESC, value LIMIT ${valuesShown}`,
  );
  const found = rows.map(({ value, n }) => ({ value: value ?? unregistered, n }));
  for (const value of filter[facet])
    if (!found.some((row) => row.value === value)) found.push({ value, n: 0 });
  if (found.length === 0) return [];
  const isSampled = (rows[0]?.total ?? 0) > countMax;
  if (!isSampled) return found.map(({ value, n }) => ({ value, count: countOf(n) }));
  const counts = await run<{ at: number; n: number }>(
    db,
    unionAll(
      found.map(({ value }, at) => {
        const only = filterConditions({ ...emptyFilter, [facet]: [value] } as Resolved); // a value of its own column
        return sql`SELECT ${at}::int AS at, ${bounded([...where, ...only])} AS n`;
      }),
    ),
  );
  return found
    .map(({ value }, at) => ({
      value,
      count: countOf(counts.rows.find((row) => row.at === at)?.n ?? 0),
    }))
    .sort((a, b) => b.count.count - a.count.count);
}

const emptyFilter: Resolved = {
  identity: [],
  kind: [],
  resource: [],
  model: [],
  status: [],
  session: [],
};

const bounded = (conditions: Sql[]): Sql =>
  sql`(SELECT count(*)::int FROM (SELECT 1 FROM interaction i WHERE ${allOf(conditions)} LIMIT ${countMax + 1}) found)`;

const countOf = (n: number): Count => ({ count: Math.min(n, countMax), isMore: n > countMax });

const among = (column: Sql, values: readonly string[]): Sql =>
  values.length === 0 ? sql`true` : sql`${column} = ANY(${values}::text[])`;

const minutes = ({ from, to }: Range): Sql =>
  to === null ? sql`minute >= ${from}` : sql`minute >= ${from} AND minute < ${to}`;

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];
const barsMax = 97;

/** Interactions per bar of whole minutes over the range; null where the minutes cannot answer for the filter. */
export async function listPulse(
  _scope: ReadScope,
  { filter, range }: { filter: Resolved; range: Range },
  now: Date,
  db: Queryable = pool(),
): Promise<Pulse | null> {
  if (!canRollUp(filter, range)) return null;
  const spanMinutes = ((range.to ?? now).getTime() - range.from.getTime()) / 60_000;
  const stepMinutes =
    steps.find((step) => spanMinutes / step <= barsMax) ?? Math.ceil(spanMinutes / barsMax);
  const identities = filter.identity.map((value) =>
    value === unregistered ? shadowIdentity : value,
  );
  const where = allOf([
    minutes(range),
    among(sql`kind`, filter.kind),
    among(sql`status`, filter.status),
    among(sql`identity::text`, identities),
  ]);
  const { rows } = await run<{ at: Date; n: bigint }>(
    db,
    sql`SELECT date_bin(make_interval(mins => ${stepMinutes}), minute, ${range.from}::timestamptz) AS at,
        sum(interactions)::bigint AS n FROM rollup_minute WHERE ${where} GROUP BY 1 ORDER BY 1`,
  );
  const counted = new Map(rows.map(({ at, n }) => [at.getTime(), Number(n)]));
  const length = Math.max(1, Math.min(Math.ceil(spanMinutes / stepMinutes), barsMax));
  const bars = Array.from({ length }, (_, index) => {
    const at = new Date(range.from.getTime() + index * stepMinutes * 60_000);
    return { at, interactions: counted.get(at.getTime()) ?? 0 };
  });
  return { stepMinutes, bars };
}

const run = <Row extends Record<string, unknown>>(db: Queryable, statement: Sql) =>
  db.query<Row>(statement.text, statement.values);
