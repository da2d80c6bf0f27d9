import { generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  addAnchor,
  changeAnchor,
  previewAnchor,
  revokeAnchor,
  trimAnchor,
} from '@/lib/identities/anchors/mutations';
import { listAnchors, listStopping } from '@/lib/identities/anchors/queries';
import type { AddAnchor } from '@/lib/identities/anchors/schema';
import { registerCredential } from '@/lib/identities/credentials/mutations';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { type Issued, issueAuthority, issueCertificate, issueSvid } from '../support/authority';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startGateway } from '../support/gateway';
import { makePerson, newestEvents } from '../support/made-people';
import { actorOf, scopeOf } from '../support/people';
import { untilKnown } from '../support/registry-known';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let pool: Pool;
let ctx: RegistryCtx;
const now = new Date();
const reason = 'as agreed';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
  const ada = await makePerson(owner);
  ctx = { db, actor: ada.actor, scope: scopeOf(), now };
});
afterAll(async () => {
  await Promise.all([owner, db].map((each) => each.$disconnect()));
  await pool.end();
  await database.drop();
});

const printOf = ({ der }: Issued) =>
  new X509Certificate(der).fingerprint256.replaceAll(':', '').toLowerCase();
const ca = (text: string, name = `ca-${randomUUID()}`): AddAnchor => ({
  kind: 'ca',
  name,
  text,
  reason,
});
const x509Key = ({ der }: Issued) => ({
  kty: 'EC',
  use: 'x509-svid',
  x5c: [der.toString('base64')],
});
const jwtKey = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  use: 'jwt-svid',
  kid,
});
const bundle = (
  keys: unknown[],
  over: Record<string, unknown> = {},
  trustDomain = `${randomUUID()}.example`,
): AddAnchor => ({
  kind: 'spiffe',
  name: `td-${randomUUID()}`,
  trustDomain,
  text: JSON.stringify({ keys, spiffe_sequence: 7, spiffe_refresh_hint: 300, ...over }),
  reason,
});
const rowOf = (id: string) => owner.trustAnchor.findUniqueOrThrow({ where: { id } });
const listed = async (id: string) =>
  (await listAnchors(scopeOf(), now, pool)).find((each) => each.id === id);

