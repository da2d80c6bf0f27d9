import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '@/lib/core/errors';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { listLags, projectBatch } from '@/lib/log/projection';
import {
  type BehindFilter,
  formatBehindCursor,
  parseBehindView,
  type Sort,
} from '@/lib/people/behind/address';
import { type BehindCtx, expectBehind, reopenBehind } from '@/lib/people/behind/mutations';
import { behind, newPeoplePerDayMax } from '@/lib/people/behind/project';
import {
  countOpenBehind,
  findPersonBehind,
  hasPeopleBehind,
  listPeopleBehind,
  peoplePageSize,
} from '@/lib/people/behind/queries';
import { manyPeople } from '@/lib/people/behind/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter } from '../support/gateway';
import { actorOf, scopeOf } from '../support/people';
import { seedShard } from '../support/seed-log';
import { appendTold, print, type Told } from '../support/told';

let database: TestDatabase;
let migrator: Pool;
let pool: Pool;
let worker: Pool;
let db: PrismaClient;
const now = new Date();
const ago = (ms: number) => new Date(now.getTime() - ms);
const hour = 3_600_000;
const scope = scopeOf();
const ada = '00000000-0000-7000-8000-00000000ada0';
const team = '00000000-0000-7000-8000-0000000000f1';
const otherTeam = '00000000-0000-7000-8000-0000000000f2';
let coder: string;
let deployer: string;

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
  worker = createPool(database.workerUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  await migrator.query(
    `SELECT ensure_partitions((now() - interval '20 days')::date, (now() + interval '1 day')::date)`,
  );
  await seedShard(migrator, 1);
  await seedShard(migrator, 2);
  await migrator.query(
    `INSERT INTO person (id, email, name, roles, created_at, disabled_at) VALUES
       ($1, 'ada@example.org', 'Ada', '{admin}', now(), NULL),
       (gen_random_uuid(), 'bob@example.org', 'Bob', '{viewer}', now(), now())`,
    [ada],
  );
  coder = (await registerReporter(migrator, { name: 'coder' })).id;
  deployer = (await registerReporter(migrator, { name: 'deployer' })).id;
  await migrator.query(
    `INSERT INTO team (id, name, created_at) VALUES ($1, 'payments', now()), ($2, 'search', now())`,
    [team, otherTeam],
  );
  await migrator.query('UPDATE identity SET team_id = $2 WHERE id = $1', [coder, team]);
  await migrator.query('UPDATE identity SET team_id = $2 WHERE id = $1', [deployer, otherTeam]);
});
afterAll(async () => {
  await db?.$disconnect();
  await Promise.all([pool?.end(), worker?.end(), migrator?.end()]);
  await database?.drop();
});

/** Entries arrive in the order sent, whenever it was that they happened. */
let sent = 0;
async function send(shard: number, ...entries: Omit<Told, 'receivedAt'>[]): Promise<void> {
  await appendTold(
    migrator,
    shard,
    entries.map((entry) => {
      sent += 1;
      return {
        ...{ reporter: entry.identity ?? coder, dialect: 'claude_code', ...entry },
        receivedAt: ago(600_000 - sent),
      };
    }),
  );
  const client = await worker.connect();
  for (const lag of await listLags(client, [behind]))
    if (lag.entries > 0) await projectBatch(client, behind, lag.shard);
  client.release();
}

const idOf = async (text: string) =>
  (await migrator.query<{ id: string }>('SELECT term_id($1) AS id', [text])).rows[0]?.id ?? '';

async function list(filter: Partial<BehindFilter> = {}, as = scope, sort: Sort = 'last') {
  const view = { filter: { show: 'all' as const, identity: null, who: null, ...filter }, sort };
  return (await listPeopleBehind(as, { ...view, cursor: null }, pool)).people;
}
const names = async (...asked: Parameters<typeof list>) =>
  (await list(...asked)).map(({ text }) => text);

const controlOf = async (kind: string) =>
  (
    await migrator.query<{ facts: string }>(
      'SELECT facts FROM control_event WHERE kind = $1 ORDER BY position',
      [kind],
    )
  ).rows.map(({ facts }) => JSON.parse(facts));

