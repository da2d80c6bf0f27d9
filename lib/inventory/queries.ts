import type { ReadScope } from '@/lib/auth/scope';
import { type Pool, pool, type Queryable } from '@/lib/db/pool';
import { unpackBodies } from '@/lib/log/leaf';
import type { EntryPlace } from '@/lib/log/schema';
import { type Cursor, type Filter, type Range, unregistered } from './address';
import { bounded, tooMuch } from './bounded';
import {
  arrivedFrom,
  countedOnce,
  cursorConditions,
  filterConditions,
  type Resolved,
  rangeConditions,
} from './conditions';
import { formatEntryId } from './entry-id';
import { listLinked } from './links/queries';
import { type Asked, findMatches } from './matches/queries';
import { listStrange } from './origin/queries';
import { amongReach, existsWithin, seesAll, withinReach } from './reach';
import { type Content, InteractionDetail, InteractionRow, type Opened } from './schema';
import { allOf, type Sql, sql } from './sql';

export const pageSize = 50;

const run = <Row extends Record<string, unknown>>(db: Queryable, statement: Sql) =>
  db.query<Row>(statement.text, statement.values);

export type KnownIdentity = { id: string; name: string; kind: string };

/**
 * Turns names of identities into ids. One that nobody is registered under matches nothing, and a sentence
 * says so: a filter is never widened by a slip.
 */
export async function resolveIdentities(
  scope: ReadScope,
  filter: Filter,
  db: Queryable = pool(),
): Promise<{ filter: Resolved; known: KnownIdentity[]; problems: string[] }> {
  const asked = filter.identity.filter((value) => value !== unregistered);
  if (asked.length === 0) return { filter, known: [], problems: [] };
  const { rows: known } = await run<KnownIdentity>(
    db,
    sql`SELECT id, name, kind FROM identity WHERE ${allOf([
      sql`(id::text = ANY(${asked}) OR name = ANY(${asked}))`,
      ...withinReach(sql`id`, scope.sees),
    ])}`,
  );
  const problems: string[] = [];
  const ids = filter.identity.map((value) => {
    if (value === unregistered) return value;
    const found = known.find(({ id, name }) => id === value || name === value);
    if (found === undefined)
      problems.push(`No identity is called ${value.slice(0, 60)}, so nothing matches it.`);
    return found?.id ?? value;
  });
  return { filter: { ...filter, identity: [...new Set(ids)] }, known, problems };
}

