import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { ensureLogins, PROCESS_ROLES } from '@/lib/db/logins';
import { migrate, readMigrations } from '@/lib/db/migrate';
import { createPool, type Pool } from '@/lib/db/pool';
import { withSchemaEngine } from '@/lib/db/schema-engine';
import { refuseOtherSchema, refuseOwner, SCHEMA_VERSION } from '@/lib/db/schema-version';
import { createEmptyDatabase } from '../support/database';

const schema = readFileSync('prisma/schema.prisma', 'utf8');
const kek = keyEncryptionKeyOf(Buffer.alloc(32, 7));

describe('an empty database', () => {
  let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let owner: Pool;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    owner = createPool(database.url, { applicationName: 'tests' });
  });
  afterAll(async () => {
    await owner.end();
    await database.drop();
  });

  test('is refused by every process until it is migrated', async () => {
    await expect(refuseOtherSchema(owner)).rejects.toThrow('sallyport -- migrate');
  });

  test('gets each migration once, however many migrate at the same time', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url)));
    const all = readMigrations().migrationDirectories.map(({ path }) => path);
    expect(applied.flat().sort()).toEqual(all);
    expect(SCHEMA_VERSION).toBe(all.at(-1));
    await refuseOtherSchema(owner);
  });

  test('then has exactly the tables, columns and keys that prisma/schema.prisma describes', async () => {
    expect(await shapeOf(database.url)).toEqual(await shapeOfDatamodel(schema));
    const planted = schema.replace('@map("time_zone")', '@map("time_zones")');
    expect(await shapeOf(database.url)).not.toEqual(await shapeOfDatamodel(planted));
  });

  test('gives each process a login that connects and owns nothing', async () => {
    const urls = await ensureLogins(database.url, kek);
    expect(await ensureLogins(database.url, kek)).toEqual(urls);
    for (const role of PROCESS_ROLES) {
      const pool = createPool(urls[role], { applicationName: 'tests', max: 1 });
      await refuseOwner(pool);
      await refuseOtherSchema(pool);
      await pool.end();
    }
    await expect(refuseOwner(owner)).rejects.toThrow('could rewrite the log');
  });

  test('lets nobody else in, and no process with a key of before', async () => {
    const urls = await ensureLogins(database.url, keyEncryptionKeyOf(Buffer.alloc(32, 8)));
    const before = await ensureLogins(database.url, kek);
    expect(before.gateway).not.toBe(urls.gateway);
    const stale = createPool(urls.gateway, { applicationName: 'tests', max: 1 });
    await expect(stale.query('SELECT 1')).rejects.toThrow('password authentication failed');
    await stale.end();
    await owner.query('CREATE ROLE passer_by LOGIN');
    const { rows } = await owner.query(
      `SELECT has_database_privilege('passer_by', current_database(), 'CONNECT') AS may`,
    );
    expect(rows).toEqual([{ may: false }]);
    await owner.query('DROP ROLE passer_by');
  });

  test('is refused once a newer Sallyport has migrated it', async () => {
    await owner.query(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES ('x', '', now(), '29991231000000_later', now(), 1)`,
    );
    await expect(refuseOtherSchema(owner)).rejects.toThrow('newer Sallyport');
  });
});

/**
 * The shape that Prisma itself would give a database. Its own diff cannot describe one through a
 * driver adapter, so the two are compared by what the catalogue says.
 */
async function shapeOfDatamodel(content: string): Promise<string[]> {
  const database = await createEmptyDatabase();
  try {
    const files = [{ path: 'schema.prisma', content }];
    const { stdout } = await withSchemaEngine(database.url, (engine) =>
      engine.diff({
        from: { tag: 'empty' },
        to: { tag: 'schemaDatamodel', files },
        script: true,
        exitCode: null,
        filters: { externalTables: [], externalEnums: [] },
      }),
    );
    const owner = createPool(database.url, { applicationName: 'tests', max: 1 });
    await owner.query(stdout ?? '');
    await owner.end();
    return await shapeOf(database.url);
  } finally {
    await database.drop();
  }
}

/** Columns, keys, and indexes without a condition or an expression, which Prisma cannot say; no partitions. */
async function shapeOf(url: string): Promise<string[]> {
  const pool = createPool(url, { applicationName: 'tests', max: 1 });
  const { rows } = await pool.query<{ line: string }>(
    `WITH t AS (
       SELECT c.oid, c.relname FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         AND NOT c.relispartition AND c.relname <> '_prisma_migrations'
     )
     SELECT t.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
         || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END AS line
       FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
     UNION ALL
     SELECT t.relname || ': ' || conname || ' ' || pg_get_constraintdef(k.oid)
       FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p', 'f', 'u')
     UNION ALL
     SELECT t.relname || ': ' || replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
       FROM t JOIN pg_index i ON i.indrelid = t.oid AND i.indpred IS NULL AND i.indexprs IS NULL
     ORDER BY line`,
  );
  await pool.end();
  return rows.map(({ line }) => line);
}
