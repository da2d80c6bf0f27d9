import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { remindOfCredentials } from '@/lib/identities/credentials/remind';
import type { RegistryCtx } from '@/lib/identities/ctx';
import {
  addForeignSecret,
  changeForeignSecret,
  removeForeignSecret,
  rotateForeignSecret,
} from '@/lib/identities/foreign-secrets/mutations';
import { countOverdueSecrets, listForeignSecrets } from '@/lib/identities/foreign-secrets/queries';
import { remindOfSecrets } from '@/lib/identities/foreign-secrets/remind';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { type Made, makePerson, newestEvents } from '../support/made-people';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let worker: PrismaClient;
let pool: Pool;
let ctx: RegistryCtx;
let ada: Made;
let bob: Made;
const now = new Date();
const day = 86_400_000;
const reason = 'as agreed';
const at = (days: number) => new Date(now.getTime() + days * day);

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  worker = createPrisma(database.workerUrl, { applicationName: 'tests' });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
  ada = await makePerson(owner);
  bob = await makePerson(owner, { name: 'Bob', roles: ['viewer'] });
  ctx = { db, actor: ada.actor, scope: scopeOf(), now };
});
afterAll(async () => {
  await Promise.all([owner, db, worker].map((each) => each.$disconnect()));
  await pool.end();
  await database.drop();
});

const print = (secret: string = randomUUID()) => createHash('sha256').update(secret).digest('hex');
const agent = async () =>
  (await createIdentity(ctx, { kind: 'agent', name: `a-${randomUUID()}` })).identity.id;
const given = async (over: Record<string, unknown> = {}) => ({
  identityId: await agent(),
  issuer: 'OpenAI',
  label: 'Production key of the batch',
  fingerprint: print(),
  ...over,
});
const found = async (id: string) =>
  (await listForeignSecrets(scopeOf(), { now }, pool)).find((each) => each.id === id);

test('a secret is known by who gave it and its fingerprint, changed, rotated and removed', async () => {
  const [first, next] = [print(), print()];
  const id = await addForeignSecret(
    ctx,
    await given({ fingerprint: first.toUpperCase().replace(/..(?!$)/g, '$&:'), days: 30 }),
  );
  expect(await found(id)).toMatchObject({
    fingerprint: first,
    owner: { name: 'Ada' },
    isOverdue: false,
    sharedBy: 0,
  });
  await changeForeignSecret(ctx, { id, issuer: 'OpenAI', label: 'Batch', ownerId: bob.id, reason });
  expect(await found(id)).toMatchObject({ label: 'Batch', owner: { name: 'Bob' } });
  const same = rotateForeignSecret(ctx, { id, fingerprint: first, reason });
  await expect(same).rejects.toThrow('it was not rotated');
  await rotateForeignSecret(ctx, { id, fingerprint: next, days: 60, reason });
  expect(await found(id)).toMatchObject({ fingerprint: next, rotatedAt: now, dueAt: at(60) });
  await removeForeignSecret(ctx, { id, reason });
  expect(await found(id)).toBeUndefined();
  expect((await newestEvents(owner, 4)).map(({ kind }) => kind)).toEqual([
    'foreign_secret_removed',
    'foreign_secret_rotated',
    'foreign_secret_changed',
    'foreign_secret_added',
  ]);
  await expect(removeForeignSecret(ctx, { id, reason })).rejects.toThrow('no such secret');
});

test('one secret that two identities use says so', async () => {
  const fingerprint = print();
  const ids = [
    await addForeignSecret(ctx, await given({ fingerprint })),
    await addForeignSecret(ctx, await given({ fingerprint })),
  ];
  expect(await found(ids[0] ?? '')).toMatchObject({ sharedBy: 1 });
  const identityId = await agent();
  await addForeignSecret(ctx, await given({ identityId, fingerprint }));
  await expect(addForeignSecret(ctx, await given({ identityId, fingerprint }))).rejects.toThrow(
    'already',
  );
});

