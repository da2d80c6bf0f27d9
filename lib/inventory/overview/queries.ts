import type { ReadScope } from '@/lib/auth/scope';
import { isTimeZone } from '@/lib/core/time-zone';
import { pool, type Queryable } from '@/lib/db/pool';
import { shadowIdentity } from '@/lib/log/schema';
import type { InteractionKind } from '@/lib/telemetry/schema';
import { exchangeKinds } from '../kinds';
import { withinReach } from '../reach';
import { erasedTerm, noTerm, otherTerm } from '../rollups/terms';
import { allOf, type Sql, sql } from '../sql';
import { zoneWord } from '../time';
import { type Asked, barUnits, type Grain, type Period } from './period';
import { type Actor, type Bar, type Figures, type Named, usageKinds } from './schema';

/** Shown at first, and where somebody asks for all. */
export const actorsShown = 8;
const actorsMax = 500;
const namesMax = 7;

/** Widens what was asked for to whole minutes or hours of UTC, or whole days of the organisation. */
export async function getPeriod(
  _scope: ReadScope,
  asked: Asked,
  now: Date,
  db: Queryable = pool(),
): Promise<Period> {
  const { grain } = asked;
  const to = asked.to ?? now;
  const unit = `1 ${grain}`;
  // An end that is on the border of a unit is not widened by another.
  const { rows } = await run<
    Omit<Period, keyof Asked | 'before'> & { first: Date; bf: Date; bt: Date }
  >(
    db,
    sql`WITH z AS (SELECT CASE WHEN ${grain} = 'day' THEN organisation_zone() ELSE 'UTC' END AS zone),
      local AS (
        SELECT zone, date_trunc(${grain}, ${asked.from}::timestamptz AT TIME ZONE zone) AS first,
          date_trunc(${grain}, (${to}::timestamptz - interval '1 ms') AT TIME ZONE zone) + ${unit}::interval AS last,
          date_trunc(${grain}, ${now}::timestamptz AT TIME ZONE zone) AS running FROM z
      ), bounds AS (SELECT *, least(last, running) AS done FROM local)
      SELECT zone, first AT TIME ZONE zone AS first, last AT TIME ZONE zone AS "end", done AT TIME ZONE zone AS "comparedTo",
        (first - (last - first)) AT TIME ZONE zone AS bf, (done - (last - first)) AT TIME ZONE zone AS bt FROM bounds`,
  );
  const row = rows[0];
  if (row === undefined) throw new Error('The database told no period.');
  const { zone, first, end, comparedTo, bf, bt } = row;
  return {
    ...asked,
    zone,
    from: first,
    to: asked.to === null ? null : end,
    end,
    comparedTo,
    before: { from: bf, to: bt },
  };
}

const rollups: Record<Grain, Sql> = {
  minute: sql`rollup_minute`,
  hour: sql`rollup_hour`,
  day: sql`rollup_day`,
};

const figures = sql`coalesce(sum(r.interactions), 0)::float8 AS interactions,
  coalesce(sum(r.interactions) FILTER (WHERE r.status = 'error'), 0)::float8 AS errors,
  coalesce(sum(r.interactions) FILTER (WHERE r.identity = ${shadowIdentity}::uuid), 0)::float8 AS shadow,
  coalesce(sum(r.input_tokens), 0)::float8 AS "inputTokens", coalesce(sum(r.output_tokens), 0)::float8 AS "outputTokens",
  CASE WHEN sum(r.costed) > 0 THEN sum(r.cost_nano)::float8 / 1e9 END AS cost, coalesce(sum(r.costed), 0)::float8 AS costed,
  coalesce(sum(r.interactions) FILTER (WHERE r.kind = ANY (${[...usageKinds]}::text[])), 0)::float8 AS usages`;

const counted = sql`r.kind = ANY (${[...exchangeKinds]}::text[])`;
const within = (
  { sees }: ReadScope,
  period: Period,
  { from, to } = { from: period.from, to: period.end },
): Sql =>
  sql`FROM ${rollups[period.grain]} r WHERE ${allOf([
    sql`r.at >= ${from} AND r.at < ${to}`,
    counted,
    ...withinReach(sql`r.identity`, sees),
  ])}`;

