import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { clearPeople, type Made, makePerson } from '../support/made-people';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const program = path.join(root, 'dist/tests/cli-identities.mjs');

let database: TestDatabase;
let owner: PrismaClient;
let folder: string;
let ada: Made;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(os.tmpdir(), 'sallyport-identities-'));
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests', max: 2 });
  await clearPeople(owner);
  ada = await makePerson(owner, { name: 'Ada' });
  await build({
    entryPoints: [path.join(root, 'server/cli/main.ts')],
    outfile: program,
    ...{ bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' },
  });
}, 60_000);
afterAll(async () => {
  await owner.$disconnect();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function identities(...args: string[]): Promise<{ code: number; out: string; told: string }> {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: database.migratorUrl,
    SALLYPORT_KEK: database.kek,
  };
  try {
    const { stdout, stderr } = await run(process.execPath, [program, 'identities', ...args], {
      cwd: root,
      env: { ...process.env, ...env },
    });
    return { code: 0, out: stdout, told: stderr };
  } catch (error) {
    // What execFile rejects with.
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, told: stderr };
  }
}

test('one is registered with an owner, listed and suspended with a reason', async () => {
  const create = ['create', '--kind', 'agent', '--name', 'returns', '--no-key', '--json'];
  const made = await identities(...create, '--owner', ada.email, '--tags', 'a,b');
  expect(JSON.parse(made.out)).toMatchObject({ identity: { name: 'returns' }, ingestKey: null });
  const { out } = await identities('list', '--json');
  expect(JSON.parse(out).identities).toMatchObject([
    { name: 'returns', owner: ada.email, tags: ['a', 'b'], state: 'active', zone: null },
  ]);
  expect((await identities('suspend', 'returns')).code).toBe(2);
  expect(await identities('suspend', 'returns', '--reason', 'left in a pipe')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Suspended returns'),
  });
  const again = await identities('suspend', 'returns', '--reason', 'again');
  expect(again).toMatchObject({ code: 1, told: expect.stringContaining('suspended already') });
  const nobody = await identities(...create, '--owner', 'nobody@example.org');
  expect(nobody).toMatchObject({ code: 1, told: expect.stringContaining('nobody@example.org') });
});

test('a file commands no terminal, whatever its names say', async () => {
  const file = path.join(folder, 'hostile.csv');
  writeFileSync(file, 'kind,name,owner\nagent,\u001b[2Jwiped,\nagent,fine,\u001b]0;x\u0007\n');
  const { out } = await identities('import', file, '--dry-run');
  expect(out).toContain('wiped');
  expect([...out].filter((each) => each < ' ' && each !== '\n')).toEqual([]);
});

test('a file is tried, then registered but for what is wrong, which ends with 1', async () => {
  const file = path.join(folder, 'agents.csv');
  writeFileSync(file, `kind,name,owner\nagent,filed,${ada.email}\nrobot,bad,\nagent,fi1ed,\n`);
  const tried = await identities('import', file, '--dry-run');
  expect(tried.code).toBe(1);
  expect(tried.out).toContain('2 would be registered');
  expect(tried.out).toContain('line 3, bad: kind: A kind is one of');
  expect(tried.out).toContain('line 4, fi1ed: It looks like filed.');
  expect(await owner.identity.count({ where: { name: 'filed' } })).toBe(0);
  const done = await identities('import', file, '--json');
  expect(JSON.parse(done.out).counts).toMatchObject({ made: 2, wrong: 1 });
  expect(await owner.identity.findFirst({ where: { name: 'filed' } })).toMatchObject({
    ownerId: ada.id,
    state: 'active',
  });
  expect((await identities('import', path.join(folder, 'none.csv'))).code).toBe(1);
  expect((await identities('import', path.join(folder, 'agents.txt'))).code).toBe(2);
  expect((await identities('revive')).told).toContain('create, import, suspend, list');
});
