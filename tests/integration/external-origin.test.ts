import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '@/lib/core/ids';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { settleOrigins } from '@/lib/identities/external/origin/settle';
import {
  forgetOrigins,
  listedPerHourMax,
  originProjection,
} from '@/lib/identities/external/project';
import {
  countOrigins,
  findOrigin,
  listMismatches,
  listUnverified,
} from '@/lib/identities/external/queries';
import { listStrange } from '@/lib/inventory/origin/queries';
import { listLags, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { listControl } from '../support/organisation';
import { scopeOf } from '../support/people';
import { seedShard } from '../support/seed-log';
import { appendTold, type Told } from '../support/told';

let database: TestDatabase;
let migrator: Pool;
let worker: Pool;
let client: PoolClient;
const minute = 60_000;
const hour = 60 * minute;
const today = new Date(new Date().setUTCHours(3, 0, 0, 0)).getTime();
const moment = (ms: number) => new Date(today + ms);

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  await migrator.query(
    `SELECT ensure_partitions((now() - interval '20 days')::date, (now() + interval '1 day')::date)`,
  );
});
afterAll(async () => {
  await worker.end();
  await migrator.end();
  await database.drop();
});

/** Shards are never reused, so that each test has a log of its own. */
let shard = 10;
let name = '';
let api = '';
beforeEach(async () => {
  shard += 1;
  name = `pay-${shard}`;
  await seedShard(migrator, shard);
  api = await register(name, [`api.pay${shard}.example`, `*.cdn.pay${shard}.example`], -hour);
  client = await worker.connect();
  return () => client.release(true);
});