describe('is refused, and nothing of it is kept or repeated', () => {
  const key = 'sk-proj-Zx81kd92jDk20djAk38dkLmQ02kd93';
  test.each<[string, Record<string, unknown>, string]>([
    ['the secret for a fingerprint', { fingerprint: key }, 'rotate it'],
    ['the secret for a label', { label: key }, 'secret itself'],
    ['the secret inside a label', { label: `batch ${key}` }, 'secret itself'],
    ['the secret for who gave it', { issuer: 'AKIAIOSFODNN7EXAMPLE' }, 'secret itself'],
    ['a random word', { label: 'x8Kd02mQzL19vR44tYb7' }, 'secret itself'],
    ['a short fingerprint', { fingerprint: 'ab12' }, '64 hexadecimal digits'],
    ['no label', { label: ' ' }, 'Say what it is for.'],
    ['a year and two days', { days: 367 }, '366 days'],
    ['a day to come', { madeAt: at(2) }, 'not made in the future'],
    ['an owner who is nobody', { ownerId: randomUUID() }, 'no such person'],
    ['an identity that is none', { identityId: randomUUID() }, 'no such identity'],
  ])('%s', async (_what, over, says) => {
    const input = await given(over);
    const before = await owner.foreignSecret.count();
    const [last] = await newestEvents(owner);
    const refusal = await addForeignSecret(ctx, input).catch((error: Error) => error.message);
    expect(refusal).toContain(says);
    expect(refusal).not.toContain(key);
    expect(await owner.foreignSecret.count()).toBe(before);
    expect(await newestEvents(owner)).toEqual([last]);
  });

  test('words that are none', async () => {
    await addForeignSecret(
      ctx,
      await given({ issuer: 'Amazon Web Services', label: 'Key for invoices-2026-production' }),
    );
  });

  test('whoever is no administrator, or does not see the identity', async () => {
    const input = await given();
    const analyst = { ...ctx, actor: actorOf({ id: ada.id, roles: ['analyst'] }) };
    await expect(addForeignSecret(analyst, input)).rejects.toMatchObject({ code: 'forbidden' });
    const narrow = { ...ctx, scope: scopeOf({ reach: 'teams', teams: [] }) };
    await expect(addForeignSecret(narrow, input)).rejects.toThrow('no such identity');
  });
});

describe('a notice', () => {
  const notices = (kind: string, personId: string) =>
    owner.notice.findMany({ where: { kind, personId } });

  test('tells whoever rotates it once that a secret is overdue, and again after it was due anew', async () => {
    const id = await addForeignSecret(ctx, await given({ ownerId: bob.id, days: 1 }));
    const later = at(2);
    expect(await countOverdueSecrets(scopeOf(), later, pool)).toBe(1);
    await Promise.all([remindOfSecrets(worker, later), remindOfSecrets(worker, later)]);
    expect(await notices('foreign_secret_overdue', bob.id)).toMatchObject([
      { subject: 'Production key of the batch', link: expect.stringContaining(id) },
    ]);
    await rotateForeignSecret(
      { ...ctx, now: later },
      { id, fingerprint: print(), days: 1, reason },
    );
    expect(await remindOfSecrets(worker, later)).toBe(0);
    expect(await remindOfSecrets(worker, at(4))).toBe(1);
    expect(await notices('foreign_secret_overdue', bob.id)).toHaveLength(2);
  });

  test('tells whoever answers for an identity once that a credential without successor ends', async () => {
    const { key } = await createIdentity(ctx, { kind: 'agent', name: 'lapsing', days: 20 });
    await createIdentity(ctx, { kind: 'agent', name: 'short', days: 6 });
    expect(await remindOfCredentials(worker, at(1))).toBe(0);
    const soon = at(14);
    await Promise.all([remindOfCredentials(worker, soon), remindOfCredentials(worker, soon)]);
    expect(await notices('credential_expiring', ada.id)).toMatchObject([
      {
        subject: 'lapsing',
        link: `/credentials?credential=${key?.credentialId}`,
        facts: expect.stringContaining('Ingest key'),
      },
    ]);
    expect(await remindOfCredentials(worker, soon)).toBe(0);
  });
});
