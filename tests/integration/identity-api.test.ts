import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { addApiKey, asJson, askApi } from '../support/management-api';
import { setUpOrganisation } from '../support/organisation';
import { exportRequest, genaiChatSpan } from '../support/spans';

let database: TestDatabase;
let gateway: TestGateway;
let owner: Pool;
let maker: string;
let agent: { id: string; key: string };
const reason = 'as the playbook says';
let lastSource = 0;
const elsewhere = () => {
  lastSource += 1;
  return `203.0.113.${lastSource}`;
};

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database, { TRUSTED_PROXIES: '127.0.0.1' });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  maker = await setUpOrganisation(owner);
  agent = await registerReporter(owner, { name: 'billing-agent' });
});
afterAll(async () => {
  await gateway.close();
  await owner.end();
  await database.drop();
});

const ask = (path: string, secret: string | null, init: RequestInit = {}) =>
  askApi(gateway.url, path, secret, { ...init, from: elsewhere() });
const post = (path: string, secret: string | null, body: unknown) =>
  ask(path, secret, asJson('POST', body));
const writing = async () => addApiKey(owner, maker, { scopes: ['registry:write'] });
const reading = async () => addApiKey(owner, maker, { scopes: ['registry:read'] });

describe('identities', () => {
  test('are listed by page, filtered, and found by id, without what they prove themselves with', async () => {
    const { secret } = await addApiKey(owner, maker, { scopes: ['registry:read'] });
    for (let n = 0; n < 205; n += 1)
      await owner.query(
        `INSERT INTO identity (id, kind, name, names, state, created_at)
         VALUES (gen_random_uuid(), 'daemon', $1, '{}', 'suspended', now())`,
        [`daemon-${n}`],
      );
    const names: unknown[] = [];
    let next: unknown = null;
    do {
      const { json } = await ask(
        `/identities?kind=daemon&kind=service&state=suspended${next === null ? '' : `&after=${next}`}`,
        secret,
      );
      const page = json.identities as { name: string }[];
      expect(page.length).toBeLessThanOrEqual(200);
      names.push(...page.map(({ name }) => name));
      next = json.next;
    } while (next !== null);
    expect(new Set(names).size).toBe(205);
    expect(names).toHaveLength(205);
    expect((await ask(`/identities/${agent.id}`, secret)).json).toEqual({
      id: agent.id,
      kind: 'agent',
      name: 'billing-agent',
      ...{ names: [], state: 'active' },
      ...{ stateReason: null, team: null, zone: null, owner: null, sponsor: null, purpose: '' },
      ...{ tags: [], trust: 'observed', reportsForAll: false, revision: 1, lastSeenAt: null },
      createdAt: expect.any(String),
      credentials: { live: 1, classes: ['bearer'], endsAt: expect.any(String) },
      ...{ actsFor: { people: [], teams: [] }, expects: [], reportsFor: [], reportedBy: [] },
    });
  });

  test('are narrowed by what people narrow them by', async () => {
    const { secret } = await reading();
    const listed = async (query: string) =>
      ((await ask(`/identities?${query}`, secret)).json.identities as { name: string }[]).map(
        ({ name }) => name,
      );
    expect(await listed('kind=agent&owner=none&search=BILLING')).toEqual(['billing-agent']);
    expect(await listed('kind=agent&seen_after=2020-01-01T00:00:00Z')).toEqual([]);
    expect((await ask('/identities?seen_after=yesterday', secret)).status).toBe(400);
  });
});

describe('a machine proposes', () => {
  test('an identity, which stays proposed whatever it asks', async () => {
    const key = await writing();
    const made = await post('/identities', key.secret, {
      ...{ kind: 'agent', name: 'offered', purpose: 'Books rooms', tags: ['office'] },
    });
    expect(made).toMatchObject({ status: 201, json: { name: 'offered', kind: 'agent' } });
    const { rows } = await owner.query(
      `SELECT i.state, v.by, (SELECT count(*)::int FROM credential c WHERE c.identity_id = i.id) AS keys
       FROM identity i JOIN identity_version v ON v.identity_id = i.id WHERE i.id = $1`,
      [made.json.id],
    );
    expect(rows).toEqual([{ state: 'proposed', by: `api_key:${key.id}`, keys: 0 }]);
    const events = await owner.query<{ facts: string }>(
      `SELECT facts FROM control_event WHERE kind = 'identity_proposed' ORDER BY position DESC LIMIT 1`,
    );
    expect(JSON.parse(events.rows[0]?.facts ?? '{}')).toMatchObject({
      by: `api_key:${key.id}`,
      address: expect.stringMatching(/^203\.0\.113\./),
      purpose: 'Books rooms',
    });
    for (const path of ['accept', 'resume', 'decommission'])
      expect((await post(`/identities/${made.json.id}/${path}`, key.secret, {})).status).toBe(404);
  });

  test.each<[string, unknown, number, string]>([
    ['a name that is taken', { kind: 'agent', name: 'billing-agent' }, 409, 'this name already'],
    ['a state of its own', { kind: 'agent', name: 'x', state: 'active' }, 400, 'no field state'],
    ['no kind', { name: 'x' }, 400, 'kind'],
    ['a list', [], 400, 'expected object'],
    [
      'an owner who is nobody',
      { kind: 'agent', name: 'x', owner: '01890000-0000-7000-8000-000000000000' },
      404,
      'person',
    ],
  ])('and is refused %s', async (_what, body, status, sentence) => {
    const { secret } = await writing();
    const answer = await post('/identities', secret, body);
    expect(answer.status).toBe(status);
    expect(answer.json.title).toContain(sentence);
  });

  test.each<[string, RequestInit, number]>([
    ['no JSON', { body: '{', headers: { 'content-type': 'application/json' } }, 400],
    ['nothing', { headers: { 'content-type': 'application/json' } }, 400],
    ['another type', { body: '<x/>', headers: { 'content-type': 'application/xml' } }, 415],
    [
      'too much',
      { body: ' '.repeat(300_000), headers: { 'content-type': 'application/json' } },
      413,
    ],
  ])('and is refused a body of %s', async (_what, init, status) => {
    const { secret } = await writing();
    expect((await ask('/identities', secret, { method: 'POST', ...init })).status).toBe(status);
    expect((await ask('/self', secret)).status).toBe(200);
  });

  test('no key that sends telemetry, nor one that only reads', async () => {
    const { secret } = await reading();
    const body = { kind: 'agent', name: 'sly' };
    expect((await post('/identities', secret, body)).status).toBe(403);
    expect((await post('/identities', agent.key, body)).status).toBe(401);
    expect((await post('/identities', null, body)).status).toBe(401);
  });
});

