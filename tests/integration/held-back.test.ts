import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, type Mock, test, vi } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { addApiKey } from '../support/management-api';
import { listControl, setUpOrganisation } from '../support/organisation';
import { loadOtlpOracle } from '../support/otlp-oracle';
import { addPublicKey, assertionOf, newKey, type TestKey } from '../support/proofs';
import { framed, RawGrpcSender } from '../support/raw-grpc';
import { logRecord, logsRequest } from '../support/records';
import { isRevoked, isSuspended, untilKnown } from '../support/registry-known';
import { exportRequest, genaiChatSpan } from '../support/spans';

let database: TestDatabase;
let owner: Pool;
let gateway: TestGateway;
let maker: string;
let agent: TestReporter;
let key: TestKey;
let made = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
  maker = await setUpOrganisation(owner);
});
beforeEach(async () => {
  made += 1;
  agent = await registerReporter(owner, { name: `held-back-${made}`, kind: 'service' });
  key = await newKey();
  await addPublicKey(owner, agent.id, key);
  return () => vi.restoreAllMocks();
});
afterAll(async () => {
  await gateway.close();
  await owner.end();
  await database.drop();
});

const stored = async () => {
  const { rows } = await owner.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM interaction WHERE reporter = $1',
    [agent.id],
  );
  return rows[0]?.n;
};
const suspend = async () => {
  await owner.query(
    `UPDATE identity SET state = 'suspended', state_reason = 'test' WHERE id = $1`,
    [agent.id],
  );
  await untilKnown(gateway, isSuspended(agent.id));
};

/** Sends all but the body, and that only once whoever sends was admitted and `meanwhile` was done. */
async function heldBack(
  { method = 'POST', path, secret }: { method?: string; path: string; secret: string },
  body: unknown,
  meanwhile: () => Promise<unknown>,
) {
  const admitted = admissions();
  const bytes = Buffer.from(JSON.stringify(body));
  const sent = request(`${gateway.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${secret}`,
      'content-type': 'application/json',
      'content-length': bytes.length,
    },
  });
  const answered = once(sent, 'response');
  sent.write(bytes.subarray(0, 1));
  await isAdmitted(admitted);
  await meanwhile();
  sent.end(bytes.subarray(1));
  const [answer] = await answered;
  return { status: Number(answer.statusCode), says: await text(answer) };
}

type Admissions = readonly Mock[];
const admissions = (): Admissions => [
  vi.spyOn(gateway.gateway.authenticator, 'authenticate'),
  vi.spyOn(gateway.gateway.apiKeys, 'authenticate'),
];
const isAdmitted = (spies: Admissions) =>
  vi.waitFor(
    () => {
      const results = spies.flatMap(({ mock }) => mock.settledResults);
      expect(results.at(-1)?.type).toBe('fulfilled');
    },
    { timeout: 10_000, interval: 5 },
  );

const chat = () => exportRequest([genaiChatSpan({ at: made })]);
const traces = () => ({ path: '/v1/traces', secret: agent.key });

// Who was admitted could hold bodies back and send for a minute after they were stopped, if one of these fails.
test('over HTTP, who is suspended while the body is held back is refused, and nothing is stored', async () => {
  const { status, says } = await heldBack(traces(), chat(), suspend);
  expect(status).toBe(403);
  expect(says).toContain(
    `held-back-${made} is suspended: nothing that it sends is taken. Reason: test`,
  );
  expect(await stored()).toBe(0);
  await vi.waitFor(async () =>
    expect((await listControl(owner, ['authentication_refused'])).at(-1)?.facts).toMatchObject({
      reason: 'stopped',
      identity: agent.id,
      presented: 'bearer',
    }),
  );
});

test('a credential that is revoked while the body is held back is refused', async () => {
  const { status, says } = await heldBack(traces(), chat(), async () => {
    await owner.query('UPDATE credential SET revoked_at = now() WHERE identity_id = $1', [
      agent.id,
    ]);
    await untilKnown(gateway, isRevoked(agent.id));
  });
  expect(status).toBe(401);
  expect(says).toContain('This ingest key was revoked');
  expect(await stored()).toBe(0);
});

test('who is stopped by nobody is served, as what they are by then', async () => {
  const rename = async () => {
    await owner.query(`UPDATE identity SET names = '{billing}' WHERE id = $1`, [agent.id]);
    await untilKnown(gateway, (state) => state.byName('billing') === agent.id);
  };
  expect(await heldBack(traces(), chat(), rename)).toMatchObject({ status: 200 });
  expect(await stored()).toBe(1);
});

test('over gRPC, who is suspended while the message is held back is refused, and nothing is stored', async () => {
  const logs = await loadOtlpOracle('log');
  const sender = new RawGrpcSender(gateway.grpcUrl);
  const admitted = admissions();
  const call = sender.open(agent.key);
  const message = framed(logs.encodeRequest(logsRequest([logRecord({ heldBack: made })])));
  call.stream.write(message.subarray(0, 5));
  await isAdmitted(admitted);
  await suspend();
  call.stream.end(message.subarray(5));
  expect(await call.status).toBe(7);
  expect(await stored()).toBe(0);
  sender.close();
});

test('an attester that is suspended while the body is held back sets nothing down', async () => {
  const other = await registerReporter(owner);
  await owner.query(
    `INSERT INTO attester (identity_id, facts, reach, changed_at) VALUES ($1, '{disk_encrypted}', 'all', now())`,
    [agent.id],
  );
  const path = `/api/v1/identities/${other.id}/posture`;
  const body = {
    facts: { disk_encrypted: { value: true, measured_at: new Date().toISOString() } },
  };
  const token = await key.sign(assertionOf(agent.id));
  const { status, says } = await heldBack({ method: 'PUT', path, secret: token }, body, suspend);
  expect(status).toBe(403);
  expect(says).toContain(`held-back-${made} is suspended: nothing that it sends is taken`);
  const { rows } = await owner.query('SELECT 1 FROM fact WHERE subject LIKE $1', [`%${other.id}`]);
  expect(rows).toEqual([]);
});

test('an API key that is revoked while the body is held back changes nothing', async () => {
  const { id, secret } = await addApiKey(owner, maker, { scopes: ['registry:write'] });
  const path = `/api/v1/identities/${agent.id}/suspend`;
  const { status, says } = await heldBack({ path, secret }, { reason: 'A test' }, () =>
    owner.query('UPDATE api_key SET revoked_at = now() WHERE id = $1', [id]),
  );
  expect(status).toBe(401);
  expect(says).toContain('This API key was revoked');
  const { rows } = await owner.query('SELECT state FROM identity WHERE id = $1', [agent.id]);
  expect(rows).toEqual([{ state: 'active' }]);
});
