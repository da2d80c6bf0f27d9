import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { resourceIdOf } from '@/lib/resources/resource-id';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startGateway, type TestGateway } from '../support/gateway';
import { addApiKey, asJson, askApi } from '../support/management-api';
import { listControl, setUpOrganisation } from '../support/organisation';

let database: TestDatabase;
let gateway: TestGateway;
let owner: Pool;
let maker: string;
const tool = resourceIdOf({ kind: 'tool', name: 'send_money' });

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database);
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  maker = await setUpOrganisation(owner);
  await owner.query(
    `INSERT INTO resource (id, kind, name, state, revision, trust, created_at, changed_at)
     VALUES ($1, 'tool', 'send_money', 'registered', 1, 'trusted', now(), now())`,
    [tool],
  );
  await owner.query(
    `INSERT INTO resource_definition (id, resource_id, digest, bytes, first_at, last_on, source_received_at, source_shard,
       source_position) VALUES (gen_random_uuid(), $1, sha256('x'), 9, now(), current_date, now(), 1, 1)`,
    [tool],
  );
  await owner.query(
    `INSERT INTO resource (id, kind, name, alias_of, created_at, changed_at)
     VALUES (resource_id('tool', 'pay'), 'tool', 'pay', $1, now(), now())`,
    [tool],
  );
  await owner.query(
    `INSERT INTO zone (id, name, kind, environment, created_at, changed_at)
     VALUES (gen_random_uuid(), 'Payments', 'tools', 'production', now(), now())`,
  );
});
afterAll(async () => {
  await gateway.close();
  await owner.end();
  await database.drop();
});

const reading = () => addApiKey(owner, maker, { scopes: ['registry:read'] });
const ask = async (path: string) => askApi(gateway.url, path, (await reading()).secret);

test('machines read what the registry says of resources, and what trust comes to', async () => {
  const { json } = await ask('/resources?type=tool&state=registered');
  expect(json).toMatchObject({
    resources: [
      {
        id: tool,
        name: 'send_money',
        names: ['pay'],
        trust: 'trusted',
        approval: 'new',
        effectiveTrust: 'sandbox',
        classification: null,
      },
    ],
    next: null,
  });
  const alias = await ask(`/resources/${resourceIdOf({ kind: 'tool', name: 'pay' })}`);
  expect(alias.json.id).toBe(tool);
  expect((await ask(`/resources/${maker}`)).status).toBe(404);
  expect((await ask('/resources?trust=most')).status).toBe(400);
});

test('of definitions they read digests and states, never what they say', async () => {
  const { json } = await ask(`/resources/${tool}/definitions`);
  const [definition] = json.definitions as Record<string, unknown>[];
  expect(definition).toMatchObject({ state: 'unapproved', bytes: 9, decidedAt: null });
  expect(definition?.digest).toMatch(/^[0-9a-f]{64}$/);
});

test('they read zones', async () => {
  const { json } = await ask('/zones');
  expect(json.zones).toMatchObject([{ name: 'Payments', environment: 'production' }]);
});

test('they propose, and nothing of it holds', async () => {
  const { secret, id } = await addApiKey(owner, maker, {
    scopes: ['registry:write', 'registry:read'],
  });
  const body = {
    kind: 'data_source',
    name: 'ledger',
    classification: 'secret',
    hostNames: ['DB.example.org'],
    reason: 'From the catalogue of data',
  };
  const answer = await askApi(gateway.url, '/resources', secret, asJson('POST', body));
  expect(answer.status).toBe(201);
  const found = await askApi(gateway.url, `/resources/${answer.json.id}`, secret);
  expect(found.json).toMatchObject({ state: 'proposed', classification: null, hasProposal: true });
  const [entry] = await listControl(owner, ['resource_proposed']);
  expect(entry?.facts).toMatchObject({
    by: `api_key:${id}`,
    after: { classification: 'secret', hostNames: ['db.example.org'] },
  });
  const refused = await askApi(
    gateway.url,
    '/resources',
    secret,
    asJson('POST', { ...body, hostNames: ['https://db.example.org'] }),
  );
  expect([refused.status, refused.json.title]).toEqual([
    400,
    expect.stringContaining('is no host name'),
  ]);
  const reader = await askApi(
    gateway.url,
    '/resources',
    (await reading()).secret,
    asJson('POST', body),
  );
  expect(reader.status).toBe(403);
});
