import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { activity } from '@/lib/inventory/activity/project';
import { formatEntryId } from '@/lib/inventory/entry-id';
import { readPeriod } from '@/lib/inventory/overview/period';
import {
  compare,
  getPeriod,
  listActors,
  listBars,
  listNamed,
  sumOf,
} from '@/lib/inventory/overview/queries';
import { getInteraction } from '@/lib/inventory/queries';
import { projectBatch } from '@/lib/log/projection';
import { agents, type Call, seedCalls } from '../support/calls';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { scopeOf } from '../support/people';
import { seedShard } from '../support/seed-log';

let database: TestDatabase;
let migrator: Pool;
let reader: Pool;
const scope = scopeOf();
const [ours = '', other = ''] = agents;
const now = new Date('2026-11-25T14:36:00Z');
const ns = (at: string) => BigInt(Date.parse(at)) * 1_000_000n;

const tool = { kind: 'tool_call', resourceKind: 'tool', model: null };
const calls: Call[] = [
  { startedNs: ns('2026-11-25T14:10Z'), inputTokens: 10, outputTokens: 5, cost: 0.25 },
  { startedNs: ns('2026-11-25T13:59Z'), inputTokens: 20, status: 'error' },
  { startedNs: ns('2026-11-25T13:00Z'), ...tool, resource: 'send_money', identity: other },
  { startedNs: ns('2026-11-25T13:30Z'), ...tool, resource: 'send_money', identity: null },
  { startedNs: ns('2026-11-25T13:30Z'), kind: 'step' },
  { startedNs: ns('2026-11-24T13:30Z'), cost: 0.5 },
  { startedNs: ns('2026-11-24T14:30Z'), cost: 0.5 },
  { startedNs: ns('2026-10-25T12:00Z'), ...tool, resource: 'read_file' },
  { startedNs: ns('2026-11-25T14:20Z'), responseId: 'one', session: agents[2] ?? '' },
  {
    startedNs: ns('2026-11-25T14:20Z'),
    responseId: 'one',
    session: agents[2] ?? '',
    signal: 'log',
  },
  ...Array.from({ length: 10 }, (_, n) => ({
    startedNs: ns('2026-10-15T10:00Z'),
    identity: `00000000-0000-7000-8000-00000000010${n}`,
  })),
];

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  reader = createPool(database.consoleUrl, { applicationName: 'console' });
  await migrator.query(
    `INSERT INTO setting (organisation, time_zone, content, retention_body_days, retention_facts_days, created_at)
     VALUES ('Blue Sparrow', 'Europe/Vienna', 'redact', 30, 365, now())`,
  );
  await migrator.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at) VALUES ($1, 'agent', 'invoices', '{}', 'active', now())`,
    [ours],
  );
  await seedShard(migrator, 1);
  await seedCalls(migrator, 1, calls);
  const worker = createPool(database.workerUrl, { applicationName: 'worker' });
  const client = await worker.connect();
  while ((await projectBatch(client, activity, 1)) > 0);
  client.release();
  await worker.end();
});
afterAll(async () => {
  await Promise.all([reader?.end(), migrator?.end()]);
  await database?.drop();
});

const periodOf = (params: Record<string, string>) =>
  getPeriod(scope, readPeriod(params, now), now, reader);

describe('the last 24 hours', () => {
  it('are 24 bars, of which the last is the running hour, and steps are no exchanges', async () => {
    const bars = await listBars(scope, await periodOf({}), 'UTC', reader);
    expect(bars).toHaveLength(24);
    expect(bars.at(-1)).toMatchObject({
      label: '14:00',
      title: '25 Nov 14:00 to 15:00 UTC',
      byKind: { inference: 2 },
    });
    expect(bars.at(-2)?.byKind).toEqual({ inference: 1, tool_call: 2 });
    expect(sumOf(bars.map(({ figures }) => figures))).toEqual({
      interactions: 5,
      errors: 1,
      shadow: 1,
      inputTokens: 30,
      outputTokens: 5,
      cost: 0.25,
      costed: 1,
      usages: 3,
    });
  });

  it('are compared hour by hour: the running one waits until it is over', async () => {
    const { now: over, before } = await compare(scope, await periodOf({}), reader);
    expect(over.interactions).toBe(3);
    expect(over.cost).toBeNull();
    expect(before).toMatchObject({ interactions: 1, cost: 0.5 });
    expect(over.identities).toBe(2);
  });

  it('name who and what, the unregistered as one', async () => {
    const period = await periodOf({});
    const { actors, identities } = await listActors(scope, { period }, reader);
    expect(identities).toBe(2);
    expect(
      actors.map(({ id, name, interactions, done, before }) => [
        id,
        name,
        interactions,
        done,
        before,
      ]),
    ).toEqual([
      [ours, 'invoices', 3, 1, 1],
      [null, null, 1, 1, 0],
      [other, null, 1, 1, 0],
    ]);
    expect(actors[0]?.bars.at(-1)).toBe(2);
    expect((await listNamed(scope, period, 'models', reader)).named).toMatchObject([
      { name: 'orchid-2', interactions: 3, errors: 1 },
    ]);
    expect((await listNamed(scope, period, 'resources', reader)).named).toMatchObject([
      { name: 'send_money', interactions: 2, resourceKind: 'tool', kinds: ['tool_call'] },
    ]);
  });
});

it('the most active are shown first, and all of them to whoever asks', async () => {
  const period = await periodOf({ from: '2026-10-15T10:00Z', to: '2026-10-15T11:00Z' });
  const some = await listActors(scope, { period }, reader);
  expect([some.identities, some.actors.length]).toEqual([10, 8]);
  const whole = await listActors(scope, { period, isWhole: true }, reader);
  expect([whole.identities, whole.actors.length]).toEqual([10, 10]);
});

describe('longer periods', () => {
  it('go by the days of the organisation, one of which has 25 hours', async () => {
    const period = await periodOf({ from: '2026-10-20T00:00Z', to: '2026-10-30T00:00Z' });
    expect(period.zone).toBe('Europe/Vienna');
    expect(period.from.toISOString()).toBe('2026-10-19T22:00:00.000Z');
    expect(period.end.toISOString()).toBe('2026-10-30T23:00:00.000Z');
    expect(period.before.from.toISOString()).toBe('2026-10-08T22:00:00.000Z');
    const bars = await listBars(scope, period, 'UTC', reader);
    expect(bars).toHaveLength(11);
    const long = bars.find(({ title }) => title === '25 Oct');
    expect((Number(long?.to) - Number(long?.from)) / 3_600_000).toBe(25);
    expect(long?.byKind).toEqual({ tool_call: 1 });
    expect(sumOf(bars.map(({ figures }) => figures)).interactions).toBe(1);
  });

  it('of 30 days end today and are compared up to yesterday', async () => {
    const period = await periodOf({ from: '30d' });
    const bars = await listBars(scope, period, 'UTC', reader);
    expect(bars).toHaveLength(30);
    expect(bars.at(-1)?.title).toBe('25 Nov');
    expect((await compare(scope, period, reader)).now.interactions).toBe(2);
  });

  it('are whole hours exactly where they were asked for as such', async () => {
    const period = await periodOf({ from: '2026-11-12T14:00Z', to: '2026-11-12T18:00Z' });
    expect([period.from, period.end].map((at) => at.toISOString().slice(11, 16))).toEqual([
      '14:00',
      '18:00',
    ]);
  });
});

it('an interaction names the other entry that tells of the same call, and which one counts', async () => {
  const { rows } = await migrator.query<{ received_at: Date; position: bigint }>(
    'SELECT received_at, position FROM interaction WHERE response_id IS NOT NULL ORDER BY position',
  );
  const [span, log] = rows.map(({ received_at: receivedAt, position }) => ({
    receivedAt,
    shard: 1,
    position,
  }));
  if (span === undefined || log === undefined) throw new Error('Nothing was seeded.');
  const linkedOf = async (place: typeof span) => {
    const opened = await getInteraction(scope, place, reader);
    return opened.state === 'kept' ? opened.interaction.linked : null;
  };
  expect(await linkedOf(span)).toEqual([
    {
      id: formatEntryId(log),
      relation: 'same_call',
      isCounted: true,
      isDisputed: false,
      signal: 'log',
      who: 'invoices',
      isRegistered: true,
    },
  ]);
  expect(await linkedOf(log)).toMatchObject([
    { isCounted: false, isDisputed: false, signal: 'trace' },
  ]);
});
