import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  type ApiKeyCtx,
  issueApiKey,
  revokeApiKey,
  rotateApiKey,
} from '@/lib/people/api-keys/mutations';
import { apiScopes } from '@/lib/people/api-keys/schema';
import { changeNetwork, nameNetwork } from '@/lib/people/networks/mutations';
import { listNetworks } from '@/lib/people/networks/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { addApiKey, askApi } from '../support/management-api';
import { addPerson, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';
import { exportRequest, genaiChatSpan } from '../support/spans';

let database: TestDatabase;
let gateway: TestGateway;
let db: PrismaClient;
let owner: Pool;
let maker: string;
let ctx: ApiKeyCtx;
let agent: { id: string; key: string };
const reason = 'A test';
let lastSource = 0;
/** An address that asked for nothing before, so that wrong keys of one test are not counted in another. */
const elsewhere = () => {
  lastSource += 1;
  return `203.0.113.${lastSource}`;
};

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database, { TRUSTED_PROXIES: '127.0.0.1' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  maker = await setUpOrganisation(owner);
  ctx = { db, actor: actorOf({ id: maker }), now: new Date() };
  agent = await registerReporter(owner, { name: 'billing-agent' });
  const spans = Array.from({ length: 60 }, (_, at) => genaiChatSpan({ at: at + 1 }));
  await postTraces(gateway.url, agent.key, JSON.stringify(exportRequest(spans)));
});
afterAll(async () => {
  await gateway.close();
  await db.$disconnect();
  await owner.end();
  await database.drop();
});

const ask = (path: string, secret: string | null, from = elsewhere()) =>
  askApi(gateway.url, path, secret, { from });
const since = '2020-01-01T00:00:00Z';

