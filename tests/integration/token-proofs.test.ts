import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { exportSPKI, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretHash } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { GrpcClient } from '../support/grpc-client';
import {
  addBundle,
  addCredential,
  addPublicKey,
  assertionOf,
  gatewayName,
  newKey,
  secondsNow,
  type TestKey,
} from '../support/proofs';

let database: TestDatabase;
let db: Pool;
let gateway: TestGateway;
const nothing = '{"resourceSpans":[]}';
/** Long enough for what was written to be known. */
const known = () => sleep(250);

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
});
afterAll(async () => {
  await gateway.close();
  await db.end();
  await database.drop();
});

const post = async (token: string | null, headers: Record<string, string> = {}) => {
  const { status, json } = await postTraces(gateway.url, token, nothing, headers);
  return { status, says: JSON.stringify(json) };
};
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

describe('a registered key', () => {
  let id: string;
  let key: TestKey;
  let credential: string;
  beforeAll(async () => {
    ({ id } = await registerReporter(db, { name: 'signs-itself' }));
    key = await newKey();
    credential = await addPublicKey(db, id, key);
    await known();
  });

  test('proves its identity by HTTP and by gRPC, until its assertion expires', async () => {
    const token = await key.sign(assertionOf(id));
    expect(await post(token)).toMatchObject({ status: 200 });
    expect(await post(token)).toMatchObject({ status: 200 });
    const client = new GrpcClient(gateway.grpcUrl);
    const answer = await client.export('trace', token, new Uint8Array());
    const forged = await client.export('trace', `${token.slice(0, -4)}AAAA`, new Uint8Array());
    client.close();
    expect([answer.code, forged.code]).toEqual([0, 16]);
    expect(forged.details).toContain('signature');
    const { rows } = await db.query('SELECT last_used_at FROM credential WHERE id = $1', [
      credential,
    ]);
    expect(rows[0]?.last_used_at).not.toBeNull();
  });

  const now = secondsNow();
  test.each([
    ['another audience', { aud: 'http://localhost:4319' }, 'audience'],
    ['several audiences', { aud: [gatewayName, 'https://other.example'] }, 'audience'],
    ['no audience', { aud: undefined }, 'audience'],
    ['no subject', { sub: undefined }, 'Nobody here'],
    ['another subject than issuer', { sub: 'a' }, 'Nobody here'],
    ['no exp', { exp: undefined }, 'exp'],
    ['no iat', { iat: undefined }, 'iat'],
    ['no jti', { jti: undefined }, 'jti'],
    ['an expiry of an hour ago', { exp: now - 3600 }, 'expired'],
    ['an expiry in an hour', { exp: now + 3600 }, 'five minutes'],
    ['an expiry that is a text', { exp: `${now + 60}` }, 'exp'],
    ['an iat in the future', { iat: now + 120 }, 'not valid yet'],
    ['an nbf in the future', { nbf: now + 120 }, 'not valid yet'],
  ])('with %s proves nothing', async (_, over, says) => {
    const token = await key.sign(assertionOf(id, over));
    const answer = await post(token);
    expect(answer.status).toBe(401);
    expect(answer.says).toContain(says);
  });

  // Whoever may choose the algorithm or bring the key proves to be anybody.
  test.each([
    ['jwk', () => ({ jwk: key.jwk })],
    ['jku', () => ({ jku: 'https://evil.example/keys' })],
    ['x5u', () => ({ x5u: 'https://evil.example/chain' })],
    ['a kid of nobody', () => ({ kid: 'unknown' })],
    ['a typ of something else', () => ({ typ: 'dpop+jwt' })],
  ])('with %s in the header proves nothing', async (_, header) => {
    expect(await post(await key.sign(assertionOf(id), header()))).toMatchObject({ status: 401 });
  });

  test('none, and HS256 with the public key as secret, prove nothing', async () => {
    const none = `${new UnsecuredJWT(assertionOf(id)).encode()}AAAA`;
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256', kid: key.thumbprint })}.${part(assertionOf(id))}`;
    const secret = await exportSPKI(key.publicKey);
    const confused = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    for (const token of [none, confused]) {
      const answer = await post(token);
      expect(answer.status).toBe(401);
      expect(answer.says).toContain('signed with one of');
    }
  });

  test('of one identity does not prove another', async () => {
    const other = await registerReporter(db);
    await known();
    const answer = await post(await key.sign(assertionOf(other.id)));
    expect(answer.status).toBe(401);
    expect(answer.says).toContain('another identity');
  });

  test('signed by another key under its kid proves nothing', async () => {
    const other = await newKey();
    const forged = await other.sign(assertionOf(id), { kid: key.thumbprint });
    expect((await post(forged)).says).toContain('signature');
  });

  test('a huge token is refused, and the gateway lives', async () => {
    const token = await key.sign(assertionOf(id, { pad: 'a'.repeat(13_000) }));
    const huge = await post(token);
    expect(huge.status).toBe(401);
    expect(huge.says).toContain('characters at most');
    const client = new GrpcClient(gateway.grpcUrl);
    const answer = await client.export('trace', token, new Uint8Array());
    client.close();
    expect(answer.code).toBe(16);
    expect(answer.details).toContain('characters at most');
    expect(await post(await key.sign(assertionOf(id)))).toMatchObject({ status: 200 });
  });

  test('that was revoked is refused at the next request, though its token was taken before', async () => {
    const made = await newKey('EdDSA');
    const revoked = await addPublicKey(db, id, made);
    await known();
    const token = await made.sign(assertionOf(id));
    expect(await post(token)).toMatchObject({ status: 200 });
    await db.query('UPDATE credential SET revoked_at = now() WHERE id = $1', [revoked]);
    await known();
    const answer = await post(token);
    expect(answer.status).toBe(401);
    expect(answer.says).toContain('revoked');
  });

  test('of a suspended identity is refused with the reason', async () => {
    const stopped = await registerReporter(db, { name: 'stopped-signer' });
    const made = await newKey('PS256');
    await addPublicKey(db, stopped.id, made);
    await known();
    const token = await made.sign(assertionOf(stopped.id));
    expect(await post(token)).toMatchObject({ status: 200 });
    await db.query(`UPDATE identity SET state = 'suspended', state_reason = 'odd' WHERE id = $1`, [
      stopped.id,
    ]);
    await known();
    const answer = await post(token);
    expect(answer.status).toBe(403);
    expect(answer.says).toContain('odd');
  });
});

