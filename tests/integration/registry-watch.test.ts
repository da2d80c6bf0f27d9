import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Connection, createConnection, createPool, type Pool } from '@/lib/db/pool';
import { RegistryWatch } from '@/server/gateway/registry-watch';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { isSuspended, untilKnown } from '../support/registry-known';

let database: TestDatabase;
let migrator: Pool;
let gateways: TestGateway[];
const nothing = '{"resourceSpans":[]}';

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateways = await Promise.all([startGateway(database), startGateway(database)]);
});
afterAll(async () => {
  await Promise.all(gateways.map((each) => each.close()));
  await migrator.end();
  await database.drop();
});

const statuses = (key: string) =>
  Promise.all(gateways.map(async ({ url }) => (await postTraces(url, key, nothing)).status));

test('a key that was made a moment ago is known at every gateway', async () => {
  const { key } = await registerReporter(migrator);
  expect(await statuses(key)).toEqual([200, 200]);
});

test('who is suspended is refused everywhere at the next request, with a sentence and the reason', async () => {
  const { id, key } = await registerReporter(migrator, { name: 'to-stop' });
  expect(await statuses(key)).toEqual([200, 200]);
  await migrator.query(
    `UPDATE identity SET state = 'suspended', state_reason = 'sends money' WHERE id = $1`,
    [id],
  );
  await untilKnown(gateways, isSuspended(id));
  for (const { url } of gateways) {
    const { status, json } = await postTraces(url, key, nothing);
    expect(status).toBe(403);
    expect(json).toMatchObject({
      message: expect.stringContaining('to-stop is suspended'),
    });
    expect(JSON.stringify(json)).toContain('sends money');
  }
  await migrator.query(`UPDATE identity SET state = 'active' WHERE id = $1`, [id]);
  await untilKnown(gateways, (state) => state.identity(id)?.state === 'active');
  expect(await statuses(key)).toEqual([200, 200]);
});

// Idle it takes 200 ms at most, which `npm run bench -- identities` holds; here other tests want the processors too.
test('who is suspended is refused everywhere within a second', async () => {
  const { id, key } = await registerReporter(migrator);
  expect(await statuses(key)).toEqual([200, 200]);
  await migrator.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [id]);
  const stoppedMs = performance.now();
  await Promise.all(
    gateways.map(async ({ url }) => {
      while ((await postTraces(url, key, nothing)).status !== 403)
        expect(performance.now() - stoppedMs).toBeLessThan(1_000);
    }),
  );
});

test('what commits late is not passed over', async () => {
  const { id, key } = await registerReporter(migrator);
  expect(await statuses(key)).toEqual([200, 200]);
  const slow = await migrator.connect();
  await slow.query('BEGIN');
  await slow.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [id]);
  // Others commit after it began, and are read before it commits.
  await registerReporter(migrator);
  await setTimeout(300);
  expect(await statuses(key)).toEqual([200, 200]);
  await slow.query('COMMIT');
  slow.release();
  await untilKnown(gateways, isSuspended(id));
  expect(await statuses(key)).toEqual([403, 403]);
});

test('a gateway listens on one connection, however often that is lost, and on none once it has stopped', async () => {
  const made: Connection[] = [];
  const watch = new RegistryWatch({
    db: migrator,
    async connect() {
      const connection = createConnection(database.migratorUrl, { applicationName: 'listening' });
      await connection.connect();
      made.push(connection);
      // What is asked of it fails, and it ends as well.
      if (made.length === 1)
        vi.spyOn(connection, 'query').mockImplementation(async () => {
          await connection.end();
          throw new Error('lost');
        });
      return connection;
    },
  });
  const listening = async () => {
    const { rows } = await migrator.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'sallyport-listening' AND datname = current_database()",
    );
    return rows.map(({ pid }) => pid);
  };
  await watch.start();
  await vi.waitFor(async () => expect(await listening()).toHaveLength(1), 5_000);
  const [lost] = await listening();
  await migrator.query('SELECT pg_terminate_backend($1)', [lost]);
  await vi.waitFor(async () => expect(await listening()).not.toContain(lost), 5_000);
  await vi.waitFor(async () => expect(await listening()).toHaveLength(1), 5_000);
  await setTimeout(1_200);
  expect(made).toHaveLength(3);
  await watch.stop();
  await vi.waitFor(async () => expect(await listening()).toEqual([]), 5_000);
  await setTimeout(1_200);
  expect(made).toHaveLength(3);
});

test('without word from the database nobody is believed: stopping it keeps no revoked agent alive', async () => {
  let isDown = false;
  const watch = new RegistryWatch({
    db: {
      query: (text, values) =>
        isDown ? Promise.reject(new Error('down')) : migrator.query(text, values as unknown[]),
    },
    connect: () => Promise.reject(new Error('no listening')),
  });
  await watch.start();
  watch.refuseIfStale();
  isDown = true;
  await vi.waitFor(() => expect(() => watch.refuseIfStale()).toThrow('cannot be checked'), 4_000);
  await watch.catchUp();
  expect(() => watch.refuseIfStale()).toThrow('cannot be checked');
  isDown = false;
  await vi.waitFor(() => watch.refuseIfStale(), 1_000);
  await watch.stop();
});

test('a gateway that was busy itself asks once more before it refuses anybody', async () => {
  const watch = new RegistryWatch({
    db: migrator,
    connect: () => Promise.reject(new Error('no listening')),
  });
  await watch.start();
  const busyUntilMs = performance.now() + 2_100;
  while (performance.now() < busyUntilMs);
  expect(() => watch.refuseIfStale()).toThrow('cannot be checked');
  await watch.catchUp();
  watch.refuseIfStale();
  await watch.stop();
});

test('a machine makes no identity active, whatever its process is made to do', async () => {
  const gateway = createPool(database.gatewayUrl, { applicationName: 'tests' });
  const { id } = await registerReporter(migrator, { state: 'proposed' });
  const active = gateway.query(`UPDATE identity SET state = 'active' WHERE id = $1`, [id]);
  await expect(active).rejects.toThrow('makes no identity active');
  const stop = () => gateway.query(`UPDATE identity SET state = 'suspended' WHERE id = $1`, [id]);
  // Nobody accepted it: there is nothing to stop, and nothing that could be resumed.
  await expect(stop()).rejects.toThrow('suspends what is active');
  await migrator.query(`UPDATE identity SET state = 'active' WHERE id = $1`, [id]);
  await stop();
  const kind = gateway.query(`SELECT append_control('price_set', '{}')`);
  await expect(kind).rejects.toThrow('appends no entry of this kind');
  await gateway.end();
});
