import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { type ApiScope, apiScopes } from '@/lib/people/api-keys/schema';
import { apiRoutes } from '@/server/gateway/api/api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startGateway, type TestGateway } from '../support/gateway';
import { addApiKey, asJson, askApi } from '../support/management-api';
import { setUpOrganisation } from '../support/organisation';

let database: TestDatabase;
let gateway: TestGateway;
let owner: Pool;
let maker: string;
let lastSource = 0;
const elsewhere = () => {
  lastSource += 1;
  return `203.0.${Math.floor(lastSource / 250)}.${lastSource % 250}`;
};

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database, { TRUSTED_PROXIES: '127.0.0.1' });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  maker = await setUpOrganisation(owner);
});
afterAll(async () => {
  await gateway.close();
  await owner.end();
  await database.drop();
});

const ask = (path: string, secret: string | null) =>
  askApi(gateway.url, path, secret, { from: elsewhere() });

describe('each route answers exactly the keys that have its scope', () => {
  const made = new Map<ApiScope, string>();
  const keyWith = async (scope: ApiScope) => {
    const secret = made.get(scope) ?? (await addApiKey(owner, maker, { scopes: [scope] })).secret;
    made.set(scope, secret);
    return secret;
  };
  const none = '01890000-0000-7000-8000-000000000000';
  const routes = apiRoutes
    .filter(({ by }) => by === 'key')
    .map(({ method, path, needs, body }) => ({ method, path, needs, body }));
  test.each(routes)('$method $path', async (route) => {
    const path = route.path.replace('{id}', none);
    const sent =
      route.body === null
        ? { method: route.method }
        : {
            ...asJson(route.method, {}),
            headers: { 'content-type': route.body.mediaTypes[0] ?? '' },
          };
    for (const scope of apiScopes) {
      const secret = await keyWith(scope);
      const { status, json } = await askApi(gateway.url, path, secret, {
        ...sent,
        from: elsewhere(),
      });
      if (route.needs === null || route.needs === scope) expect([200, 400, 404]).toContain(status);
      else {
        expect({ status, code: json.code }).toEqual({ status: 403, code: 'forbidden' });
        expect(json.title).toContain(`the scope ${route.needs}`);
      }
    }
    expect((await askApi(gateway.url, path, null, { ...sent, from: elsewhere() })).status).toBe(
      401,
    );
  });

  const provenRoutes = apiRoutes.filter(({ by }) => by === 'identity');
  test.each(provenRoutes)('$method $path takes no key at all', async ({ method, path }) => {
    for (const scope of apiScopes) {
      const { secret } = await addApiKey(owner, maker, { scopes: [scope] });
      const answer = await askApi(gateway.url, path.replace('{id}', none), secret, {
        ...asJson(method, {}),
        from: elsewhere(),
      });
      expect(answer.json).toMatchObject({ code: 'forbidden' });
    }
  });

  test('the description and what is not there need a key too', async () => {
    expect((await ask('/openapi.json', null)).status).toBe(401);
    expect((await ask('/nothing', null)).status).toBe(401);
    const { secret } = await addApiKey(owner, maker);
    expect((await ask('/nothing', secret)).json).toMatchObject({
      code: 'not_found',
      title: expect.stringContaining('/api/v1/openapi.json'),
    });
    const posted = await askApi(gateway.url, '/self', secret, { method: 'POST' });
    expect(posted.status).toBe(404);
  });
});

test('the description lists each route with its scope, and holds no reference to nothing', async () => {
  const { secret } = await addApiKey(owner, maker);
  const { json } = await ask('/openapi.json', secret);
  expect(json.openapi).toBe('3.1.0');
  type Operation = { security: unknown; parameters: unknown[]; requestBody?: unknown };
  const paths = json.paths as Record<string, Record<string, Operation>>;
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  const routed = apiRoutes.map(({ method, path }) => `${method.toLowerCase()} ${path}`);
  expect(described.sort()).toEqual(routed.sort());
  for (const { by, method, path, needs, body } of apiRoutes) {
    const operation = paths[path]?.[method.toLowerCase()];
    if (by === 'key')
      expect(operation?.security).toEqual([{ apiKey: needs === null ? [] : [needs] }]);
    expect(operation?.requestBody !== undefined).toBe(body !== null);
  }
  expect(paths['/interactions']?.get?.parameters).toContainEqual(
    expect.objectContaining({ name: 'before', in: 'query', required: false }),
  );
  expect(paths['/identities/{id}']?.get?.parameters).toContainEqual(
    expect.objectContaining({ name: 'id', in: 'path', required: true }),
  );
  const references = JSON.stringify(json).match(/"\$ref":"[^"]+"/g) ?? [];
  for (const reference of new Set(references))
    expect(reference).toBe('"$ref":"#/components/schemas/Problem"');
});
