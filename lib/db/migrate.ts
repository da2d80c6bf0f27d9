import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createConnection, type Queryable } from './pool';
import { withSchemaEngine } from './schema-engine';
import { newestMigration, SCHEMA_VERSION } from './schema-version';

/** Advisory lock of everything that changes the schema or its logins. */
const MIGRATION_LOCK = 7_305_002;

/** Brings the schema up to date; returns the names of the migrations that were applied. Safe to call at once. */
export async function migrate(migratorUrl: string): Promise<string[]> {
  return withMigrationLock(migratorUrl, async (connection) => {
    // The engine takes a second to load, and at nearly every start there is nothing for it to do.
    if (await isUpToDate(connection)) return [];
    const { appliedMigrationNames } = await withSchemaEngine(migratorUrl, (engine) =>
      engine.applyMigrations({
        migrationsList: readMigrations(),
        filters: { externalTables: [], externalEnums: [] },
      }),
    );
    return appliedMigrationNames;
  });
}

async function isUpToDate(connection: Queryable): Promise<boolean> {
  if ((await newestMigration(connection)) !== SCHEMA_VERSION) return false;
  const { rows } = await connection.query<{ whole: boolean }>(
    `SELECT count(*) FILTER (WHERE finished_at IS NOT NULL) = $1 AND count(*) = $1 AS whole FROM _prisma_migrations`,
    [readMigrations().migrationDirectories.length],
  );
  return rows[0]?.whole === true;
}

/** Runs `work` while no other process changes the schema, or the logins, of this database. */
export async function withMigrationLock<Value>(
  migratorUrl: string,
  work: (connection: ReturnType<typeof createConnection>) => Promise<Value>,
): Promise<Value> {
  const connection = createConnection(migratorUrl, {
    applicationName: 'migrate',
    statementTimeoutMs: 0,
  });
  await connection.connect();
  try {
    await connection.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work(connection);
  } finally {
    // The lock goes with its session.
    await connection.end();
  }
}

/** The migrations as Prisma's schema engine takes them. */
export function readMigrations() {
  const baseDir = migrationsFolder();
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(path.join(baseDir, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: readdirSync(baseDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
      .map((name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: {
            tag: 'ok' as const,
            value: readFileSync(path.join(baseDir, name, 'migration.sql'), 'utf8'),
          },
        },
      })),
  };
}

/** From lib/db as from a bundle in dist. */
function migrationsFolder(): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'prisma', 'migrations');
    if (existsSync(path.join(candidate, 'migration_lock.toml'))) return candidate;
    if (folder === path.dirname(folder))
      throw new Error(
        'There is no prisma/migrations above this program: run it from its checkout.',
      );
  }
}