describe('a file', () => {
  const send = (query: string, secret: string, type = 'text/csv') =>
    ask(`/identities/import${query}`, secret, {
      method: 'POST',
      body: 'kind,name\nagent,filed\nrobot,bad\n',
      headers: { 'content-type': type },
    });

  test('is tried first and then proposed, but for what is wrong', async () => {
    const { secret } = await writing();
    const tried = await send('', secret);
    expect(tried.json.counts).toEqual({ made: 1, changed: 0, unchanged: 0, wrong: 1 });
    const count = async () =>
      (await owner.query(`SELECT state FROM identity WHERE name = 'filed'`)).rows;
    expect(await count()).toEqual([]);
    expect((await send('?dry_run=false', secret)).json.title).toContain('Say why');
    expect((await send(`?dry_run=false&reason=agreed`, secret)).json.counts).toMatchObject({
      made: 1,
    });
    expect(await count()).toEqual([{ state: 'proposed' }]);
  });

  test('is proposed as it was tried, or not at all', async () => {
    const { secret } = await writing();
    const { judged } = (await send('', secret)).json;
    const query = (as: unknown) => `?dry_run=false&reason=agreed&judged=${as}`;
    expect((await send(query('0'.repeat(64)), secret)).status).toBe(409);
    expect((await send(query(judged), secret)).status).toBe(200);
  });

  test('is judged six times a minute for each key, since that is a lot of work', async () => {
    const { secret } = await writing();
    for (let n = 0; n < 6; n += 1) expect((await send('', secret)).status).toBe(200);
    const { status, json } = await send('', secret);
    expect([status, json.title]).toEqual([429, expect.stringContaining('6 times a minute')]);
    expect((await send('', (await writing()).secret)).status).toBe(200);
  });

  test('of another type, or by a key that only reads, is refused', async () => {
    const { secret } = await writing();
    expect((await send('', secret, 'application/zip')).status).toBe(415);
    expect((await send('', secret, 'application/json')).json.title).toContain('no JSON');
    expect((await send('', (await reading()).secret)).status).toBe(403);
  });
});

describe('a machine', () => {
  test('describes an identity as it saw it, and nothing that decides', async () => {
    const { secret } = await writing();
    const { id } = await registerReporter(owner, { name: 'described' });
    const change = { revision: 1, purpose: 'Answers mail', tags: ['mail'], reason };
    const patch = (body: unknown) => ask(`/identities/${id}`, secret, asJson('PATCH', body));
    expect((await patch(change)).json).toEqual({ revision: 2 });
    expect((await patch({ ...change, purpose: 'x' })).status).toBe(409);
    expect((await patch({ ...change, revision: 2, owner: maker })).json.title).toContain(
      'no field owner',
    );
    const { json } = await ask(`/identities/${id}/versions`, (await reading()).secret);
    expect(json.versions).toMatchObject([{ revision: 2, reason, attributes: { tags: ['mail'] } }]);
  });

  test('stops an identity, whose next batch is refused with a sentence', async () => {
    const { secret } = await writing();
    const stopped = await registerReporter(owner, { name: 'stopped' });
    const send = () =>
      postTraces(
        gateway.url,
        stopped.key,
        JSON.stringify(exportRequest([genaiChatSpan({ at: 1 })])),
      );
    await expect.poll(async () => (await send()).status).toBe(200);
    const path = `/identities/${stopped.id}/suspend`;
    expect((await post(path, secret, { reason })).json).toEqual({ state: 'suspended' });
    expect((await post(path, secret, { reason })).status).toBe(409);
    await expect.poll(async () => (await send()).status).toBe(403);
  });

  test('revokes a credential once', async () => {
    const { secret } = await writing();
    const { id } = await registerReporter(owner, { name: 'keyed' });
    const { rows } = await owner.query<{ id: string }>(
      'SELECT id FROM credential WHERE identity_id = $1',
      [id],
    );
    const path = `/credentials/${rows[0]?.id}/revoke`;
    expect((await post(path, secret, {})).status).toBe(400);
    expect((await post(path, secret, { reason })).json).toEqual({ state: 'revoked' });
    expect((await post(path, secret, { reason })).status).toBe(404);
  });
});
