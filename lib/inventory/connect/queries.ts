import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { pool, type Queryable } from '@/lib/db/pool';
import { unpackBodies } from '@/lib/log/leaf';
import type { InteractionKind, Signal } from '@/lib/telemetry/schema';
import { emptyFilter } from '../address';
import { amongReach, isReached, seesAll } from '../reach';
import { allOf, type Sql, sql } from '../sql';
import { type Heads, readHeads, skewMs } from '../tail/queries';
import { type ArrivedLook, judgeArrived, judgedMax } from './arrived';
import { formatPlace, type Place } from './place';

const refusedMs = 15 * 60_000;
const refusedMax = 500;
/** Of one shard in one look: a page that slept for hours goes on from where it was, a part at a time. */
const lookedThroughMax = 50_000;

type Row = {
  signal: Signal | null;
  kind: InteractionKind;
  usage: boolean;
  conversation: string | null;
  on_behalf_of: string | null;
  bodies: Buffer;
  identity: string | null;
  declared: string | null;
  fingerprint: string | null;
};
type Shard = { shard: number; first: bigint; past: bigint; since: Date; until: Date };

/** Where looking for what a key sends begins: read before the key is made, so that nothing is missed. */
export const readPlace = async (
  scope: ReadScope,
  madeAt: Date,
  db: Queryable = pool(),
): Promise<Place> => ({ madeAt, heads: await readHeads(scope, emptyFilter(), db) });

/** What came by one identity's keys after a place, for itself or for others, and the place to go on from. */
export async function getArrived(
  scope: ReadScope,
  { identity, place, now }: { identity: string; place: Place; now: Date },
  options: { db?: Queryable; lookedMax?: number } = {},
): Promise<ArrivedLook> {
  const { db = pool(), lookedMax = lookedThroughMax } = options;
  if (!(await isReached(scope.sees, identity, db)))
    throw new AppError('not_found', 'There is no such identity.');
  const heads = await readHeads(scope, emptyFilter(), db);
  const moved = movedShards(place.heads, heads);
  // What it sends for others, or as nobody, is theirs.
  const mine = allOf([sql`i.reporter = ${identity}`, ...amongReach(sql`i.identity`, scope.sees)]);
  const since = new Date(Math.max(place.madeAt.getTime(), now.getTime() - refusedMs));
  const [looked, refused] = await Promise.all([
    lookThrough(db, { mine, moved, lookedMax }),
    seesAll(scope) ? countRefused(db, identity, since) : 0,
  ]);
  const rows = looked.received === 0 ? [] : await readNewest(db, mine, looked.shards);
  const next = new Map(heads);
  for (const { shard, past, until } of looked.shards) next.set(shard, { next: past, at: until });
  return {
    arrived: { ...judgeArrived(rows.map(judged), refused), received: looked.received },
    place: formatPlace({ madeAt: place.madeAt, heads: next }),
    isBehind: looked.isBehind,
  };
}

/** By position and not by arrival: a row whose shard committed later than another's is not missed. */
function movedShards(from: Heads, to: Heads): Shard[] {
  const newest = Math.max(0, ...[...from.values()].map(({ at }) => at.getTime()));
  return [...to].flatMap(([shard, { next, at }]) => {
    const before = from.get(shard);
    const first = before?.next ?? 0n;
    // A shard that was silent for days did not write in them.
    const since = new Date(Math.max(before?.at.getTime() ?? 0, newest - skewMs));
    return next > first ? [{ shard, first, past: next, since, until: at }] : [];
  });
}

const listOf = (
  shards: readonly Shard[],
): Sql => sql`unnest(${shards.map(({ shard }) => shard)}::int[],
    ${shards.map(({ first }) => first.toString())}::bigint[], ${shards.map(({ past }) => past.toString())}::bigint[],
    ${shards.map(({ since }) => since)}::timestamptz[], ${shards.map(({ until }) => until)}::timestamptz[])
  AS s (shard, first, past, since, until)`;
// No index finds what a reporter sent for others; the key of the table finds what is new.
const isWithin = sql`i.received_at >= s.since AND i.received_at <= s.until AND i.shard = s.shard
  AND i.position >= s.first AND i.position < s.past`;

/** Counts what is the reporter's, and how far it came in each shard. */
async function lookThrough(
  db: Queryable,
  { mine, moved, lookedMax }: { mine: Sql; moved: Shard[]; lookedMax: number },
): Promise<{ shards: Shard[]; received: number; isBehind: boolean }> {
  if (moved.length === 0) return { shards: [], received: 0, isBehind: false };
  const { text, values } = sql`SELECT s.shard, l.* FROM ${listOf(moved)} CROSS JOIN LATERAL (
       SELECT count(*)::int AS looked, (count(*) FILTER (WHERE ${mine}))::int AS received,
         max(position) AS last, max(received_at) AS last_at
       FROM (SELECT i.reporter, i.identity, i.position, i.received_at FROM interaction i WHERE ${isWithin}
         ORDER BY i.received_at, i.shard, i.position LIMIT ${lookedMax}) AS i
     ) AS l`;
  const { rows } = await db.query<{
    shard: number;
    looked: number;
    received: number;
    last: string | null;
    last_at: Date | null;
  }>(text, values);
  const byShard = new Map(rows.map((row) => [row.shard, row]));
  let isBehind = false;
  const shards = moved.map((shard) => {
    const row = byShard.get(shard.shard);
    if (row === undefined || row.looked < lookedMax || row.last === null || row.last_at === null)
      return shard;
    isBehind = true;
    return { ...shard, past: BigInt(row.last) + 1n, until: row.last_at };
  });
  return { shards, received: rows.reduce((sum, row) => sum + row.received, 0), isBehind };
}

async function readNewest(db: Queryable, mine: Sql, shards: readonly Shard[]): Promise<Row[]> {
  const { text, values } = sql`SELECT l.* FROM ${listOf(shards)} CROSS JOIN LATERAL (
       SELECT i.signal, i.kind, i.input_tokens IS NOT NULL OR i.output_tokens IS NOT NULL AS usage,
         i.conversation, i.on_behalf_of, i.bodies, i.identity,
         coalesce(i.declared_name, i.declared_id, i.service) AS declared,
         encode(i.fingerprint, 'hex') AS fingerprint
       FROM interaction i WHERE ${isWithin} AND ${mine}
       ORDER BY i.received_at DESC, i.shard DESC, i.position DESC LIMIT ${judgedMax}
     ) AS l`;
  return (await db.query<Row>(text, values)).rows;
}

async function countRefused(db: Queryable, identity: string, since: Date): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (
       SELECT FROM quarantine WHERE received_at >= $2 AND reporter = $1 LIMIT $3) refused`,
    [identity, since, refusedMax],
  );
  return rows[0]?.n ?? 0;
}

const judged = (row: Row) => ({
  signal: row.signal,
  kind: row.kind,
  hasUsage: row.usage,
  hasConversation: row.conversation !== null,
  hasOnBehalfOf: row.on_behalf_of !== null,
  roles: unpackBodies(row.bodies).map(({ role }) => role),
  identity: row.identity,
  declared: row.declared,
  fingerprint: row.fingerprint,
});
