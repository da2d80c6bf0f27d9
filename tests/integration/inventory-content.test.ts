import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintScope } from '@/lib/auth/scope';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { emptyFilter, rangeOf } from '@/lib/inventory/address';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { getHealth } from '@/lib/inventory/health/queries';
import {
  openContent,
  openQuarantined,
  type RequestReplay,
  requestReplay,
} from '@/lib/inventory/mutations';
import {
  countQuarantined,
  findQuarantined,
  listQuarantined,
} from '@/lib/inventory/quarantine/queries';
import { listInteractions } from '@/lib/inventory/queries';
import { contentCharsMax } from '@/lib/inventory/schema';
import type { EntryPlace } from '@/lib/log/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway, type TestGateway } from '../support/gateway';
import { actorOf, nobodyOf, personOf } from '../support/people';
import { exportRequest, genaiChatSpan } from '../support/spans';

const admin = personOf({ id: '00000000-0000-7000-8000-0000000000ad' });
const nobody = nobodyOf({ id: admin.id });
const scope = mintScope(admin);
const none = emptyFilter();

let database: TestDatabase;
let gateway: TestGateway;
let db: Pool;
let owner: Pool;
let key: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPool(database.consoleUrl, { applicationName: 'test' });
  owner = createPool(database.migratorUrl, { applicationName: 'test' });
  gateway = await startGateway(database);
  key = (await registerReporter(owner, { name: 'billing-agent' })).key;
});

afterAll(async () => {
  await gateway?.close();
  await Promise.all([db?.end(), owner?.end()]);
  await database?.drop();
});

const opening = () => ({
  now: new Date(),
  db,
  kek: keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
});
const controlKinds = async () =>
  (
    await owner.query<{ kind: string }>('SELECT kind FROM control_event ORDER BY position')
  ).rows.map(({ kind }) => kind);

let sent = 0;
async function keep(attributes: Record<string, string>): Promise<EntryPlace> {
  sent += 1;
  const span = genaiChatSpan({ at: sent, startedMs: Date.now(), attributes });
  expect((await postTraces(gateway.url, key, JSON.stringify(exportRequest([span])))).status).toBe(
    200,
  );
  const { rows } = await listInteractions(
    scope,
    { filter: none, range: rangeOf('1h', new Date()), cursor: null },
    db,
  );
  const place = parseEntryId(rows[0]?.id ?? '');
  if (place === null) throw new Error('nothing was kept');
  return place;
}

