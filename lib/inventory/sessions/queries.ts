import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import { type Pool, pool, type Queryable } from '@/lib/db/pool';
import { unpackBodies } from '@/lib/log/leaf';
import type { BodyDigest, EntryPlace } from '@/lib/log/schema';
import { marks } from '@/lib/telemetry/schema';
import { isCosted } from '../activity/usage';
import { type Range, unregistered } from '../address';
import { bounded, tooMuch } from '../bounded';
import { formatEntryId } from '../entry-id';
import { amongReach, existsWithin, withinReach } from '../reach';
import { allOf, Sql, sql } from '../sql';
import type { SessionCursor, SessionFilter } from './address';
import { lateMs, SessionEntry, SessionRow, sessionEntriesMax } from './schema';

export const sessionsPageSize = 50;

const run = <Row extends Record<string, unknown>>(db: Queryable, statement: Sql) =>
  db.query<Row>(statement.text, statement.values);

export type SessionPage = {
  rows: SessionRow[];
  hasNewer: boolean;
  hasOlder: boolean;
  /** Too much would have to be read to tell. */
  isTooMuch: boolean;
};

/** Whose sessions are listed: of certain identities, of nobody registered, or of all. */
type Whom = { ids: string[] | null; isShadow: boolean };

/**
 * One page of 50, latest activity first, of the sessions that were active in the range. What matches may be rare among
 * all that an index holds, so the reading is bounded.
 */
export async function listSessions(
  scope: ReadScope,
  { filter, range, cursor }: { filter: SessionFilter; range: Range; cursor: SessionCursor | null },
  db: Pool = pool(),
): Promise<SessionPage> {
  const isUpward = cursor?.direction === 'after';
  const order = isUpward ? sql`s.ended_at, s.id` : sql`s.ended_at DESC, s.id DESC`;
  const where = allOf([
    sql`s.ended_at >= ${range.from}`,
    ...(range.to === null ? [] : [sql`s.started_at < ${range.to}`]),
    ...(filter.hasErrors ? [sql`s.errors > 0`] : []),
    ...cursorConditions(cursor),
  ]);
  const { ids, isShadow } = await whomOf(scope, filter, db);
  const limit = sessionsPageSize + 1;
  const part = (whom: Sql) =>
    sql`(SELECT s.* FROM session s WHERE ${whom} AND ${where} ORDER BY ${order} LIMIT ${limit})`;
  // Each identity's sessions lie in order in an index; the first rows of each, merged, are the first of all.
  const some = sql`SELECT s.* FROM unnest(${ids ?? []}::uuid[]) AS w(identity)
    CROSS JOIN LATERAL ${part(sql`s.identity = w.identity`)} s`;
  const from =
    ids === null
      ? part(isShadow ? sql`s.identity IS NULL` : sql`true`)
      : isShadow
        ? sql`(${some} UNION ALL ${part(sql`s.identity IS NULL`)})`
        : sql`(${some})`;
  const read = await bounded(db, (client) =>
    run<Record<string, unknown>>(
      client,
      sql`SELECT ${columns} FROM (SELECT * FROM ${from} s ORDER BY ${order} LIMIT ${limit}) s
        ${joins} ORDER BY ${order}`,
    ),
  );
  if (read === tooMuch)
    return { rows: [], hasNewer: cursor !== null, hasOlder: false, isTooMuch: true };
  const { rows } = read;
  const found = rows.slice(0, sessionsPageSize).map(sessionOf);
  const isMore = rows.length > sessionsPageSize;
  if (isUpward)
    return { rows: found.reverse(), hasNewer: isMore, hasOlder: true, isTooMuch: false };
  return { rows: found, hasNewer: cursor !== null, hasOlder: isMore, isTooMuch: false };
}

async function whomOf(
  { sees }: ReadScope,
  { identity, actor }: SessionFilter,
  db: Queryable,
): Promise<Whom> {
  if (identity === null && actor === null && sees === 'all') return { ids: null, isShadow: false };
  if (identity === unregistered || actor === unregistered) {
    const isBoth = [identity, actor].every((value) => value === null || value === unregistered);
    return isBoth && sees === 'all' ? { ids: null, isShadow: true } : { ids: [], isShadow: false };
  }
  const { rows } = await run<{ id: string }>(
    db,
    sql`SELECT id FROM identity WHERE ${allOf([
      ...(identity === null ? [] : [sql`(id::text = ${identity} OR name = ${identity})`]),
      ...(actor === null ? [] : [sql`kind = ${actor}`]),
      ...withinReach(sql`id`, sees),
    ])} LIMIT 5000`,
  );
  return { ids: rows.map(({ id }) => id), isShadow: false };
}

