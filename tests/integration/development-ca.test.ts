import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { ensureAuthority } from '@/lib/identities/development-ca/mutations';
import { findAuthority } from '@/lib/identities/development-ca/queries';
import { keepRenewed, makeMaterial } from '@/server/gateway/development-tls';
import type { TlsMaterial } from '@/server/gateway/tls-material';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { listControl, setUpOrganisation } from '../support/organisation';
import { actorOf } from '../support/people';
import { exportRequest, genaiChatSpan } from '../support/spans';
import { postOverTls } from '../support/tls-client';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const program = path.join(root, 'dist/tests/cli-certs.mjs');

let database: TestDatabase;
let owner: Pool;
let db: PrismaClient;
let gateway: TestGateway;
let folder: string;
let zone: string;
const kek = () => keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));

type Run = { code: number; out: string; told: string };
/** The command line's own program. */
async function sallyport(args: string[], env: Record<string, string> = {}): Promise<Run> {
  const given = {
    PATH: process.env.PATH,
    NODE_ENV: 'production' as const,
    DATABASE_URL: database.migratorUrl,
    SALLYPORT_KEK: database.kek,
    DEV_CA: 'on',
    ...env,
  };
  try {
    const { stdout, stderr } = await run(process.execPath, [program, ...args], {
      cwd: root,
      env: given,
    });
    return { code: 0, out: stdout, told: stderr };
  } catch (error) {
    // What execFile rejects with.
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, told: stderr };
  }
}
const issue = (name: string, ...more: string[]) =>
  sallyport(['certs', 'issue', '--identity', name, ...more]);

/** Sends one chat over mutual TLS with what was issued. */
async function send(name: string, files: { cert: string; key: string; ca: string }, at: number) {
  const agent = new Agent({ ...files, servername: 'localhost' });
  try {
    const body = JSON.stringify(
      exportRequest([genaiChatSpan({ at, attributes: { 'gen_ai.agent.name': name } })]),
    );
    return await postOverTls(gateway.tls?.port ?? 0, agent, body);
  } finally {
    agent.destroy();
  }
}

async function addIdentity(name: string, inZone: string | null, state = 'active') {
  const { id } = await registerReporter(owner, { name, state });
  await owner.query('UPDATE identity SET zone_id = $2 WHERE id = $1', [id, inZone]);
  return id;
}
async function addZone(name: string, environment: string): Promise<string> {
  const id = newId();
  await owner.query(
    `INSERT INTO zone (id, name, kind, environment, created_at, changed_at) VALUES ($1, $2, 'workload', $3, now(), now())`,
    [id, name, environment],
  );
  return id;
}

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(os.tmpdir(), 'sallyport-certs-'));
  owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 2 });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 2 });
  await setUpOrganisation(owner);
  await build({
    entryPoints: [path.join(root, 'server/cli/main.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  zone = await addZone('Laptops', 'development');
  const ctx = {
    db,
    actor: { kind: 'operator', name: 'tests' } as const,
    now: new Date(),
    kek: kek(),
  };
  await ensureAuthority(ctx);
  const records = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 1 });
  const material = await makeMaterial({ records, clock: () => new Date() }, kek());
  await records.$disconnect();
  gateway = await startGateway(database, {}, material);
}, 60_000);
afterAll(async () => {
  await gateway?.close();
  await Promise.all([owner?.end(), db?.$disconnect()]);
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

test('is made once, with its key sealed, and is on record', async () => {
  const ctx = {
    db,
    actor: { kind: 'operator', name: 'tests' } as const,
    now: new Date(),
    kek: kek(),
  };
  const both = await Promise.all([ensureAuthority(ctx), ensureAuthority(ctx)]);
  expect(new Set(both.map(({ id }) => id)).size).toBe(1);
  const { rows } = await owner.query('SELECT * FROM trust_anchor');
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ kind: 'development', trust_domain: 'dev' });
  const [made] = both;
  expect(Buffer.from(rows[0].sealed_key).includes(Buffer.from(made?.key ?? []))).toBe(false);
  const { rows: keys } = await owner.query('SELECT purpose FROM data_key WHERE id = $1', [
    rows[0].key_id,
  ]);
  expect(keys).toEqual([{ purpose: 'authority' }]);
  // Moved to another row it opens nothing.
  await expect(
    findAuthority(
      {
        ...db,
        dataKey: db.dataKey,
        trustAnchor: {
          findFirst: async () => ({
            id: newId(),
            certificates: rows[0].certificates,
            sealedKey: rows[0].sealed_key,
            keyId: rows[0].key_id,
          }),
        } as unknown as PrismaClient['trustAnchor'], // `as`: a row that was moved
      },
      kek(),
    ),
  ).rejects.toThrow();
  expect(await listControl(owner, ['anchor_added'])).toHaveLength(1);
  const viewer = { ...ctx, actor: actorOf({ roles: ['viewer'] }) };
  await expect(ensureAuthority(viewer)).rejects.toMatchObject({ code: 'forbidden' });
});

