import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool, type PoolClient } from '@/lib/db/pool';
import { listLags, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { shadowIdentity } from '@/lib/log/schema';
import { behind, newPeoplePerDayMax } from '@/lib/people/behind/project';
import { manyPeople } from '@/lib/people/behind/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postSignal, registerReporter, startGateway } from '../support/gateway';
import {
  dataPoint,
  logRecord,
  logsRequest,
  metricsRequest,
  nsOf,
  sumMetric,
} from '../support/records';
import { seedShard } from '../support/seed-log';
import { agent, appendTold, aReporter, print, type Told } from '../support/told';

let database: TestDatabase;
let migrator: Pool;
let worker: Pool;
let client: PoolClient;

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
beforeEach(async () => {
  shard += 1;
  await seedShard(migrator, shard);
  client = await worker.connect();
  return () => client.release(true);
});

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const today = new Date(new Date().setUTCHours(3, 0, 0, 0)).getTime();
const moment = (ms: number) => new Date(today + ms);

async function drain(entriesMax?: number): Promise<void> {
  for (;;) {
    const waiting = (await listLags(client, [behind])).filter(({ entries }) => entries > 0);
    if (waiting.length === 0) return;
    for (const lag of waiting) await projectBatch(client, behind, lag.shard, entriesMax);
  }
}

const tables = ['person_behind', 'person_behind_name', 'person_behind_day'] as const;
const linesOf = async (table: (typeof tables)[number]): Promise<string[]> =>
  (
    await migrator.query<{ line: string }>(`SELECT t::text AS line FROM ${table} t ORDER BY 1`)
  ).rows.map(({ line }) => line);
const outputs = async () => ({
  people: await linesOf('person_behind'),
  names: await linesOf('person_behind_name'),
});

type Row = { who: string | null; identity: string; interactions: number; points: number };
/** What is known of this test's own shard. */
async function here(): Promise<Row[]> {
  const { rows } = await migrator.query<Row>(
    `SELECT n.text AS who, b.identity, b.interactions::int, b.points::int FROM person_behind b
     LEFT JOIN person_behind_name n ON n.id = b.person WHERE b.shard = $1 ORDER BY n.text, b.identity`,
    [shard],
  );
  return rows;
}

/** As a coding agent tells it, who may call people whatever it likes. */
const append = (...entries: Told[]) =>
  appendTold(
    migrator,
    shard,
    entries.map((entry) => ({ dialect: 'claude_code', ...entry })),
  );

describe('for whom an agent acts', () => {
  it('is known from the logs and metrics that a coding agent sends, as declared and with no factor', async () => {
    const gateway = await startGateway(database);
    const reporter = await registerReporter(migrator, { name: 'claude-code' });
    const ada = { 'user.email': 'ada@example.com', 'user.id': 'f00d', 'session.id': 'ses-1' };
    const happenedMs = Date.now() - 3 * minute;
    const records = ['user_prompt', 'api_request', 'tool_result'].map((name) =>
      logRecord(
        { ...ada, 'event.name': name, model: 'claude-opus-5' },
        { body: { stringValue: `claude_code.${name}` }, timeUnixNano: nsOf(happenedMs) },
      ),
    );
    const anonymous = logRecord({ 'event.name': 'user_prompt', 'session.id': 'ses-2' });
    const points = sumMetric('claude_code.token.usage', [dataPoint({ ...ada, type: 'input' })]);
    for (const answer of [
      await postSignal(
        'log',
        gateway.url,
        reporter.key,
        JSON.stringify(logsRequest([...records, anonymous], 'claude-code')),
      ),
      await postSignal(
        'metric',
        gateway.url,
        reporter.key,
        JSON.stringify(metricsRequest([points], 'claude-code')),
      ),
    ])
      expect([answer.status, answer.json]).toEqual([200, {}]);
    await gateway.close();
    await drain(2);
    const { rows } = await migrator.query(
      `SELECT n.text, b.identity, b.reporter, b.evidence, b.factor, b.interactions::int, b.points::int, b.first_at
       FROM person_behind b JOIN person_behind_name n ON n.id = b.person WHERE b.reporter = $1`,
      [reporter.id],
    );
    expect(rows).toEqual([
      {
        text: 'ada@example.com',
        identity: reporter.id,
        reporter: reporter.id,
        evidence: 'declared',
        factor: null,
        interactions: 3,
        points: 1,
        first_at: new Date(happenedMs),
      },
    ]);
  });

  it('is told by agent and by who reports it, by when it happened, and by arrival where that is implausible', async () => {
    const other = '00000000-0000-7000-8000-0000000000aa';
    await append(
      { receivedAt: moment(0), at: moment(-hour), identity: agent(1), onBehalfOf: 'ada' },
      { receivedAt: moment(minute), identity: agent(1), onBehalfOf: 'ada' },
      { receivedAt: moment(minute), identity: agent(2), onBehalfOf: 'ada' },
      { receivedAt: moment(minute), identity: agent(1), onBehalfOf: 'ada', reporter: other },
      { receivedAt: moment(minute), fingerprint: print(1), onBehalfOf: 'ada' },
      {
        receivedAt: moment(2 * minute),
        at: new Date(0),
        isImplausible: true,
        identity: agent(1),
        onBehalfOf: 'bob',
      },
      { receivedAt: moment(2 * minute), identity: agent(1) },
    );
    await drain(3);
    const { rows } = await migrator.query(
      `SELECT n.text, b.identity, b.reporter, b.interactions::int, b.first_at, b.last_at FROM person_behind b
       JOIN person_behind_name n ON n.id = b.person WHERE b.shard = $1 ORDER BY n.text, b.identity, b.reporter`,
      [shard],
    );
    const once = { interactions: 1, first_at: moment(minute), last_at: moment(minute) };
    const at = moment(2 * minute);
    expect(rows).toEqual([
      { text: 'ada', identity: shadowIdentity, reporter: aReporter, ...once },
      {
        ...{ text: 'ada', identity: agent(1), reporter: aReporter },
        ...{ interactions: 2, first_at: moment(-hour), last_at: moment(minute) },
      },
      { text: 'ada', identity: agent(1), reporter: other, ...once },
      { text: 'ada', identity: agent(2), reporter: aReporter, ...once },
      {
        ...{ text: 'bob', identity: agent(1), reporter: aReporter },
        ...{ interactions: 1, first_at: at, last_at: at },
      },
    ]);
  });

  it('is a person by an e-mail address or as a coding agent says, and not by the id of a customer', async () => {
    const receivedAt = moment(0);
    const told = { receivedAt, identity: agent(1) };
    await append(
      { ...told, onBehalfOf: 'customer-5521', dialect: 'genai' },
      { ...told, onBehalfOf: 'customer@', dialect: 'openinference' },
      { ...told, onBehalfOf: 'ada@example.com', dialect: 'genai' },
      { ...told, onBehalfOf: 'f00d', dialect: 'codex' },
    );
    await drain();
    expect((await here()).map(({ who }) => who)).toEqual(['ada@example.com', 'f00d']);
  });

  it('never shows a factor that was only declared', async () => {
    await expect(
      migrator.query(
        `INSERT INTO person_behind (person, identity, reporter, shard, evidence, factor, interactions, points, first_at,
           last_at, last_received_at) VALUES (gen_random_uuid(), $1, $1, 1, 'declared', 'passkey', 1, 0, now(), now(), now())`,
        [agent(1)],
      ),
    ).rejects.toThrow('person_behind_declared_shows_no_factor');
  });
});

/** A log of a few days, in which some people are known, some new, and one reporter makes up more than it may. */
function manyPeopleTold(): Told[] {
  let state = 11;
  const roll = (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
  return Array.from({ length: 9_000 }, (_, n) => {
    const isMadeUp = roll(2) === 0;
    const receivedAt = new Date(today - 2 * day - 4 * hour + Math.floor((n * 90 * minute) / 9_000));
    return {
      receivedAt,
      at: new Date(receivedAt.getTime() - roll(40) * minute),
      reporter: agent(isMadeUp ? 9 : 8),
      identity: roll(4) === 0 ? null : agent(roll(3)),
      onBehalfOf: roll(6) === 0 ? null : isMadeUp ? `made up ${n}` : `person ${roll(20)}`,
      isImplausible: roll(30) === 0,
    };
  });
}

describe('a rebuild', () => {
  it('gives what was there, however the batches are cut', async () => {
    await append(...manyPeopleTold());
    await drain(777);
    const first = await outputs();
    expect(first.people.some((line) => line.includes(manyPeople))).toBe(true);
    for (const entriesMax of [undefined, 1_000, 333]) {
      await rebuildProjection(client, behind);
      expect(await outputs()).toEqual({ people: [], names: [] });
      await drain(entriesMax);
      expect(await outputs()).toEqual(first);
    }
  });
});

describe('names that are made up', () => {
  it('are one beyond the share of their reporter and day, and take no room from others', async () => {
    const flood = Array.from({ length: newPeoplePerDayMax + 400 }, (_, n) => ({
      receivedAt: moment(n),
      identity: agent(1),
      reporter: agent(7),
      onBehalfOf: `made up ${n}@example.com`,
    }));
    await append(...flood, {
      receivedAt: moment(minute),
      identity: agent(2),
      onBehalfOf: 'real@example.com',
    });
    await drain(350);
    const rows = await here();
    const crowd = rows.filter(({ who }) => who === null);
    expect(rows).toHaveLength(newPeoplePerDayMax + 2);
    expect(crowd).toEqual([{ who: null, identity: agent(1), interactions: 400, points: 0 }]);
    expect(rows).toContainEqual({
      ...{ who: 'real@example.com', identity: agent(2) },
      ...{ interactions: 1, points: 0 },
    });
    const { rows: names } = await migrator.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM person_behind_name WHERE text LIKE 'made up %@example.com' OR id = $1`,
      [manyPeople],
    );
    expect(names).toEqual([{ n: newPeoplePerDayMax }]);

    // Whoever was known before is told by name, and the next day has room again.
    await append(
      {
        receivedAt: moment(2 * minute),
        identity: agent(1),
        reporter: agent(7),
        onBehalfOf: 'made up 3@example.com',
      },
      {
        receivedAt: moment(day),
        identity: agent(1),
        reporter: agent(7),
        onBehalfOf: 'late@example.com',
      },
    );
    await drain();
    expect(await here()).toContainEqual({
      ...{ who: 'made up 3@example.com', identity: agent(1) },
      ...{ interactions: 2, points: 0 },
    });
    expect(await here()).toContainEqual({
      ...{ who: 'late@example.com', identity: agent(1) },
      ...{ interactions: 1, points: 0 },
    });
    // What was counted of days that are over is forgotten.
    await append({ receivedAt: moment(day + minute), identity: agent(1), onBehalfOf: 'x' });
    await drain();
    const { rows: days } = await migrator.query(
      'SELECT DISTINCT day FROM person_behind_day WHERE shard = $1',
      [shard],
    );
    expect(days).toEqual([{ day: new Date(moment(day).setUTCHours(0)) }]);
  });

  it('count by agent too, so that one name behind every agent is no way around', async () => {
    await append(
      ...Array.from({ length: newPeoplePerDayMax + 50 }, (_, n) => ({
        receivedAt: moment(n),
        identity: `00000000-0000-7000-8000-00000001${n.toString(16).padStart(4, '0')}`,
        reporter: agent(7),
        onBehalfOf: 'everywhere@example.com',
      })),
    );
    await drain();
    const rows = await here();
    expect(rows.filter(({ who }) => who !== null)).toHaveLength(newPeoplePerDayMax);
  });
});
