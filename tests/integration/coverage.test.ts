import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '@/lib/core/errors';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { fingerprintOf } from '@/lib/identities/attribute';
import { createIdentity } from '@/lib/identities/registration/mutations';
import { emptyFilter, rangeOf } from '@/lib/inventory/address';
import { ignoreShadow, type ShadowCtx, unignoreShadow } from '@/lib/inventory/coverage/mutations';
import { coverage } from '@/lib/inventory/coverage/project';
import {
  findCoverage,
  listActors,
  listCoverage,
  listJoined,
} from '@/lib/inventory/coverage/queries';
import {
  countOpenShadow,
  findShadow,
  listShadow,
  listShadowEntries,
  listShadowReporters,
} from '@/lib/inventory/coverage/shadow/queries';
import { listInteractions } from '@/lib/inventory/queries';
import { listLags, projectBatch } from '@/lib/log/projection';
import { whoOf } from '@/lib/people/actor';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { registerReporter } from '../support/gateway';
import { actorOf, scopeOf } from '../support/people';
import { seedShard } from '../support/seed-log';
import { appendTold, type Told } from '../support/told';

let database: TestDatabase;
let migrator: Pool;
let pool: Pool;
let db: PrismaClient;
let ctx: ShadowCtx;
const now = new Date();
const ago = (ms: number) => new Date(now.getTime() - ms);
const hour = 3_600_000;
const scope = scopeOf({ id: '0198' });

beforeAll(async () => {
  database = await createTestDatabase();
  migrator = createPool(database.migratorUrl, { applicationName: 'tests' });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  await migrator.query(
    `SELECT ensure_partitions((now() - interval '20 days')::date, (now() + interval '1 day')::date)`,
  );
  await seedShard(migrator, 1);
  await createFirstAdministrator(
    db,
    {
      email: 'ada@example.org',
      password: 'correct horse battery',
      organisation: 'x',
      name: 'Ada',
    } as never,
    now,
  );
  const person = await db.person.findFirstOrThrow({ select: { id: true } });
  ctx = { db, actor: actorOf({ id: person.id }), scope: scopeOf({ id: person.id }), now };
});
afterAll(async () => {
  await db.$disconnect();
  await pool.end();
  await migrator.end();
  await database.drop();
});

/** Entries arrive in the order sent, whenever it was that they happened. */
let sent = 0;
async function send(...entries: Omit<Told, 'receivedAt'>[]): Promise<void> {
  await appendTold(
    migrator,
    1,
    entries.map((entry) => {
      sent += 1;
      return { ...entry, receivedAt: ago(600_000 - sent) };
    }),
  );
  const worker = createPool(database.workerUrl, { applicationName: 'tests' });
  const client = await worker.connect();
  for (const lag of await listLags(client, [coverage]))
    if (lag.entries > 0) await projectBatch(client, coverage, lag.shard);
  client.release();
  await worker.end();
}

const declares = (declaredName: string | null, service: string | null = null) => ({
  declaredName,
  service,
  fingerprint: Buffer.from(fingerprintOf({ declaredName, declaredId: null, service })),
});
const hexOf = (declared: { fingerprint: Buffer }) => declared.fingerprint.toString('hex');

/** Kinds and facts of what the control shard got since. */
async function told(since: bigint) {
  const { rows } = await migrator.query<{ kind: string; facts: string }>(
    'SELECT kind, facts FROM control_event WHERE position >= $1 ORDER BY position',
    [since],
  );
  return rows.map(({ kind, facts }) => ({ ...JSON.parse(facts), kind }));
}
const find = (fingerprint: string, reporter: string | null = null) =>
  findShadow(scope, { fingerprint, reporter }, pool);
const reporterOf = async (fingerprint: string) => (await find(fingerprint))?.reporter.id ?? '';
const head = async () =>
  (await migrator.query<{ n: bigint }>('SELECT next_position AS n FROM shard WHERE id = 0')).rows[0]
    ?.n ?? 0n;

describe('what arrives', () => {
  it('is told of every identity in use, also of one that never sent', async () => {
    const sends = await registerReporter(migrator, { name: 'sends' });
    const quiet = await registerReporter(migrator, { name: 'quiet' });
    await registerReporter(migrator, { name: 'gone', state: 'decommissioned' });
    await send(
      {
        at: ago(9 * 24 * hour),
        identity: sends.id,
        kind: 'retrieval',
        dialect: 'openinference',
      },
      { at: ago(hour), identity: sends.id, roles: [0, 1], onBehalfOf: 'somebody' },
      { at: ago(hour), identity: sends.id },
    );
    const found = await listCoverage(scope, { now }, pool);
    expect(found.map(({ name }) => name)).toEqual(['quiet', 'sends']);
    expect(found[1]).toMatchObject({
      interactions: 2,
      recent: { inference: 2, input: 1, output: 1, retrieval: 0 },
      last: { input: ago(hour), retrieval: ago(9 * 24 * hour), transfer: null },
      dialects: ['genai', 'openinference'],
      firstAt: ago(9 * 24 * hour),
    });
    expect(await findCoverage(scope, { now, id: quiet.id }, pool)).toMatchObject({
      interactions: 0,
      lastAt: null,
    });
    const actors = await listActors(scope, [sends.id, quiet.id], pool);
    expect([...actors.values()].map(({ kind }) => kind)).toEqual(['interactive', 'unknown']);
  });
});