test('a key tells what it is itself', async () => {
  const issued = await issueApiKey(ctx, { name: 'self', scopes: ['policy:read'], reason });
  const answer = await ask('/self', issued.secret);
  expect(answer).toMatchObject({
    status: 200,
    json: {
      id: issued.id,
      name: 'self',
      scopes: ['policy:read'],
      expiresAt: issued.expiresAt.toISOString(),
      networks: null,
    },
  });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

describe('a key is judged at each request', () => {
  test('one that was revoked is refused at the next, on every gateway', async () => {
    const other = await startGateway(database, { TRUSTED_PROXIES: '127.0.0.1' });
    try {
      const issued = await issueApiKey(ctx, { name: 'revoked', scopes: ['log:read'], reason });
      const both = async () => {
        const answers = await Promise.all(
          [gateway, other].map(({ url }) =>
            askApi(url, '/self', issued.secret, { from: elsewhere() }),
          ),
        );
        return answers.map(({ status }) => status);
      };
      expect(await both()).toEqual([200, 200]);
      await revokeApiKey(ctx, { id: issued.id, reason });
      expect(await both()).toEqual([401, 401]);
      expect((await ask('/self', issued.secret)).json.title).toContain('was revoked');
    } finally {
      await other.close();
    }
  });

  test('both keys work during the overlap, and the one of before not after it', async () => {
    const first = await issueApiKey(ctx, { name: 'rotated', scopes: ['log:read'], reason });
    const second = await rotateApiKey(ctx, { id: first.id, overlapHours: 1, reason });
    for (const { secret } of [first, second]) expect((await ask('/self', secret)).status).toBe(200);
    await owner.query(
      `UPDATE api_key SET created_at = now() - interval '2 hours', expires_at = now() - interval '1 second' WHERE id = $1`,
      [first.id],
    );
    expect((await ask('/self', first.secret)).json.title).toContain('has expired');
    expect((await ask('/self', second.secret)).status).toBe(200);
  });

  test('an overlap of no hours ends the key of before at once', async () => {
    const first = await issueApiKey(ctx, { name: 'at once', scopes: ['log:read'], reason });
    await rotateApiKey({ ...ctx, now: new Date() }, { id: first.id, overlapHours: 0, reason });
    expect((await ask('/self', first.secret)).status).toBe(401);
  });

  // If this failed, what was taken from an administrator would stay open by the keys they made.
  test('one of somebody who has left, or could not make it any more, is refused, whoever forgot to revoke it', async () => {
    const bo = await addPerson(owner, { name: 'Bo' });
    const reads = (await addApiKey(owner, bo, { scopes: ['registry:read', 'policy:read'] })).secret;
    const policy = (await addApiKey(owner, bo, { scopes: ['policy:read'] })).secret;
    const told = async (columns: string) => {
      await owner.query(`UPDATE person SET ${columns} WHERE id = $1`, [bo]);
      const answers = await Promise.all([reads, policy].map((secret) => ask('/self', secret)));
      return answers.map(({ status, json }) => (status === 200 ? status : json.title));
    };
    const both = (words: string) => [1, 2].map(() => expect.stringContaining(words));
    expect(await told(`reach = 'all'`)).toEqual([200, 200]);
    expect(await told(`reach = 'teams'`)).toEqual([both('see them all')[0], 200]);
    expect(await told(`reach = 'all', roles = '{approver}'`)).toEqual(both('no administrator'));
    expect(await told(`roles = '{admin}', disabled_at = now()`)).toEqual(both('has left'));
  });

  test('one that is bound to a network works from there only, and follows what the network is', async () => {
    await nameNetwork(ctx, { name: 'Build', cidrs: ['198.51.100.0/24', '2001:db8::/32'], reason });
    const [build] = await listNetworks(scopeOf(), owner);
    if (build === undefined) throw new Error('it was named');
    const { secret } = await issueApiKey(ctx, {
      name: 'bound',
      scopes: ['log:read'],
      networks: [build.id],
      reason,
    });
    const statusFrom = async (from: string) => (await ask('/self', secret, from)).status;
    expect(await statusFrom('198.51.100.9')).toBe(200);
    expect(await statusFrom('2001:db8::9')).toBe(200);
    expect(await statusFrom('198.51.101.9')).toBe(403);
    expect((await ask('/self', secret, '192.0.2.9')).json.title).toContain('from 192.0.2.9');
    // What a client claims to come from counts for nothing.
    const spoofed = await askApi(gateway.url, '/self', secret, { from: '198.51.100.9, 192.0.2.9' });
    expect(spoofed.status).toBe(403);
    await changeNetwork(ctx, {
      id: build.id,
      seenAt: build.changedAt.toISOString(),
      name: 'Build',
      cidrs: ['198.51.101.0/24'],
      reason,
    });
    expect(await statusFrom('198.51.100.9')).toBe(403);
    expect(await statusFrom('198.51.101.9')).toBe(200);
    await owner.query('DELETE FROM api_key_network');
    expect(await statusFrom('198.51.101.9')).toBe(403);
  });

  test('its last use is noted, to the minute', async () => {
    const { id, secret } = await addApiKey(owner, maker);
    await ask('/self', secret);
    const lastUsed = async () =>
      (await owner.query('SELECT last_used_at AS at FROM api_key WHERE id = $1', [id])).rows[0].at;
    await expect.poll(lastUsed).not.toBeNull();
    const first = await lastUsed();
    await ask('/self', secret);
    expect(await lastUsed()).toEqual(first);
  });
});

describe('keys of one kind open nothing of the other', () => {
  test.each([
    ['an ingest key', () => agent.key, 'sends telemetry and manages nothing'],
    ['no bearer token', () => '', 'not a bearer token'],
    ['an unknown key', () => `slp_ak_${'A'.repeat(43)}`, 'is unknown'],
    ['another token', () => 'eyJhbGciOiJub25lIn0.e30.', 'is unknown'],
  ])('%s is refused by /api/v1', async (_what, secret, sentence) => {
    const { status, json, headers } = await ask('/self', secret());
    expect(status).toBe(401);
    expect(json.title).toContain(sentence);
    expect(json.request_id).toBe(headers.get('x-request-id'));
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(headers.get('www-authenticate')).toContain('Bearer');
  });

  test('an API key is refused where telemetry goes', async () => {
    const { secret } = await addApiKey(owner, maker, { scopes: [...apiScopes] });
    const { status, json } = await postTraces(gateway.url, secret, '{}');
    expect(status).toBe(401);
    expect(json).toMatchObject({ message: expect.stringContaining('sends no telemetry') });
  });
});

describe('what is too much waits', () => {
  test('wrong keys from one address, and no key that works beside them, known before or not', async () => {
    const from = elsewhere();
    const { secret } = await addApiKey(owner, maker);
    const late = await addApiKey(owner, maker);
    expect((await ask('/self', secret, from)).status).toBe(200);
    const statuses: number[] = [];
    for (let n = 0; n < 30; n += 1) statuses.push((await ask('/self', `slp_ak_${n}`, from)).status);
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.slice(22)).toEqual(Array(8).fill(429));
    const waiting = await ask('/self', 'slp_ak_x', from);
    expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const each of [secret, late.secret])
      expect((await ask('/self', each, from)).status).toBe(200);
    // Without a bound, one address could have keys looked up for as long as it likes.
    const flood = await Promise.all(
      Array.from({ length: 60 }, (_, n) => ask('/self', `slp_ak_flood${n}`, from)),
    );
    expect(flood.map(({ status }) => status)).toEqual(Array(60).fill(429));
    expect((await ask('/self', secret, from)).status).toBe(200);
  });

  test('wrong keys from one network of IPv6, whichever of its addresses they come from', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 30; n += 1)
      statuses.push((await ask('/self', `slp_ak_${n}`, `2001:db8:5:5::${n}`)).status);
    expect(statuses.at(-1)).toBe(429);
    expect((await ask('/self', 'slp_ak_x', '2001:db8:5:6::1')).status).toBe(401);
  });

  test('one key that asks all the time, and no other', async () => {
    const [busy, calm] = [await addApiKey(owner, maker), await addApiKey(owner, maker)];
    const answers = await Promise.all(
      Array.from({ length: 120 }, () => ask('/openapi.json', busy.secret, '203.0.113.250')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused[0]?.json.title).toContain('requests a second');
    expect((await ask('/self', calm.secret, '203.0.113.250')).status).toBe(200);
  });

  test('a body for a route that there is not, which nobody reads', async () => {
    const { secret } = await addApiKey(owner, maker);
    const answer = await askApi(gateway.url, '/self', secret, {
      method: 'POST',
      body: 'x'.repeat(1_000_000),
    });
    expect(answer.json.code).toBe('not_found');
    expect(answer.headers.get('connection')).toBe('close');
  });
});