function cursorConditions(cursor: SessionCursor | null): Sql[] {
  if (cursor === null) return [];
  const place = sql`(${cursor.endedAt}::timestamptz, ${cursor.id}::uuid)`;
  return cursor.direction === 'before'
    ? [sql`(s.ended_at, s.id) < ${place}`]
    : [sql`(s.ended_at, s.id) > ${place}`];
}

// What a sender wrote is read from the entries themselves, where erasing them takes it away: from the one that
// opened the session, and on whose behalf from the first few that may say it.
const columns = sql`s.*, i.declared_name, i.service, f.on_behalf_of, i.conversation, i.redacted,
  d.name AS identity_name, d.kind AS identity_kind`;
const joins = sql`LEFT JOIN interaction i
    ON (i.received_at, i.shard, i.position) = (s.first_received_at, s.first_shard, s.first_position)
  LEFT JOIN LATERAL (
    SELECT e.on_behalf_of FROM (
      SELECT o.on_behalf_of FROM interaction o
      WHERE o.session = s.id AND o.received_at BETWEEN s.first_received_at AND s.last_received_at LIMIT 20
    ) e WHERE e.on_behalf_of IS NOT NULL LIMIT 1
  ) f ON true
  LEFT JOIN identity d ON d.id = s.identity`;

function sessionOf(row: Record<string, unknown>): SessionRow {
  const { fingerprint, cost, priced } = row;
  return SessionRow.parse({
    id: row.id,
    identity: row.identity,
    identityName: row.identity_name,
    identityKind: row.identity_kind,
    declaredName: row.declared_name,
    service: row.service,
    fingerprint: fingerprint instanceof Buffer ? fingerprint.toString('hex') : null,
    onBehalfOf: row.on_behalf_of,
    conversation: row.conversation,
    redacted: row.redacted,
    firstReceivedAt: row.first_received_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    exchanges: Number(row.exchanges),
    steps: Number(row.steps),
    events: Number(row.events),
    inferences: Number(row.inferences),
    toolCalls: Number(row.tool_calls),
    errors: Number(row.errors),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    cost: Number(priced) === 0 ? null : cost,
    priced: Number(priced),
    usages: Math.max(Number(priced), Number(row.inferences) + Number(row.embeddings)),
  });
}

