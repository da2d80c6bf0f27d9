import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { shadowIdentity } from '@/lib/log/project';
import { type Facet, facets, type Range, unregistered } from '../address';
import { filterConditions, type Resolved, rangeConditions } from '../conditions';
import { type Count, countMax } from '../schema';
import { allOf, type Sql, sql } from '../sql';

export type FacetValue = { value: string; count: Count };
export type FacetCounts = {
  total: Count;
  values: Partial<Record<Facet, FacetValue[]>>;
  /** Facets counted over the newest 10,000 matches only, since more match. */
  sampled: readonly Facet[];
};
export type Pulse = { stepMinutes: number; bars: { at: Date; interactions: number }[] };

const countedFacets = [
  'kind',
  'identity',
  'status',
  'resource',
  'model',
] as const satisfies Facet[];
const rolledUp = ['kind', 'identity', 'status'] as const satisfies Facet[];

/** The minutes know kind, identity and status, and whole minutes only. */
function canRollUp(filter: Resolved, range: Range): boolean {
  const isWhole = (at: Date | null) => at === null || at.getTime() % 60_000 === 0;
  const isKnown = facets.every(
    (facet) => filter[facet].length === 0 || rolledUp.some((known) => known === facet),
  );
  return isKnown && isWhole(range.from) && isWhole(range.to);
}

/**
 * How many match, and how many would with each value of a facet. Exact to 10,000; beyond, exact where the
 * minutes answer and over the newest 10,000 where they do not, so that no count ever reads a whole day.
 */
export async function listFacets(
  _scope: ReadScope,
  view: { filter: Resolved; range: Range },
  db: Queryable = pool(),
): Promise<FacetCounts> {
  const { filter } = view;
  const common = await sampleValues(view, undefined, db);
  const rolled = common.total.isMore ? await rollUp(view, db) : null;
  const values: FacetCounts['values'] = { ...rolled?.values };
  const sampled: Facet[] = [];
  for (const facet of countedFacets) {
    if (values[facet] !== undefined) continue;
    // A facet is counted as if none of its own values were chosen; those without any share one reading.
    const sample = filter[facet].length === 0 ? common : await sampleValues(view, facet, db);
    values[facet] = withChosen(sample.values[facet] ?? [], filter[facet]);
    if (sample.total.isMore) sampled.push(facet);
  }
  return { total: rolled?.total ?? common.total, values, sampled };
}

/** What is filtered by stays in the list, whatever its count. */
const withChosen = (values: FacetValue[], chosen: readonly string[]): FacetValue[] => [
  ...values,
  ...chosen
    .filter((value) => !values.some((listed) => listed.value === value))
    .map((value) => ({ value, count: { count: 0, isMore: false } })),
];

/** Null where the minutes cannot answer, or are too far behind the log to. */
async function rollUp(
  { filter, range }: { filter: Resolved; range: Range },
  db: Queryable,
): Promise<Omit<FacetCounts, 'sampled'> | null> {
  if (!canRollUp(filter, range)) return null;
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
  if (total <= countMax) return null;
  return {
    total: { count: Number(total), isMore: false },
    values: { kind: of(3), identity: of(5), status: of(6) },
  };
}

// GROUPING() of each facet in the statement below: its own bit is not set.
const codes: Record<(typeof countedFacets)[number], number> = {
  kind: 0b01111,
  identity: 0b10111,
  status: 0b11011,
  resource: 0b11101,
  model: 0b11110,
};

/** Counts every facet's values over the newest 10,000 matches, in one reading of them. */
async function sampleValues(
  { filter, range }: { filter: Resolved; range: Range },
  except: Facet | undefined,
  db: Queryable,
): Promise<{ total: Count; values: Partial<Record<Facet, FacetValue[]>> }> {
  const where = allOf([...rangeConditions(range), ...filterConditions(filter, except)]);
  const { rows } = await run<{ facet: number; value: string | null; n: number }>(
    db,
    sql`WITH sample AS MATERIALIZED (
        SELECT i.kind, coalesce(i.identity::text, ${unregistered}) AS identity, i.status, i.resource, i.model
        FROM interaction i WHERE ${where}
        ORDER BY i.received_at DESC, i.shard DESC, i.position DESC LIMIT ${countMax + 1}
      )
      SELECT GROUPING(kind, identity, status, resource, model) AS facet,
        coalesce(kind, identity, status, resource, model) AS value, count(*)::int AS n
      FROM sample GROUP BY GROUPING SETS ((kind), (identity), (status), (resource), (model), ())
      ORDER BY n DESC, value`,
  );
  const of = (code: number): FacetValue[] =>
    rows.flatMap(({ facet, value, n }) =>
      facet === code && value !== null ? [{ value, count: { count: n, isMore: false } }] : [],
    );
  const total = rows.find(({ facet }) => facet === 0b11111)?.n ?? 0;
  return {
    total: { count: Math.min(total, countMax), isMore: total > countMax },
    values: Object.fromEntries(countedFacets.map((facet) => [facet, of(codes[facet])])),
  };
}

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
