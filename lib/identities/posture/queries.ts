import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { pool, type Queryable } from '@/lib/db/pool';
import type { Transaction } from '@/lib/db/prisma';
import type { IdentityState } from '../schema';
import {
  type AttesterRule,
  attestersMax,
  factNameOf,
  type PostureFact,
  type PostureType,
  postureTypesMax,
} from './schema';

/** Every fact that can be attested, by name. */
export async function listPostureTypes(
  _scope: ReadScope,
  db: Queryable = pool(),
): Promise<PostureType[]> {
  const { rows } = await db.query<PostureType>(
    `SELECT name, type, choices, description, longest_minutes AS "longestMinutes", changed_at AS "changedAt"
     FROM posture_type ORDER BY name LIMIT $1`,
    [postureTypesMax],
  );
  return rows;
}

export type Attester = AttesterRule & {
  name: string;
  state: IdentityState;
  teamName: string | null;
  /** Names of those it may say it of, where they are some, in order. */
  named: string[];
  lastSaidAt: Date | null;
  changedAt: Date;
};

/** Services that may attest, of the identities that the scope reaches, by name. */
export async function listAttesters(
  { sees }: ReadScope,
  db: Queryable = pool(),
): Promise<Attester[]> {
  const { rows } = await db.query<Attester>(
    `SELECT a.identity_id AS identity, i.name, i.state, a.facts, a.reach, a.identities, a.team_id AS team,
       t.name AS "teamName", a.changed_at AS "changedAt",
       ARRAY(SELECT o.name FROM identity o WHERE o.id = ANY (a.identities)
         AND ($1::uuid[] IS NULL OR o.team_id = ANY ($1)) ORDER BY o.name) AS named,
       (SELECT max(s.said_at) FROM attestation s WHERE s.attester_id = a.identity_id) AS "lastSaidAt"
     FROM attester a JOIN identity i ON i.id = a.identity_id LEFT JOIN team t ON t.id = a.team_id
     WHERE $1::uuid[] IS NULL OR i.team_id = ANY ($1) ORDER BY i.name LIMIT $2`,
    [sees === 'all' ? null : sees, attestersMax],
  );
  return rows;
}

/** Services that could be made attesters, by name. */
export async function listPossibleAttesters(
  { sees }: ReadScope,
  db: Queryable = pool(),
): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT i.id, i.name FROM identity i
     WHERE i.kind = 'service' AND i.state = 'active' AND ($1::uuid[] IS NULL OR i.team_id = ANY ($1))
       AND NOT EXISTS (SELECT FROM attester a WHERE a.identity_id = i.id)
     ORDER BY i.name LIMIT 1000`,
    [sees === 'all' ? null : sees],
  );
  return rows;
}

const Value = z.union([z.boolean(), z.number(), z.string()]);

type FactRow = {
  name: string;
  value: unknown;
  measured_at: Date;
  until: Date;
  source: string;
};
const factOf = ({ name, value, measured_at, until, source }: FactRow): PostureFact => ({
  name: name.slice(factNameOf('').length),
  value: Value.parse(value),
  measuredAt: measured_at,
  until,
  source: source.replace(/^identity:/, ''),
});

/**
 * What holds now of an identity that the scope reaches: what has lapsed is not there, nor what an attester said that is
 * stopped. Throws `not_found` where it is none.
 */
export async function getPosture(
  { sees }: ReadScope,
  identity: string,
  now: Date,
  db: Queryable = pool(),
): Promise<PostureFact[]> {
  const { rows } = await db.query<FactRow | { name: null }>(
    `SELECT f.name, f.value, f.measured_at, f.until, f.source
     FROM identity i LEFT JOIN (fact f JOIN posture_type t ON f.name = 'posture.' || t.name
         JOIN identity a ON f.source = 'identity:' || a.id::text AND a.state = 'active')
       ON f.subject = 'identity:' || i.id::text AND f.until > $3
     WHERE i.id = $1 AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2)) ORDER BY f.name`,
    [identity, sees === 'all' ? null : sees, now],
  );
  if (rows.length === 0)
    throw new AppError('not_found', 'No identity is registered under this id.');
  return rows.flatMap((row) => (row.name === null ? [] : [factOf(row)]));
}

/** One line of the page: a fact that holds, or one that held once and counts as absent. */
export type PostureLine = {
  name: string;
  description: string;
  /** Null where it holds no more. */
  now: { value: PostureFact['value']; until: Date } | null;
  measuredAt: Date;
  lapsedAt: Date;
  attester: { id: string; name: string } | null;
};

/** For people: what holds, and what has lapsed, without its value, so that nobody goes by it. */
export async function listPostureLines(
  { sees }: ReadScope,
  identity: string,
  now: Date,
  db: Queryable = pool(),
): Promise<PostureLine[]> {
  const { rows } = await db.query<
    FactRow & {
      description: string;
      attester: string | null;
      attesterName: string | null;
      isBelieved: boolean;
    }
  >(
    `SELECT f.name, f.value, f.measured_at, f.until, f.source, t.description, a.id AS attester, a.name AS "attesterName",
       EXISTS (SELECT FROM identity s WHERE f.source = 'identity:' || s.id::text AND s.state = 'active') AS "isBelieved"
     FROM fact f JOIN posture_type t ON f.name = 'posture.' || t.name
     JOIN identity i ON f.subject = 'identity:' || i.id::text
     LEFT JOIN identity a ON f.source = 'identity:' || a.id::text AND ($2::uuid[] IS NULL OR a.team_id = ANY ($2))
     WHERE i.id = $1 AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2)) ORDER BY f.until <= $3, f.name`,
    [identity, sees === 'all' ? null : sees, now],
  );
  return rows.map(({ description, attester, attesterName, isBelieved, ...row }) => {
    const { name, value, measuredAt, until } = factOf(row);
    return {
      name,
      description,
      now: isBelieved && until > now ? { value, until } : null,
      measuredAt,
      lapsedAt: until,
      attester: attester === null ? null : { id: attester, name: attesterName ?? '' },
    };
  });
}

/** INVARIANT: held to the end, so that of two who attest one identity at once the second sees what the first said. */
export async function lockPosture(tx: Transaction, identity: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 AS held FROM pg_advisory_xact_lock(7305080, hashtext(${identity}))`;
}
