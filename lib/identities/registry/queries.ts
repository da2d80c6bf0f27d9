import type { ReadScope } from '@/lib/auth/scope';
import type { Queryable } from '@/lib/db/pool';
import { type IdentityFilter, RegisteredIdentity } from './schema';

export const identitiesPerPage = 200;

const columns = `i.id, i.kind, i.name, i.names, i.state, i.owner_id AS owner, i.reports_for_all AS "reportsForAll",
  i.created_at AS "createdAt",
  CASE WHEN t.id IS NULL THEN NULL ELSE json_build_object('id', t.id, 'name', t.name) END AS team`;

/** In order of registration, after `after`, which is the last id of the page before. */
export async function listRegistered(
  { sees }: ReadScope,
  { filter, after }: { filter: IdentityFilter; after: string | null },
  db: Queryable,
): Promise<{ identities: RegisteredIdentity[]; next: string | null }> {
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM identity i LEFT JOIN team t ON t.id = i.team_id
     WHERE ($1::uuid[] IS NULL OR i.team_id = ANY ($1)) AND ($2::uuid IS NULL OR i.id > $2)
       AND (cardinality($3::text[]) = 0 OR i.kind = ANY ($3)) AND (cardinality($4::text[]) = 0 OR i.state = ANY ($4))
     ORDER BY i.id LIMIT $5`,
    [sees === 'all' ? null : sees, after, filter.kind, filter.state, identitiesPerPage + 1],
  );
  const identities = rows.slice(0, identitiesPerPage).map(identityOf);
  return {
    identities,
    next: rows.length > identitiesPerPage ? (identities.at(-1)?.id ?? null) : null,
  };
}

/** Null for one that is not registered, or that the scope does not reach. */
export async function findRegistered(
  { sees }: ReadScope,
  id: string,
  db: Queryable,
): Promise<RegisteredIdentity | null> {
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM identity i LEFT JOIN team t ON t.id = i.team_id
     WHERE i.id = $1 AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2))`,
    [id, sees === 'all' ? null : sees],
  );
  const [row] = rows;
  return row === undefined ? null : identityOf(row);
}

type Row = Record<string, unknown> & { createdAt: Date };
const identityOf = ({ createdAt, ...row }: Row): RegisteredIdentity =>
  RegisteredIdentity.parse({ ...row, createdAt: createdAt.toISOString() });