/** Which bar a row falls into; by local time, so that a day of 23 or 25 hours is one day. */
const barOf = (period: Period): Sql =>
  sql`floor(extract(epoch FROM (r.at AT TIME ZONE ${period.zone}) - (${period.from}::timestamptz AT TIME ZONE ${period.zone}))
    / extract(epoch FROM ${`${barUnits(period)} ${period.grain}`}::interval))::int`;

const nothing: Figures = {
  interactions: 0,
  errors: 0,
  shadow: 0,
  inputTokens: 0,
  outputTokens: 0,
  cost: null,
  costed: 0,
  usages: 0,
};

export const sumOf = (all: readonly Figures[]): Figures =>
  all.reduce(
    (sum, each) => ({
      interactions: sum.interactions + each.interactions,
      errors: sum.errors + each.errors,
      shadow: sum.shadow + each.shadow,
      inputTokens: sum.inputTokens + each.inputTokens,
      outputTokens: sum.outputTokens + each.outputTokens,
      cost: each.cost === null ? sum.cost : (sum.cost ?? 0) + each.cost,
      costed: sum.costed + each.costed,
      usages: sum.usages + each.usages,
    }),
    nothing,
  );

/** What happened over a period, bar by bar; the bars together are the period. */
export async function listBars(
  scope: ReadScope,
  period: Period,
  viewerZone: string,
  db: Queryable = pool(),
): Promise<Bar[]> {
  const { grain, zone, from, end } = period;
  const units = barUnits(period);
  const { rows } = await run<Figures & { bar: number; kind: InteractionKind }>(
    db,
    sql`SELECT ${barOf(period)} AS bar, r.kind, ${figures}
      ${within(scope, period)} GROUP BY 1, 2`,
  );
  const { rows: starts } = await run<{ at: Date }>(
    db,
    sql`SELECT at AT TIME ZONE ${zone} AS at FROM generate_series(${from}::timestamptz AT TIME ZONE ${zone},
      (${end}::timestamptz - interval '1 ms') AT TIME ZONE ${zone}, ${`${units} ${grain}`}::interval) AS at`,
  );
  return starts.map(({ at }, index) => {
    const to = starts[index + 1]?.at ?? end;
    const here = rows.filter(({ bar }) => bar === index);
    return {
      from: at,
      to,
      ...wordsOf(at, to, period, viewerZone),
      byKind: Object.fromEntries(here.map(({ kind, interactions }) => [kind, interactions])),
      figures: sumOf(here),
    };
  });
}

/** The label below a bar and what it stands for: hours as the viewer has them, days as the organisation does. */
function wordsOf(
  from: Date,
  to: Date,
  { grain, zone }: Period,
  viewerZone: string,
): { label: string; title: string } {
  const ofGrain = grain === 'day' ? zone : viewerZone;
  const timeZone = isTimeZone(ofGrain) ? ofGrain : 'UTC';
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' });
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  if (grain === 'day') {
    const last = day.format(new Date(to.getTime() - 1));
    const label = day.format(from);
    return { label, title: label === last ? label : `${label} to ${last}` };
  }
  const label = time.format(from);
  return {
    label,
    title: `${day.format(from)} ${label} to ${time.format(to)} ${zoneWord(timeZone)}`,
  };
}

export type Compared = Figures & { identities: number };
export type Comparison = { now: Compared; before: Compared };

/** The hours or days that are over, and as many before them. */
export async function compare(
  scope: ReadScope,
  period: Period,
  db: Queryable = pool(),
): Promise<Comparison> {
  // By identity, which is a hash of few rows; counting distinct ones would sort them all.
  const read = async (range: { from: Date; to: Date }): Promise<Compared> => {
    const { rows } = await run<Figures & { identity: string }>(
      db,
      sql`SELECT r.identity, ${figures} ${within(scope, period, range)} GROUP BY r.identity`,
    );
    const identities = rows.filter(({ identity }) => identity !== shadowIdentity).length;
    return { ...sumOf(rows), identities };
  };
  const [now, before] = await Promise.all([
    read({ from: period.from, to: period.comparedTo }),
    read(period.before),
  ]);
  return { now, before };
}

