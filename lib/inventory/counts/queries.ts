import type { ReadScope } from '@/lib/auth/scope';
import { type Pool, pool } from '@/lib/db/pool';
import { shadowIdentity } from '@/lib/log/schema';
import { type Facet, facets, hasText, type Range, unregistered } from '../address';
import { bounded, tooMuch } from '../bounded';
import type { Resolved } from '../conditions';
import { exchange, exchangeKinds, kindsOf } from '../kinds';
import { findMatches, happenedMs } from '../matches/queries';
import { withinReach } from '../reach';
import { type Count, countMax } from '../schema';
import { allOf, type Sql, sql } from '../sql';

export type FacetValue = { value: string; count: Count };
export type FacetCounts = {
  total: Count;
  values: Partial<Record<Facet, FacetValue[]>>;
  /** Facets counted over 10,000 of the matches only, since more match. */
  sampled: readonly Facet[];
};
export type Pulse = {
  stepMinutes: number;
  bars: { at: Date; to: Date; interactions: number }[];
  /** Whether the bars hold each exchange once, as the list does only where it is asked to. */
  isCounted: boolean;
};

const countedFacets = [
  'kind',
  'identity',
  'status',
  'resource',
  'model',
] as const satisfies Facet[];
type Counted = (typeof countedFacets)[number];

/** Read first: where half of these match, nothing else has to be read. */
const nearestRows = 20_000;

type View = { filter: Resolved; range: Range };

/**
 * How many match, and how many would with each value of a facet: exact to 10,000, and over 10,000 of the
 * matches beyond. Null when even that would read too much.
 */
export async function listFacets(
  scope: ReadScope,
  { filter, range }: View,
  db: Pool = pool(),
): Promise<FacetCounts | null> {
  const counted = await bounded(db, async (client) => {
    const sample = (without?: Facet) =>
      findMatches<Record<Counted, string | null>>(
        client,
        {
          scope,
          filter: without === undefined ? filter : { ...filter, [without]: [] },
          range,
          cursor: null,
        },
        {
          columns: sql`i.kind, coalesce(i.identity::text, ${unregistered}) AS identity, i.status, i.resource, i.model`,
          limit: countMax + 1,
          nearest: nearestRows,
          isOrdered: false,
        },
      );
    const common = await sample();
    const values: FacetCounts['values'] = {};
    const sampled: Facet[] = [];
    for (const facet of countedFacets) {
      // A facet is counted as if none of its own values were chosen; those without any share one reading.
      const rows = filter[facet].length === 0 ? common : await sample(facet);
      values[facet] = withChosen(countValues(rows, facet), filter[facet]);
      if (rows.length > countMax) sampled.push(facet);
    }
    const total = {
      count: Math.min(common.length, countMax),
      isMore: common.length > countMax,
    };
    return { total, values, sampled };
  });
  return counted === tooMuch ? null : counted;
}

function countValues(
  rows: readonly Record<Counted, string | null>[],
  facet: Counted,
): FacetValue[] {
  const counts = new Map<string, number>();
  for (const { [facet]: value } of rows)
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([one, n], [other, m]) => m - n || (one < other ? -1 : 1))
    .map(([value, count]) => ({ value, count: { count, isMore: false } }));
}

/** What is filtered by stays in the list, whatever its count. */
const withChosen = (values: FacetValue[], chosen: readonly string[]): FacetValue[] => [
  ...values,
  ...chosen
    .filter((value) => !values.some((listed) => listed.value === value))
    .map((value) => ({ value, count: { count: countOf(value, values), isMore: false } })),
];

const countOf = (value: string, values: readonly FacetValue[]): number =>
  value === exchange
    ? values
        .filter((each) => exchangeKinds.some((kind) => kind === each.value))
        .reduce((sum, { count }) => sum + count.count, 0)
    : 0;

const among = (column: Sql, values: readonly string[]): Sql =>
  values.length === 0 ? sql`true` : sql`${column} = ANY(${values}::text[])`;

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];
const barsMax = 97;
const minuteMs = 60_000;
/** Minutes are kept a little longer. */
const minutesKeptMs = 48 * 60 * minuteMs;