/** Names by id, for whoever labels facets and terms. */
export async function listIdentityNames(
  scope: ReadScope,
  db: Queryable = pool(),
): Promise<Map<string, string>> {
  const { rows } = await run<KnownIdentity>(
    db,
    sql`SELECT id, name FROM identity WHERE ${allOf(withinReach(sql`id`, scope.sees))} ORDER BY name LIMIT 5000`,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** `reportsForOthers`: what it sends is attributed by what each item declares. */
export type Reporter = { id: string; name: string; reportsForOthers: boolean };

/** Active identities that may be given an ingest key. */
export async function listReporters(scope: ReadScope, db: Queryable = pool()): Promise<Reporter[]> {
  const { rows } = await run<Reporter>(
    db,
    sql`SELECT id, name, reports_for_all OR EXISTS (
        SELECT FROM identity_reports_for r WHERE r.reporter_id = identity.id) AS "reportsForOthers"
      FROM identity WHERE ${allOf([
        sql`state = 'active' AND kind <> 'external_api'`,
        ...withinReach(sql`id`, scope.sees),
      ])} ORDER BY name LIMIT 1000`,
  );
  return rows;
}

export type Page = {
  rows: InteractionRow[];
  hasNewer: boolean;
  hasOlder: boolean;
  /** Too much would have to be read to find what is asked for, so there are no rows. */
  isTooMuch: boolean;
};

/** Read first, next to the cursor: a page is full after these unless fewer than one in 200 match. */
const nearestRows = 10_000;

const rowColumns = sql`i.received_at, i.shard, i.position, i.identity, i.declared_name, i.service, i.started_ns,
  i.ended_ns, i.kind, i.name, i.resource_kind, i.resource, i.on_behalf_of, i.status, i.error_type, i.marks,
  i.redacted, i.input_tokens, i.output_tokens,
  (SELECT d.name FROM identity d WHERE d.id = i.identity) AS identity_name,
  (SELECT d.kind FROM identity d WHERE d.id = i.identity) AS identity_kind`;

/** One page of 50, newest arrival first. A cursor names the row that the page lies before or after. */
export async function listInteractions(
  scope: ReadScope,
  view: { filter: Resolved; range: Range; cursor: Cursor | null },
  db: Pool = pool(),
): Promise<Page> {
  const { filter, range, cursor } = view;
  const isUpward = cursor?.direction === 'after';
  const page = await bounded(db, async (client): Promise<Page> => {
    const find = (asked: Asked, columns: Sql, limit: number) =>
      findMatches<Record<string, unknown>>(client, asked, { columns, limit, nearest: nearestRows });
    const rows = await find({ ...view, scope }, rowColumns, pageSize + 1);
    const found = rows.slice(0, pageSize).map((row) => InteractionRow.parse(rowOf(row)));
    const isMore = rows.length > pageSize;
    if (cursor !== null && found.length === 0) {
      // Nothing lies on the one side of the cursor, so whatever matches lies on the other.
      const around: Asked = { scope, filter, range, cursor: null };
      const isElsewhere = (await find(around, sql`1`, 1)).length > 0;
      return {
        rows: [],
        hasNewer: isElsewhere && !isUpward,
        hasOlder: isElsewhere && isUpward,
        isTooMuch: false,
      };
    }
    if (isUpward)
      return { rows: found.reverse(), hasNewer: isMore, hasOlder: true, isTooMuch: false };
    return { rows: found, hasNewer: cursor !== null, hasOlder: isMore, isTooMuch: false };
  });
  return page === tooMuch
    ? { rows: [], hasNewer: cursor !== null, hasOlder: false, isTooMuch: true }
    : page;
}

/** What the list shows of the first rows by any condition on `interaction i`. */
export async function readRows(
  { where, order, limit }: { where: Sql; order: Sql; limit: number },
  db: Queryable,
): Promise<InteractionRow[]> {
  const { rows } = await run<Record<string, unknown>>(
    db,
    sql`SELECT ${rowColumns} FROM interaction i WHERE ${where} ORDER BY ${order} LIMIT ${limit}`,
  );
  return rows.map((row) => InteractionRow.parse(rowOf(row)));
}

/** New arrivals that are looked at to tell how many match. */
const newerMax = 20_000;

/** How many matching rows arrived after `place`, counted to 1,000 and within the 20,000 arrivals after it. */
export async function countNewer(
  scope: ReadScope,
  { filter, range, place }: { filter: Resolved; range: Range; place: EntryPlace | null },
  db: Pool = pool(),
): Promise<number> {
  const cursor: Cursor | null = place === null ? null : { direction: 'after', place };
  const arrived = allOf([sql`i.received_at >= ${arrivedFrom(range)}`, ...cursorConditions(cursor)]);
  const matching = allOf([
    ...rangeConditions(range),
    ...filterConditions(scope, filter),
    countedOnce(filter),
  ]);
  const counted = await bounded(db, (client) =>
    run<{ n: number }>(
      client,
      sql`SELECT count(*)::int AS n FROM (
        SELECT 1 FROM (
          SELECT i.* FROM interaction i WHERE ${arrived}
          ORDER BY i.received_at, i.shard, i.position LIMIT ${newerMax}
        ) i WHERE ${matching} LIMIT 1000
      ) newer`,
    ),
  );
  return counted === tooMuch ? 0 : (counted.rows[0]?.n ?? 0);
}

/** Whether anything was ever kept: decides between "nothing yet" and "nothing matches". */
export async function hasInteractions(scope: ReadScope, db: Queryable = pool()): Promise<boolean> {
  if (scope.sees !== 'all')
    return existsWithin(scope.sees, sql`SELECT FROM interaction i WHERE i.identity = t.id`, db);
  const { rows } = await run<{ found: boolean }>(
    db,
    sql`SELECT EXISTS (SELECT 1 FROM interaction) AS found`,
  );
  return rows[0]?.found ?? false;
}

/** All facts of one interaction, or what is left of it. */
export async function getInteraction(
  scope: ReadScope,
  place: EntryPlace,
  db: Queryable = pool(),
): Promise<Opened> {
  const at = placeCondition(place);
  const { rows } = await run<Record<string, unknown>>(
    db,
    sql`SELECT i.*, d.name AS identity_name, d.kind AS identity_kind, r.name AS reporter_name, e.leaf
      FROM interaction i
      LEFT JOIN log_entry e ON (e.received_at, e.shard, e.position) = (i.received_at, i.shard, i.position)
      LEFT JOIN identity d ON d.id = i.identity LEFT JOIN identity r ON r.id = i.reporter
      WHERE ${allOf([at, ...amongReach(sql`i.identity`, scope.sees)])}`,
  );
  const [row] = rows;
  if (row !== undefined) {
    const [linked, strange] = [
      await listLinked(scope, place, db),
      await listStrange(scope, place, db),
    ];
    const interaction = InteractionDetail.parse({ ...detailOf(row), linked, strange });
    return { state: 'kept', interaction };
  }
  // Whose it was went with its facts, so what is left of it is nobody's.
  if (!seesAll(scope)) return { state: 'missing' };
  const entries = await run<{ leaf: Buffer; kind: string }>(
    db,
    sql`SELECT i.leaf, i.kind FROM log_entry i WHERE ${at}`,
  );
  const [entry] = entries.rows;
  if (entry === undefined || entry.kind !== 'interaction') return { state: 'missing' };
  return {
    state: 'gone',
    entry: {
      id: formatEntryId(place),
      receivedAt: place.receivedAt.toISOString(),
      shard: place.shard,
      position: place.position.toString(),
      leaf: entry.leaf.toString('hex'),
      ...(await whyGone(place, 'facts', db)),
    },
  };
}

type WhyGone = Omit<Extract<Content, { state: 'gone' }>, 'state'>;

/** The control entry that tells why facts or bodies are gone: somebody erased them, or their day expired. */
export async function whyGone(
  place: EntryPlace,
  what: 'facts' | 'bodies',
  db: Queryable,
): Promise<WhyGone> {
  const erased = await run<{ at: Date; facts: { by: string; reason: string } }>(
    db,
    sql`SELECT received_at AS at, facts::json AS facts FROM control_event
      WHERE kind = 'entry_erased' AND received_at >= ${place.receivedAt}
        AND facts LIKE ${`%"entry":{"position":${place.position},"received_at":"${place.receivedAt.toISOString()}","shard":${place.shard}}%`}
        AND (${what} = 'bodies' OR facts::json ->> 'scope' = 'all')
      ORDER BY received_at LIMIT 1`,
  );
  const [tombstone] = erased.rows;
  if (tombstone !== undefined) {
    const { by, reason } = tombstone.facts;
    return {
      cause: 'erased',
      erasedAt: tombstone.at.toISOString(),
      by: await personName(by, db),
      reason,
    };
  }
  const table = what === 'facts' ? 'interaction' : 'body';
  const part = `${table}_${place.receivedAt.toISOString().slice(0, 10).replaceAll('-', '')}`;
  const expired = await run<{ at: Date }>(
    db,
    sql`SELECT received_at AS at FROM control_event
      WHERE kind = 'days_expired' AND facts LIKE ${`%"${part}"%`} ORDER BY received_at LIMIT 1`,
  );
  const [day] = expired.rows;
  return {
    cause: day === undefined ? 'unknown' : 'retention',
    erasedAt: day?.at.toISOString() ?? null,
    by: null,
    reason: null,
  };
}

async function personName(by: string, db: Queryable): Promise<string> {
  const id = by.replace(/^person:/, '');
  const { rows } = await run<{ name: string }>(
    db,
    sql`SELECT name FROM person WHERE id::text = ${id}`,
  );
  return rows[0]?.name ?? by;
}

const placeCondition = ({ receivedAt, shard, position }: EntryPlace): Sql =>
  sql`i.received_at = ${receivedAt} AND i.shard = ${shard} AND i.position = ${position.toString()}::bigint`;

// What PostgreSQL returns is parsed by the schema it is given to; here only units and spellings change.
function rowOf(row: Record<string, unknown>) {
  // The columns are declared so in the migration.
  const {
    received_at: receivedAt,
    shard,
    position,
  } = row as { received_at: Date; shard: number; position: bigint };
  const { started_ns: started, ended_ns: ended } = row as { started_ns: bigint; ended_ns: bigint };
  const facts = camel(row);
  const { input_tokens: input, output_tokens: output } = row;
  return {
    ...facts,
    id: formatEntryId({ receivedAt, shard, position }),
    receivedAt: receivedAt.toISOString(),
    startedNs: started.toString(),
    durationMs: Number(ended - started) / 1e6,
    tokens: input === null && output === null ? null : Number(input ?? 0) + Number(output ?? 0),
  };
}

function detailOf(row: Record<string, unknown>) {
  return {
    ...rowOf(row),
    endedNs: String(row.ended_ns),
    position: String(row.position),
    fingerprint: hex(row.fingerprint),
    trace: hex(row.trace),
    span: hex(row.span),
    parent: hex(row.parent),
    leaf: hex(row.leaf) ?? '',
    // bytea is read as a Buffer.
    bodies: unpackBodies(row.bodies as Buffer),
  };
}

const hex = (value: unknown): string | null =>
  value instanceof Buffer ? value.toString('hex') : null;

const camel = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
      typeof value === 'bigint' ? Number(value) : value,
    ]),
  );
