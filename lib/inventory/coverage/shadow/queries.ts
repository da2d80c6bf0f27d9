import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { manyNamesHex } from '@/lib/identities/attribute';
import type { IdentityKind } from '@/lib/identities/schema';
import { type InteractionKind, interactionKinds } from '@/lib/telemetry/schema';
import { formatEntryId } from '../../entry-id';
import { seesAll } from '../../reach';
import { type Sql, sql } from '../../sql';
import { resemblanceAmong } from '../resemble';
import type { ShadowActor, ShadowReporter, ShadowState } from '../schema';

/** So many actors are shown at most, the newest; the page says when there are more. */
export const shadowMax = 200;
/** Counts for the navigation stop here. */
export const openMax = 99;
/** So many of each reporter's newest are looked at: whoever makes names up pushes nobody else's off the list. */
const ofReporterMax = 2 * shadowMax;
/** What is under way while somebody registers an actor needs a moment to be attributed. */
const settling = sql`interval '1 minute'`;

// Nobody has decided on it as this reporter tells of it, and on this kind of thing, or what was decided is over. If
// it is registered, it goes on arriving from whoever may not speak for that identity.
const isOpen = sql`NOT EXISTS (SELECT FROM shadow_decision d
    WHERE d.fingerprint = s.fingerprint AND d.reporter = s.reporter AND s.kind = ANY (d.kinds)
      AND (d.until IS NULL OR d.until > now()))
  AND NOT EXISTS (SELECT FROM identity_fingerprint f
    WHERE f.fingerprint = s.fingerprint AND s.last_received_at <= f.since + ${settling})`;

const reporters = sql`WITH RECURSIVE r AS (
    (SELECT reporter FROM shadow_actor ORDER BY reporter LIMIT 1)
    UNION ALL SELECT (SELECT s.reporter FROM shadow_actor s WHERE s.reporter > r.reporter ORDER BY s.reporter LIMIT 1)
    FROM r WHERE r.reporter IS NOT NULL
  ) SELECT reporter FROM r WHERE reporter IS NOT NULL`;

const chosenBy: Record<ShadowState, Sql> = {
  // Each reporter's newest first, then each one's second, and so on, as far as there is room.
  open: sql`SELECT fingerprint, reporter, at FROM (
      SELECT fingerprint, reporter, max(last_at) AS at,
        row_number() OVER (PARTITION BY reporter ORDER BY max(last_at) DESC, fingerprint) AS turn
      FROM (${reporters}) r CROSS JOIN LATERAL (
        SELECT s.fingerprint, s.last_at FROM shadow_actor s WHERE s.reporter = r.reporter AND ${isOpen}
        ORDER BY s.last_at DESC LIMIT ${ofReporterMax}
      ) newest GROUP BY fingerprint, reporter
    ) open ORDER BY turn, at DESC LIMIT ${shadowMax + 1}`,
  ignored: sql`SELECT fingerprint, reporter, decided_at AS at FROM shadow_decision
    WHERE until IS NULL OR until > now() ORDER BY at DESC LIMIT ${shadowMax + 1}`,
  registered: sql`SELECT f.fingerprint, s.reporter, f.since AS at FROM identity_fingerprint f
    JOIN shadow_actor s ON s.fingerprint = f.fingerprint
    GROUP BY f.fingerprint, s.reporter ORDER BY at DESC LIMIT ${shadowMax + 1}`,
};

/**
 * Unregistered actors in one state, the newest first, one more than are shown where there are more. They belong to
 * no team, so whoever sees but some teams sees none, here and below.
 */
export async function listShadow(
  scope: ReadScope,
  state: ShadowState,
  db: Queryable = pool(),
): Promise<ShadowActor[]> {
  return seesAll(scope) ? await read(chosenBy[state], db) : [];
}

/** An actor and whose telling of it is meant: null for that of the reporter that did last. */
type Told = { fingerprint: string; reporter: string | null };

/** One unregistered actor in whatever state; null where none was seen. */
export async function findShadow(
  scope: ReadScope,
  { fingerprint, reporter }: Told,
  db: Queryable = pool(),
): Promise<ShadowActor | null> {
  if (!seesAll(scope)) return null;
  const one = sql`SELECT s.fingerprint, s.reporter, max(s.last_received_at) AS at FROM shadow_actor s
    WHERE s.fingerprint = decode(${fingerprint}, 'hex') AND (${reporter}::uuid IS NULL OR s.reporter = ${reporter}::uuid)
    GROUP BY s.fingerprint, s.reporter ORDER BY at DESC LIMIT 1`;
  return (await read(one, db))[0] ?? null;
}

type Row = {
  fingerprint: Buffer;
  reporter: string;
  reporter_name: string | null;
  last_received_at: Date;
  interactions: bigint;
  sessions: bigint;
  errors: bigint;
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
  is_still_seen: boolean | null;
};

