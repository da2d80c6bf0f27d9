import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import type { IdentityKind, IdentityState } from '@/lib/identities/schema';

export const unownedMax = 200;

export type UnownedIdentity = {
  id: string;
  name: string;
  kind: IdentityKind;
  state: IdentityState;
  team: string | null;
  /** Who answered for it: removed then, or without a role, and so without a way in, where there is no time. */
  left: { name: string; at: Date | null } | null;
  createdAt: Date;
};

const isRoleless = 'coalesce(cardinality(p.roles), 0) = 0';
const unowned = `FROM identity i LEFT JOIN person p ON p.id = i.owner_id
  WHERE i.state <> 'decommissioned' AND (i.owner_id IS NULL OR p.disabled_at IS NOT NULL OR ${isRoleless})
    AND ($1::uuid[] IS NULL OR i.team_id = ANY($1))`;

const teamsOf = ({ sees }: ReadScope) => (sees === 'all' ? null : sees);

/** How many identities nobody answers for: never given an owner, or theirs has left or has no role. */
export async function countUnowned(scope: ReadScope, db: Queryable = pool()): Promise<number> {
  const { rows } = await db.query<{ n: number }>(`SELECT count(*)::int AS n ${unowned}`, [
    teamsOf(scope),
  ]);
  return rows[0]?.n ?? 0;
}

/** Those whose owner left first, then by name. */
export async function listUnowned(
  scope: ReadScope,
  db: Queryable = pool(),
): Promise<UnownedIdentity[]> {
  const { rows } = await db.query<
    Omit<UnownedIdentity, 'left'> & { owner: string | null; left_at: Date | null }
  >(
    `SELECT i.id, i.name, i.kind, i.state, i.created_at AS "createdAt", p.name AS owner, p.disabled_at AS left_at,
       (SELECT t.name FROM team t WHERE t.id = i.team_id) AS team
     ${unowned} ORDER BY i.owner_id IS NULL, i.name LIMIT ${unownedMax + 1}`,
    [teamsOf(scope)],
  );
  return rows.map(({ owner, left_at, ...row }) => ({
    ...row,
    left: owner === null ? null : { name: owner, at: left_at },
  }));
}

export type Assignment = {
  /** `lacks`: why that person answers for nothing any more. */
  owner: { id: string; name: string; lacks: 'account' | 'role' | null } | null;
  team: { id: string; name: string } | null;
};

/** Who answers for an identity and which team it is of; null where none in use has this id. */
export async function findAssignment(
  scope: ReadScope,
  identity: string,
  db: Queryable = pool(),
): Promise<Assignment | null> {
  const { rows } = await db.query<{
    owner_id: string | null;
    owner: string;
    lacks: 'account' | 'role' | null;
    team_id: string | null;
    team: string;
  }>(
    `SELECT i.owner_id, p.name AS owner, i.team_id, t.name AS team,
       CASE WHEN p.disabled_at IS NOT NULL THEN 'account' WHEN ${isRoleless} THEN 'role' END AS lacks
     FROM identity i LEFT JOIN person p ON p.id = i.owner_id LEFT JOIN team t ON t.id = i.team_id
     WHERE i.id = $2 AND i.state <> 'decommissioned' AND ($1::uuid[] IS NULL OR i.team_id = ANY($1))`,
    [teamsOf(scope), identity],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    owner: row.owner_id === null ? null : { id: row.owner_id, name: row.owner, lacks: row.lacks },
    team: row.team_id === null ? null : { id: row.team_id, name: row.team },
  };
}
