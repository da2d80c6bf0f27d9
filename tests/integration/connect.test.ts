import { afterAll, beforeAll, expect, it } from 'vitest';
import { mintScope } from '@/lib/auth/scope';
import { createPool, type Pool } from '@/lib/db/pool';
import { arrivedHref } from '@/lib/inventory/connect/arrived';
import { getArrived } from '@/lib/inventory/connect/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { exportRequest, genaiChatSpan } from '../support/spans';

const scope = mintScope({ id: 'p', name: 'P', email: 'p@example.com', roles: [] });
let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let agent: TestReporter;
let collector: TestReporter;
let at = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  // The gateway learns names now and then, these before anything is sent.
  agent = await registerReporter(pool, { name: 'billing-agent' });
  collector = await registerReporter(pool, {
    name: 'collector',
    kind: 'service',
    reportsForAll: true,
  });
  gateway = await startGateway(database);
});
afterAll(async () => {
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

async function send(key: string, name: string) {
  at += 1;
  const attributes = { 'gen_ai.agent.name': name };
  const span = genaiChatSpan({ at, startedMs: Date.now() - 900, attributes });
  const { status } = await postTraces(gateway.url, key, JSON.stringify(exportRequest([span], 's')));
  expect(status).toBe(200);
}
const arrived = (id: string) => getArrived(scope, id, new Date(), pool);

it('a collector’s first interaction is there, under whom it was attributed to', async () => {
  expect(await arrived(collector.id)).toMatchObject({ received: 0 });
  await send(collector.key, 'billing-agent');
  const found = await arrived(collector.id);
  expect(found).toMatchObject({ received: 1, identities: [agent.id], otherNames: [] });
  expect(arrivedHref(found)).toBe(`/inventory?identity=${agent.id}`);
  // It came by the collector's key, which says nothing of the agent's own.
  expect(await arrived(agent.id)).toMatchObject({ received: 0 });
  await send(agent.key, 'billing-agent');
  expect(await arrived(agent.id)).toMatchObject({ received: 1, identities: [agent.id] });
});

it('a coding agent’s program is whose key sent it, for the second as for the first', async () => {
  for (const name of ['first-coder', 'third-coder']) {
    const { id, key } = await registerReporter(pool, { name });
    await send(key, 'claude-code');
    expect(await arrived(id)).toMatchObject({ received: 1, identities: [id], otherNames: [] });
  }
});

it('where all of it is attributed to nobody, the way leads to who it came from', async () => {
  const { id, key } = await registerReporter(pool, { name: 'second-coder' });
  await send(key, 'parcel-tracker');
  const found = await arrived(id);
  expect(found).toMatchObject({ received: 1, identities: [], otherNames: ['parcel-tracker'] });
  expect(arrivedHref(found)).toMatch(/^\/inventory\?fingerprint=[0-9a-f]{32}$/);
});
