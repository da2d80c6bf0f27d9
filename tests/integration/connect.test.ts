import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { type Arrived, addArrived, arrivedHref } from '@/lib/inventory/connect/arrived';
import { parsePlace } from '@/lib/inventory/connect/place';
import { getArrived, readPlace } from '@/lib/inventory/connect/queries';
import { listReporters } from '@/lib/inventory/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { scopeOf } from '../support/people';
import { seedInteractions, seedShard } from '../support/seed-log';
import { exportRequest, genaiChatSpan } from '../support/spans';

const scope = scopeOf({ roles: [] });
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
/** As a page does that was opened now: looks from where the last look ended, and adds up. */
async function watch(identity: string, lookedMax?: number) {
  let place = await readPlace(scope, new Date(), pool);
  let found: Arrived | undefined;
  return async () => {
    for (let isBehind = true; isBehind; ) {
      const asked = { identity, place, now: new Date() };
      const options = lookedMax === undefined ? {} : { lookedMax };
      const look = await getArrived(scope, asked, { db: pool, ...options });
      const next = parsePlace(look.place);
      if (next === null) throw new Error('a look ended nowhere');
      place = next;
      isBehind = look.isBehind;
      found = addArrived(found, look.arrived);
    }
    return found as Arrived; // at least one look was taken
  };
}

it('a collector’s first interaction is there, under whom it was attributed to', async () => {
  const [ofCollector, ofAgent] = [await watch(collector.id), await watch(agent.id)];
  expect(await ofCollector()).toMatchObject({ received: 0 });
  await send(collector.key, 'billing-agent');
  const found = await ofCollector();
  expect(found).toMatchObject({ received: 1, identities: [agent.id], otherNames: [] });
  expect(arrivedHref(found)).toBe(`/inventory?identity=${agent.id}`);
  // It came by the collector's key, which says nothing of the agent's own.
  expect(await ofAgent()).toMatchObject({ received: 0 });
  await send(agent.key, 'billing-agent');
  expect(await ofAgent()).toMatchObject({ received: 1, identities: [agent.id] });
});

it('a coding agent’s program is whose key sent it, for the second as for the first', async () => {
  for (const name of ['first-coder', 'third-coder']) {
    const { id, key } = await registerReporter(pool, { name });
    const arrived = await watch(id);
    await send(key, 'claude-code');
    expect(await arrived()).toMatchObject({ received: 1, identities: [id], otherNames: [] });
  }
});

it('where all of it is attributed to nobody, the way leads to who it came from', async () => {
  const { id, key } = await registerReporter(pool, { name: 'second-coder' });
  const arrived = await watch(id);
  await send(key, 'parcel-tracker');
  const found = await arrived();
  expect(found).toMatchObject({ received: 1, identities: [], otherNames: ['parcel-tracker'] });
  expect(arrivedHref(found)).toMatch(/^\/inventory\?fingerprint=[0-9a-f]{32}$/);
});

it('what came for others is found between any number of others, once, and stays found', async () => {
  await seedShard(pool, 60);
  const others = (count: number) =>
    seedInteractions(pool, { shard: 60, count, firstAt: new Date(), stepMs: 0 });
  const arrived = await watch(collector.id, 1000);
  await others(2500);
  await send(collector.key, 'billing-agent');
  await others(3100);
  expect(await arrived()).toMatchObject({ received: 1, identities: [agent.id] });
  await others(2500);
  const later = await arrived();
  expect(later).toMatchObject({ received: 1, identities: [agent.id] });
  expect(later.has).toContain('usage');
  await send(collector.key, 'nobody-knows');
  expect(await arrived()).toMatchObject({ received: 2, otherNames: ['nobody-knows'] });
});

it('what came by a key before it is waited for is no first interaction', async () => {
  await send(agent.key, 'billing-agent');
  const arrived = await watch(agent.id);
  expect(await arrived()).toMatchObject({ received: 0 });
});

it('who reports for others is told from who reports for itself alone', async () => {
  const { id: some } = await registerReporter(pool, { name: 'relay', kind: 'service' });
  await pool.query('INSERT INTO identity_reports_for (reporter_id, identity_id) VALUES ($1, $2)', [
    some,
    agent.id,
  ]);
  const reporters = new Map(
    (await listReporters(scope, pool)).map(({ id, reportsForOthers }) => [id, reportsForOthers]),
  );
  expect([agent.id, collector.id, some].map((id) => reporters.get(id))).toEqual([
    false,
    true,
    true,
  ]);
});