describe('a JWT-SVID', () => {
  const subject = 'spiffe://example.org/agents/returns';
  let id: string;
  let key: TestKey;
  let anchor: string;
  beforeAll(async () => {
    ({ id } = await registerReporter(db, { name: 'attested' }));
    key = await newKey();
    const ed = await newKey('EdDSA');
    const ofCertificates = await newKey();
    anchor = await addBundle(db, 'example.org', [
      { ...key.jwk, kid: 'a', use: 'jwt-svid' },
      { ...ofCertificates.jwk, kid: 'x', use: 'x509-svid' },
      { ...ed.jwk, kid: 'ed', use: 'jwt-svid' },
    ]);
    await addCredential(db, { identity: id, kind: 'jwt_svid', subject, anchor });
    await known();
  });
  const svid = (over: object = {}, header: object = {}) =>
    key.sign(
      { sub: subject, aud: [gatewayName], exp: secondsNow() + 300, ...over },
      { kid: 'a', ...header },
    );

  test.each([
    ['as SPIRE issues it', {}, {}],
    ['with one audience as a text', { aud: gatewayName }, {}],
    ['of type JWT', {}, { typ: 'JWT' }],
    ['of type JOSE', {}, { typ: 'JOSE' }],
    ['with claims of its own', { iss: 'https://spire.example.org', iat: secondsNow() }, {}],
  ])('%s proves its identity', async (_, over, header) => {
    expect(await post(await svid(over, header))).toMatchObject({ status: 200 });
  });

  test.each([
    ['another audience', { aud: ['https://other.example'] }, {}, 'audience'],
    ['several audiences', { aud: [gatewayName, 'https://other.example'] }, {}, 'audience'],
    ['no audience', { aud: [] }, {}, 'audience'],
    ['no exp', { exp: undefined }, {}, 'exp'],
    ['an expiry of an hour ago', { exp: secondsNow() - 3600 }, {}, 'expired'],
    ['no subject', { sub: undefined }, {}, 'Nobody here'],
    ['the trust domain as subject', { sub: 'spiffe://example.org' }, {}, 'Nobody here'],
    [
      'a percent-encoded subject',
      { sub: 'spiffe://example.org/agents%2Freturns' },
      {},
      'Nobody here',
    ],
    [
      'a subject in another case',
      { sub: 'spiffe://EXAMPLE.org/agents/returns' },
      {},
      'Nobody here',
    ],
    ['another trust domain', { sub: 'spiffe://example.com/agents/returns' }, {}, 'Nobody here'],
    ['a subject that nobody registered', { sub: `${subject}/2` }, {}, 'no identity is registered'],
    ['another type', {}, { typ: 'at+jwt' }, 'header of a JWT-SVID'],
    ['another header', {}, { cty: 'JWT' }, 'header of a JWT-SVID'],
    ['a key that the bundle has not', {}, { kid: 'b' }, 'bundle'],
    ['a key for certificates', {}, { kid: 'x' }, 'bundle'],
  ])('with %s proves nothing', async (_, over, header, says) => {
    const answer = await post(await svid(over, header));
    expect(answer.status).toBe(401);
    expect(answer.says).toContain(says);
  });

  test('signed by EdDSA proves nothing, though the bundle has such a key', async () => {
    const other = await newKey('EdDSA');
    const token = await other.sign(
      { sub: subject, aud: gatewayName, exp: secondsNow() + 300 },
      { kid: 'ed' },
    );
    expect((await post(token)).says).toContain('RS, ES or PS');
  });

  test('does not prove an identity that is registered for certificates with the same id', async () => {
    const other = await registerReporter(db);
    const ofCertificates = `${subject}-by-certificate`;
    await addCredential(db, {
      identity: other.id,
      kind: 'x509_svid',
      subject: ofCertificates,
      anchor,
    });
    await known();
    expect((await post(await svid({ sub: ofCertificates }))).status).toBe(401);
  });

  test('holds no more once its key left the bundle, or the bundle was revoked', async () => {
    const [one, two] = [await newKey('RS256'), await newKey('RS256')];
    const domain = 'rotates.example.org';
    const made = await addBundle(db, domain, [{ ...one.jwk, kid: 'one', use: 'jwt-svid' }]);
    const { id: identity } = await registerReporter(db);
    const sub = `spiffe://${domain}/a`;
    await addCredential(db, { identity, kind: 'jwt_svid', subject: sub, anchor: made });
    await known();
    const claims = { sub, aud: gatewayName, exp: secondsNow() + 300 };
    const [first, second] = [
      await one.sign(claims, { kid: 'one' }),
      await two.sign(claims, { kid: 'two' }),
    ];
    const statuses = async () => [(await post(first)).status, (await post(second)).status];
    expect(await statuses()).toEqual([200, 401]);
    await db.query('UPDATE trust_anchor SET jwt_keys = $2 WHERE id = $1', [
      made,
      JSON.stringify([{ ...two.jwk, kid: 'two', use: 'jwt-svid' }]),
    ]);
    await known();
    expect(await statuses()).toEqual([401, 200]);
    await db.query('UPDATE trust_anchor SET revoked_at = now() WHERE id = $1', [made]);
    await known();
    expect(await statuses()).toEqual([401, 401]);
    expect((await post(second)).says).toContain('revoked');
  });
});

describe('a client secret', () => {
  test('proves its identity by HTTP Basic alone', async () => {
    const { id, key } = await registerReporter(db);
    const secret = `slp_cs_${randomBytes(32).toString('base64url')}`;
    await addCredential(db, { identity: id, kind: 'client_secret', hash: secretHash(secret) });
    await known();
    expect(await post(null, basic(id, secret))).toMatchObject({ status: 200 });
    const asBearer = await post(secret);
    expect(asBearer.status).toBe(401);
    expect(asBearer.says).toContain('HTTP Basic');
    expect((await post(null, basic((await registerReporter(db)).id, secret))).status).toBe(401);
    expect((await post(null, basic(id, key))).status).toBe(401);
    expect((await post(key)).status).toBe(200);
  });
});
