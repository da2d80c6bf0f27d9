import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { type ResourceKind, resourceKinds } from '@/lib/telemetry/schema';
import { exchangeKinds } from '../kinds';
import { withinReach } from '../reach';
import { erasedTerm, noTerm, otherTerm } from '../rollups/terms';
import { allOf, sql } from '../sql';

export const touchedMax = 200;

/** What one identity acted on: by its kind and the name that senders use of it. */
export type Touched = {
  kind: ResourceKind;
  name: string;
  interactions: number;
  errors: number;
  /** The resource that this name means; null where it is known no more. */
  resource: string | null;
  /** The first and the last day in which it did. */
  firstDay: Date;
  lastDay: Date;
};

/** Most used first; what was named too variously, or erased, is not told apart and left out. */
export async function listTouched(
  { sees }: ReadScope,
  { identity, since }: { identity: string; since: Date },
  db: Queryable = pool(),
): Promise<{ touched: Touched[]; isMore: boolean }> {
  const where = allOf([
    sql`r.identity = ${identity}`,
    sql`r.at >= ${since}`,
    sql`r.kind = ANY (${[...exchangeKinds]}::text[])`,
    sql`r.resource_kind <> ''`,
    sql`r.resource <> ALL (${[noTerm, otherTerm, erasedTerm]}::uuid[])`,
    ...withinReach(sql`r.identity`, sees),
  ]);
  const { text, values } =
    sql`SELECT a.kind, a.interactions, a.errors, a."firstDay", a."lastDay", t.text AS name,
      (SELECT coalesce(k.alias_of, k.id) FROM resource k WHERE k.id = resource_id(a.kind, t.text)) AS resource FROM (
      SELECT r.resource_kind AS kind, r.resource, sum(r.interactions)::float8 AS interactions,
        coalesce(sum(r.interactions) FILTER (WHERE r.status = 'error'), 0)::float8 AS errors,
        min(r.at) AS "firstDay", max(r.at) AS "lastDay"
      FROM rollup_day r WHERE ${where} GROUP BY 1, 2
      ORDER BY sum(r.interactions) DESC, r.resource LIMIT ${touchedMax + 1}
    ) a JOIN term t ON t.id = a.resource ORDER BY a.interactions DESC, t.text`;
  const { rows } = await db.query<Omit<Touched, 'kind'> & { kind: string }>(text, values);
  return {
    touched: rows.slice(0, touchedMax).flatMap((row) => {
      const kind = resourceKinds.find((each) => each === row.kind);
      return kind === undefined ? [] : [{ ...row, kind }];
    }),
    isMore: rows.length > touchedMax,
  };
}