describe('an unregistered actor', () => {
  const ghost = declares('ghost', 'shop');

  it('is listed with what its newest entry declares, who reported it and what it did', async () => {
    const collector = await registerReporter(migrator, { name: 'collector', kind: 'service' });
    await send(
      { ...ghost, at: ago(3 * hour), reporter: collector.id },
      {
        ...ghost,
        at: ago(2 * hour),
        reporter: collector.id,
        kind: 'tool_call',
        status: 'error',
      },
      { ...declares('g\u04BBost-of-quiet'), at: ago(5 * hour), reporter: collector.id },
      { ...declares(null, 'qu\u0456et'), at: ago(4 * hour), reporter: collector.id },
      { ...declares('quiet'), at: ago(6 * hour), reporter: collector.id },
    );
    const open = await listShadow(scope, 'open', pool);
    expect(open.map(({ declaredName, service }) => declaredName ?? service)).toEqual([
      'ghost',
      'qu\u0456et',
      'g\u04BBost-of-quiet',
      'quiet',
    ]);
    expect(open[0]).toMatchObject({
      fingerprint: hexOf(ghost),
      service: 'shop',
      interactions: 2,
      errors: 1,
      reporter: { id: collector.id, name: 'collector' },
      isCrowd: false,
      kinds: ['inference', 'tool_call'],
      firstAt: ago(3 * hour),
      lastAt: ago(2 * hour),
      resembles: null,
      ignored: null,
    });
    expect(open.slice(1).map(({ resembles }) => resembles)).toEqual([
      { name: 'quiet', how: 'alike' },
      null,
      { name: 'quiet', how: 'same' },
    ]);
    expect(await countOpenShadow(scope, pool)).toBe(4);
    expect(await listShadowReporters(scope, hexOf(ghost), pool)).toEqual([
      {
        id: collector.id,
        name: 'collector',
        kind: 'service',
        reportsForAll: false,
        interactions: 2,
      },
    ]);
    expect(
      await listShadowEntries(scope, { fingerprint: hexOf(ghost), reporter: collector.id }, pool),
    ).toHaveLength(2);
    const { rows } = await listInteractions(
      scope,
      {
        filter: { ...emptyFilter(), fingerprint: [hexOf(ghost)] },
        range: rangeOf('24h', now),
        cursor: null,
      },
      pool,
    );
    expect(rows.map(({ declaredName }) => declaredName)).toEqual(['ghost', 'ghost']);
  });

  it('is ignored with a reason, on record, until it is not or its time is over', async () => {
    const fingerprint = hexOf(declares('quiet'));
    const since = await head();
    const reporter = await reporterOf(fingerprint);
    await ignoreShadow(ctx, { fingerprint, reporter, reason: ' a test of ours ', days: 30 });
    expect(await countOpenShadow(scope, pool)).toBe(3);
    const [ignored] = await listShadow(scope, 'ignored', pool);
    expect(ignored).toMatchObject({
      fingerprint,
      ignored: { reason: 'a test of ours', by: expect.any(String) },
    });
    await unignoreShadow(ctx, { fingerprint, reporter });
    expect(await listShadow(scope, 'ignored', pool)).toEqual([]);
    const about = { ...whoOf(ctx.actor), fingerprint, reporter };
    const decided = {
      kinds: ['inference'],
      reason: 'a test of ours',
      until: new Date(now.getTime() + 30 * 24 * hour).toISOString(),
    };
    expect(await told(since)).toEqual([
      {
        kind: 'shadow_ignored',
        ...about,
        reason: 'a test of ours',
        before: null,
        after: decided,
      },
      { kind: 'shadow_unignored', ...about, before: decided, after: null },
    ]);
    await ignoreShadow(
      { ...ctx, now: ago(8 * 24 * hour) },
      { fingerprint, reporter, reason: 'for a week', days: 7 },
    );
    expect(await countOpenShadow(scope, pool)).toBe(4);
    await expect(unignoreShadow(ctx, { fingerprint: hexOf(ghost), reporter })).rejects.toThrow(
      'not ignored',
    );
  });

  it.each([
    ['without a reason', { reason: '  ', days: null }, 'Say why'],
    ['for a time nobody offers', { reason: 'x', days: 3000 }, '7, 30 or 90 days'],
    ['that was never seen', { fingerprint: '00'.repeat(16), reason: 'x', days: null }, 'was seen'],
    [
      'by something that is no fingerprint',
      { fingerprint: 'x', reason: 'x', days: null },
      'hexadecimal',
    ],
  ])('refuses to ignore one %s, and leaves nothing behind', async (_what, change, sentence) => {
    const since = await head();
    const reporter = await reporterOf(hexOf(ghost));
    const input = { fingerprint: hexOf(ghost), reporter, ...change } as Parameters<
      typeof ignoreShadow
    >[1];
    // Each is an outcome that is said, and no surprise.
    const refusal = ignoreShadow(ctx, input);
    await expect(refusal).rejects.toBeInstanceOf(AppError);
    await expect(refusal).rejects.toThrow(sentence);
    expect(await head()).toBe(since);
  });

  it('is decided on by administrators only', async () => {
    const person: ShadowCtx = { ...ctx, actor: { ...ctx.actor, roles: [] } };
    const fingerprint = hexOf(ghost);
    const reporter = await reporterOf(fingerprint);
    await expect(
      ignoreShadow(person, { fingerprint, reporter, reason: 'x', days: null }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const limited: ShadowCtx = { ...ctx, scope: scopeOf({ reach: 'teams' }) };
    await expect(
      ignoreShadow(limited, { fingerprint, reporter, reason: 'x', days: null }),
    ).rejects.toMatchObject({ code: 'not_found' });
    const refused = unignoreShadow(person, { fingerprint, reporter });
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is registered in one transaction with its fingerprint, its names and who reports for it', async () => {
    const collector = (await listShadowReporters(scope, hexOf(ghost), pool))[0]?.id ?? '';
    await ignoreShadow(ctx, {
      fingerprint: hexOf(ghost),
      reporter: collector,
      reason: 'not yet',
      days: null,
    });
    const since = await head();
    const { identity } = await createIdentity(ctx, {
      kind: 'agent',
      name: 'ghost-agent',
      names: ['ghost'],
      fingerprint: hexOf(ghost),
      reportedBy: [collector],
    });
    expect(await find(hexOf(ghost))).toMatchObject({
      registered: { id: identity.id, name: 'ghost-agent', isStillSeen: false },
      ignored: null,
      resembles: null,
    });
    expect(
      (await listShadow(scope, 'registered', pool)).map(({ fingerprint }) => fingerprint),
    ).toEqual([hexOf(ghost)]);
    expect(
      (await listShadow(scope, 'open', pool)).map(({ fingerprint }) => fingerprint),
    ).not.toContain(hexOf(ghost));
    expect(await listJoined(scope, identity.id, pool)).toMatchObject([
      { fingerprint: hexOf(ghost), interactions: 2, lastAt: ago(2 * hour) },
    ]);
    expect((await told(since))[0]).toMatchObject({
      kind: 'identity_created',
      fingerprint: hexOf(ghost),
      names: ['ghost'],
      reported_by: [collector],
    });
    const { rows } = await migrator.query(
      'SELECT reporter_id FROM identity_reports_for WHERE identity_id = $1',
      [identity.id],
    );
    expect(rows).toEqual([{ reporter_id: collector }]);
  });

  it.each([
    [
      'twice',
      { name: 'other', fingerprint: hexOf(declares('ghost', 'shop')) },
      'conflict',
      'registered as ghost-agent',
    ],
    [
      'under a name that is taken',
      { name: 'quiet', fingerprint: hexOf(declares('quiet')) },
      'conflict',
      'has this name',
    ],
    ['that nobody saw', { name: 'other', fingerprint: '11'.repeat(16) }, 'not_found', 'was seen'],
    ['reported by an agent', { name: 'other', reportedBy: ['quiet'] }, 'invalid_input', 'service'],
  ])(
    'refuses to register one %s, and leaves nothing behind',
    async (_what, change, code, sentence) => {
      const quiet = await db.identity.findFirstOrThrow({
        where: { name: 'quiet' },
        select: { id: true },
      });
      const reportedBy = 'reportedBy' in change ? [quiet.id] : [];
      const since = await head();
      const refusal = createIdentity(ctx, { kind: 'agent', ...change, reportedBy });
      await expect(refusal).rejects.toMatchObject({ code });
      await expect(refusal).rejects.toThrow(sentence);
      expect(await head()).toBe(since);
      expect(await db.identity.count({ where: { name: 'other' } })).toBe(0);
    },
  );

  it('is counted once, whoever tells of it', async () => {
    const before = await countOpenShadow(scope, pool);
    const [east, west] = await Promise.all(
      ['east', 'west'].map((name) => registerReporter(migrator, { name, kind: 'service' })),
    );
    const told = declares('twice-told');
    await send(
      { ...told, at: ago(hour), reporter: east?.id ?? '' },
      { ...told, at: ago(hour), reporter: west?.id ?? '' },
    );
    const open = await listShadow(scope, 'open', pool);
    expect(open.filter(({ fingerprint }) => fingerprint === hexOf(told))).toHaveLength(2);
    expect(await countOpenShadow(scope, pool)).toBe(before + 1);
  });

  it('keeps its counts and loses its words when its entries are erased', async () => {
    const { rows } = await migrator.query(
      'SELECT received_at, shard, position FROM interaction WHERE fingerprint = $1',
      [ghost.fingerprint],
    );
    for (const { received_at, shard, position } of rows)
      await migrator.query(`SELECT erase_entry($1, $2, $3, 'all', 'a test', 'tests')`, [
        received_at,
        shard,
        position,
      ]);
    expect(await find(hexOf(ghost))).toMatchObject({
      interactions: 2,
      declaredName: null,
      service: null,
    });
  });
});