/** An external API whose hosts are in force from so many milliseconds after the beginning of the day's log. */
async function register(called: string, hosts: string[], sinceMs: number): Promise<string> {
  const id = newId();
  await migrator.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at) VALUES ($1, 'external_api', $2, '{}', 'active', now())`,
    [id, called],
  );
  await migrator.query(
    `INSERT INTO external_api (identity_id, hosts, changed_at, probe_due_at) VALUES ($1, $2, now(), now())`,
    [id, hosts],
  );
  await since(id, sinceMs);
  return id;
}
const since = (id: string, ms: number) =>
  migrator.query(
    `UPDATE external_api_version SET since = $2 WHERE identity_id = $1
       AND since = (SELECT max(since) FROM external_api_version WHERE identity_id = $1)`,
    [id, moment(ms)],
  );

const host = () => `api.pay${shard}.example`;
const told = (change: Partial<Told> = {}): Told => ({
  receivedAt: moment(minute),
  provider: name,
  serverAddress: host(),
  ...change,
});
const append = (...entries: Told[]) => appendTold(migrator, shard, entries);
async function drain(entriesMax?: number): Promise<void> {
  for (;;) {
    const waiting = (await listLags(client, [originProjection])).filter(
      ({ entries }) => entries > 0,
    );
    if (waiting.length === 0) return;
    for (const lag of waiting) await projectBatch(client, originProjection, lag.shard, entriesMax);
  }
}
async function here() {
  const { rows: hours } = await migrator.query(
    'SELECT hour, interactions, unverified FROM external_hour WHERE identity = $1 ORDER BY hour',
    [api],
  );
  const { rows } = await migrator.query<{ position: bigint }>(
    'SELECT position FROM external_mismatch WHERE identity = $1 ORDER BY received_at, shard, position',
    [api],
  );
  return { hours, listed: rows.map(({ position }) => Number(position)) };
}

describe('what arrives of an external API', () => {
  test.each<[string, () => Partial<Told>]>([
    ['its host', () => ({})],
    [
      'its host, in capitals and with the dot of a root',
      () => ({ serverAddress: `${host().toUpperCase()}.` }),
    ],
    ['one label below its wildcard', () => ({ serverAddress: `eu.cdn.pay${shard}.example` })],
    ['its host, whatever it calls itself', () => ({ provider: null })],
  ])('is verified from %s', async (_what, change) => {
    await append(told(change()));
    await drain();
    expect(await here()).toEqual({
      hours: [{ hour: moment(0), interactions: 1, unverified: 0 }],
      listed: [],
    });
  });

  test.each<[string, () => Partial<Told>]>([
    ['another host', () => ({ serverAddress: 'evil.example' })],
    ['a host that ends like its own', () => ({ serverAddress: `${host()}.evil.example` })],
    ['two labels below its wildcard', () => ({ serverAddress: `a.b.cdn.pay${shard}.example` })],
    ['the wildcard itself', () => ({ serverAddress: `*.cdn.pay${shard}.example.evil` })],
    ['an address', () => ({ serverAddress: '203.0.113.9' })],
    ['nowhere', () => ({ serverAddress: null })],
    [
      'elsewhere, as a peer by its name',
      () => ({
        provider: null,
        serverAddress: 'x.example',
        kind: 'data_transfer',
        resource: ['endpoint', name.toUpperCase()],
      }),
    ],
    [
      'elsewhere, as an endpoint at its host',
      () => ({
        provider: null,
        serverAddress: null,
        resource: ['endpoint', `${host()}:443`],
      }),
    ],
    [
      'elsewhere, as an MCP server by its name',
      () => ({
        provider: null,
        serverAddress: 'x.example',
        kind: 'mcp',
        resource: ['mcp_server', name],
      }),
    ],
    [
      'elsewhere, served by itself',
      () => ({ provider: null, identity: api, serverAddress: 'x.example', spanKind: 'server' }),
    ],
    [
      'a host in letters that look like its own',
      () => ({ serverAddress: `\u0430pi.pay${shard}.example` }),
    ],
  ])('is unverified from %s', async (_what, change) => {
    await append(told(change()));
    await drain();
    expect(await here()).toEqual({
      hours: [{ hour: moment(0), interactions: 1, unverified: 1 }],
      listed: [0],
    });
  });

  test.each<[string, () => Partial<Told>]>([
    ['what acts on something else', () => ({ provider: 'other', serverAddress: 'x.example' })],
    ['a step or an event', () => ({ kind: 'step', serverAddress: 'x.example' })],
    [
      'what the API calls itself',
      () => ({ provider: null, identity: api, serverAddress: 'x.example', spanKind: 'client' }),
    ],
    [
      'whoever runs a service of that name',
      () => ({ provider: null, service: name, serverAddress: 'x.example' }),
    ],
    [
      'a tool of that name',
      () => ({
        provider: null,
        serverAddress: null,
        kind: 'tool_call',
        resource: ['tool', name],
      }),
    ],
  ])('is not %s', async (_what, change) => {
    await append(told(change()));
    await drain();
    expect(await here()).toEqual({ hours: [], listed: [] });
  });

  test('a registered name in other letters is the same in telemetry', async () => {
    await migrator.query('UPDATE external_api SET hosts = $2 WHERE identity_id = $1', [
      api,
      [`xn--bcher-kva.pay${shard}.example`],
    ]);
    await since(api, -minute);
    await append(told({ serverAddress: `bücher.pay${shard}.example` }));
    await drain();
    expect((await here()).hours).toEqual([{ hour: moment(0), interactions: 1, unverified: 0 }]);
  });

  test('is judged by what was registered when it arrived, and once more comes to the same', async () => {
    await migrator.query('UPDATE external_api SET hosts = $2 WHERE identity_id = $1', [
      api,
      ['new.example'],
    ]);
    await since(api, 10 * minute);
    await migrator.query(`UPDATE identity SET state = 'decommissioned' WHERE id = $1`, [api]);
    await since(api, 20 * minute);
    const at = (minutes: number, serverAddress: string) =>
      told({ receivedAt: moment(minutes * minute), serverAddress });
    await append(
      told({ receivedAt: moment(-2 * hour), serverAddress: 'before.example' }),
      at(9, host()),
      at(9, 'new.example'),
      at(10, host()),
      at(11, 'new.example'),
      at(21, host()),
    );
    await drain();
    const first = await here();
    expect(first).toEqual({
      hours: [{ hour: moment(0), interactions: 4, unverified: 2 }],
      listed: [2, 3],
    });
    await rebuildProjection(client, originProjection);
    expect((await here()).listed).toEqual([]);
    await drain(1);
    expect(await here()).toEqual(first);
  });

  test('is listed so many times an hour and counted beyond, however batches are cut', async () => {
    const many = Array.from({ length: listedPerHourMax + 250 }, (_, index) =>
      told({ receivedAt: moment(index), serverAddress: `h${index}.evil.example` }),
    );
    await append(...many);
    await drain(333);
    const first = await here();
    expect(first.listed).toHaveLength(listedPerHourMax);
    expect(first.hours).toMatchObject([{ unverified: listedPerHourMax + 250 }]);
    await rebuildProjection(client, originProjection);
    await drain();
    expect(await here()).toEqual(first);
  });
});

test('a registration is in force five seconds after it, so that no batch was judged by another', async () => {
  const id = await register(`late-${shard}`, ['late.example'], 0);
  await migrator.query('UPDATE identity SET names = $2 WHERE id = $1', [id, ['Later']]);
  const { rows } = await migrator.query<{ ahead: number; names: string[] }>(
    `SELECT extract(epoch FROM since - clock_timestamp())::float8 AS ahead, names FROM external_api_version
     WHERE identity_id = $1 ORDER BY since DESC LIMIT 1`,
    [id],
  );
  expect(rows[0]?.names).toEqual([`late-${shard}`, 'later']);
  expect(rows[0]?.ahead).toBeGreaterThan(3);
  expect(rows[0]?.ahead).toBeLessThanOrEqual(5);
});

describe('the fact of its origin', () => {
  const scope = scopeOf();
  const origin = async (at: Date) => (await findOrigin(scope, api, at, migrator))?.origin ?? null;
  const probed = (outcome: string, at: Date) =>
    migrator.query(
      `INSERT INTO external_probe (identity_id, host, outcome, reason, probed_at) VALUES ($1, $2, $3, 'as the test says', $4)
       ON CONFLICT (identity_id, host) DO UPDATE SET outcome = excluded.outcome, probed_at = excluded.probed_at`,
      [api, host(), outcome, at],
    );
  const changes = async () =>
    (await listControl(migrator, ['origin_changed'])).filter(({ facts }) => facts.identity === api);

  test('follows what its hosts prove and what arrives, with an entry for each change', async () => {
    await settleOrigins(worker, moment(0));
    expect(await origin(moment(0))).toBeNull();
    await probed('verified', moment(minute));
    await settleOrigins(worker, moment(2 * minute));
    expect(await origin(moment(2 * minute))).toBe('verified');
    // Whoever stops asking proves nothing any more.
    expect(await origin(moment(minute + 3 * hour))).toBeNull();
    expect(await settleOrigins(worker, moment(3 * minute))).toBe(0);

    await append(told({ receivedAt: moment(4 * minute), serverAddress: 'evil.example' }));
    await drain();
    await settleOrigins(worker, moment(5 * minute));
    expect(await origin(moment(5 * minute))).toBe('unverified');
    expect(
      (await listUnverified(scope, moment(5 * minute), migrator)).map(({ id }) => id),
    ).toContain(api);
    await probed('verified', moment(26 * hour));
    await settleOrigins(worker, moment(26 * hour + minute));
    expect(await origin(moment(26 * hour + minute))).toBe('verified');
    await probed('unverified', moment(27 * hour));
    await settleOrigins(worker, moment(27 * hour + minute));
    expect((await changes()).map(({ facts }) => [facts.before, facts.after, facts.why])).toEqual([
      [null, 'verified', 'each host proved itself'],
      ['verified', 'unverified', '1 interaction in 24 hours came from elsewhere'],
      // What lapsed meanwhile is told by its end, which stands in the entry.
      [null, 'verified', 'each host proved itself'],
      ['verified', 'unverified', `${host()}: as the test says`],
    ]);
    expect((await changes())[0]?.facts.by).toBe('projection:origin');
  });

  test('ends with the API, and where nothing is known any more', async () => {
    await probed('verified', moment(0));
    await settleOrigins(worker, moment(minute));
    await probed('unreachable', moment(2 * minute));
    await settleOrigins(worker, moment(3 * minute));
    expect(await origin(moment(3 * minute))).toBeNull();
    await probed('verified', moment(4 * minute));
    await settleOrigins(worker, moment(5 * minute));
    expect(await origin(moment(5 * minute))).toBe('verified');
    await migrator.query(`UPDATE identity SET state = 'decommissioned' WHERE id = $1`, [api]);
    await settleOrigins(worker, moment(6 * minute));
    expect(await origin(moment(6 * minute))).toBeNull();
  });

  test('of two workers that settle at once, one writes the entry', async () => {
    await probed('verified', moment(0));
    await Promise.all([
      settleOrigins(worker, moment(minute)),
      settleOrigins(worker, moment(minute)),
    ]);
    expect(await changes()).toHaveLength(1);
  });
});

test('what is listed names its entry, and what was registered for it', async () => {
  await append(told({ serverAddress: 'evil.example', identity: null }));
  await drain();
  const [mismatch] = await listMismatches(scopeOf(), api, migrator);
  expect(mismatch).toMatchObject({
    serverAddress: 'evil.example',
    kind: 'inference',
    identity: null,
  });
  if (mismatch === undefined) throw new Error('it was not listed');
  expect(await listStrange(scopeOf(), mismatch, migrator)).toEqual([
    { id: api, name, hosts: [`api.pay${shard}.example`, `*.cdn.pay${shard}.example`] },
  ]);
  expect(await countOrigins(scopeOf(), api, moment(hour), migrator)).toEqual({
    interactions: 1,
    unverified: 1,
  });
  await forgetOrigins(worker);
  expect((await here()).listed).toEqual([0]);
});