/** Who did most, with its bars, and how many identities acted in all; everything unregistered is one. */
export async function listActors(
  scope: ReadScope,
  { period, isWhole = false }: { period: Period; isWhole?: boolean },
  db: Queryable = pool(),
): Promise<{ actors: Actor[]; identities: number }> {
  const { rows } = await run<
    Figures & { id: string; name: string | null; kind: string | null; of: number; done: number }
  >(
    db,
    sql`SELECT a.*, d.name, d.kind FROM (
        SELECT r.identity AS id, ${figures},
          coalesce(sum(r.interactions) FILTER (WHERE r.at < ${period.comparedTo}), 0)::float8 AS done,
          (count(*) FILTER (WHERE r.identity <> ${shadowIdentity}::uuid) OVER ())::int AS of
        ${within(scope, period)} GROUP BY r.identity ORDER BY sum(r.interactions) DESC, r.identity LIMIT ${isWhole ? actorsMax : actorsShown}
      ) a LEFT JOIN identity d ON d.id = a.id ORDER BY a.interactions DESC, a.id`,
  );
  const whose = sql`r.identity = ANY (${rows.map(({ id }) => id)}::uuid[])`;
  const before = await run<{ id: string; n: number }>(
    db,
    sql`SELECT r.identity AS id, sum(r.interactions)::float8 AS n
      ${within(scope, period, period.before)} AND ${whose} GROUP BY 1`,
  );
  const bars = await run<{ id: string; bar: number; n: number }>(
    db,
    sql`SELECT r.identity AS id, ${barOf(period)} AS bar, sum(r.interactions)::float8 AS n
      ${within(scope, period)} AND ${whose} GROUP BY 1, 2`,
  );
  const actors = rows.map(({ id, of, ...row }) => {
    const mine: number[] = [];
    for (const each of bars.rows) if (each.id === id) mine[each.bar] = each.n;
    return {
      ...row,
      id: id === shadowIdentity ? null : id,
      before: before.rows.find((each) => each.id === id)?.n ?? 0,
      bars: Array.from(mine, (n) => n ?? 0),
    };
  });
  return { actors, identities: rows[0]?.of ?? 0 };
}

/** What was acted on most: models by inference and embedding, or everything else. */
export async function listNamed(
  scope: ReadScope,
  period: Period,
  what: 'models' | 'resources',
  db: Queryable = pool(),
): Promise<{ named: Named[]; of: number }> {
  const chosen =
    what === 'models'
      ? sql`r.resource_kind = 'model' AND r.kind = ANY (${[...usageKinds]}::text[])`
      : sql`r.resource_kind NOT IN ('model', '')`;
  const { rows } = await run<
    Omit<Named, 'name' | 'said'> & { id: string; text: string | null; of: number }
  >(
    db,
    sql`SELECT a.*, t.text FROM (
        SELECT r.resource AS id, r.resource_kind AS "resourceKind", array_agg(DISTINCT r.kind) AS kinds, ${figures},
          (count(*) FILTER (WHERE r.resource <> ${noTerm}::uuid) OVER ())::int AS of
        ${within(scope, period)} AND ${chosen} GROUP BY r.resource, r.resource_kind
        ORDER BY sum(r.interactions) DESC, r.resource LIMIT ${namesMax}
      ) a LEFT JOIN term t ON t.id = a.id ORDER BY a.interactions DESC, a.id`,
  );
  const said: Record<string, string> = {
    [noTerm]: 'not said',
    [otherTerm]: 'further names',
    [erasedTerm]: 'erased',
  };
  return {
    named: rows.map(({ id, text, of: _, ...row }) => {
      const instead = said[id];
      return {
        ...row,
        name: instead === undefined ? text : null,
        said: instead ?? text ?? 'erased',
      };
    }),
    of: rows[0]?.of ?? 0,
  };
}

const run = <Row extends Record<string, unknown>>(db: Queryable, statement: Sql) =>
  db.query<Row>(statement.text, statement.values);