describe('a certificate authority', () => {
  test('is shown before it is believed, and told of by its fingerprint', async () => {
    const root = await issueAuthority({ subject: 'CN=Workloads,O=Blue Sparrow' });
    const preview = previewAnchor(ctx, { kind: 'ca', trustDomain: null, text: root.pem });
    expect(preview.certificates).toMatchObject([
      { fingerprint: printOf(root), subject: expect.stringContaining('CN=Workloads') },
    ]);
    const id = await addAnchor(ctx, ca(`${root.pem}\n${root.pem}`));
    expect(await rowOf(id)).toMatchObject({ kind: 'ca', trustDomain: null });
    expect(await newestEvents(owner)).toMatchObject([
      {
        kind: 'anchor_added',
        facts: { anchor: id, certificates: [printOf(root)], keys: [], reason },
      },
    ]);
    expect(await listed(id)).toMatchObject({
      certificates: [{ fingerprint: printOf(root) }],
      credentials: 0,
    });
  });

  test('is rotated: the new one beside the old, until the old is taken away', async () => {
    const [old, next] = [await issueAuthority(), await issueAuthority()];
    const id = await addAnchor(ctx, ca(old.pem));
    await changeAnchor(ctx, { anchorId: id, text: next.pem, keepsFormer: true, reason });
    expect((await listed(id))?.certificates.map(({ fingerprint }) => fingerprint)).toEqual([
      printOf(next),
      printOf(old),
    ]);
    const again = changeAnchor(ctx, { anchorId: id, text: next.pem, keepsFormer: true, reason });
    await expect(again).rejects.toThrow('Nothing is different');
    await trimAnchor(ctx, { anchorId: id, certificates: [printOf(old)], keys: [], reason });
    expect((await listed(id))?.certificates).toMatchObject([{ fingerprint: printOf(next) }]);
    expect(await newestEvents(owner)).toMatchObject([
      {
        kind: 'anchor_changed',
        facts: {
          before: { certificates: [printOf(old), printOf(next)].sort() },
          after: { certificates: [printOf(next)] },
        },
      },
    ]);
    const last = trimAnchor(ctx, { anchorId: id, certificates: [printOf(next)], keys: [], reason });
    await expect(last).rejects.toThrow('Nothing would be left');
  });

  const cases: Record<string, [() => Promise<AddAnchor>, string]> = {
    'one that is no authority': [async () => ca((await issueCertificate()).pem), 'lack CA=true'],
    'one that has expired': [
      async () =>
        ca(
          (
            await issueAuthority({
              notBefore: new Date(now.getTime() - 200_000_000),
              notAfter: new Date(now.getTime() - 100_000_000),
            })
          ).pem,
        ),
      'expired on',
    ],
    'one that may not sign certificates': [
      async () => ca((await issueAuthority({ keyUsage: 1 })).pem),
      'keyCertSign',
    ],
    'a weak signature': [
      async () => ca((await issueAuthority({ hash: 'SHA-1' })).pem),
      'Certificate 1',
    ],
    'its private key, loudly': [
      async () => {
        const made = await issueAuthority();
        return ca(`${made.pem}\n${made.keyPem}`);
      },
      'private key',
    ],
    'no certificate': [async () => ca('hello'), 'no certificate'],
    'broken DER': [
      async () => ca('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
      'Certificate 1 cannot be read',
    ],
    'more than 50 of them': [
      async () => {
        const { pem } = await issueAuthority();
        return ca(Array.from({ length: 51 }, () => pem).join('\n'));
      },
      'There are 51 certificates',
    ],
    '10 MB': [async () => ca('A'.repeat(10_000_000)), '64 kB at most'],
    'a name that is taken': [
      async () => {
        const { pem } = await issueAuthority();
        await addAnchor(ctx, ca(pem, 'Taken'));
        return ca(pem, 'taken');
      },
      'called Taken',
    ],
  };
  test.each(Object.keys(cases))('is refused: %s', async (what) => {
    const [make, says] = cases[what] ?? [];
    if (make === undefined) throw new Error('there is no such case');
    const input = await make();
    const before = await owner.trustAnchor.count();
    await expect(addAnchor(ctx, input)).rejects.toThrow(says);
    expect(await owner.trustAnchor.count()).toBe(before);
  });

  test('takes an administrator with a fresh factor', async () => {
    const { pem } = await issueAuthority();
    const as = (over: Parameters<typeof actorOf>[0], isFresh = true) =>
      addAnchor({ ...ctx, actor: actorOf(over, { isFresh }) }, ca(pem));
    await expect(as({ roles: ['approver'] })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(as({}, false)).rejects.toMatchObject({ code: 'factor_needed' });
  });
});

describe('the bundle of a trust domain', () => {
  test('is read for certificates and tokens, and says how new it is', async () => {
    const root = await issueAuthority({ uris: ['spiffe://good.example'] });
    const id = await addAnchor(
      ctx,
      bundle([x509Key(root), jwtKey('k1'), { kty: 'EC', use: 'later' }], {}, 'good.example'),
    );
    const row = await rowOf(id);
    expect(row).toMatchObject({
      trustDomain: 'good.example',
      sequence: 7n,
      refreshHintSeconds: 300,
    });
    expect(row.jwtKeys).toMatchObject([{ kid: 'k1', use: 'jwt-svid', kty: 'EC', crv: 'P-256' }]);
    expect(await listed(id)).toMatchObject({ keys: [{ kid: 'k1', what: 'EC P-256' }] });
  });

  test('is not put back to an older one; a newer one goes beside it and the older keys are taken away', async () => {
    const id = await addAnchor(ctx, bundle([jwtKey('old')]));
    const change = (keys: unknown[], sequence: number) =>
      changeAnchor(ctx, {
        anchorId: id,
        text: JSON.stringify({ keys, spiffe_sequence: sequence }),
        keepsFormer: true,
        reason,
      });
    await expect(change([jwtKey('older')], 6)).rejects.toThrow('older than what is believed');
    await change([jwtKey('new')], 8);
    await trimAnchor(ctx, { anchorId: id, certificates: [], keys: ['old'], reason });
    expect((await listed(id))?.keys).toMatchObject([{ kid: 'new' }]);
  });

  const cases: Record<string, [() => Promise<AddAnchor>, string]> = {
    'no JSON': [async () => ({ ...bundle([]), text: '{' }) as AddAnchor, 'no SPIFFE bundle'],
    'JSON of something else': [
      async () => ({ ...bundle([]), text: '[1]' }) as AddAnchor,
      'no SPIFFE bundle',
    ],
    'JSON that is deep': [
      async () => ({ ...bundle([]), text: '['.repeat(200_000) }) as AddAnchor,
      'no SPIFFE bundle',
    ],
    'no key': [async () => bundle([]), 'no valid key'],
    'a sequence that is none': [
      async () => bundle([jwtKey('k')], { spiffe_sequence: -1 }),
      'no SPIFFE bundle',
    ],
    'a private key': [
      async () =>
        bundle([
          {
            ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
              format: 'jwk',
            }),
            use: 'jwt-svid',
            kid: 'k',
          },
        ]),
      'private key',
    ],
    'a key for tokens without an id': [
      async () => bundle([{ ...jwtKey('k'), kid: undefined }]),
      'needs a kid',
    ],
    'two keys for tokens with one id': [async () => bundle([jwtKey('k'), jwtKey('k')]), 'one kid'],
    'a certificate that is no authority': [
      async () => bundle([x509Key(await issueCertificate())]),
      'lack CA=true',
    ],
    'x5c that is no base64': [
      async () => bundle([{ kty: 'EC', use: 'x509-svid', x5c: ['<der>'] }]),
      'DER in base64',
    ],
    'the authority of another trust domain': [
      async () => bundle([x509Key(await issueAuthority({ uris: ['spiffe://evil.example'] }))]),
      'another trust domain',
    ],
    'a trust domain with a scheme': [
      async () => bundle([jwtKey('k')], {}, 'spiffe://a.example'),
      'without a scheme',
    ],
    'a trust domain in capitals': [
      async () => bundle([jwtKey('k')], {}, 'A.example'),
      'lower-case',
    ],
    '10 MB': [
      async () => ({ ...bundle([]), text: ' '.repeat(5) + 'x'.repeat(10_000_000) }) as AddAnchor,
      '256 kB at most',
    ],
    'a trust domain that is known': [
      async () => {
        await addAnchor(ctx, bundle([jwtKey('k')], {}, 'twice.example'));
        return bundle([jwtKey('k')], {}, 'twice.example');
      },
      'one set of keys',
    ],
  };
  test.each(Object.keys(cases))('is refused: %s', async (what) => {
    const [make, says] = cases[what] ?? [];
    if (make === undefined) throw new Error('there is no such case');
    const input = await make();
    const before = await owner.trustAnchor.count();
    await expect(addAnchor(ctx, input)).rejects.toThrow(says);
    expect(await owner.trustAnchor.count()).toBe(before);
  });

  test('leaves out a certificate that has expired, and says so', async () => {
    const expired = await issueAuthority({
      notBefore: new Date(now.getTime() - 200_000_000),
      notAfter: new Date(now.getTime() - 100_000_000),
    });
    const { text } = bundle([x509Key(expired), jwtKey('k')]);
    const preview = previewAnchor(ctx, { kind: 'spiffe', trustDomain: 'a.example', text });
    expect(preview.certificates).toEqual([]);
    expect(preview.notes).toEqual([expect.stringContaining('expired on')]);
  });
});

