import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { EntryPlace } from '@/lib/log/schema';
import {
  type ExternalApi,
  type Origin,
  origins,
  type Probe,
  probeOutcomes,
  Verifier,
} from './schema';

/** One external API that the scope reaches, where its hosts are registered; null where there is none. */
export async function findExternalApi(
  { sees }: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<ExternalApi | null> {
  const { rows } = await db.query<
    Omit<ExternalApi, 'probes' | 'verifier' | 'authority'> & {
      verifier: unknown;
      anchorId: string | null;
      anchorName: string | null;
      hasAuthority: boolean;
    }
  >(
    `SELECT i.id, i.name, i.names, i.state, a.hosts, a.pins, a.verifier, a.secret IS NOT NULL AS "hasSecrets",
       a.anchor_id AS "anchorId", t.name AS "anchorName", a.authority IS NOT NULL AS "hasAuthority",
       a.changed_at AS "changedAt", a.probe_due_at AS "probeDueAt"
     FROM external_api a JOIN identity i ON i.id = a.identity_id LEFT JOIN trust_anchor t ON t.id = a.anchor_id
     WHERE i.id = $1 AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2))`,
    [id, sees === 'all' ? null : sees],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { anchorId, anchorName, hasAuthority, verifier, ...rest } = row;
  return {
    ...rest,
    verifier: verifier === null ? null : Verifier.parse(verifier),
    authority:
      anchorName !== null
        ? { name: anchorName, id: anchorId }
        : hasAuthority
          ? { name: 'Its own certificates', id: null }
          : null,
    probes: await listProbes(id, db),
  };
}

async function listProbes(id: string, db: Queryable): Promise<Probe[]> {
  const { rows } = await db.query<Probe>(
    `SELECT host, outcome, reason, subject, issuer, pin, ends_at AS "endsAt", probed_at AS "probedAt"
     FROM external_probe WHERE identity_id = $1 ORDER BY host`,
    [id],
  );
  return rows.map((row) => ({
    ...row,
    outcome: probeOutcomes.find((each) => each === row.outcome) ?? 'unreachable',
  }));
}

/** What holds of its origin now; null where nothing recent says. */
export async function findOrigin(
  { sees }: ReadScope,
  id: string,
  now: Date,
  db: Queryable = pool(),
): Promise<{ origin: Origin; until: Date } | null> {
  const { rows } = await db.query<{ value: unknown; until: Date }>(
    `SELECT f.value, f.until FROM fact f JOIN identity i ON f.subject = 'identity:' || i.id::text
     WHERE i.id = $1 AND f.name = 'origin' AND f.until > $3 AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2))`,
    [id, sees === 'all' ? null : sees, now],
  );
  const origin = origins.find((each) => each === rows[0]?.value);
  return origin === undefined || rows[0] === undefined ? null : { origin, until: rows[0].until };
}

export type Mismatch = EntryPlace & {
  kind: string;
  name: string;
  /** Null where it said none. */
  serverAddress: string | null;
  identity: { id: string; name: string } | null;
};

export const mismatchesShown = 50;

/** The newest interactions with it that came from elsewhere, of identities that the scope reaches. */
export async function listMismatches(
  { sees }: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<Mismatch[]> {
  const { rows } = await db.query<
    Omit<Mismatch, 'identity'> & { who: string | null; whoName: string | null }
  >(
    `SELECT m.received_at AS "receivedAt", m.shard, m.position, i.kind, i.name, i.server_address AS "serverAddress",
       w.id AS who, w.name AS "whoName"
     FROM external_mismatch m
     JOIN interaction i ON (i.received_at, i.shard, i.position) = (m.received_at, m.shard, m.position)
     LEFT JOIN identity w ON w.id = i.identity
     WHERE m.identity = $1 AND ($2::uuid[] IS NULL OR w.team_id = ANY ($2))
     ORDER BY m.received_at DESC, m.shard DESC, m.position DESC LIMIT ${mismatchesShown}`,
    [id, sees === 'all' ? null : sees],
  );
  return rows.map(({ who, whoName, ...row }) => ({
    ...row,
    position: BigInt(row.position),
    identity: who === null ? null : { id: who, name: whoName ?? '' },
  }));
}

/** How many interactions with it there were in seven days; null for whoever does not see them all. */
export async function countOrigins(
  { sees }: ReadScope,
  id: string,
  now: Date,
  db: Queryable = pool(),
): Promise<{ interactions: number; unverified: number } | null> {
  if (sees !== 'all') return null;
  const { rows } = await db.query<{ interactions: number; unverified: number }>(
    `SELECT coalesce(sum(interactions), 0)::float8 AS interactions, coalesce(sum(unverified), 0)::float8 AS unverified
     FROM external_hour WHERE identity = $1 AND hour > $2::timestamptz - interval '7 days'`,
    [id, now],
  );
  return rows[0] ?? null;
}

/** External APIs that the scope reaches and whose origin is unverified now, by name. */
export async function listUnverified(
  { sees }: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT i.id, i.name FROM external_api a JOIN identity i ON i.id = a.identity_id
     JOIN fact f ON f.subject = 'identity:' || i.id::text AND f.name = 'origin'
     WHERE f.until > $1 AND f.value = '"unverified"' AND i.state <> 'decommissioned'
       AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2)) ORDER BY i.name LIMIT 100`,
    [now, sees === 'all' ? null : sees],
  );
  return rows;
}

/** Authorities that are believed, to choose one by. */
export async function listAuthorities(
  _scope: ReadScope,
  db: Queryable = pool(),
): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT id, name FROM trust_anchor WHERE kind = 'ca' AND revoked_at IS NULL ORDER BY lower(name), id LIMIT 200`,
  );
  return rows;
}
