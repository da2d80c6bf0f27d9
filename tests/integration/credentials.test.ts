import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretHash } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  addCredential,
  issueClientSecret,
  registerCredential,
  revokeCredential,
} from '@/lib/identities/credentials/mutations';
import type { NewCredential } from '@/lib/identities/credentials/schema';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { type Made, makePerson, newestEvents } from '../support/made-people';
import { actorOf, scopeOf } from '../support/people';
import { believeAnchor, believeIssuer } from '../support/registry';

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

const madeIdentity = async (kind: 'agent' | 'external_api' = 'agent') =>
  (await createIdentity(ctx, { kind, name: `a-${randomUUID()}` })).identity;
const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
const rowOf = (id: string) => owner.credential.findUniqueOrThrow({ where: { id } });
const register = (identityId: string, credential: NewCredential, as = ctx) =>
  registerCredential(as, { identityId, credential });
const networkNamed = async (name: string) => {
  const id = randomUUID();
  await owner.network.create({ data: { id, name, cidrs: ['10.1.0.0/16'], changedAt: now } });
  return id;
};

describe('an identity is given, with an entry of each,', () => {
  const given: Record<string, () => Promise<[NewCredential, subject: RegExp | null]>> = {
    'an X.509-SVID': async () => [
      {
        kind: 'x509_svid',
        anchorId: await believeAnchor(pool, { kind: 'spiffe', trustDomain: 'a.example' }),
        spiffeId: 'spiffe://a.example/agents/returns',
      },
      /^spiffe:\/\/a\.example\/agents\/returns$/,
    ],
    'a JWT-SVID': async () => [
      {
        kind: 'jwt_svid',
        anchorId: await believeAnchor(pool, {
          kind: 'spiffe',
          trustDomain: 'b.example',
          jwtKeys: [{ kty: 'EC' }],
        }),
        spiffeId: 'spiffe://b.example/agents/returns',
      },
      /^spiffe:/,
    ],
    'a certificate by its thumbprint, as openssl writes it': async () => [
      {
        kind: 'certificate',
        anchorId: await believeAnchor(pool),
        match: 'thumbprint',
        value: 'AB:'.repeat(31).concat('CD'),
      },
      /^thumbprint:[A-Za-z0-9_-]{43}$/,
    ],
    'tokens of a cluster': async () => [
      {
        kind: 'federated',
        issuerId: await believeIssuer(pool),
        audience: 'sallyport',
        claims: [{ name: 'sub', values: ['system:serviceaccount:shop:returns'] }],
      },
      /"audience":"sallyport"/,
    ],
    'a registered key': async () => [{ kind: 'public_key', key: pem() }, /^[A-Za-z0-9_-]{43}$/],
    'a placement': async () => [
      { kind: 'placement', networkId: await networkNamed('Cluster A') },
      /^[0-9a-f-]{36}$/,
    ],
  };
  test.each(Object.keys(given))('%s', async (what) => {
    const { id } = await madeIdentity();
    const [credential, subject] = (await given[what]?.()) ?? [];
    if (credential === undefined) throw new Error('there is no such case');
    const made = await register(id, { ...credential, name: 'first', days: 30 } as NewCredential); // `as`: a union of spreads
    expect(made).toMatchObject({ kind: credential.kind, secret: null });
    const row = await rowOf(made.credentialId);
    expect(row).toMatchObject({ identityId: id, kind: credential.kind, name: 'first', hash: null });
    expect(row.subject).toMatch(subject ?? /^$/);
    expect(row.expiresAt.getTime()).toBe(now.getTime() + 30 * days);
    expect(await newestEvents(owner)).toMatchObject([
      {
        kind: 'credential_registered',
        facts: { credential: made.credentialId, identity: id, subject: row.subject },
      },
    ]);
  });

  test('a client secret, which is kept as a hash alone, with the reason why nothing better', async () => {
    const { id } = await madeIdentity();
    const made = await issueClientSecret(ctx, {
      identityId: id,
      reason: 'The vendor takes nothing else.',
    });
    expect(made.secret).toMatch(/^slp_cs_[A-Za-z0-9_-]{43}$/);
    const row = await rowOf(made.credentialId);
    expect(Buffer.from(row.hash ?? [])).toEqual(secretHash(made.secret ?? ''));
    const [event] = await newestEvents(owner);
    expect(event).toMatchObject({
      kind: 'credential_issued',
      facts: { kind: 'client_secret', reason: 'The vendor takes nothing else.' },
    });
    expect(JSON.stringify([event, row.hint])).not.toContain(made.secret?.slice(7));
  });

  test('a key in the transaction of whoever accepts it', async () => {
    const { id } = await madeIdentity();
    const credential = { kind: 'public_key', key: pem() } as const;
    const made = await db.$transaction((tx) =>
      addCredential(tx, ctx, { identityId: id, credential }),
    );
    expect(await rowOf(made.credentialId)).toMatchObject({ identityId: id, kind: 'public_key' });
  });
});