/** One session; `waiting` when its entries arrived and were not gathered yet. */
export async function findSession(
  scope: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<SessionRow | 'waiting' | null> {
  if (!z.guid().safeParse(id).success) return null;
  const { rows } = await run<Record<string, unknown>>(
    db,
    sql`SELECT ${columns} FROM session s ${joins}
      WHERE ${allOf([sql`s.id = ${id}`, ...withinReach(sql`s.identity`, scope.sees)])}`,
  );
  if (rows[0] !== undefined) return sessionOf(rows[0]);
  const arrived = await run<{ found: boolean }>(
    db,
    sql`SELECT EXISTS (SELECT FROM interaction i
      WHERE ${allOf([sql`i.session = ${id}`, ...amongReach(sql`i.identity`, scope.sees)])}) AS found`,
  );
  return arrived.rows[0]?.found === true ? 'waiting' : null;
}

/** Whether any session was ever gathered: decides between "nothing yet" and "nothing matches". */
export async function hasSessions(scope: ReadScope, db: Queryable = pool()): Promise<boolean> {
  if (scope.sees !== 'all')
    return existsWithin(scope.sees, sql`SELECT FROM session s WHERE s.identity = t.id`, db);
  const { rows } = await run<{ found: boolean }>(
    db,
    sql`SELECT EXISTS (SELECT FROM session) AS found`,
  );
  return rows[0]?.found ?? false;
}

const costed = new Sql([isCosted('i.')], []);

const happened = sql`CASE WHEN i.marks & ${marks.implausible_time}::int <> 0
  THEN (extract(epoch FROM i.received_at) * 1000)::bigint * 1000000 ELSE i.started_ns END`;

/** A session's entries without content, by when they happened; the first to arrive where there are too many. */
export async function listSessionEntries(
  scope: ReadScope,
  { id, firstReceivedAt }: Pick<SessionRow, 'id' | 'firstReceivedAt'>,
  db: Queryable = pool(),
): Promise<{ entries: SessionEntry[]; isMore: boolean }> {
  // The inner limit bounds what a session of millions costs: its index is read in the order of arrival.
  const { rows } = await run<Record<string, unknown>>(
    db,
    sql`SELECT i.*, told.relation AS uncounted
      FROM (
        SELECT i.received_at, i.shard, i.position, i.started_ns, i.ended_ns, i.kind, i.name, i.resource, i.model,
          i.status, i.marks, i.redacted, i.input_tokens, i.output_tokens, i.prompt_id, i.tool_call_id, i.trace, i.span,
          i.parent, CASE WHEN ${costed} THEN i.cost END AS cost, ${happened} AS happened_ns
        FROM interaction i WHERE ${allOf([
          sql`i.session = ${id} AND i.received_at >= ${firstReceivedAt}`,
          ...amongReach(sql`i.identity`, scope.sees),
        ])}
        LIMIT ${sessionEntriesMax + 1}
      ) i
      LEFT JOIN LATERAL (
        SELECT l.relation FROM entry_link l WHERE l.uncounted = 'this'
          AND (l.received_at, l.shard, l.position) = (i.received_at, i.shard, i.position)
        ORDER BY l.relation DESC LIMIT 1) told ON true
      ORDER BY i.happened_ns, i.received_at, i.shard, i.position`,
  );
  return {
    entries: rows.slice(0, sessionEntriesMax).map(entryOf),
    isMore: rows.length > sessionEntriesMax,
  };
}

function entryOf(row: Record<string, unknown>): SessionEntry {
  // The columns are declared so in the migrations.
  const {
    received_at: receivedAt,
    shard,
    position,
  } = row as {
    received_at: Date;
    shard: number;
    position: bigint;
  };
  const {
    happened_ns: happenedNs,
    started_ns: startedNs,
    ended_ns: endedNs,
  } = row as {
    happened_ns: bigint;
    started_ns: bigint;
    ended_ns: bigint;
  };
  const { kind, input_tokens: input, output_tokens: output, cost, uncounted } = row;
  const hasTokens =
    (kind === 'inference' || kind === 'embedding') &&
    uncounted === null &&
    (input !== null || output !== null);
  return SessionEntry.parse({
    id: formatEntryId({ receivedAt, shard, position }),
    startedMs: Number(happenedNs) / 1e6,
    tookMs: endedNs < startedNs ? null : Number(endedNs - startedNs) / 1e6,
    isLate:
      (Number(row.marks) & marks.implausible_time) === 0 &&
      receivedAt.getTime() - Math.max(Number(endedNs), Number(startedNs)) / 1e6 > lateMs,
    kind,
    name: row.name,
    resource: row.resource,
    model: row.model,
    status: row.status,
    marks: row.marks,
    redacted: row.redacted,
    tokens: hasTokens ? Math.max(0, Number(input ?? 0)) + Math.max(0, Number(output ?? 0)) : null,
    cost: uncounted === null ? cost : null,
    uncounted,
    promptId: row.prompt_id,
    toolCallId: row.tool_call_id,
    trace: hex(row.trace),
    span: hex(row.span),
    parent: hex(row.parent),
  });
}

const hex = (value: unknown): string | null =>
  value instanceof Buffer ? value.toString('hex') : null;

/** Role, size and digest of what each of these entries says, in their order. */
export async function listBodyDigests(
  scope: ReadScope,
  places: readonly EntryPlace[],
  db: Queryable = pool(),
): Promise<BodyDigest[][]> {
  const { rows } = await run<{ bodies: Buffer | null }>(
    db,
    sql`SELECT i.bodies FROM unnest(${places.map(({ receivedAt }) => receivedAt)}::timestamptz[],
        ${places.map(({ shard }) => shard)}::int[], ${places.map(({ position }) => position.toString())}::bigint[])
        WITH ORDINALITY AS p(received_at, shard, position, place)
      LEFT JOIN interaction i ON ${allOf([
        sql`(i.received_at, i.shard, i.position) = (p.received_at, p.shard, p.position)`,
        ...amongReach(sql`i.identity`, scope.sees),
      ])}
      ORDER BY p.place`,
  );
  return rows.map(({ bodies }) => (bodies === null ? [] : unpackBodies(bodies)));
}
