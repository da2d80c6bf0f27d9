import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  issueClientSecret,
  registerCredential,
  revokeCredential,
  rotateCredential,
} from '@/lib/identities/credentials/mutations';
import { findCredential } from '@/lib/identities/credentials/queries';
import type { NewCredential } from '@/lib/identities/credentials/schema';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, startGateway, type TestGateway } from '../support/gateway';
import { type Made, makePerson, newestEvents } from '../support/made-people';
import { actorOf, scopeOf } from '../support/people';
import { believeAnchor } from '../support/registry';
import { isRevoked, untilKnown } from '../support/registry-known';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let pool: Pool;
let ctx: RegistryCtx;
let ada: Made;
const now = new Date();
const days = 86_400_000;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  ada = await makePerson(owner);
  ctx = { db, actor: ada.actor, scope: scopeOf(), now };
});
afterAll(async () => {
  await Promise.all([owner, db].map((each) => each.$disconnect()));
  await pool.end();
  await database.drop();
});

const madeIdentity = async () =>
  (await createIdentity(ctx, { kind: 'agent', name: `a-${randomUUID()}` })).identity;
const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
const rowOf = (id: string) => owner.credential.findUniqueOrThrow({ where: { id } });
const register = (identityId: string, credential: NewCredential, as = ctx) =>
  registerCredential(as, { identityId, credential });

describe('rotation', () => {
  const rotate = (credentialId: string, over: Record<string, unknown> = {}) =>
    rotateCredential(ctx, { credentialId, days: 30, reason: 'due', ...over });

  test('both secrets work until the overlap ends, and a third is not made', async () => {
    const { id } = await madeIdentity();
    const first = await issueClientSecret(ctx, { identityId: id, reason: 'legacy' });
    const next = await rotate(first.credentialId, { overlapHours: 24 });
    expect(next.secret).toMatch(/^slp_cs_/);
    expect((await rowOf(first.credentialId)).expiresAt.getTime()).toBe(now.getTime() + days);
    expect(await rowOf(next.credentialId)).toMatchObject({ replacesId: first.credentialId });
    expect(await newestEvents(owner)).toMatchObject([
      {
        kind: 'credential_rotated',
        facts: {
          credential: first.credentialId,
          successor: next.credentialId,
          after: { expires_at: new Date(now.getTime() + days).toISOString() },
          reason: 'due',
        },
      },
    ]);
    await expect(rotate(first.credentialId)).rejects.toThrow('successor already');
    await expect(rotate(next.credentialId)).rejects.toThrow('a third is not made');
    await expect(rotate(next.credentialId, { days: 91 })).rejects.toThrow();
  });

  test('a key needs another key, and both are known', async () => {
    const { id } = await madeIdentity();
    const key = pem();
    const first = await register(id, { kind: 'public_key', key });
    await expect(rotate(first.credentialId)).rejects.toThrow('public key of the successor');
    await expect(rotate(first.credentialId, { key })).rejects.toThrow(/same|already|Make another/);
    const next = await rotate(first.credentialId, { key: pem() });
    expect((await rowOf(next.credentialId)).subject).not.toBe(
      (await rowOf(first.credentialId)).subject,
    );
  });

  test('what shows the same takes over at once', async () => {
    const { id } = await madeIdentity();
    const anchorId = await believeAnchor(pool, { kind: 'spiffe', trustDomain: 'c.example' });
    const first = await register(id, {
      kind: 'x509_svid',
      anchorId,
      spiffeId: 'spiffe://c.example/a',
      days: 10,
    });
    await pool.query(
      `UPDATE credential SET created_at = created_at - interval '1 day' WHERE id = $1`,
      [first.credentialId],
    );
    const next = await rotate(first.credentialId, { days: 300 });
    expect((await rowOf(first.credentialId)).expiresAt).toEqual(now);
    expect(await rowOf(next.credentialId)).toMatchObject({ subject: 'spiffe://c.example/a' });
  });

  test('one whose successor was revoked is rotated again', async () => {
    const { id } = await madeIdentity();
    const first = await issueClientSecret(ctx, { identityId: id, reason: 'legacy' });
    const leaked = await rotate(first.credentialId, { overlapHours: 24 });
    await revokeCredential(ctx, { credentialId: leaked.credentialId, reason: 'leaked' });
    const shown = { id: first.credentialId, now };
    expect(await findCredential(scopeOf(), shown, pool)).toMatchObject({
      ...{ successor: null, state: 'active' },
    });
    const next = await rotate(first.credentialId, { overlapHours: 24 });
    expect(await rowOf(next.credentialId)).toMatchObject({ replacesId: first.credentialId });
    expect(await findCredential(scopeOf(), shown, pool)).toMatchObject({
      successor: next.credentialId,
    });
  });

  test('nothing that has ended is rotated', async () => {
    const { id } = await madeIdentity();
    const { credentialId } = await register(id, { kind: 'public_key', key: pem() });
    await revokeCredential(ctx, { credentialId, reason: 'leaked' });
    await expect(rotate(credentialId, { key: pem() })).rejects.toThrow('ended before');
  });
});

describe('revoking', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway(database);
  });
  afterAll(() => gateway.close());
  const status = async (key: string) =>
    (await postTraces(gateway.url, key, '{"resourceSpans":[]}')).status;

  test('is an act of whoever watches, without a fresh factor, and holds at the next request', async () => {
    const { identity, key } = await createIdentity(ctx, {
      kind: 'agent',
      name: `a-${randomUUID()}`,
    });
    const secret = key?.ingestKey ?? '';
    expect(await status(secret)).toBe(200);
    const watcher = {
      ...ctx,
      actor: actorOf({ id: ada.id, roles: ['analyst'] }, { isFresh: false }),
    };
    const revoke = { credentialId: key?.credentialId ?? '', reason: 'left in a repository' };
    await revokeCredential(watcher, revoke);
    expect(await rowOf(revoke.credentialId)).toMatchObject({ revokedReason: revoke.reason });
    expect(await newestEvents(owner)).toMatchObject([
      {
        kind: 'credential_revoked',
        facts: {
          ...{ credential: revoke.credentialId, reason: revoke.reason },
          identity: identity.id,
        },
      },
    ]);
    // The gateway writes down what it refuses, so what was revoked is looked for before.
    await untilKnown(gateway, isRevoked(identity.id));
    expect(await status(secret)).toBe(401);
    await expect(revokeCredential(ctx, revoke)).rejects.toThrow('revoked before');
    const viewer = { ...ctx, actor: actorOf({ id: ada.id, roles: ['viewer'] }) };
    await expect(revokeCredential(viewer, revoke)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('by a machine: its own process may, and makes none', async () => {
    const gatewayDb = createPrisma(database.gatewayUrl, { applicationName: 'tests' });
    const machine: RegistryCtx = {
      db: gatewayDb,
      actor: {
        kind: 'machine',
        id: randomUUID(),
        scopes: ['registry:write'],
        address: '192.0.2.1',
      },
      scope: scopeOf(),
      now,
    };
    const { id } = await madeIdentity();
    const { credentialId } = await register(id, { kind: 'public_key', key: pem() });
    await revokeCredential(machine, { credentialId, reason: 'detected' });
    expect((await rowOf(credentialId)).revokedAt).toEqual(now);
    await expect(register(id, { kind: 'public_key', key: pem() }, machine)).rejects.toThrow(
      'takes a person',
    );
    await gatewayDb.$disconnect();
  });
});
