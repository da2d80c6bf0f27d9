import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  changeKeeping,
  changeOrganisation,
  type SettingsCtx,
} from '@/lib/people/organisation/mutations';
import { getSettings, previewRemoval } from '@/lib/people/organisation/queries';
import type { ChangeKeeping, Keeping } from '@/lib/people/organisation/schema';
import { marks } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { postTraces, registerReporter, startGateway } from '../support/gateway';
import { listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';
import { exportRequest, genaiChatSpan } from '../support/spans';

let database: TestDatabase;
let db: PrismaClient;
let owner: Pool;
/** As the console. */
let reader: Pool;
let ctx: SettingsCtx;
const scope = scopeOf();
const keeping: Keeping = { content: 'redact', retentionBodyDays: 30, retentionFactsDays: 365 };
const organisation = { organisation: 'Blue Sparrow', timeZone: 'UTC' };

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  reader = createPool(database.consoleUrl, { applicationName: 'tests' });
  await setUpOrganisation(owner);
  ctx = { db, actor: actorOf(), now: new Date() };
});
beforeEach(async () => {
  await owner.query(
    `UPDATE setting SET organisation = 'Blue Sparrow', time_zone = 'UTC', content = 'redact',
       retention_body_days = 30, retention_facts_days = 365`,
  );
});
afterAll(async () => {
  await db.$disconnect();
  await Promise.all([owner.end(), reader.end()]);
  await database.drop();
});

const entries = () => listControl(owner, ['setting_changed']);
const keep = (after: Partial<Keeping>, over: Partial<ChangeKeeping> = {}) =>
  changeKeeping(ctx, {
    before: keeping,
    after: { ...keeping, ...after },
    reason: 'As agreed',
    isRemovalConfirmed: false,
    ...over,
  });

test('a change is one entry, which tells what was and what is, who, from where and why', async () => {
  const before = (await entries()).length;
  await changeOrganisation(ctx, {
    before: organisation,
    after: { organisation: 'Blue Sparrow', timeZone: 'Europe/Berlin' },
    reason: '  We moved  ',
  });
  expect(await getSettings(scope, reader)).toMatchObject({ timeZone: 'Europe/Berlin' });
  expect((await entries()).slice(before)).toEqual([
    {
      kind: 'setting_changed',
      facts: {
        by: 'person:p',
        address: '192.0.2.1',
        sign_in: 's',
        before: { time_zone: 'UTC' },
        after: { time_zone: 'Europe/Berlin' },
        reason: 'We moved',
      },
    },
  ]);
  await keep({ content: 'digest', retentionBodyDays: 60 });
  expect((await entries()).at(-1)?.facts).toMatchObject({
    before: { content: 'redact', retention_body_days: 30 },
    after: { content: 'digest', retention_body_days: 60 },
  });
});

test('of two who change the same settings at once, one is told and overwrites nothing', async () => {
  const before = (await entries()).length;
  const results = await Promise.allSettled([
    keep({ content: 'digest' }),
    keep({ content: 'keep' }),
    keep({ retentionBodyDays: 31 }),
  ]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected')
      expect(result.reason).toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('Somebody else changed these settings'),
      });
  expect((await entries()).slice(before)).toHaveLength(1);
});

test('what is on one page does not stand in the way of the other', async () => {
  await keep({ content: 'keep' });
  await changeOrganisation(ctx, {
    before: organisation,
    after: { ...organisation, organisation: 'Red Sparrow' },
    reason: 'New name',
  });
  expect(await getSettings(scope, reader)).toMatchObject({
    content: 'keep',
    organisation: 'Red Sparrow',
  });
});

