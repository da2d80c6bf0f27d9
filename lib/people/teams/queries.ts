import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { authorizeRead } from '../permissions';
import { type Team, teamsMaxInAll } from './schema';

/** Every team with who is in it, by name. */
export async function listTeams(scope: ReadScope, db: Queryable = pool()): Promise<Team[]> {
  authorizeRead(scope, 'people.read');
  const { rows } = await db.query<Omit<Team, 'members'> & { members: Team['members'] | null }>(
    `SELECT t.id, t.name, t.created_at AS "createdAt",
       (SELECT count(*)::int FROM identity i WHERE i.team_id = t.id) AS identities,
       (SELECT json_agg(json_build_object('id', p.id, 'name', p.name, 'isRemoved', p.disabled_at IS NOT NULL) ORDER BY lower(p.name))
         FROM person_team m JOIN person p ON p.id = m.person_id WHERE m.team_id = t.id) AS members
     FROM team t ORDER BY lower(t.name), t.id LIMIT ${teamsMaxInAll}`,
  );
  return rows.map((row) => ({ ...row, members: row.members ?? [] }));
}

/** Their names alone, for choices. */
export async function listTeamNames(
  _scope: ReadScope,
  db: Queryable = pool(),
): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT id, name FROM team ORDER BY lower(name), id LIMIT ${teamsMaxInAll}`,
  );
  return rows;
}
