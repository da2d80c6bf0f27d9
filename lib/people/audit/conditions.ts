import type { Cursor } from '@/lib/inventory/address';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { allOf, type Sql, sql } from '@/lib/inventory/sql';
import { type AuditFilter, type AuditRange, anyOperator, system } from './address';
import { isAuditGroup, kindsOfGroup, readKinds } from './labels';

/** Which of the two: the entry that is asked for, or another that is held against it. */
export type Alias = 'e' | 'n';

const facts: Record<Alias, Sql> = {
  e: sql`replace(e.facts, '\\u0000', '\\u0001')::json`,
  n: sql`replace(n.facts, '\\u0000', '\\u0001')::json`,
};
/** Facts as JSON that PostgreSQL reads whatever is in it. */
export const factsOf = (of: Alias): Sql => facts[of];

/** Who did it: `person:ID`, `operator:NAME`, another word or null. The expression of its index. */
export const whoOfEntry = (of: Alias): Sql =>
  sql`left(coalesce(${facts[of]} ->> 'by', 'person:' || (${facts[of]} ->> 'person')), 200)`;

const columns = {
  e: { kind: sql`e.kind`, at: sql`e.received_at`, facts: sql`e.facts` },
  n: { kind: sql`n.kind`, at: sql`n.received_at`, facts: sql`n.facts` },
} as const;

/** The kinds that a filter asks for; null is all. */
export function kindsAsked({ what }: AuditFilter): readonly string[] | null {
  if (what === null) return null;
  return isAuditGroup(what) ? kindsOfGroup(what) : [what];
}

/** Filter and range as conditions on `control_event`. */
export function auditConditions(
  { filter, range }: { filter: AuditFilter; range: AuditRange },
  of: Alias,
): Sql {
  const { kind, at } = columns[of];
  const kinds = kindsAsked(filter);
  return allOf([
    ...(range.from === null ? [] : [sql`${at} >= ${range.from}`]),
    ...(range.to === null ? [] : [sql`${at} < ${range.to}`]),
    ...(kinds === null
      ? []
      : kinds.length === 1
        ? [sql`${kind} = ${kinds[0]}`]
        : [sql`${kind} = ANY(${kinds}::text[])`]),
    ...(filter.who === null ? [] : [whoCondition(filter.who, of)]),
    ...(filter.subject === null ? [] : [subjectCondition(filter.subject, of)]),
  ]);
}

function whoCondition(who: string, of: Alias): Sql {
  const did = whoOfEntry(of);
  if (who === anyOperator) return sql`starts_with(${did}, 'operator:')`;
  if (who === system)
    return sql`(${did} IS NULL OR NOT (starts_with(${did}, 'operator:') OR starts_with(${did}, 'person:')))`;
  return sql`${did} = ${who}`;
}

/** An id stands in facts as a whole string; an entry may stand there by its place too. */
function subjectCondition(id: string, of: Alias): Sql {
  const { facts } = columns[of];
  const whole = sql`strpos(${facts}, ${`"${id}"`}) > 0`;
  const place = parseEntryId(id);
  if (place === null) return whole;
  const named = `"entry":{"position":${place.position},"received_at":"${place.receivedAt.toISOString()}","shard":${place.shard}}`;
  return sql`(${whole} OR strpos(${facts}, ${named}) > 0)`;
}

/**
 * Not those of reading content that a newer one of the same person and minute stands for. Asked of all entries of
 * the filter, whichever page is read, so that no page splits a minute and none repeats or loses one.
 */
export const isShown = (asked: { filter: AuditFilter; range: AuditRange }): Sql =>
  sql`NOT (e.kind = ANY(${readKinds}::text[]) AND EXISTS (
    SELECT FROM control_event n
    WHERE ${whoOfEntry('n')} = ${whoOfEntry('e')} AND n.kind = ANY(${readKinds}::text[])
      AND n.received_at >= e.received_at AND n.received_at < ${minuteOf(sql`e.received_at`)} + interval '1 minute'
      AND (n.received_at, n.shard, n.position) > (e.received_at, e.shard, e.position)
      AND ${auditConditions(asked, 'n')}))`;

export const minuteOf = (at: Sql): Sql => sql`date_trunc('minute', ${at}, 'UTC')`;

/** After the comparison of rows comes the same bound alone, since partitions are not chosen by row comparisons. */
export function auditCursor(cursor: Cursor | null): Sql {
  if (cursor === null) return sql`true`;
  const { receivedAt, shard, position } = cursor.place;
  const place = sql`(${receivedAt}::timestamptz, ${shard}::int, ${position.toString()}::bigint)`;
  return cursor.direction === 'before'
    ? sql`(e.received_at, e.shard, e.position) < ${place} AND e.received_at <= ${receivedAt}`
    : sql`(e.received_at, e.shard, e.position) > ${place} AND e.received_at >= ${receivedAt}`;
}
