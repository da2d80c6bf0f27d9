import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { Transaction } from '@/lib/db/prisma';
import { authorizeRead } from '../permissions';
import { Rights, rolesOf } from '../schema';
import type { Member, MemberState, OpenSignIn, Owned } from './schema';

export const membersMax = 500;
const signInsMax = 50;
const ownedMax = 100;

/** Holds the rows of every administrator and of one person more until commit, in one order. */
export async function lockRows(tx: Transaction, subject: string): Promise<void> {
  // What refers to a person, as a sign-in that opens, need not wait for it.
  await tx.$queryRaw`SELECT id FROM person
    WHERE id = ${subject}::uuid OR ('admin' = ANY(roles) AND disabled_at IS NULL)
    ORDER BY id FOR NO KEY UPDATE`;
}

type Row = {
  id: string;
  name: string;
  email: string;
  state: MemberState;
  roles: string[] | null;
  reach: string;
  content_read: string;
  content_export: string;
  teams: { id: string; name: string }[] | null;
  has_password: boolean;
  has_sso: boolean;
  passkeys: number;
  has_codes: boolean;
  recovery_codes: number;
  created_at: Date;
  last_seen_at: Date | null;
  disabled_at: Date | null;
};

const memberSql = `SELECT p.id, p.name, p.email, p.roles, p.reach, p.content_read, p.content_export, p.created_at, p.disabled_at,
    CASE WHEN p.disabled_at IS NOT NULL THEN 'removed' WHEN p.is_break_glass THEN 'break_glass' ELSE 'active' END AS state,
    p.password_hash IS NOT NULL AS has_password, p.issuer IS NOT NULL AS has_sso,
    (SELECT json_agg(json_build_object('id', t.id, 'name', t.name) ORDER BY t.name)
      FROM person_team m JOIN team t ON t.id = m.team_id WHERE m.person_id = p.id) AS teams,
    (SELECT count(*)::int FROM passkey k WHERE k.person_id = p.id) AS passkeys,
    EXISTS (SELECT FROM totp k WHERE k.person_id = p.id) AS has_codes,
    (SELECT count(*)::int FROM recovery_code k WHERE k.person_id = p.id AND k.used_at IS NULL) AS recovery_codes,
    (SELECT max(s.last_seen_at) FROM sign_in s WHERE s.person_id = p.id AND s.factor_at IS NOT NULL) AS last_seen_at
  FROM person p`;

/** Who signs in or could once, by name; those who were removed last. */
export async function listMembers(
  scope: ReadScope,
  { role, state, team }: { role: string | null; state: MemberState | null; team: string | null },
  db: Queryable = pool(),
): Promise<Member[]> {
  authorizeRead(scope, 'people.read');
  const { rows } = await db.query<Row>(
    `SELECT * FROM (${memberSql}) m
     WHERE ($1::text IS NULL OR $1 = ANY(m.roles)) AND ($2::text IS NULL OR m.state = $2)
       AND ($3::uuid IS NULL OR EXISTS (SELECT FROM person_team x WHERE x.person_id = m.id AND x.team_id = $3))
     ORDER BY m.state = 'removed', lower(m.name), m.id LIMIT ${membersMax + 1}`,
    [role, state, team],
  );
  return rows.map(memberOf);
}

export async function findMember(
  scope: ReadScope,
  id: string,
  db: Queryable = pool(),
): Promise<Member | null> {
  authorizeRead(scope, 'people.read');
  const { rows } = await db.query<Row>(`${memberSql} WHERE p.id = $1`, [id]);
  return rows[0] === undefined ? null : memberOf(rows[0]);
}

function memberOf(row: Row): Member {
  const rights = (text: string) => Rights.catch('none').parse(text);
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    state: row.state,
    roles: rolesOf(row.roles ?? []),
    reach: row.reach === 'all' ? 'all' : 'teams',
    contentRead: rights(row.content_read),
    contentExport: rights(row.content_export),
    teams: row.teams ?? [],
    factors: {
      passkeys: row.passkeys,
      hasCodes: row.has_codes,
      recoveryCodes: row.recovery_codes,
    },
    hasPassword: row.has_password,
    hasOrganisationSignIn: row.has_sso,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    disabledAt: row.disabled_at,
  };
}

/** The sign-ins of a person that open pages now, the newest first. */
export async function listOpenSignIns(
  scope: ReadScope,
  { person, now, idleMs }: { person: string; now: Date; idleMs: number },
  db: Queryable = pool(),
): Promise<OpenSignIn[]> {
  authorizeRead(scope, 'people.read');
  const { rows } = await db.query<OpenSignIn>(
    `SELECT id, address, user_agent AS "userAgent", proof, factor, created_at AS "createdAt", last_seen_at AS "lastSeenAt"
     FROM sign_in WHERE person_id = $1 AND ended_at IS NULL AND factor_at IS NOT NULL AND expires_at > $2 AND last_seen_at > $3
     ORDER BY created_at DESC, id LIMIT ${signInsMax}`,
    [person, now, new Date(now.getTime() - idleMs)],
  );
  return rows;
}

/** What a person answers for, by name. */
export async function listOwned(
  scope: ReadScope,
  person: string,
  db: Queryable = pool(),
): Promise<{ owned: Owned[]; of: number }> {
  authorizeRead(scope, 'people.read');
  const { rows } = await db.query<Owned & { of: number }>(
    `SELECT id, name, kind, count(*) OVER ()::int AS of FROM identity
     WHERE owner_id = $1 AND state <> 'decommissioned' AND ($2::uuid[] IS NULL OR team_id = ANY($2))
     ORDER BY name LIMIT ${ownedMax}`,
    [person, scope.sees === 'all' ? null : scope.sees],
  );
  return { owned: rows.map(({ of: _, ...each }) => each), of: rows[0]?.of ?? 0 };
}

/** Everybody who may be made responsible for something: by name, without those who were removed or have no role. */
export async function listAssignable(
  scope: ReadScope,
  db: Queryable = pool(),
): Promise<{ id: string; name: string; email: string }[]> {
  authorizeRead(scope, 'people.read');
  const { rows } = await db.query<{ id: string; name: string; email: string }>(
    `SELECT id, name, email FROM person WHERE disabled_at IS NULL AND cardinality(roles) > 0 ORDER BY lower(name), id LIMIT ${membersMax}`,
  );
  return rows;
}