test('once an authority is believed no more, what it vouched for is refused at the next request', async () => {
  const gateway = await startGateway(database);
  const root = await issueAuthority();
  const id = await addAnchor(ctx, bundle([x509Key(root)], {}, 'stop.example'));
  const { identity } = await createIdentity(ctx, { kind: 'agent', name: 'stopping' });
  const spiffeId = 'spiffe://stop.example/agents/stopping';
  const credential = { kind: 'x509_svid', anchorId: id, spiffeId } as const;
  await registerCredential(ctx, { identityId: identity.id, credential });
  const svid = await issueSvid(root, spiffeId);
  await untilKnown(gateway, (state) => state.credentialsOf(identity.id).length > 0);
  const ask = () =>
    gateway.gateway.authenticator.authenticate(
      {
        authorization: undefined,
        certificates: { ok: true, value: [svid.der] },
        address: '127.0.0.1',
        isProxy: false,
      },
      new Date(),
    );
  expect((await ask()).identity.name).toBe('stopping');
  expect(await listed(id)).toMatchObject({ credentials: 1, identities: 1 });
  expect(await listStopping(scopeOf(), { by: 'anchor', id, now }, pool)).toEqual([
    { id: identity.id, name: 'stopping', credentials: 1 },
  ]);
  await revokeAnchor(ctx, { anchorId: id, reason: 'its key leaked' });
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'anchor_revoked', facts: { anchor: id, credentials: 1, reason: 'its key leaked' } },
  ]);
  await untilKnown(gateway, (state) => state.anchor(id)?.isRevoked === true);
  await expect(ask()).rejects.toThrow();
  await expect(revokeAnchor(ctx, { anchorId: id, reason })).rejects.toThrow('believed no more');
  await gateway.close();
});

test('the development authority is neither changed nor taken away here', async () => {
  const { der, pem } = await issueAuthority();
  const keyId = randomUUID();
  await owner.dataKey.create({
    data: {
      id: keyId,
      purpose: 'authority',
      wrapped: new Uint8Array(60),
      kekId: '0',
      createdAt: now,
    },
  });
  const { id } = await owner.trustAnchor.create({
    data: {
      id: randomUUID(),
      kind: 'development',
      name: 'Development',
      trustDomain: 'dev',
      certificates: [new Uint8Array(der)],
      sealedKey: new Uint8Array(1),
      keyId,
      createdAt: now,
      changedAt: now,
    },
    select: { id: true },
  });
  await expect(revokeAnchor(ctx, { anchorId: id, reason })).rejects.toThrow('of development');
  // Nor believed by another name, where what it issues would be taken in production too.
  const other = await issueAuthority();
  const known = await addAnchor(ctx, ca(other.pem));
  for (const text of [pem, `${other.pem}\n${pem}`]) {
    await expect(addAnchor(ctx, ca(text))).rejects.toThrow('the development authority');
    await expect(
      changeAnchor(ctx, { anchorId: known, text, keepsFormer: false, reason }),
    ).rejects.toThrow('the development authority');
  }
});