test('the command line issues a certificate for a day, with which the identity is known over mutual TLS', async () => {
  const id = await addIdentity('crawler', zone);
  const { code, out } = await issue('crawler', '--out', folder);
  expect(code).toBe(0);
  expect(out).toContain('spiffe://dev/crawler, good until');
  const [cert, key, ca] = ['crawler.pem', 'crawler.key', 'development-ca.pem'].map((name) =>
    readFileSync(path.join(folder, name), 'utf8'),
  );
  expect(statSync(path.join(folder, 'crawler.key')).mode & 0o777).toBe(0o600);
  const leaf = new X509Certificate(cert ?? '');
  const authority = new X509Certificate(ca ?? '');
  expect(leaf.subjectAltName).toBe('URI:spiffe://dev/crawler');
  expect(leaf.ca).toBe(false);
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey(key ?? ''))).toBe(true);
  const hours = (Date.parse(leaf.validTo) - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23.9);
  expect(hours).toBeLessThanOrEqual(24);

  const answer = await send('crawler', { cert: cert ?? '', key: key ?? '', ca: ca ?? '' }, 1);
  expect(answer.status, answer.body).toBe(200);
  const { rows } = await owner.query('SELECT identity, vantage FROM interaction');
  expect(rows).toEqual([{ identity: id, vantage: 'self' }]);
  const { rows: credentials } = await owner.query(
    `SELECT kind, subject FROM credential WHERE identity_id = $1 AND kind <> 'ingest_key'`,
    [id],
  );
  expect(credentials).toEqual([{ kind: 'x509_svid', subject: 'spiffe://dev/crawler' }]);
  const entries = await listControl(owner, ['credential_registered', 'certificate_issued']);
  expect(entries.map(({ kind, facts }) => [kind, facts.identity])).toEqual([
    ['credential_registered', id],
    ['certificate_issued', id],
  ]);
  expect(String(entries[0]?.facts.by)).toMatch(/^operator:/);

  // Another one needs no other credential, and no file is left that others may read.
  writeFileSync(path.join(folder, 'crawler.key'), 'x', { mode: 0o644 });
  expect((await issue('crawler', '--out', folder)).code).toBe(0);
  expect(statSync(path.join(folder, 'crawler.key')).mode & 0o777).toBe(0o600);
  expect(await listControl(owner, ['credential_registered'])).toHaveLength(1);
  // The key is nowhere but in that file.
  const dump = await owner.query('SELECT facts FROM control_event');
  expect(JSON.stringify(dump.rows)).not.toContain('PRIVATE KEY');
}, 60_000);

