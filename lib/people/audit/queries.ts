import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { type Pool, pool, type Queryable } from '@/lib/db/pool';
import type { Cursor } from '@/lib/inventory/address';
import { bounded, tooMuch } from '@/lib/inventory/bounded';
import { formatEntryId, parseEntryId } from '@/lib/inventory/entry-id';
import { type Sql, sql } from '@/lib/inventory/sql';
import { leafOf, saltedDigest } from '@/lib/log/leaf';
import type { EntryPlace } from '@/lib/log/schema';
import { authorizeRead } from '../permissions';
import type { AuditFilter, AuditRange } from './address';
import { auditConditions, auditCursor, factsOf, isShown, minuteOf, whoOfEntry } from './conditions';
import { readKinds } from './labels';
import type { ExportedEntry } from './record';
import { type AuditEntry, type AuditRow, Facts, type Names, type Reads } from './schema';
import { doerOf, subjectOf } from './tell';

export const auditPageSize = 50;
/** Entries of one minute that a panel lists. */
const readsListedMax = 100;
const namesMax = 2000;

export type AuditList = {
  rows: AuditRow[];
  hasNewer: boolean;
  hasOlder: boolean;
  /** Too much would have to be read to find what is asked for, so there are no rows. */
  isTooMuch: boolean;
};

type Asked = { filter: AuditFilter; range: AuditRange };
type Row = { received_at: Date; shard: number; position: bigint; kind: string; facts: string };

const run = <Found extends Record<string, unknown>>(db: Queryable, { text, values }: Sql) =>
  db.query<Found>(text, values);

/** Said to whoever might read the audit by their roles, and sees some teams alone. */
export const auditIsOfAll =
  'The audit tells of all teams, and you are shown what your teams do. Somebody who sees all of them reads it.';

/** Throws `forbidden` for whoever may not read it: it tells of every team, whichever part of it is asked for. */
export function refuseUnlessAuditor(scope: Pick<ReadScope, 'roles' | 'sees'>): void {
  authorizeRead(scope, 'audit.read');
  if (scope.sees !== 'all') throw new AppError('forbidden', auditIsOfAll);
}

const auditColumns = sql`e.received_at, e.shard, e.position, e.kind, e.facts`;
const entryOf = ({ received_at: receivedAt, shard, position, kind, facts }: Row) => ({
  id: formatEntryId({ receivedAt, shard, position }),
  receivedAt,
  shard,
  position,
  kind,
  facts: Facts.parse(JSON.parse(facts)),
});

/**
 * One page, the newest first. What one person read within a minute is one row, where its newest entry is; a page
 * neither splits nor repeats one.
 */
export async function listAudit(
  scope: ReadScope,
  asked: Asked & { cursor: Cursor | null },
  db: Pool = pool(),
): Promise<AuditList> {
  refuseUnlessAuditor(scope);
  const { cursor } = asked;
  const isUpward = cursor?.direction === 'after';
  const page = await bounded(db, async (client): Promise<AuditList> => {
    const rows = await readPage(client, asked, auditPageSize + 1);
    const isMore = rows.length > auditPageSize;
    const entries = rows.slice(0, auditPageSize).map(entryOf);
    const folded = await fold(client, asked, isUpward ? entries.reverse() : entries);
    if (cursor !== null && folded.length === 0) {
      // Nothing lies on the one side of the cursor, so whatever matches lies on the other.
      const isElsewhere = (await readPage(client, { ...asked, cursor: null }, 1)).length > 0;
      return {
        rows: [],
        hasNewer: isElsewhere && !isUpward,
        hasOlder: isElsewhere && isUpward,
        isTooMuch: false,
      };
    }
    return isUpward
      ? { rows: folded, hasNewer: isMore, hasOlder: true, isTooMuch: false }
      : { rows: folded, hasNewer: cursor !== null, hasOlder: isMore, isTooMuch: false };
  });
  return page === tooMuch
    ? { rows: [], hasNewer: cursor !== null, hasOlder: false, isTooMuch: true }
    : page;
}

async function readPage(
  db: Queryable,
  asked: Asked & { cursor: Cursor | null },
  limit: number,
): Promise<Row[]> {
  const order =
    asked.cursor?.direction === 'after'
      ? sql`e.received_at, e.shard, e.position`
      : sql`e.received_at DESC, e.shard DESC, e.position DESC`;
  const { rows } = await run<Row>(
    db,
    sql`SELECT ${auditColumns} FROM control_event e
      WHERE ${auditConditions(asked, 'e')} AND ${auditCursor(asked.cursor)} AND ${isShown(asked)}
      ORDER BY ${order} LIMIT ${limit}`,
  );
  return rows;
}

