import { type Reach, type ReadScope, reaches } from '@/lib/auth/scope';
import type { Queryable } from '@/lib/db/pool';
import { allOf, type Sql, sql } from './sql';

/**
 * What a limited reach adds to a statement: whose activity a row is, by a column of identities. Nothing where all is
 * reached, so that the plans of those reads stay what they are. What nobody registered did is of no team.
 */
export const withinReach = (column: Sql, reach: Reach): Sql[] =>
  reach === 'all' ? [] : [sql`${column} IN (${identitiesOf(reach)})`];

/** The same, as a list that an index on the column is asked with. */
export const amongReach = (column: Sql, reach: Reach): Sql[] =>
  reach === 'all' ? [] : [sql`${column} = ANY(ARRAY(${identitiesOf(reach)}))`];

const identitiesOf = (teams: readonly string[]): Sql =>
  sql`SELECT t.id FROM identity t WHERE t.team_id = ANY(${teams}::uuid[])`;

/** What nobody answers for, shadow activity and what was refused, is seen by whoever sees all. */
export const seesAll = ({ sees }: ReadScope): boolean => reaches(sees, null);

/** Whether anything that `one` finds, by an identity `t.id`, is of a reached identity: each is looked up by itself. */
export async function existsWithin(
  teams: readonly string[],
  one: Sql,
  db: Queryable,
): Promise<boolean> {
  const { text, values } =
    sql`SELECT EXISTS (SELECT FROM identity t CROSS JOIN LATERAL (${one} LIMIT 1) one
    WHERE t.team_id = ANY(${teams}::uuid[])) AS found`;
  const { rows } = await db.query<{ found: boolean }>(text, values);
  return rows[0]?.found ?? false;
}

/** Whether what an identity did is reached; null stands for nobody registered. */
export async function isReached(
  reach: Reach,
  identity: string | null,
  db: Queryable,
): Promise<boolean> {
  if (reach === 'all') return true;
  if (identity === null) return false;
  const where = allOf(withinReach(sql`i.id`, reach));
  const { text, values } = sql`SELECT EXISTS (
    SELECT FROM identity i WHERE i.id = ${identity} AND ${where}) AS reached`;
  const { rows } = await db.query<{ reached: boolean }>(text, values);
  return rows[0]?.reached ?? false;
}
