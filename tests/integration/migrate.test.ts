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

  test('then has exactly the schema that prisma/schema.prisma describes', async () => {
    expect(await driftFrom(database.url, schema)).toBe('');
    const planted = schema.replace('@map("time_zone")', '@map("time_zones")');
    expect(await driftFrom(database.url, planted)).toContain('time_zones');
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

/** SQL that would still have to run; what migrations say and Prisma cannot is left out of account. */
async function driftFrom(url: string, datamodel: string): Promise<string> {
  const files = [{ path: 'schema.prisma', content: datamodel }];
  const externalTables = await partitionsOf(url);
  const { stdout } = await withSchemaEngine(
    url,
    (engine) =>
      engine.diff({
        from: { tag: 'schemaDatasource', files, configDir: '.' },
        to: { tag: 'schemaDatamodel', files },
        script: true,
        exitCode: null,
        filters: { externalTables, externalEnums: [] },
      }),
    datamodel,
  );
  return (stdout ?? '').replace(/^--.*$/gm, '').trim();
}

async function partitionsOf(url: string): Promise<string[]> {
  const pool = createPool(url, { applicationName: 'tests', max: 1 });
  const { rows } = await pool.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE c.relkind = 'r'`,
  );
  await pool.end();
  return rows.map(({ name }) => `public.${name}`);
}