/** Beside each entry of reading content, what the same person read within its minute. */
async function fold(db: Queryable, asked: Asked, entries: AuditEntry[]): Promise<AuditRow[]> {
  const whoReads = entries.map(({ kind, facts }) => {
    const doer = doerOf(kind, facts);
    const isRead = readKinds.some((each) => each === kind);
    return isRead && doer.kind === 'person' ? `person:${doer.id}` : null;
  });
  if (whoReads.every((who) => who === null)) return entries.map((row) => ({ ...row, reads: null }));
  const subject = sql`${factsOf('n')} ->> 'subject'`;
  const isPart = sql`${factsOf('n')} ->> 'entries' IS NOT NULL`;
  const { rows } = await run<Reads & { place: bigint }>(
    db,
    sql`SELECT h.place, r.* FROM unnest(${entries.map(({ receivedAt }) => receivedAt)}::timestamptz[],
        ${whoReads}::text[]) WITH ORDINALITY AS h (at, who, place)
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS entries,
          count(DISTINCT ${subject}) FILTER (WHERE n.kind = 'content_opened' AND NOT (${isPart}))::int AS interactions,
          count(DISTINCT ${subject}) FILTER (WHERE n.kind = 'content_opened' AND ${isPart})::int AS conversations,
          count(DISTINCT ${factsOf('n')} ->> 'resource') FILTER (WHERE n.kind = 'content_opened')::int AS resources,
          count(*) FILTER (WHERE n.kind = 'content_searched')::int AS searches,
          count(DISTINCT ${subject}) FILTER (WHERE n.kind = 'quarantined_item_opened')::int AS items,
          count(DISTINCT ${factsOf('n')} ->> 'address')::int AS addresses
        FROM control_event n WHERE ${ofMinute(asked, { who: sql`h.who`, at: sql`h.at` })}
      ) r WHERE h.who IS NOT NULL`,
  );
  const found = new Map(rows.map(({ place, ...reads }) => [Number(place) - 1, reads]));
  return entries.map((entry, index) => {
    const reads = found.get(index) ?? null;
    return { ...entry, reads: reads !== null && reads.entries > 1 ? reads : null };
  });
}

/** What one person read within the minute of `at`. */
const ofMinute = (asked: Asked, { who, at }: { who: Sql; at: Sql }): Sql =>
  sql`${whoOfEntry('n')} = ${who} AND n.kind = ANY(${readKinds}::text[])
    AND n.received_at >= ${minuteOf(at)} AND n.received_at < ${minuteOf(at)} + interval '1 minute'
    AND ${auditConditions(asked, 'n')}`;

export type AuditDetail = {
  entry: AuditEntry;
  /** As it is in the log: RFC 8785 JSON. */
  raw: string;
  leaf: string;
  /** Whether the leaf is that of these facts. */
  isIntact: boolean;
  /** What the same person read within the same minute, the newest first, where that is more than this. */
  reads: AuditEntry[];
  /** Whether there are more than are listed. */
  hasMoreReads: boolean;
};

const ever: Asked = {
  filter: { who: null, what: null, subject: null },
  range: { preset: 'all', from: null, to: null },
};

