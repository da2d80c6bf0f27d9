import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { IdentityKind } from '@/lib/identities/schema';
import { type InteractionKind, interactionKinds } from '@/lib/telemetry/schema';
import { formatEntryId } from '../../entry-id';
import { type Sql, sql } from '../../sql';
import { resemblanceAmong } from '../resemble';
import type { ShadowActor, ShadowReporter, ShadowState } from '../schema';

/** So many actors are shown at most, the newest; the page says when there are more. */
export const shadowMax = 200;
/** Counts for the navigation stop here. */
export const openMax = 99;
/** So many of the newest rows are looked through for open actors: senders can make up any number of names. */
const lookedThroughMax = 5000;

// Nobody has decided on it, or what was decided is over, and nobody has registered it.
const isOpen = sql`NOT EXISTS (SELECT FROM shadow_decision d WHERE d.fingerprint = s.fingerprint
    AND (d.until IS NULL OR d.until > now()))
  AND NOT EXISTS (SELECT FROM identity_fingerprint f WHERE f.fingerprint = s.fingerprint)`;

const chosenBy: Record<ShadowState, Sql> = {
  open: sql`SELECT fingerprint, max(last_at) AS at FROM (
      SELECT s.fingerprint, s.last_at FROM shadow_actor s WHERE ${isOpen}
      ORDER BY s.last_at DESC LIMIT ${lookedThroughMax}
    ) newest GROUP BY fingerprint ORDER BY at DESC LIMIT ${shadowMax + 1}`,
  ignored: sql`SELECT fingerprint, decided_at AS at FROM shadow_decision
    WHERE until IS NULL OR until > now() ORDER BY at DESC LIMIT ${shadowMax + 1}`,
  registered: sql`SELECT fingerprint, since AS at FROM identity_fingerprint ORDER BY at DESC LIMIT ${shadowMax + 1}`,
};

/** Unregistered actors in one state, the newest first, one more than are shown where there are more. */
export async function listShadow(
  _scope: ReadScope,
  state: ShadowState,
  db: Queryable = pool(),
): Promise<ShadowActor[]> {
  return await read(chosenBy[state], db);
}

/** One unregistered actor in whatever state; null where none was seen. */
export async function findShadow(
  _scope: ReadScope,
  fingerprint: string,
  db: Queryable = pool(),
): Promise<ShadowActor | null> {
  const one = sql`SELECT decode(${fingerprint}, 'hex') AS fingerprint, now() AS at`;
  return (await read(one, db))[0] ?? null;
}

type Row = {
  fingerprint: Buffer;
  interactions: bigint;
  sessions: bigint;
  errors: bigint;
  reporters: number;
  kinds: string[];
  first_at: Date;
  last_at: Date;
  declared_name: string | null;
  declared_id: string | null;
  service: string | null;
  reason: string | null;
  decided_by: string | null;
  decided_at: Date | null;
  until: Date | null;
  identity_id: string | null;
  identity_name: string | null;
  since: Date | null;
};

async function read(chosen: Sql, db: Queryable): Promise<ShadowActor[]> {
  const statement = sql`WITH chosen AS MATERIALIZED (${chosen}), counted AS MATERIALIZED (
      SELECT s.fingerprint, max(c.at) AS at, sum(s.interactions)::bigint AS interactions,
        sum(s.sessions)::bigint AS sessions, sum(s.errors)::bigint AS errors,
        count(DISTINCT s.reporter)::int AS reporters, array_agg(DISTINCT s.kind) AS kinds,
        min(s.first_at) AS first_at, max(s.last_at) AS last_at, max(s.last_received_at) AS last_received_at
      FROM chosen c JOIN shadow_actor s ON s.fingerprint = c.fingerprint GROUP BY s.fingerprint
    )
    SELECT c.*, w.*, d.reason, p.name AS decided_by, d.decided_at, d.until, f.since,
      i.id AS identity_id, i.name AS identity_name
    FROM counted c
    LEFT JOIN LATERAL (
      SELECT i.declared_name, i.declared_id, i.service FROM interaction i
      WHERE i.fingerprint = c.fingerprint AND i.received_at <= c.last_received_at
      ORDER BY i.received_at DESC, i.shard DESC, i.position DESC LIMIT 1
    ) w ON true
    LEFT JOIN shadow_decision d ON d.fingerprint = c.fingerprint AND (d.until IS NULL OR d.until > now())
    LEFT JOIN person p ON p.id = d.decided_by
    LEFT JOIN identity_fingerprint f ON f.fingerprint = c.fingerprint LEFT JOIN identity i ON i.id = f.identity_id
    ORDER BY c.at DESC, c.fingerprint`;
  const { rows } = await db.query<Row>(statement.text, statement.values);
  if (rows.length === 0) return [];
  const { rows: identities } = await db.query<{ name: string; names: string[] }>(
    `SELECT name, names FROM identity WHERE state <> 'decommissioned' ORDER BY name LIMIT 5000`,
  );
  const among = resemblanceAmong(identities);
  return rows.map((row) => {
    const declared = {
      declaredName: row.declared_name,
      declaredId: row.declared_id,
      service: row.service,
    };
    const found = among(declared);
    // A registered actor uses the name it was registered under.
    const isItself = found !== null && found.name === row.identity_name;
    return { ...declared, ...actorOf(row), resembles: isItself ? null : found };
  });
}

