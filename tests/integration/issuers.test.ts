import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseNetworks } from '@/lib/core/network';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { listStopping } from '@/lib/identities/anchors/queries';
import { registerCredential } from '@/lib/identities/credentials/mutations';
import {
  addIssuer,
  changeIssuer,
  type IssuerCtx,
  revokeIssuer,
} from '@/lib/identities/issuers/mutations';
import { listIssuers } from '@/lib/identities/issuers/queries';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { makePerson, newestEvents } from '../support/made-people';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let pool: Pool;
let ctx: IssuerCtx;
const now = new Date();
const reason = 'as agreed';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
  const ada = await makePerson(owner);
  const asking = { networks: parseNetworks('') };
  ctx = { db, actor: ada.actor, scope: scopeOf(), now, asking };
});
afterAll(async () => {
  await Promise.all([owner, db].map((each) => each.$disconnect()));
  await pool.end();
  await database.drop();
});

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = (kid = 'k') =>
  JSON.stringify({ keys: [{ ...pair().publicKey.export({ format: 'jwk' }), kid }] });
const given = (over: Record<string, unknown> = {}) => ({
  name: `i-${randomUUID()}`,
  issuer: `https://${randomUUID()}.example.org`,
  jwks: jwks(),
  reason,
  ...over,
});
const listed = async (id: string) =>
  (await listIssuers(scopeOf(), now, pool)).find((each) => each.id === id);

test('an issuer whose keys are uploaded is believed, changed and believed no more', async () => {
  const id = await addIssuer(ctx, given({ jwks: jwks('first') }));
  expect(await listed(id)).toMatchObject({ kids: ['first'], jwksUrl: null, revokedAt: null });
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'issuer_added', facts: { trusted_issuer: id, keys: 'uploaded', reason } },
  ]);
  const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'builder' });
  await registerCredential(ctx, {
    identityId: identity.id,
    credential: {
      kind: 'federated',
      issuerId: id,
      audience: 'sallyport',
      claims: [{ name: 'sub', values: ['builder'] }],
    },
  });
  await changeIssuer(ctx, { issuerId: id, jwks: jwks('second'), reason });
  expect(await listed(id)).toMatchObject({ kids: ['second'], credentials: 1, identities: 1 });
  expect(await listStopping(scopeOf(), { by: 'issuer', id, now }, pool)).toMatchObject([
    { name: 'builder', credentials: 1 },
  ]);
  await revokeIssuer(ctx, { issuerId: id, reason: 'its keys leaked' });
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'issuer_revoked', facts: { trusted_issuer: id, credentials: 1 } },
  ]);
  await expect(revokeIssuer(ctx, { issuerId: id, reason })).rejects.toThrow('any more');
  await expect(changeIssuer(ctx, { issuerId: id, jwks: jwks(), reason })).rejects.toThrow(
    'any more',
  );
});

describe('an issuer is refused', () => {
  const privateKeys = JSON.stringify({ keys: [pair().privateKey.export({ format: 'jwk' })] });
  test.each<[string, Record<string, unknown>, string | RegExp]>([
    ['whose address points inside', { jwks: '', jwksUrl: 'https://127.0.0.1/keys' }, /FEDERATION/],
    ['whose keys are private', { jwks: privateKeys }, 'private'],
    ['whose keys are no JSON', { jwks: 'keys' }, 'not JSON'],
    ['whose keys are no set', { jwks: '{}' }, 'no JWK Set'],
    ['whose keys are 10 MB', { jwks: 'x'.repeat(10_000_000) }, '256 kB at most'],
    ['with keys and their address', { jwksUrl: 'https://a.example/keys' }, 'not both'],
    ['with a query', { issuer: 'https://a.example/?a=b' }, 'without a query'],
    ['without a reason', { reason: '' }, 'Say why.'],
  ])('%s', async (_what, over, says) => {
    const before = await owner.tokenIssuer.count();
    await expect(addIssuer(ctx, given(over))).rejects.toThrow(says);
    expect(await owner.tokenIssuer.count()).toBe(before);
  });

  test('that is believed already, by another name too', async () => {
    const first = given();
    await addIssuer(ctx, first);
    await expect(addIssuer(ctx, { ...given(), issuer: first.issuer })).rejects.toThrow(
      'believed already',
    );
    await expect(addIssuer(ctx, given({ name: first.name.toUpperCase() }))).rejects.toThrow(
      'Choose another name',
    );
  });

  test('by whoever is no administrator', async () => {
    const analyst = { ...ctx, actor: actorOf({ roles: ['analyst'] }) };
    await expect(addIssuer(analyst, given())).rejects.toMatchObject({ code: 'forbidden' });
  });
});
