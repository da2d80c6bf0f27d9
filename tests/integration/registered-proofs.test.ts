import { randomUUID } from 'node:crypto';
import { exportSPKI } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  registerCredential,
  revokeCredential,
  rotateCredential,
} from '@/lib/identities/credentials/mutations';
import type { NewCredential } from '@/lib/identities/credentials/schema';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, startGateway, type TestGateway } from '../support/gateway';
import {
  addBundle,
  addIssuer,
  assertionOf,
  gatewayName,
  newKey,
  secondsNow,
} from '../support/proofs';

let database: TestDatabase;
let pool: Pool;
let db: PrismaClient;
let gateway: TestGateway;
const ctx = (): RegistryCtx => ({
  db,
  actor: { kind: 'operator', name: 'tests' },
  now: new Date(),
});

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
});
afterAll(async () => {
  await gateway.close();
  await db.$disconnect();
  await pool.end();
  await database.drop();
});

const newIdentity = async () =>
  (await createIdentity(ctx(), { kind: 'agent', name: `a-${randomUUID()}`, issuesKey: false }))
    .identity.id;
const register = (identityId: string, credential: NewCredential) =>
  registerCredential(ctx(), { identityId, credential });
const statusOf = async (headers: Record<string, string>) =>
  (await postTraces(gateway.url, null, '{"resourceSpans":[]}', headers)).status;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** It is known within a tenth of a second. */
const eventually = (headers: Record<string, string>, status: number) =>
  vi.waitFor(async () => expect(await statusOf(headers)).toBe(status), { timeout: 2_000 });

describe('what a person registers is what a gateway takes, until it is revoked:', () => {
  const made: Record<
    string,
    (identity: string) => Promise<{ credential: NewCredential; token: () => Promise<string> }>
  > = {
    'a key, given as PEM': async (identity) => {
      const key = await newKey('ES384');
      return {
        credential: { kind: 'public_key', key: await exportSPKI(key.publicKey) },
        token: () => key.sign(assertionOf(identity)),
      };
    },
    'a key, given as a JWK': async (identity) => {
      const key = await newKey('EdDSA');
      return {
        credential: { kind: 'public_key', key: JSON.stringify(key.jwk) },
        token: () => key.sign(assertionOf(identity)),
      };
    },
    'a JWT-SVID': async () => {
      const key = await newKey();
      const anchorId = await addBundle(pool, 'registered.example.org', [
        { ...key.jwk, kid: 'a', use: 'jwt-svid' },
      ]);
      const spiffeId = 'spiffe://registered.example.org/agents/returns';
      const claims = { sub: spiffeId, aud: gatewayName, exp: secondsNow() + 300 };
      return {
        credential: { kind: 'jwt_svid', anchorId, spiffeId },
        token: () => key.sign(claims, { kid: 'a' }),
      };
    },
    'a token of GitHub': async () => {
      const key = await newKey('RS256');
      const issuer = 'https://token.actions.githubusercontent.com';
      const issuerId = await addIssuer(pool, { issuer, jwks: { keys: [key.jwk] } });
      const claims = {
        iss: issuer,
        sub: 'repo:o/r:environment:production',
        aud: 'sallyport',
        repository_id: '74',
        environment: 'production',
        exp: secondsNow() + 300,
      };
      return {
        credential: {
          kind: 'federated',
          issuerId,
          audience: 'sallyport',
          claims: [
            { name: 'repository_id', values: ['74'] },
            { name: 'environment', values: ['production', 'staging'] },
          ],
        },
        token: () => key.sign(claims, { kid: undefined }),
      };
    },
    'a token of Kubernetes': async () => {
      const key = await newKey('RS256');
      const issuer = 'https://cluster.example.org';
      const issuerId = await addIssuer(pool, { issuer, jwks: { keys: [key.jwk] } });
      const claims = {
        iss: issuer,
        sub: 'system:serviceaccount:prod:billing',
        aud: [gatewayName],
        exp: secondsNow() + 300,
        'kubernetes.io': { namespace: 'prod', serviceaccount: { name: 'billing', uid: 'u' } },
      };
      return {
        credential: {
          kind: 'federated',
          issuerId,
          audience: gatewayName,
          claims: [
            { name: '/kubernetes.io/namespace', values: ['prod'] },
            { name: '/kubernetes.io/serviceaccount/name', values: ['billing'] },
          ],
        },
        token: () => key.sign(claims, { kid: undefined }),
      };
    },
  };

  test.each(Object.entries(made))('%s', async (_, make) => {
    const identity = await newIdentity();
    const { credential, token } = await make(identity);
    const { credentialId } = await register(identity, credential);
    const headers = bearer(await token());
    await eventually(headers, 200);
    await revokeCredential(ctx(), { credentialId, reason: 'A test is over.' });
    await eventually(headers, 401);
  });

  test('a client secret, by HTTP Basic', async () => {
    const identity = await newIdentity();
    const { credentialId, secret } = await register(identity, {
      kind: 'client_secret',
      reason: 'It knows nothing else.',
    });
    const basic = Buffer.from(`${identity}:${secret}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    await eventually(headers, 200);
    await revokeCredential(ctx(), { credentialId, reason: 'A test is over.' });
    await eventually(headers, 401);
  });
});

test('while a key is rotated both prove the identity', async () => {
  const identity = await newIdentity();
  const [one, two] = [await newKey(), await newKey()];
  const { credentialId } = await register(identity, {
    kind: 'public_key',
    key: JSON.stringify(one.jwk),
  });
  await rotateCredential(ctx(), {
    credentialId,
    days: 30,
    key: JSON.stringify(two.jwk),
    reason: 'It is time.',
  });
  for (const key of [one, two])
    await eventually(bearer(await key.sign(assertionOf(identity))), 200);
});