const actorOf = (row: Row) => ({
  fingerprint: row.fingerprint.toString('hex'),
  interactions: Number(row.interactions),
  sessions: Number(row.sessions),
  errors: Number(row.errors),
  reporters: row.reporters,
  kinds: interactionKinds.filter((kind) => row.kinds.includes(kind)),
  firstAt: row.first_at,
  lastAt: row.last_at,
  ignored:
    row.reason === null || row.decided_at === null
      ? null
      : { reason: row.reason, by: row.decided_by ?? '', at: row.decided_at, until: row.until },
  registered:
    row.identity_id === null || row.since === null
      ? null
      : { id: row.identity_id, name: row.identity_name ?? '', since: row.since },
});

/** Whose credentials sent it, those that sent most first. */
export async function listShadowReporters(
  _scope: ReadScope,
  fingerprint: string,
  db: Queryable = pool(),
): Promise<ShadowReporter[]> {
  const { rows } = await db.query<{
    id: string;
    name: string;
    kind: IdentityKind;
    reports_for_all: boolean;
    interactions: bigint;
  }>(
    `SELECT i.id, i.name, i.kind, i.reports_for_all, sum(s.interactions)::bigint AS interactions
     FROM shadow_actor s JOIN identity i ON i.id = s.reporter
     WHERE s.fingerprint = decode($1, 'hex') GROUP BY i.id ORDER BY interactions DESC, i.name LIMIT 20`,
    [fingerprint],
  );
  return rows.map(({ reports_for_all, interactions, ...row }) => ({
    ...row,
    reportsForAll: reports_for_all,
    interactions: Number(interactions),
  }));
}

export type LatestEntry = { id: string; receivedAt: Date; kind: InteractionKind; name: string };

/** The ten newest interactions of an actor. */
export async function listShadowEntries(
  _scope: ReadScope,
  fingerprint: string,
  db: Queryable = pool(),
): Promise<LatestEntry[]> {
  const { rows } = await db.query<{
    received_at: Date;
    shard: number;
    position: bigint;
    kind: InteractionKind;
    name: string;
  }>(
    `SELECT received_at, shard, position, kind, coalesce(resource, name) AS name FROM interaction
     WHERE fingerprint = decode($1, 'hex') ORDER BY received_at DESC, shard DESC, position DESC LIMIT 10`,
    [fingerprint],
  );
  return rows.map(({ received_at: receivedAt, shard, position, kind, name }) => ({
    id: formatEntryId({ receivedAt, shard, position }),
    receivedAt,
    kind,
    name,
  }));
}

/** How many unregistered actors wait for a person, counted to `openMax` and one more. */
export async function countOpenShadow(_scope: ReadScope, db: Queryable = pool()): Promise<number> {
  const statement = sql`SELECT count(*)::int AS n FROM (
      SELECT DISTINCT s.fingerprint FROM shadow_actor s WHERE ${isOpen} LIMIT ${openMax + 1}
    ) waiting`;
  const { rows } = await db.query<{ n: number }>(statement.text, statement.values);
  return rows[0]?.n ?? 0;
}
