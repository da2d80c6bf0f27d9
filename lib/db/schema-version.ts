import { AppError } from '@/lib/core/errors';
import type { Queryable } from './pool';

/** The newest migration that this code was written for; a test holds it to prisma/migrations. */
export const SCHEMA_VERSION = '20261201090300_each_process_makes_data_keys_of_its_own';

/** Throws when the database's schema is older or newer than what this process was built for. */
export async function refuseOtherSchema(pool: Queryable): Promise<void> {
  const found = await newestMigration(pool);
  if (found === SCHEMA_VERSION) return;
  const remedy =
    found === undefined || found < SCHEMA_VERSION
      ? 'Run `npm run sallyport -- migrate`.'
      : 'The database was migrated by a newer Sallyport: start that one.';
  throw new AppError(
    'unavailable',
    `This Sallyport needs schema ${SCHEMA_VERSION}, and the database has ${found ?? 'none'}. ${remedy}`,
  );
}

/** Throws when this process's login could change tables themselves, and so what they promise. */
export async function refuseOwner(pool: Queryable): Promise<void> {
  const { rows } = await pool.query<{ name: string; owns: boolean }>(
    `SELECT current_user AS name,
       r.rolsuper OR r.rolbypassrls OR r.rolreplication OR EXISTS (
         SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND pg_has_role(current_user, c.relowner, 'MEMBER')
       ) AS owns
     FROM pg_roles r WHERE r.rolname = current_user`,
  );
  if (rows[0]?.owns === false) return;
  throw new AppError(
    'forbidden',
    `The database login ${rows[0]?.name ?? '(unknown)'} owns tables or is a superuser, and a process with such a login could rewrite the log. Give this process the login that \`sallyport migrate\` made for it.`,
  );
}

/** What every process checks before it serves. */
export async function refuseUnfit(pool: Queryable): Promise<void> {
  await refuseOwner(pool);
  await refuseOtherSchema(pool);
}

/** The newest migration that the database has, if any. */
export async function newestMigration(pool: Queryable): Promise<string | undefined> {
  const { rows: tables } = await pool.query<{ present: boolean }>(
    `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS present`,
  );
  if (!tables[0]?.present) return undefined;
  const { rows } = await pool.query<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name DESC LIMIT 1`,
  );
  return rows[0]?.name;
}
