import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createEmptyDatabase } from '../support/database';

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let owner: Pool;

beforeAll(async () => {
  database = await createEmptyDatabase();
  owner = createPool(database.url, { applicationName: 'tests', max: 1 });
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('SALLYPORT_KEK', randomBytes(32).toString('base64'));
  vi.stubEnv('CONSOLE_URL', 'https://sallyport.example');
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  vi.unstubAllEnvs();
  await owner.end();
  await database.drop();
});

// If these fail, nobody can ever sign in where the processes are started one by one.
test('migrate prints a set-up code and where to enter it, while there is no administrator', async () => {
  const said = await migrate();
  expect(said).toContain('https://sallyport.example/set-up\n');
  expect(said).toMatch(/enter the code ([0-9A-F]{4}-){7}[0-9A-F]{4}\n/);
});

test('migrate makes the administrator that the environment names, and then prints no code', async () => {
  vi.stubEnv('SALLYPORT_ADMIN_EMAIL', 'ada@example.org');
  vi.stubEnv('SALLYPORT_ADMIN_PASSWORD', 'seven-lanterns-by-the-harbour');
  vi.stubEnv('SALLYPORT_ADMIN_TOTP', 'JBSWY3DP'.repeat(4));
  expect(await migrate()).not.toContain('set-up');
  expect((await owner.query('SELECT email FROM person')).rows).toEqual([
    { email: 'ada@example.org' },
  ]);
  // With a second factor from the start: nobody else can set one up first.
  expect((await owner.query('SELECT last_step FROM totp')).rows).toHaveLength(1);
  vi.stubEnv('SALLYPORT_ADMIN_TOTP', '');
  vi.stubEnv('SALLYPORT_ADMIN_EMAIL', '');
  vi.stubEnv('SALLYPORT_ADMIN_PASSWORD', '');
  expect(await migrate()).not.toContain('set-up');
});

async function migrate(): Promise<string> {
  // The environment is parsed once for each process; this stands for a new one.
  vi.resetModules();
  const { migrateDatabase } = await import('@/server/cli/prepare');
  let said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  await migrateDatabase([]);
  vi.restoreAllMocks();
  return said;
}