describe('content', () => {
  it('is opened for an administrator, and that is on record once a minute', async () => {
    const place = await keep({
      'gen_ai.output.messages': '[{"role":"assistant","content":"marker-out"}]',
    });
    const { now, ...rest } = opening();
    const opened = await openContent(scope, { place, whole: null }, { now, ...rest });
    expect(opened).toMatchObject({ state: 'open' });
    expect(JSON.stringify(opened)).toContain('marker-out');
    await openContent(scope, { place, whole: null }, { now, ...rest });
    expect((await controlKinds()).filter((kind) => kind === 'content_opened')).toHaveLength(1);
    await openContent(
      scope,
      { place, whole: null },
      { now: new Date(now.getTime() + 60_000), ...rest },
    );
    expect((await controlKinds()).filter((kind) => kind === 'content_opened')).toHaveLength(2);
  });

  it('is withheld from whoever may not read it, and nothing is decrypted or recorded', async () => {
    const place = await keep({});
    const before = await controlKinds();
    expect(await openContent(mintScope(nobody), { place, whole: null }, opening())).toMatchObject({
      state: 'withheld',
    });
    await expect(
      openQuarantined(mintScope(nobody), crypto.randomUUID(), opening()),
    ).rejects.toMatchObject({ code: 'forbidden' });
    expect(await controlKinds()).toEqual(before);
  });

  it('is cut until all of it is asked for', async () => {
    const place = await keep({ 'gen_ai.input.messages': 'long '.repeat(contentCharsMax) });
    const inputOf = async (whole: 'input' | null) => {
      const content = await openContent(scope, { place, whole }, opening());
      return content.state === 'open'
        ? content.bodies.find(({ role }) => role === 'input')
        : undefined;
    };
    expect((await inputOf(null))?.text).toHaveLength(contentCharsMax);
    expect((await inputOf('input'))?.text).toHaveLength(5 * contentCharsMax);
  });

  it('says who erased it and why, while the facts stay', async () => {
    const place = await keep({});
    await db.query("SELECT erase_entry($1, $2, $3, 'bodies', 'A mistake', 'operator:root')", [
      place.receivedAt,
      place.shard,
      place.position.toString(),
    ]);
    expect(await openContent(scope, { place, whole: null }, opening())).toMatchObject({
      state: 'gone',
      cause: 'erased',
      by: 'operator:root',
      reason: 'A mistake',
    });
  });

  it('of no entry is not found', async () => {
    const place = { receivedAt: new Date(), shard: 1, position: 999_999n };
    await expect(openContent(scope, { place, whole: null }, opening())).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('quarantine', () => {
  it('lists what was refused page by page, opens it on record, and replays it', async () => {
    const bad = Array.from({ length: 60 }, (_, at) => ({
      ...genaiChatSpan({ at: 9000 + at }),
      traceId: '00',
    }));
    await postTraces(gateway.url, key, JSON.stringify(exportRequest(bad)));
    const first = await listQuarantined(scope, { reasons: [], cursor: null }, db);
    expect(first.items).toHaveLength(50);
    const last = first.items.at(-1);
    if (last === undefined) throw new Error('nothing was refused');
    const cursor = {
      direction: 'before' as const,
      receivedAt: new Date(last.receivedAt),
      id: last.id,
    };
    const second = await listQuarantined(scope, { reasons: [], cursor }, db);
    expect(second.items).toHaveLength(10);
    const all = [...first.items, ...second.items].map(({ id }) => id);
    expect(new Set(all).size).toBe(60);
    expect((await countQuarantined(scope, db)).total).toEqual({ count: 60, isMore: false });

    const raw = await openQuarantined(scope, last.id, opening());
    expect(raw?.toString()).toContain('gen_ai');
    expect(await controlKinds()).toContain('quarantined_item_opened');

    await expect(
      requestReplay({ actor: actorOf(nobody), scope }, { ids: [last.id] }, db),
    ).rejects.toMatchObject({
      code: 'forbidden',
    });
    const limited = { actor: actorOf(admin), scope: mintScope({ ...admin, reach: 'teams' }) };
    expect(await requestReplay(limited, { ids: [last.id] }, db)).toBe(0);
    expect(await requestReplay({ actor: actorOf(admin), scope }, { ids: [last.id] }, db)).toBe(1);
    expect(await controlKinds()).toContain('quarantine_replay_requested');
    await expect
      .poll(async () => (await findQuarantined(scope, last.id, db))?.replayState, {
        timeout: 10_000,
      })
      .toBe('refused_again');
    const lost = [
      { reasons: [] },
      { ids: [] },
      { ids: ['x'] },
      { all: false },
      {},
    ] as unknown as RequestReplay[];
    for (const input of lost)
      await expect(
        requestReplay({ actor: actorOf(admin), scope }, input, db),
      ).rejects.toMatchObject({
        code: 'invalid_input',
        message: 'Choose between 1 and 500 items to replay.',
      });
    expect(
      await requestReplay({ actor: actorOf(admin), scope }, { reasons: ['invalid_span_id'] }, db),
    ).toBe(0);
    expect(
      await requestReplay({ actor: actorOf(admin), scope }, { reasons: ['invalid_trace_id'] }, db),
    ).toBe(60);
  });

  it('the console may ask for a replay, but not settle one or remove an item', async () => {
    for (const statement of [
      'UPDATE quarantine SET replayed_at = now()',
      "UPDATE quarantine SET reason = 'malformed_item'",
      'DELETE FROM quarantine',
    ]) {
      await expect(db.query(statement), statement).rejects.toMatchObject({ code: '42501' });
    }
  });
});

it('health is one reading, whatever a process wrote of itself', async () => {
  await owner.query(
    `INSERT INTO process_status VALUES (gen_random_uuid(), 'gateway', '9', now(), now() - interval '1 minute', '"nonsense"')`,
  );
  const health = await getHealth(scope, new Date(), db);
  expect(health.processes).toMatchObject([
    { role: 'gateway', isSilent: true, gateway: { ackP99Ms: null } },
  ]);
  expect(health.versions.postgres).toMatch(/^\d+/);
  expect(health.minutes).toHaveLength(60);
});
