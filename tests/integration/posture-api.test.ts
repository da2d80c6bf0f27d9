import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { addApiKey, askApi } from '../support/management-api';
import { listControl, setUpOrganisation } from '../support/organisation';
import { addPublicKey, assertionOf, newKey, type TestKey } from '../support/proofs';

let database: TestDatabase;
let owner: Pool;
let gateway: TestGateway;
let key: TestKey;
let scanner: { id: string; key: string };
let agent: { id: string; key: string };
let reader: string;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database, { TRUSTED_PROXIES: '127.0.0.1' });
  const maker = await setUpOrganisation(owner);
  reader = (await addApiKey(owner, maker, { scopes: ['registry:read'] })).secret;
  scanner = await registerReporter(owner, { name: 'scanner', kind: 'service' });
  agent = await registerReporter(owner, { name: 'billing-agent' });
  key = await newKey();
  await addPublicKey(owner, scanner.id, key);
  await owner.query(
    `INSERT INTO attester (identity_id, facts, reach, changed_at)
     VALUES ($1, '{disk_encrypted,critical_vulnerabilities}', 'all', now())`,
    [scanner.id],
  );
  await known();
});
afterAll(async () => {
  await gateway.close();
  await owner.end();
  await database.drop();
});

/** Long enough for what was written to be known. */
const known = () => sleep(250);
const fact = (value: unknown, ago = 0) => ({
  value,
  measured_at: new Date(Date.now() - ago).toISOString(),
});
async function put(
  facts: unknown,
  { token, of = agent.id, body }: { token?: string | null; of?: string; body?: string } = {},
) {
  const shown = token === undefined ? await key.sign(assertionOf(scanner.id)) : token;
  const response = await fetch(`${gateway.url}/api/v1/identities/${of}/posture`, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      ...(shown === null ? {} : { authorization: `Bearer ${shown}` }),
    },
    body: body ?? JSON.stringify({ facts }),
  });
  return { status: response.status, json: await response.json() };
}
const read = (secret: string | null, of = agent.id) =>
  askApi(gateway.url, `/identities/${of}/posture`, secret);

test('a registered attester sets down what holds, and a key with registry:read reads it', async () => {
  const answer = await put({ disk_encrypted: fact(true, 1000) });
  expect(answer).toMatchObject({
    status: 200,
    json: { facts: [{ name: 'disk_encrypted', value: true, is_new: true }] },
  });
  expect(await read(reader)).toMatchObject({
    status: 200,
    json: { facts: [{ name: 'disk_encrypted', value: true, attester: scanner.id }] },
  });
  expect((await listControl(owner, ['posture_attested'])).at(-1)?.facts).toMatchObject({
    by: `identity:${scanner.id}`,
    identity: agent.id,
    after: { disk_encrypted: true },
  });
  const { rows } = await owner.query(
    'SELECT last_used_at IS NOT NULL AS used FROM credential WHERE identity_id = $1 AND kind = $2',
    [scanner.id, 'public_key'],
  );
  expect(rows).toEqual([{ used: true }]);
});

describe('refuses', () => {
  test('a bearer secret of the very attester, with the reason', async () => {
    const answer = await put({ disk_encrypted: fact(false) }, { token: scanner.key });
    expect(answer).toMatchObject({ status: 403, json: { code: 'forbidden' } });
    expect(answer.json.title).toContain('a secret that somebody copied');
  });

  test('an API key, whatever it may', async () => {
    const answer = await put({ disk_encrypted: fact(false) }, { token: reader });
    expect(answer).toMatchObject({ status: 403 });
    expect(answer.json.title).toContain('No API key may do this');
  });

  test('nobody, and a proof that does not hold', async () => {
    expect(await put({ disk_encrypted: fact(false) }, { token: null })).toMatchObject({
      status: 401,
    });
    const forged = `${(await key.sign(assertionOf(scanner.id))).slice(0, -4)}AAAA`;
    expect(await put({ disk_encrypted: fact(false) }, { token: forged })).toMatchObject({
      status: 401,
    });
  });

  test('whoever is no attester, and one about itself', async () => {
    const other = await newKey();
    await addPublicKey(owner, agent.id, other);
    await known();
    const token = await other.sign(assertionOf(agent.id));
    const answer = await put({ disk_encrypted: fact(true) }, { token, of: scanner.id });
    expect(answer).toMatchObject({ status: 403 });
    expect(answer.json.title).toContain('is no attester');
    expect((await put({ disk_encrypted: fact(true) }, { of: scanner.id })).json.title).toContain(
      'Nobody attests themselves',
    );
  });

  test.each([
    ['no JSON', '{', 400],
    ['a list', '[]', 400],
    ['nothing', '{}', 400],
    ['bytes that are no text', '\ud800', 400],
    ['a megabyte', JSON.stringify({ facts: { disk_encrypted: { value: 'x'.repeat(1e6) } } }), 413],
    [
      'a fact named __proto__',
      '{"facts":{"__proto__":{"value":true,"measured_at":"2026-11-30T08:00:00Z"}}}',
      400,
    ],
  ])('%s as a body', async (_what, body, status) => {
    expect((await put(null, { body })).status).toBe(status);
  });

  test('a suspended attester at its next request', async () => {
    await owner.query(
      `UPDATE identity SET state = 'suspended', state_reason = 'A test' WHERE id = $1`,
      [scanner.id],
    );
    await known();
    expect(await put({ disk_encrypted: fact(false) })).toMatchObject({ status: 403 });
    await owner.query(`UPDATE identity SET state = 'active' WHERE id = $1`, [scanner.id]);
    await known();
    expect((await read(reader)).json).toMatchObject({ facts: [{ value: true }] });
  });

  test('a key without registry:read, and an identity that is not there', async () => {
    expect((await read(null)).status).toBe(401);
    expect((await read(reader, '01890000-0000-7000-8000-000000000000')).status).toBe(404);
  });
});

test('a body that stalls holds up nobody else', async () => {
  const { hostname, port } = new URL(gateway.url);
  const sockets = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const token = await key.sign(assertionOf(scanner.id));
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(
        `PUT /api/v1/identities/${agent.id}/posture HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
      );
      return socket;
    }),
  );
  await sleep(100);
  expect((await read(reader)).status).toBe(200);
  for (const socket of sockets) socket.destroy();
});

test('the description says by what each is asked', async () => {
  const { json } = await askApi(gateway.url, '/openapi.json', reader);
  expect(json).toMatchObject({
    paths: {
      '/identities/{id}/posture': {
        get: { security: [{ apiKey: ['registry:read'] }] },
        put: { security: [{ identityToken: [] }, { identityCertificate: [] }] },
      },
    },
  });
});