describe('interactions', () => {
  test('are facts by page, newest first, without a gap and without content', async () => {
    const { secret } = await addApiKey(owner, maker);
    const query = `/interactions?from=${since}&identity=billing-agent&kind=inference&status=unset&status=ok`;
    const first = await ask(query, secret);
    const page = first.json.interactions as { id: string }[];
    expect(page).toHaveLength(50);
    const second = await ask(`${query}&before=${first.json.older}`, secret);
    const rest = second.json.interactions as { id: string }[];
    expect(new Set([...page, ...rest].map(({ id }) => id)).size).toBe(60);
    expect(second.json.older).toBeNull();
    const back = await ask(`${query}&after=${second.json.newer}`, secret);
    expect(back.json.interactions).toEqual(page);
    expect((await ask(`${query}&after=${first.json.newer}`, secret)).json).toMatchObject({
      interactions: [],
      newer: first.json.newer,
    });
    const one = await ask(`/interactions/${page[0]?.id}`, secret);
    expect(one.json).toMatchObject({
      state: 'kept',
      interaction: { id: page[0]?.id, identityName: 'billing-agent' },
    });
    const { bodies } = one.json.interaction as { bodies: object[] };
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies)
      expect(Object.keys(body).sort()).toEqual(['bytes', 'digest', 'role']);
  });

  test('that were erased say by whom and why, and that is all', async () => {
    const { secret } = await addApiKey(owner, maker);
    const { rows } = await owner.query(
      `SELECT received_at, shard, position FROM interaction ORDER BY position LIMIT 1`,
    );
    const { received_at: at, shard, position } = rows[0];
    await owner.query('SELECT erase_entry($1, $2, $3, $4, $5, $6)', [
      at,
      shard,
      position,
      'all',
      'Asked for',
      `person:${maker}`,
    ]);
    const id = `${at.getTime().toString(36)}-${shard}-${position}`;
    expect((await ask(`/interactions/${id}`, secret)).json).toMatchObject({
      state: 'gone',
      entry: { id, cause: 'erased', by: 'Ada', reason: 'Asked for' },
    });
  });

  test.each([
    ['identity=nobody-here', 'No identity is called nobody-here'],
    ['kind=everything', 'kind'],
    ['from=yesterday', 'Write a time as'],
    [`from=2026-11-30T00:00:00Z&to=2026-11-29T00:00:00Z`, 'lies before'],
    ['before=1&after=2', 'not both'],
    ['before=../etc', 'not the id of an entry'],
    ['text=secret', 'There is no parameter text here. Known are: identity'],
    ['content=all', 'There is no parameter content'],
    [Array.from({ length: 21 }, () => 'status=ok').join('&'), 'Twenty values at most'],
    [`identity=${'x'.repeat(300)}`, 'identity'],
  ])('refuse %s with a sentence', async (query, sentence) => {
    const { secret } = await addApiKey(owner, maker);
    const { status, json } = await ask(`/interactions?${query}`, secret);
    expect(status).toBe(400);
    expect(json.title).toContain(sentence);
  });
});