describe('refuses', () => {
  const svid = async (spiffeId: string): Promise<NewCredential> => ({
    kind: 'x509_svid',
    anchorId: await believeAnchor(pool, {
      kind: 'spiffe',
      trustDomain: `t-${randomUUID()}.example`,
    }),
    spiffeId,
  });
  const federated = async (
    claims: { name: string; values: string[] }[],
    issuer?: string,
  ): Promise<NewCredential> => ({
    kind: 'federated',
    issuerId: await believeIssuer(pool, issuer === undefined ? {} : { issuer }),
    audience: 'sallyport',
    claims,
  });
  const cases: Record<string, [() => Promise<NewCredential>, string]> = {
    'a private key, loudly': [
      async () => ({
        kind: 'public_key',
        key: JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })),
      }),
      'make a new pair of keys',
    ],
    'a SPIFFE id of another trust domain': [
      () => svid('spiffe://evil.example/agents/returns'),
      'vouches for',
    ],
    'a SPIFFE id with percent-encoding': [
      () => svid('spiffe://evil.example/agents/%72eturns'),
      'percent-encoding',
    ],
    'a trust domain for a workload': [() => svid('spiffe://evil.example'), 'no path'],
    'a JWT-SVID of a bundle without keys for tokens': [
      async () => ({
        kind: 'jwt_svid',
        anchorId: await believeAnchor(pool, { kind: 'spiffe', trustDomain: 'nokeys.example' }),
        spiffeId: 'spiffe://nokeys.example/a',
      }),
      'none would be taken',
    ],
    'an SVID of an authority that is no trust domain': [
      async () => ({
        kind: 'x509_svid',
        anchorId: await believeAnchor(pool),
        spiffeId: 'spiffe://a.example/a',
      }),
      'not believed for that',
    ],
    'a certificate of an authority that is believed no more': [
      async () => {
        const anchorId = await believeAnchor(pool);
        await pool.query('UPDATE trust_anchor SET revoked_at = now() WHERE id = $1', [anchorId]);
        return { kind: 'certificate', anchorId, match: 'subject', value: 'CN=agent' };
      },
      'not any more',
    ],
    'a wildcard in a certificate': [
      async () => ({
        kind: 'certificate',
        anchorId: await believeAnchor(pool),
        match: 'san_dns',
        value: '*.example.org',
      }),
      'without a wildcard',
    ],
    'a rule without a subject': [
      () => federated([{ name: 'repository_owner', values: ['octo'] }]),
      'binds no subject',
    ],
    'a rule for GitHub by the name of a repository': [
      () =>
        federated(
          [{ name: 'repository', values: ['octo/agents'] }],
          'https://token.actions.githubusercontent.com',
        ),
      'repository_id, which is a number',
    ],
    'a claim that stands twice': [
      () =>
        federated([
          { name: 'sub', values: ['a'] },
          { name: 'sub', values: ['b'] },
        ]),
      'stands twice',
    ],
    'a network that is gone': [
      async () => ({ kind: 'placement', networkId: randomUUID() }),
      'no such network',
    ],
    'a secret without a reason': [async () => ({ kind: 'client_secret', reason: ' ' }), 'Say why.'],
    'a secret for 91 days': [
      async () => ({ kind: 'client_secret', reason: 'legacy', days: 91 }),
      '90 days at most',
    ],
    'a key for 367 days': [async () => ({ kind: 'public_key', key: pem(), days: 367 }), '366 days'],
  };
  test.each(Object.keys(cases))('%s, and writes nothing', async (what) => {
    const { id } = await madeIdentity();
    const [make, says] = cases[what] ?? [];
    if (make === undefined) throw new Error('there is no such case');
    const credential = await make();
    const [before] = await newestEvents(owner);
    await expect(register(id, credential)).rejects.toThrow(says);
    expect(await owner.credential.count({ where: { identityId: id } })).toBe(1);
    expect(await newestEvents(owner)).toEqual([before]);
  });

  test('what another identity shows, also once that has expired, until it is revoked', async () => {
    const [one, other] = [await madeIdentity(), await madeIdentity()];
    const key = pem();
    const made = await register(one.id, { kind: 'public_key', key });
    await expect(register(other.id, { kind: 'public_key', key })).rejects.toThrow(one.name);
    await expect(register(one.id, { kind: 'public_key', key })).rejects.toThrow('already');
    const narrow = { ...ctx, scope: scopeOf({ reach: 'teams', teams: [] }) };
    await expect(register(other.id, { kind: 'public_key', key }, narrow)).rejects.toThrow(
      'no active identity',
    );
    const later = { ...ctx, now: new Date(now.getTime() + 100 * days) };
    await expect(register(other.id, { kind: 'public_key', key }, later)).rejects.toThrow('expired');
    await revokeCredential(ctx, { credentialId: made.credentialId, reason: 'moved' });
    await register(other.id, { kind: 'public_key', key });
  });

  test('of two identities that ask for one SPIFFE id at once, one', async () => {
    const anchorId = await believeAnchor(pool, { kind: 'spiffe', trustDomain: 'race.example' });
    const ids = await Promise.all([madeIdentity(), madeIdentity()]);
    const both = await Promise.allSettled(
      ids.map(({ id }) =>
        register(id, { kind: 'x509_svid', anchorId, spiffeId: 'spiffe://race.example/a' }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'conflict' },
    });
  });

  test('a rule that a token could fit beside that of another identity', async () => {
    const issuerId = await believeIssuer(pool);
    const [one, other] = [await madeIdentity(), await madeIdentity()];
    const rule = (claims: { name: string; values: string[] }[]): NewCredential => ({
      kind: 'federated',
      issuerId,
      audience: 'sallyport',
      claims,
    });
    await register(one.id, rule([{ name: 'sub', values: ['a', 'b'] }]));
    const narrower = rule([
      { name: 'sub', values: ['b'] },
      { name: 'environment', values: ['production'] },
    ]);
    await expect(register(other.id, narrower)).rejects.toThrow('another identity');
    await register(other.id, rule([{ name: 'sub', values: ['c'] }]));
  });

  test('a third live key, also when asked for at once', async () => {
    const { id } = await madeIdentity();
    const asked = await Promise.allSettled(
      [1, 2, 3].map(() => register(id, { kind: 'public_key', key: pem() })),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    await expect(register(id, { kind: 'public_key', key: pem() })).rejects.toThrow('Revoke one');
  });

  test('an external API, whoever is no administrator, and no fresh factor', async () => {
    const api = await madeIdentity('external_api');
    const key: NewCredential = { kind: 'public_key', key: pem() };
    await expect(register(api.id, key)).rejects.toThrow('no active identity');
    const { id } = await madeIdentity();
    const analyst = { ...ctx, actor: actorOf({ id: ada.id, roles: ['analyst'] }) };
    await expect(register(id, key, analyst)).rejects.toMatchObject({ code: 'forbidden' });
    const stale = { ...ctx, actor: actorOf({ id: ada.id }, { isFresh: false }) };
    await expect(register(id, key, stale)).rejects.toMatchObject({ code: 'factor_needed' });
  });
});