async function read(chosen: Sql, db: Queryable): Promise<ShadowActor[]> {
  const statement = sql`WITH chosen AS MATERIALIZED (${chosen}), counted AS MATERIALIZED (
      SELECT s.fingerprint, s.reporter, max(c.at) AS at, sum(s.interactions)::bigint AS interactions,
        sum(s.sessions)::bigint AS sessions, sum(s.errors)::bigint AS errors,
        array_agg(DISTINCT s.kind) AS kinds,
        min(s.first_at) AS first_at, max(s.last_at) AS last_at, max(s.last_received_at) AS last_received_at
      FROM chosen c JOIN shadow_actor s ON s.fingerprint = c.fingerprint AND s.reporter = c.reporter
      GROUP BY s.fingerprint, s.reporter
    )
    SELECT c.*, w.*, d.reason, p.name AS decided_by, d.decided_at, d.until, f.since,
      i.id AS identity_id, i.name AS identity_name, r.name AS reporter_name,
      c.last_received_at > f.since + ${settling} AS is_still_seen
    FROM counted c
    LEFT JOIN LATERAL (
      SELECT i.declared_name, i.declared_id, i.service FROM interaction i
      WHERE i.fingerprint = c.fingerprint AND i.received_at <= c.last_received_at
      ORDER BY i.received_at DESC, i.shard DESC, i.position DESC LIMIT 1
    ) w ON true
    LEFT JOIN shadow_decision d ON d.fingerprint = c.fingerprint AND d.reporter = c.reporter
      AND c.kinds <@ d.kinds AND (d.until IS NULL OR d.until > now())
    LEFT JOIN person p ON p.id = d.decided_by
    LEFT JOIN identity_fingerprint f ON f.fingerprint = c.fingerprint LEFT JOIN identity i ON i.id = f.identity_id
    LEFT JOIN identity r ON r.id = c.reporter
    ORDER BY c.at DESC, c.fingerprint, c.reporter`;
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
    // A registered actor uses the name it was registered under; what goes on arriving under it may be another.
    const isItself =
      found !== null && found.name === row.identity_name && row.is_still_seen !== true;
    return { ...declared, ...actorOf(row), resembles: isItself ? null : found };
  });
}

const actorOf = (row: Row) => ({
  fingerprint: row.fingerprint.toString('hex'),
  reporter: { id: row.reporter, name: row.reporter_name ?? row.reporter },
  isCrowd: row.fingerprint.toString('hex') === manyNamesHex,
  interactions: Number(row.interactions),
  sessions: Number(row.sessions),
  errors: Number(row.errors),
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
      : {
          id: row.identity_id,
          name: row.identity_name ?? '',
          since: row.since,
          isStillSeen: row.is_still_seen === true,
        },
});

/** Whose credentials sent it, those that sent most first. */
export async function listShadowReporters(
  scope: ReadScope,
  fingerprint: string,
  db: Queryable = pool(),
): Promise<ShadowReporter[]> {
  if (!seesAll(scope)) return [];
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

/** Of an actor that others report as well, so many are looked through for those of one reporter. */
const entriesLookedThrough = 2_000;

/** The ten newest interactions of an actor, as one reporter tells of it. */
export async function listShadowEntries(
  scope: ReadScope,
  { fingerprint, reporter }: { fingerprint: string; reporter: string },
  db: Queryable = pool(),
): Promise<LatestEntry[]> {
  if (!seesAll(scope)) return [];
  const { rows } = await db.query<{
    received_at: Date;
    shard: number;
    position: bigint;
    kind: InteractionKind;
    name: string;
  }>(
    `SELECT received_at, shard, position, kind, coalesce(resource, name) AS name FROM (
       SELECT i.* FROM interaction i WHERE i.fingerprint = decode($1, 'hex') AND i.received_at <= (
         SELECT max(s.last_received_at) FROM shadow_actor s
         WHERE s.fingerprint = decode($1, 'hex') AND s.reporter = $2)
       ORDER BY i.received_at DESC, i.shard DESC, i.position DESC LIMIT ${entriesLookedThrough}
     ) newest WHERE reporter = $2 ORDER BY received_at DESC, shard DESC, position DESC LIMIT 10`,
    [fingerprint, reporter],
  );
  return rows.map(({ received_at: receivedAt, shard, position, kind, name }) => ({
    id: formatEntryId({ receivedAt, shard, position }),
    receivedAt,
    kind,
    name,
  }));
}

/** How many unregistered actors wait for a person, whoever tells of them, counted to `openMax` and one more. */
export async function countOpenShadow(scope: ReadScope, db: Queryable = pool()): Promise<number> {
  if (!seesAll(scope)) return 0;
  const statement = sql`SELECT count(*)::int AS n FROM (
      SELECT DISTINCT s.fingerprint FROM shadow_actor s WHERE ${isOpen} LIMIT ${openMax + 1}
    ) waiting`;
  const { rows } = await db.query<{ n: number }>(statement.text, statement.values);
  return rows[0]?.n ?? 0;
}