test('is refused once its identity is in no development zone, and while it is off', async () => {
  const id = await addIdentity('mover', zone);
  const { out } = await issue('mover', '--json');
  const { certificate: cert, key, ca, spiffeId, identity, expiresAt } = JSON.parse(out);
  expect({ spiffeId, identity }).toEqual({
    spiffeId: 'spiffe://dev/mover',
    identity: { id, name: 'mover' },
  });
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  expect((await send('mover', { cert, key, ca }, 2)).status).toBe(200);
  const production = await addZone('Shop', 'production');
  await owner.query('UPDATE identity SET zone_id = $2 WHERE id = $1', [id, production]);
  await gateway.gateway.registry.refresh();
  const refused = await send('mover', { cert, key, ca }, 3);
  expect(refused.status).toBe(401);
  expect(refused.body).toContain('zone of development only');
  await owner.query('UPDATE identity SET zone_id = $2 WHERE id = $1', [id, zone]);

  const records = createPrisma(database.gatewayUrl, { applicationName: 'tests', max: 1 });
  const material = await makeMaterial({ records, clock: () => new Date() }, kek());
  await records.$disconnect();
  const off = await startGateway(database, { DEV_CA: 'off' }, material);
  const agent = new Agent({ cert, key, ca, servername: 'localhost' });
  expect((await postOverTls(off.tls?.port ?? 0, agent)).status).toBe(401);
  agent.destroy();
  await off.close();
}, 60_000);

test.each<[string, (name: string) => Promise<unknown>, string]>([
  ['nobody', async () => undefined, 'No identity is called'],
  ['somebody suspended', (name) => addIdentity(name, zone, 'suspended'), 'is suspended'],
  [
    'somebody in production',
    async (name) => addIdentity(name, await addZone(`P ${name}`, 'production')),
    'which is production',
  ],
  ['somebody in no zone', (name) => addIdentity(name, null), 'With --zone it is put into one'],
])('%s gets no certificate, and is told why', async (what, make, says) => {
  const name = what.replaceAll(' ', '-');
  await make(name);
  const { code, out, told } = await issue(name, '--json');
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(told).toContain(says);
  expect(
    (await issue(name, '--json', ...(says.includes('production') ? ['--zone'] : []))).code,
  ).toBe(1);
});

test('--zone puts one that is in no zone into a development zone, and makes one where there is none', async () => {
  const id = await addIdentity('newcomer', null);
  await owner.query(`UPDATE zone SET environment = 'test' WHERE environment = 'development'`);
  expect((await issue('newcomer', '--json', '--zone')).code).toBe(0);
  const { rows } = await owner.query(
    'SELECT z.name, z.environment FROM identity i JOIN zone z ON z.id = i.zone_id WHERE i.id = $1',
    [id],
  );
  expect(rows).toEqual([{ name: 'Development', environment: 'development' }]);
  expect(
    (await listControl(owner, ['zone_created', 'identity_changed'])).map(({ kind }) => kind),
  ).toEqual(['zone_created', 'identity_changed']);
});

test('is off where DATABASE_URL is set and nobody switched it on', async () => {
  for (const DEV_CA of ['', 'off']) {
    const { code, told } = await sallyport(['certs', 'ca'], { DEV_CA });
    expect(code).toBe(1);
    expect(told).toContain('DEV_CA=on switches it on');
  }
  const { out } = await sallyport(['certs', 'ca']);
  expect(new X509Certificate(out).ca).toBe(true);
  expect((await sallyport(['certs'])).code).toBe(2);
  expect((await sallyport(['certs', 'issue', '--json'])).told).toContain('--identity NAME');
});

test('the certificate of the server is renewed while it runs, for this machine alone', async () => {
  const renewed: TlsMaterial[] = [];
  const { records } = gateway.gateway;
  const clock = () => new Date();
  const stop = keepRenewed(
    { records, clock },
    kek(),
    { renew: (material) => renewed.push(material) },
    20,
  );
  while (renewed.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  const [one, other] = renewed.map(({ cert }) => new X509Certificate(cert));
  expect(one?.serialNumber).not.toBe(other?.serialNumber);
  expect(one?.checkHost('localhost')).toBe('localhost');
  for (const ip of ['127.0.0.1', '::1']) expect(one?.checkIP(ip)).toBe(ip);
  expect(one?.checkHost('gateway.example.org')).toBeUndefined();
});