describe('refuses', () => {
  test.each<[string, () => Promise<void>, string]>([
    ['content that outlives its facts', () => keep({ retentionBodyDays: 366 }), 'no longer than'],
    ['no day at all', () => keep({ retentionBodyDays: 0 }), 'one day at least'],
    ['half a day', () => keep({ retentionFactsDays: 365.5 }), 'whole number'],
    ['what is no number', () => keep({ retentionFactsDays: Number.NaN }), 'whole number'],
    ['more than a century', () => keep({ retentionFactsDays: 1e6 }), '36,500 days at most'],
    // As what was posted would be.
    ['a policy that is none', () => keep({ content: 'all' as 'keep' }), 'Choose what is kept'],
    ['no reason', () => keep({ content: 'keep' }, { reason: ' ' }), 'Say why'],
    ['nothing new', () => keep({}), 'Nothing is different'],
    ['to remove what nobody confirmed', () => keep({ retentionBodyDays: 29 }), 'Confirm that'],
    [
      'what does not belong there',
      () => keep({ content: 'keep', organisation: 'x' } as Partial<Keeping>),
      'organisation',
    ],
    [
      'a zone that nobody knows',
      () =>
        changeOrganisation(ctx, {
          before: organisation,
          after: { ...organisation, timeZone: 'Europe/Atlantis' },
          reason: 'x',
        }),
      'Choose a time zone',
    ],
  ])('%s', async (_what, change, sentence) => {
    const before = (await entries()).length;
    await expect(change()).rejects.toThrow(sentence);
    expect(await getSettings(scope, reader)).toEqual({ ...organisation, ...keeping });
    expect((await entries()).length).toBe(before);
  });

  test.each<[string, SettingsCtx['actor'], string]>([
    ['a viewer', actorOf({ roles: ['viewer'] }), 'forbidden'],
    ['an approver', actorOf({ roles: ['analyst', 'policy_author', 'approver'] }), 'forbidden'],
    ['an administrator whose factor is stale', actorOf({}, { isFresh: false }), 'factor_needed'],
  ])('%s', async (_who, actor, code) => {
    const change = changeOrganisation(
      { ...ctx, actor },
      { before: organisation, after: { ...organisation, organisation: 'x' }, reason: 'x' },
    );
    await expect(change).rejects.toMatchObject({ code });
  });
});

test('what fewer days remove is told in days and bytes beforehand', async () => {
  const gateway = await startGateway(database);
  try {
    const { key } = await registerReporter(owner);
    await postTraces(gateway.url, key, JSON.stringify(exportRequest([genaiChatSpan({})])));
  } finally {
    await gateway.close();
  }
  expect(await previewRemoval(scope, keeping, reader)).toMatchObject({ bodyDays: 0, factDays: 0 });
  // As if today's partitions were those of ten days ago.
  const day = (ago: number) =>
    new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  for (const table of ['body', 'interaction'])
    await owner.query(`ALTER TABLE ${table}_${day(0)} RENAME TO ${table}_${day(10)}`);
  const days = (bodies: number, facts: number) =>
    previewRemoval(
      scope,
      { ...keeping, retentionBodyDays: bodies, retentionFactsDays: facts },
      reader,
    );
  expect(await days(10, 10)).toMatchObject({ bodyDays: 0, factDays: 0 });
  const bodies = await days(9, 10);
  expect(bodies).toMatchObject({ bodyDays: 1, factDays: 0, factBytes: 0, quarantined: 0 });
  expect(bodies.bodyBytes).toBeGreaterThan(1000);
  const all = await days(9, 9);
  expect(all).toMatchObject({ bodyDays: 1, factDays: 1 });
  expect(all.factBytes).toBeGreaterThan(1000);
  for (const table of ['body', 'interaction'])
    await owner.query(`ALTER TABLE ${table}_${day(10)} RENAME TO ${table}_${day(0)}`);
});

test('what is kept of content changes at a gateway that runs', async () => {
  const gateway = await startGateway(database);
  try {
    const { id, key } = await registerReporter(owner);
    let at = 0;
    const isDigestOnly = async () => {
      at += 1;
      await postTraces(gateway.url, key, JSON.stringify(exportRequest([genaiChatSpan({ at })])));
      const { rows } = await owner.query<{ marks: number }>(
        'SELECT marks FROM interaction WHERE reporter = $1 ORDER BY received_at DESC, position DESC LIMIT 1',
        [id],
      );
      return ((rows[0]?.marks ?? 0) & marks.digest_only) > 0;
    };
    expect(await isDigestOnly()).toBe(false);
    await keep({ content: 'digest' });
    await expect.poll(isDigestOnly, { timeout: 5_000 }).toBe(true);
    await changeKeeping(ctx, {
      before: { ...keeping, content: 'digest' },
      after: keeping,
      reason: 'Back',
      isRemovalConfirmed: false,
    });
    await expect.poll(isDigestOnly, { timeout: 5_000 }).toBe(false);
  } finally {
    await gateway.close();
  }
});
