import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { Enrolment, EnrolmentState } from './schema';

const columns = `e.id, CASE WHEN e.state = 'open' AND e.expires_at <= $1 THEN 'expired' ELSE e.state END AS state,
  e.kind, e.name, e.names, e.purpose, e.jwk->>'kty' AS kty, e.jwk->>'crv' AS crv, e.thumbprint, e.address, e.network,
  e.asked_at AS "askedAt", e.expires_at AS "expiresAt", e.ended_at AS "endedAt", e.reason,
  d.name AS "decidedBy",
  CASE WHEN c.id IS NULL THEN NULL ELSE json_build_object('id', c.id, 'name', c.name, 'hint', c.hint) END AS code,
  CASE WHEN t.id IS NULL THEN NULL ELSE json_build_object('id', t.id, 'name', t.name) END AS team,
  CASE WHEN z.id IS NULL THEN NULL ELSE json_build_object('id', z.id, 'name', z.name) END AS zone,
  CASE WHEN i.id IS NULL THEN NULL ELSE json_build_object('id', i.id, 'name', i.name) END AS identity`;
const tables = `enrolment e LEFT JOIN enrolment_code c ON c.id = e.code_id LEFT JOIN team t ON t.id = e.team_id
  LEFT JOIN zone z ON z.id = e.zone_id LEFT JOIN person d ON d.id = e.ended_by LEFT JOIN identity i ON i.id = e.identity_id`;
/** One that asks for a team is shown to who sees that team; one that asks for none, to who sees all. */
const seen = '($2::uuid[] IS NULL OR e.team_id = ANY ($2))';

type Row = Omit<Enrolment, 'keyType'> & { kty: string; crv: string | null };
const enrolmentOf = ({ kty, crv, ...row }: Row): Enrolment => ({
  ...row,
  keyType: crv === null ? kty : `${kty} ${crv}`,
});

/** Those that wait for a person, the oldest first. */
export async function listOpenEnrolments(
  { sees }: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<Enrolment[]> {
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM ${tables} WHERE e.state = 'open' AND e.expires_at > $1 AND ${seen} ORDER BY e.asked_at, e.id`,
    [now, sees === 'all' ? null : sees],
  );
  return rows.map(enrolmentOf);
}

export async function countOpenEnrolments(
  { sees }: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM enrolment e WHERE e.state = 'open' AND e.expires_at > $1 AND ${seen}`,
    [now, sees === 'all' ? null : sees],
  );
  return rows[0]?.count ?? 0;
}

/** Null for one that is not there, or that the scope does not reach. */
export async function findEnrolment(
  { sees }: ReadScope,
  id: string,
  now: Date,
  db: Queryable = pool(),
): Promise<Enrolment | null> {
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM ${tables} WHERE e.id = $3 AND ${seen}`,
    [now, sees === 'all' ? null : sees, id],
  );
  const [row] = rows;
  return row === undefined ? null : enrolmentOf(row);
}

/** Names in use that the scope reaches, to compare one that asks with. */
export async function listNamesInUse(
  { sees }: ReadScope,
  db: Queryable = pool(),
): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT name FROM identity WHERE $1::uuid[] IS NULL OR team_id = ANY ($1) ORDER BY id LIMIT 20000`,
    [sees === 'all' ? null : sees],
  );
  return rows.map(({ name }) => name);
}

export type EnrolmentStatus = {
  thumbprint: string;
  state: EnrolmentState;
  expiresAt: Date;
  identity: { id: string; name: string } | null;
};

/** What became of it, for whoever knows its id, which is told to nobody but whoever asked: 74 random bits. */
export async function findEnrolmentStatus(
  db: Queryable,
  id: string,
  now: Date,
): Promise<EnrolmentStatus | null> {
  const { rows } = await db.query<EnrolmentStatus>(
    `SELECT CASE WHEN e.state = 'open' AND e.expires_at <= $1 THEN 'expired' ELSE e.state END AS state,
       e.expires_at AS "expiresAt", e.thumbprint,
       CASE WHEN i.id IS NULL THEN NULL ELSE json_build_object('id', i.id, 'name', i.name) END AS identity
     FROM enrolment e LEFT JOIN identity i ON i.id = e.identity_id WHERE e.id = $2`,
    [now, id],
  );
  return rows[0] ?? null;
}