/** What bars are made of: the rollups where they know the filter, of minutes while these are kept, else the matches. */
function grainOf(filter: Resolved, { from }: Range, now: Date): 'minute' | 'hour' | null {
  const isKnown = facets.every(
    (facet) =>
      filter[facet].length === 0 || ['kind', 'identity', 'status'].some((known) => known === facet),
  );
  if (hasText(filter) || !isKnown) return null;
  return now.getTime() - from.getTime() <= minutesKeptMs ? 'minute' : 'hour';
}

/**
 * Interactions per bar over the range, by when they happened, each call once: of all where the rollups know the
 * filter, else of the matches as long as there are no more than 10,000. Null where neither can answer. Bars of
 * rollups begin and end at whole minutes or hours, so the first and the last may reach beyond the range by less
 * than one.
 */
export async function listPulse(
  scope: ReadScope,
  { filter, range }: View,
  now: Date,
  db: Pool = pool(),
): Promise<Pulse | null> {
  const grain = grainOf(filter, range, now);
  const grainMs = grain === 'hour' ? 60 * minuteMs : minuteMs;
  const startMs = Math.floor(range.from.getTime() / grainMs) * grainMs;
  const spanMinutes = ((range.to ?? now).getTime() - startMs) / minuteMs;
  const leastMinutes = Math.max(grainMs / minuteMs, spanMinutes / barsMax);
  const stepMinutes =
    steps.find((step) => step >= leastMinutes) ?? Math.ceil(leastMinutes / 1440) * 1440;
  const length = Math.max(1, Math.ceil(spanMinutes / stepMinutes));
  const from = new Date(startMs);
  const endMs = startMs + length * stepMinutes * minuteMs;
  const lastMs =
    range.to === null
      ? endMs
      : grain === null
        ? range.to.getTime()
        : Math.ceil(range.to.getTime() / grainMs) * grainMs;
  const end = new Date(Math.min(endMs, lastMs));
  const counted =
    grain === null
      ? await countMatches({ scope, filter, range: { ...range, from } }, stepMinutes, db)
      : await countRolled(grain, { scope, filter, from, end }, stepMinutes, db);
  if (counted === null) return null;
  const at = (index: number) => new Date(startMs + index * stepMinutes * minuteMs);
  const bars = Array.from({ length }, (_, index) => ({
    at: at(index),
    to: at(index + 1) < end ? at(index + 1) : end,
    interactions: counted.get(index) ?? 0,
  }));
  return { stepMinutes, bars, isCounted: grain !== null || filter.isCounted === true };
}

/** By bar: its number, and how many happened in it. */
async function countRolled(
  grain: 'minute' | 'hour',
  { scope, filter, from, end }: { scope: ReadScope; filter: Resolved; from: Date; end: Date },
  stepMinutes: number,
  db: Pool,
): Promise<Map<number, number> | null> {
  const identities = filter.identity.map((value) =>
    value === unregistered ? shadowIdentity : value,
  );
  const where = allOf([
    sql`at >= ${from} AND at < ${end}`,
    among(sql`kind`, kindsOf(filter.kind)),
    among(sql`status`, filter.status),
    among(sql`identity::text`, identities),
    ...withinReach(sql`identity`, scope.sees),
  ]);
  const table = grain === 'minute' ? sql`rollup_minute` : sql`rollup_hour`;
  const statement = sql`SELECT floor(extract(epoch FROM at - ${from}::timestamptz) / 60 / ${stepMinutes})::int AS bar,
      sum(interactions)::bigint AS n FROM ${table} WHERE ${where} GROUP BY 1`;
  const found = await bounded(db, (client) =>
    client.query<{ bar: number; n: bigint }>(statement.text, [...statement.values]),
  );
  return found === tooMuch ? null : new Map(found.rows.map(({ bar, n }) => [bar, Number(n)]));
}

async function countMatches(
  { scope, filter, range }: View & { scope: ReadScope },
  stepMinutes: number,
  db: Pool,
): Promise<Map<number, number> | null> {
  const rows = await bounded(db, (client) =>
    findMatches<{ at: number }>(
      client,
      { scope, filter, range, cursor: null },
      {
        columns: sql`${happenedMs} AS at`,
        limit: countMax + 1,
        nearest: nearestRows,
        isOrdered: false,
      },
    ),
  );
  if (rows === tooMuch || rows.length > countMax) return null;
  const counted = new Map<number, number>();
  for (const { at } of rows) {
    const bar = Math.floor((at - range.from.getTime()) / 60_000 / stepMinutes);
    counted.set(bar, (counted.get(bar) ?? 0) + 1);
  }
  return counted;
}