describe('people behind agents', () => {
  it('are nobody at first', async () => {
    expect(await hasPeopleBehind(scope, pool)).toBe(false);
    expect(await list()).toEqual([]);
    expect(await countOpenBehind(scope, pool)).toEqual({ count: 0, isMore: false });
    expect(await findPersonBehind(scope, ada, pool)).toBeNull();
  });

  it('are listed as declared, their factor not shown, with who acted for them over all shards', async () => {
    await send(
      1,
      { at: ago(9 * hour), identity: coder, onBehalfOf: 'Ada@Example.org' },
      { at: ago(8 * hour), identity: coder, onBehalfOf: 'Ada@Example.org' },
      { at: ago(3 * hour), identity: deployer, onBehalfOf: 'bob@example.org' },
    );
    await send(
      2,
      { at: ago(2 * hour), identity: deployer, onBehalfOf: 'Ada@Example.org' },
      { at: ago(7 * hour), fingerprint: print(1), onBehalfOf: 'Ada@Example.org' },
    );
    const [first, second] = await list();
    expect(first).toEqual({
      id: await idOf('Ada@Example.org'),
      text: 'Ada@Example.org',
      evidence: 'declared',
      factor: null,
      sameEmail: { name: 'Ada', hasLeft: false },
      agents: [
        { id: coder, name: 'coder', entries: 2 },
        { id: null, name: null, entries: 1 },
        { id: deployer, name: 'deployer', entries: 1 },
      ],
      agentsOf: 3,
      entries: 4,
      firstAt: ago(9 * hour),
      lastAt: ago(2 * hour),
      isOpen: true,
      expected: null,
    });
    expect(second).toMatchObject({
      text: 'bob@example.org',
      sameEmail: { name: 'Bob', hasLeft: true },
    });
    const found = await findPersonBehind(scope, await idOf('Ada@Example.org'), pool);
    expect(found?.person).toEqual(first);
    expect(found?.agents[0]).toEqual({
      ...{ id: coder, name: 'coder', entries: 2, interactions: 2, points: 0 },
      ...{ firstAt: ago(9 * hour), lastAt: ago(8 * hour), reporters: ['coder'], isOpen: true },
    });
  });

  it('are narrowed to an agent, to nobody registered, and to one by all of what they are called', async () => {
    expect(await names({ identity: 'coder' })).toEqual(['Ada@Example.org']);
    expect(await names({ identity: deployer })).toEqual(['Ada@Example.org', 'bob@example.org']);
    expect(await names({ identity: 'unregistered' })).toEqual(['Ada@Example.org']);
    expect(await names({ identity: 'nobody' })).toEqual([]);
    expect(await names({ who: 'bob@example.org' })).toEqual(['bob@example.org']);
    expect(await names({ who: 'bob@example' })).toEqual([]);
    expect(await names({ who: "x'; DELETE FROM person_behind; --" })).toEqual([]);
    const byEntries = await list({}, scope, 'entries');
    expect(await list({ identity: 'deployer' }, scope, 'entries')).toEqual(byEntries);
  });

  it('are those of agents that the reader may see, and their figures too', async () => {
    const payments = scopeOf({ reach: 'teams', teams: [team], contentRead: 'none' });
    const [one, ...others] = await list({}, payments);
    expect(others).toEqual([]);
    expect(await names({ identity: 'deployer' }, payments)).toEqual([]);
    expect(one).toMatchObject({ text: 'Ada@Example.org', entries: 2, agentsOf: 1 });
    expect(one?.agents.map(({ name }) => name)).toEqual(['coder']);
    expect(await countOpenBehind(payments, pool)).toMatchObject({ count: 1 });
    expect(await findPersonBehind(payments, await idOf('bob@example.org'), pool)).toBeNull();
    expect(await names({}, scopeOf({ reach: 'teams', teams: [] }))).toEqual([]);
    expect(await hasPeopleBehind(scopeOf({ reach: 'teams', teams: [] }), pool)).toBe(false);
  });

  it('are shown to no one who may not see people, who is told of no finding either', async () => {
    const viewer = scopeOf({ roles: ['viewer'] });
    await expect(list({}, viewer)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(findPersonBehind(viewer, ada, pool)).rejects.toThrow('Only an analyst');
    await expect(hasPeopleBehind(viewer, pool)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await countOpenBehind(viewer, pool)).toEqual({ count: 0, isMore: false });
  });

  it('show a factor only where their sign-in is proved', async () => {
    const proved = '00000000-0000-7000-8000-00000000d00d';
    await migrator.query(
      `INSERT INTO person_behind_name VALUES ($1, 'https://id.example.org carol')`,
      [proved],
    );
    await migrator.query(
      `INSERT INTO person_behind (person, identity, reporter, shard, evidence, factor, interactions, points, first_at,
         last_at, last_received_at) VALUES ($1, $2, $2, 1, 'proved', 'passkey', 1, 0, $3, $3, $3)`,
      [proved, coder, ago(40 * hour)],
    );
    expect((await list({ who: null })).at(-1)).toMatchObject({
      evidence: 'proved',
      factor: 'passkey',
      isOpen: false,
    });
    expect(await names({ show: 'not_shown' })).not.toContain('https://id.example.org carol');
    await migrator.query('DELETE FROM person_behind WHERE person = $1', [proved]);
  });

  it('are paged both ways, each exactly once, in either order', async () => {
    const total = 2 * peoplePageSize + 13;
    await send(
      1,
      ...Array.from({ length: total }, (_, n) => ({
        at: ago(50 * hour + Math.floor(n / 7) * 1000),
        identity: coder,
        onBehalfOf: `page-${n}`,
      })),
    );
    for (const sort of ['last', 'entries'] as const) {
      const walk = async (direction: 'before' | 'after', from?: string) => {
        const seen: string[] = [];
        let edge = from;
        for (let pages = 0; pages < 9; pages += 1) {
          const { cursor } = parseBehindView(edge === undefined ? {} : { [direction]: edge });
          const filter = { show: 'all' as const, identity: 'coder', who: null };
          const page = await listPeopleBehind(scope, { filter, sort, cursor }, pool);
          const ids = page.people.map(({ id }) => id);
          seen.push(...(direction === 'before' ? ids : ids.toReversed()));
          const last = direction === 'before' ? page.people.at(-1) : page.people[0];
          if (!(direction === 'before' ? page.hasNext : page.hasPrevious) || !last) break;
          edge = formatBehindCursor(sort, last);
        }
        return seen;
      };
      const down = await walk('before');
      expect(new Set(down).size).toBe(down.length);
      expect(down).toHaveLength(total + 1);
      const first = await list({ identity: 'coder' }, scope, sort);
      expect(down.slice(0, peoplePageSize)).toEqual(first.map(({ id }) => id));
      const edge = first.at(-1);
      if (edge === undefined) throw new Error('nobody is listed');
      const up = await walk('after', formatBehindCursor(sort, edge));
      expect(up).toEqual(down.slice(0, peoplePageSize - 1).toReversed());
    }
    expect(await countOpenBehind(scope, pool)).toEqual({ count: 100, isMore: true });
    await migrator.query(
      `DELETE FROM person_behind WHERE person IN (SELECT id FROM person_behind_name WHERE text LIKE 'page-%')`,
    );
  });
});

describe('a finding about somebody behind agents', () => {
  const ctxOf = (over: Parameters<typeof scopeOf>[0] = {}): BehindCtx => ({
    db,
    actor: actorOf({ id: ada, ...over }),
    scope: scopeOf({ id: ada, ...over }),
    now,
  });
  const expectFor = async (text: string, days: number | null, ctx = ctxOf()) =>
    expectBehind(ctx, { person: await idOf(text), reason: 'signs in at our provider', days });

  it('is cleared by a reason for a time or for good, until another agent or reporter tells of them', async () => {
    expect(await countOpenBehind(scope, pool)).toMatchObject({ count: 2 });
    await expectFor('bob@example.org', 30);
    expect(await countOpenBehind(scope, pool)).toMatchObject({ count: 1 });
    expect(await names({ show: 'not_shown' })).toEqual(['Ada@Example.org']);
    const [bob] = await list({ show: 'expected' });
    expect(bob).toMatchObject({
      text: 'bob@example.org',
      isOpen: false,
      expected: {
        reason: 'signs in at our provider',
        by: 'Ada',
        at: now,
        until: new Date(now.getTime() + 30 * 24 * hour),
      },
    });
    await send(1, { identity: deployer, onBehalfOf: 'bob@example.org' });
    expect(await names({ show: 'expected' })).toEqual(['bob@example.org']);
    await send(1, { identity: deployer, reporter: coder, onBehalfOf: 'bob@example.org' });
    expect(await names({ show: 'expected' })).toEqual([]);
    await expectFor('bob@example.org', null);
    expect((await list({ show: 'expected' }))[0]?.expected?.until).toBeNull();
    await send(1, { identity: coder, onBehalfOf: 'bob@example.org' });
    expect(await names({ show: 'not_shown' })).toEqual(['bob@example.org', 'Ada@Example.org']);
    expect(await controlOf('person_behind_expected')).toEqual([
      {
        ...{ by: `person:${ada}`, address: '192.0.2.1', sign_in: 's' },
        ...{ person: await idOf('bob@example.org'), agents: [deployer], agents_total: 1 },
        before: { state: 'open' },
        after: { state: 'expected', until: new Date(now.getTime() + 30 * 24 * hour).toISOString() },
        reason: 'signs in at our provider',
      },
      expect.objectContaining({
        before: { state: 'expected' },
        after: { state: 'expected', until: null },
      }),
    ]);
  });

  it('is back when the time is over', async () => {
    const past = { ...ctxOf(), now: ago(91 * 24 * hour) };
    await expectFor('bob@example.org', 90, past);
    expect(await names({ show: 'not_shown' })).toContain('bob@example.org');
    expect((await list({ who: 'bob@example.org' }))[0]?.expected).toBeNull();
  });

  it('is opened again by a person, which is on record', async () => {
    await expectFor('bob@example.org', null);
    expect(await names({ show: 'expected' })).toEqual(['bob@example.org']);
    const person = await idOf('bob@example.org');
    await reopenBehind(ctxOf(), { person });
    expect(await names({ show: 'expected' })).toEqual([]);
    expect(await controlOf('person_behind_reopened')).toEqual([
      expect.objectContaining({
        person,
        agents: [coder, deployer].sort(),
        before: { state: 'expected' },
        after: { state: 'open' },
      }),
    ]);
    await expect(reopenBehind(ctxOf(), { person })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is decided on as far as one sees it: of one team it stays open for the others', async () => {
    const payments = { reach: 'teams', teams: [team] } as const;
    await expectFor('bob@example.org', null, ctxOf(payments));
    expect(await names({ show: 'expected' }, scopeOf(payments))).toEqual(['bob@example.org']);
    expect(await names({ show: 'not_shown' })).toContain('bob@example.org');
    const search = ctxOf({ reach: 'teams', teams: [otherTeam] });
    const person = await idOf('bob@example.org');
    await expect(reopenBehind(search, { person })).rejects.toMatchObject({ code: 'not_found' });
    await expectFor('bob@example.org', null, search);
    expect(await names({ show: 'expected' })).toEqual(['bob@example.org']);
    await reopenBehind(ctxOf(payments), { person });
    expect((await findPersonBehind(scope, person, pool))?.agents).toMatchObject([
      { name: 'deployer', isOpen: false },
      { name: 'coder', isOpen: true },
    ]);
    await expect(
      expectFor('bob@example.org', null, ctxOf({ reach: 'teams', teams: [] })),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('covers the people who were too many as one', async () => {
    await send(
      2,
      ...Array.from({ length: newPeoplePerDayMax + 1 }, (_, n) => ({
        identity: coder,
        onBehalfOf: `flood-${n}`,
      })),
    );
    const crowd = await findPersonBehind(scope, manyPeople, pool);
    expect(crowd?.person).toMatchObject({ text: null, sameEmail: null, isOpen: true });
    await expectBehind(ctxOf(), { person: manyPeople, reason: 'a load test', days: null });
    expect((await findPersonBehind(scope, manyPeople, pool))?.person.isOpen).toBe(false);
  });

  it('refuses whoever may not decide, and what is not seen or filled in', async () => {
    const before = await controlOf('person_behind_expected');
    for (const role of ['viewer', 'policy_author', 'approver'] as const) {
      await expect(
        expectFor('bob@example.org', null, ctxOf({ roles: [role] })),
      ).rejects.toMatchObject({ code: 'forbidden' });
      await expect(
        reopenBehind(ctxOf({ roles: [role] }), { person: manyPeople }),
      ).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(expectFor('nobody@example.org', null)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(
      expectBehind(
        { ...ctxOf(), actor: { kind: 'operator', name: 'root' } },
        { person: manyPeople, reason: 'x', days: null },
      ),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const good = { person: manyPeople, reason: 'x', days: 30 };
    for (const bad of [
      { days: 7 },
      { reason: '  ' },
      { reason: 'x'.repeat(1001) },
      { person: 'x' },
    ])
      await expect(expectBehind(ctxOf(), { ...good, ...bad })).rejects.toThrow(AppError);
    expect(await controlOf('person_behind_expected')).toEqual(before);
  });
});
