import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretHash } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { issueIngestKey, revokeCredential } from '@/lib/identities/credentials/mutations';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { actorOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let pool: Pool;
let ctx: RegistryCtx;
const now = new Date('2026-11-23T08:00:00Z');

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  ctx = { db, actor: { kind: 'operator', name: 'ada' }, now };
});
afterAll(async () => {
  await db.$disconnect();
  await pool.end();
  await database.drop();
});

/** Kinds and facts of what the control shard got since. */
async function eventsAfter(position: bigint) {
  const { rows } = await pool.query<{ kind: string; facts: string }>(
    'SELECT kind, facts FROM control_event WHERE position >= $1 ORDER BY position',
    [position],
  );
  return rows.map(({ kind, facts }) => ({ kind, facts: JSON.parse(facts) }));
}

async function nextPosition(): Promise<bigint> {
  const { rows } = await pool.query<{ n: bigint }>(
    'SELECT next_position AS n FROM shard WHERE id = 0',
  );
  return rows[0]?.n ?? 0n;
}

test('an identity gets a key that is stored as a hash only, and both are in the log', async () => {
  const before = await nextPosition();
  const { identity, key } = await createIdentity(ctx, { kind: 'agent', name: 'returns' });
  expect(key?.ingestKey).toMatch(/^slp_ik_[A-Za-z0-9_-]{43}$/);
  expect(key?.expiresAt.getTime()).toBe(now.getTime() + 30 * 86_400_000);
  const { rows } = await pool.query('SELECT hash, hint FROM credential WHERE identity_id = $1', [
    identity.id,
  ]);
  expect(rows).toEqual([
    { hash: secretHash(key?.ingestKey ?? ''), hint: key?.ingestKey.slice(-4) },
  ]);
  const events = await eventsAfter(before);
  expect(events.map(({ kind }) => kind)).toEqual(['identity_created', 'credential_issued']);
  expect(events[0]?.facts).toMatchObject({ by: 'operator:ada', name: 'returns', kind: 'agent' });
  expect(JSON.stringify(events)).not.toContain(key?.ingestKey);
});

test('an external API gets no bearer secret', async () => {
  const { key } = await createIdentity(ctx, { kind: 'external_api', name: 'search-api' });
  expect(key).toBeNull();
});

test('a collector reports for those it names', async () => {
  const { identity } = await createIdentity(ctx, {
    kind: 'service',
    name: 'collector',
    reportsFor: ['returns'],
  });
  const { rows } = await pool.query(
    'SELECT i.name FROM identity_reports_for r JOIN identity i ON i.id = r.identity_id WHERE r.reporter_id = $1',
    [identity.id],
  );
  expect(rows).toEqual([{ name: 'returns' }]);
});

test.each<[string, Parameters<typeof createIdentity>[1], string]>([
  ['a name that is taken', { kind: 'agent', name: 'returns' }, 'has this name already'],
  ['a further name that is taken', { kind: 'agent', name: 'x1', names: ['returns'] }, 'already'],
  ['a name with invisible characters', { kind: 'agent', name: 'a\u202Eb' }, 'A name has'],
  ['a further name of two lines', { kind: 'agent', name: 'x2', names: ['a\nb'] }, 'one line'],
  ['an agent that reports for all', { kind: 'agent', name: 'x3', reportsFor: 'all' }, 'service'],
  [
    'a collector of nobody known',
    { kind: 'service', name: 'x4', reportsFor: ['ghost'] },
    'no identity named ghost',
  ],
  ['a key for 91 days', { kind: 'agent', name: 'x5', days: 91 }, '90 days'],
  ['a key for no day', { kind: 'agent', name: 'x6', days: 0 }, 'one day'],
  ['a key for half a day', { kind: 'agent', name: 'x7', days: 0.5 }, 'whole days'],
])('refuses %s and leaves nothing behind', async (_what, input, sentence) => {
  const before = await nextPosition();
  await expect(createIdentity(ctx, input)).rejects.toThrow(sentence);
  expect(await nextPosition()).toBe(before);
  if (input.name !== 'returns')
    expect(await db.identity.count({ where: { name: input.name } })).toBe(0);
});

test('of two that take a name at once, one gets it and the other a sentence', async () => {
  const both = await Promise.allSettled(
    [1, 2].map(() => createIdentity(ctx, { kind: 'agent', name: 'twice' })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refusal = both.find(({ status }) => status === 'rejected');
  expect(refusal).toMatchObject({ reason: { code: 'conflict' } });
});

test('of two that overlap in their further names at once, one is registered', async () => {
  const both = await Promise.allSettled([
    createIdentity(ctx, { kind: 'agent', name: 'left', names: ['shared'] }),
    createIdentity(ctx, { kind: 'agent', name: 'right', names: ['left', 'shared'] }),
    createIdentity(ctx, { kind: 'agent', name: 'shared' }),
  ]);
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const refused of both.filter(({ status }) => status === 'rejected'))
    expect(refused).toMatchObject({ reason: { code: 'conflict' } });
  // Straight to the table: what the application did not see is refused all the same.
  await expect(
    pool.query(`UPDATE identity SET names = '{returns}' WHERE name = 'twice'`),
  ).rejects.toThrow('another identity has this name');
});

test('two keys are active at most, also when asked for at once; a revoked one makes room', async () => {
  const { identity, key } = await createIdentity(ctx, { kind: 'daemon', name: 'crawler' });
  const asked = await Promise.allSettled(
    [1, 2, 3].map(() => issueIngestKey(ctx, { identityId: identity.id })),
  );
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(issueIngestKey(ctx, { identityId: identity.id })).rejects.toThrow('Revoke one');

  const before = await nextPosition();
  const revoke = { credentialId: key?.credentialId ?? '', reason: 'left in a repository' };
  await revokeCredential(ctx, revoke);
  expect((await eventsAfter(before))[0]).toMatchObject({
    kind: 'credential_revoked',
    facts: { credential: key?.credentialId, reason: 'left in a repository' },
  });
  await expect(revokeCredential(ctx, revoke)).rejects.toThrow('revoked before');
  await issueIngestKey(ctx, { identityId: identity.id, days: 90 });
});

test('a person who is no administrator changes nothing', async () => {
  const person: RegistryCtx = { ...ctx, actor: actorOf({ roles: [] }) };
  await expect(createIdentity(person, { kind: 'agent', name: 'sly' })).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(
    issueIngestKey(person, { identityId: '01a2075f-e27b-7ea8-9f0b-4be9bfb69e53' }),
  ).rejects.toMatchObject({ code: 'forbidden' });
});