/** One entry with its leaf, computed again from its facts; null where there is none. */
export async function findAuditEntry(
  scope: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<AuditDetail | null> {
  refuseUnlessAuditor(scope);
  const place = parseEntryId(id);
  if (place === null) return null;
  const { rows } = await run<Row & { salt: Buffer; leaf: Buffer }>(
    db,
    sql`SELECT ${auditColumns}, e.salt, l.leaf FROM control_event e
      JOIN log_entry l ON (l.received_at, l.shard, l.position) = (e.received_at, e.shard, e.position)
      WHERE ${atPlace(place, sql`e.`)} AND ${atPlace(place, sql`l.`)}`,
  );
  const [row] = rows;
  if (row === undefined) return null;
  const entry = entryOf(row);
  const leaf = leafOf({
    kind: row.kind,
    receivedAt: row.received_at.toISOString(),
    reporter: null,
    factsDigest: saltedDigest(row.salt, row.facts),
    bodies: [],
  });
  const reads = await listReads(db, entry);
  return {
    entry,
    raw: row.facts,
    leaf: row.leaf.toString('hex'),
    isIntact: Buffer.from(leaf, 'latin1').equals(row.leaf),
    reads: reads.slice(0, readsListedMax),
    hasMoreReads: reads.length > readsListedMax,
  };
}

const atPlace = ({ receivedAt, shard, position }: EntryPlace, of: Sql): Sql =>
  sql`${of}received_at = ${receivedAt} AND ${of}shard = ${shard} AND ${of}position = ${position.toString()}::bigint`;

async function listReads(db: Queryable, { kind, facts, receivedAt }: AuditEntry) {
  const doer = doerOf(kind, facts);
  if (doer.kind !== 'person' || !readKinds.some((each) => each === kind)) return [];
  const minute = ofMinute(ever, {
    who: sql`${`person:${doer.id}`}`,
    at: sql`${receivedAt}::timestamptz`,
  });
  const { rows } = await run<Row>(
    db,
    sql`SELECT n.received_at, n.shard, n.position, n.kind, n.facts FROM control_event n WHERE ${minute}
      ORDER BY n.received_at DESC, n.shard DESC, n.position DESC LIMIT ${readsListedMax + 1}`,
  );
  return rows.length > 1 ? rows.map(entryOf) : [];
}

const Id = z.guid();

/** Every id in these entries that might have a name. */
export function idsIn(entries: readonly AuditEntry[]): string[] {
  const ids = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      const text = value.startsWith('person:') ? value.slice('person:'.length) : value;
      if (ids.size < namesMax && Id.safeParse(text).success) ids.add(text);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  for (const { facts } of entries) visit(facts);
  return [...ids];
}

/** Those of whoever did it and what it was done to: enough for a row. */
export const idsShown = (entries: readonly AuditEntry[]): string[] =>
  entries.flatMap(({ kind, facts }) => {
    const [doer, subject] = [doerOf(kind, facts), subjectOf(kind, facts)];
    const ids = [
      doer.kind === 'person' ? doer.id : null,
      subject !== null && 'id' in subject ? subject.id : null,
      subject?.kind === 'shadow' ? subject.reporter : null,
    ];
    return ids.filter((id): id is string => id !== null && Id.safeParse(id).success);
  });

/** What people, identities, teams and resources are called now. */
export async function listAuditNames(
  scope: ReadScope,
  ids: readonly string[],
  db: Queryable = pool(),
): Promise<Names> {
  refuseUnlessAuditor(scope);
  const asked = [...new Set(ids)].slice(0, namesMax);
  if (asked.length === 0) return new Map();
  const { rows } = await run<{ id: string; name: string; kind: string; email: string | null }>(
    db,
    sql`SELECT id, name, 'person' AS kind, email FROM person WHERE id = ANY(${asked}::uuid[])
      UNION ALL SELECT id, name, 'identity', NULL FROM identity WHERE id = ANY(${asked}::uuid[])
      UNION ALL SELECT id, name, 'team', NULL FROM team WHERE id = ANY(${asked}::uuid[])
      UNION ALL SELECT id, name, 'resource', NULL FROM resource WHERE id = ANY(${asked}::uuid[])`,
  );
  return new Map(rows.map(({ id, ...named }) => [id, named]));
}

/** Whose acts can be asked for: everybody who may sign in or ever could, by name. */
export async function listAuditPeople(
  scope: ReadScope,
  db: Queryable = pool(),
): Promise<{ id: string; name: string; email: string }[]> {
  refuseUnlessAuditor(scope);
  const { rows } = await run<{ id: string; name: string; email: string }>(
    db,
    sql`SELECT id, name, email FROM person ORDER BY name, email LIMIT ${namesMax}`,
  );
  return rows;
}

export const exportPageRows = 200;

/** The entries of an export after a place, each by itself and in order of arrival; none after the last. */
export async function listExportedEntries(
  scope: ReadScope,
  { filter, range, until }: Asked & { until: Date },
  cursor: Cursor | null,
  db: Queryable,
): Promise<ExportedEntry[]> {
  refuseUnlessAuditor(scope);
  const leaf = sql`(SELECT encode(l.leaf, 'hex') FROM log_entry l
    WHERE l.received_at = e.received_at AND l.shard = e.shard AND l.position = e.position) AS leaf`;
  const { rows } = await run<Row & { leaf: string | null }>(
    db,
    sql`SELECT ${auditColumns}, ${leaf} FROM control_event e
      WHERE ${auditConditions({ filter, range }, 'e')} AND e.received_at < ${until} AND ${auditCursor(cursor)}
      ORDER BY e.received_at, e.shard, e.position LIMIT ${exportPageRows}`,
  );
  return rows.map((row) => ({ ...entryOf(row), raw: row.facts, leaf: row.leaf }));
}
