import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  type ApiKeyCtx,
  issueApiKey,
  revokeApiKey,
  revokeKeysOf,
  rotateApiKey,
} from '@/lib/people/api-keys/mutations';
import { listApiKeys } from '@/lib/people/api-keys/queries';
import { remindOfKeys } from '@/lib/people/api-keys/remind';
import { apiKeysMax, type IssueApiKey } from '@/lib/people/api-keys/schema';
import { nameNetwork, removeNetwork } from '@/lib/people/networks/mutations';
import { listNetworks } from '@/lib/people/networks/queries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addPerson, listControl, setUpOrganisation } from '../support/organisation';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let owner: Pool;
let reader: Pool;
let maker: string;
let ctx: ApiKeyCtx;
const reason = 'Nightly report';
const scope = scopeOf();
const dayMs = 86_400_000;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests' });
  reader = createPool(database.consoleUrl, { applicationName: 'tests' });
  maker = await setUpOrganisation(owner);
  ctx = { db, actor: actorOf({ id: maker }), now: new Date() };
});
beforeEach(() => owner.query('DELETE FROM api_key_network; DELETE FROM api_key'));
afterAll(async () => {
  await db.$disconnect();
  await Promise.all([owner.end(), reader.end()]);
  await database.drop();
});

const issue = (change: Partial<IssueApiKey> = {}) =>
  issueApiKey(ctx, { name: 'reports', scopes: ['log:read'], reason, ...change });
const list = (now = ctx.now) => listApiKeys(scope, now, reader);
const lastEntry = async () =>
  (await listControl(owner, ['api_key_issued', 'api_key_rotated', 'api_key_revoked'])).at(-1);

test('the secret is shown once, and only its hash is kept', async () => {
  const issued = await issue({ scopes: ['log:read', 'registry:read'] });
  expect(issued.secret).toMatch(/^slp_ak_[A-Za-z0-9_-]{43}$/);
  expect(issued.expiresAt.getTime()).toBe(ctx.now.getTime() + 90 * dayMs);
  const [key] = (await list()).live;
  expect(key).toMatchObject({
    id: issued.id,
    name: 'reports',
    scopes: ['registry:read', 'log:read'],
    hint: issued.secret.slice(-4),
    networks: null,
    maker: 'Ada',
    state: 'active',
    lastUsedAt: null,
  });
  const { rows } = await owner.query(
    'SELECT k::text AS row FROM api_key k UNION ALL SELECT facts FROM control_event',
  );
  expect(JSON.stringify(rows)).not.toContain(issued.secret.slice(7, 30));
  expect(await lastEntry()).toEqual({
    kind: 'api_key_issued',
    facts: {
      by: `person:${maker}`,
      address: '192.0.2.1',
      sign_in: 's',
      key: issued.id,
      name: 'reports',
      scopes: ['registry:read', 'log:read'],
      networks: 'any',
      expires_at: issued.expiresAt.toISOString(),
      reason,
    },
  });
});

test('rotating makes a successor, and the key of before lapses after the overlap', async () => {
  const first = await issue({ days: 30 });
  const second = await rotateApiKey(ctx, { id: first.id, days: 60, overlapHours: 48, reason });
  expect(second.secret).not.toBe(first.secret);
  const { live } = await list();
  expect(live.map(({ id, name, state }) => ({ id, name, state }))).toEqual(
    expect.arrayContaining([
      { id: second.id, name: 'reports', state: 'active' },
      { id: first.id, name: 'reports', state: 'lapsing' },
    ]),
  );
  const lapses = new Date(ctx.now.getTime() + 2 * dayMs);
  expect(live.find(({ id }) => id === first.id)?.expiresAt).toEqual(lapses);
  expect((await list(lapses)).ended).toMatchObject([{ id: first.id, state: 'expired' }]);
  expect((await lastEntry())?.facts).toMatchObject({
    key: first.id,
    successor: second.id,
    before: { expires_at: first.expiresAt.toISOString() },
    after: { expires_at: lapses.toISOString() },
    reason,
  });
  await expect(rotateApiKey(ctx, { id: first.id, reason })).rejects.toThrow('rotated already');
});

test('an overlap never gives a key more time than it had', async () => {
  const first = await issue({ days: 1 });
  await rotateApiKey(ctx, { id: first.id, overlapHours: 168, reason });
  const kept = (await list()).live.find(({ id }) => id === first.id);
  expect(kept?.expiresAt).toEqual(first.expiresAt);
});

test('of two who rotate a key at once, one gets the successor', async () => {
  const { id } = await issue();
  const results = await Promise.allSettled([1, 2, 3].map(() => rotateApiKey(ctx, { id, reason })));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await list()).live).toHaveLength(2);
});

test('a key that was revoked has ended for good', async () => {
  const { id } = await issue();
  await revokeApiKey(ctx, { id, reason: 'Leaked' });
  expect((await list()).ended).toMatchObject([{ id, state: 'revoked' }]);
  expect(await lastEntry()).toMatchObject({
    kind: 'api_key_revoked',
    facts: { key: id, name: 'reports', reason: 'Leaked' },
  });
  await expect(revokeApiKey(ctx, { id, reason })).rejects.toThrow('ended before');
  await expect(rotateApiKey(ctx, { id, reason })).rejects.toThrow('no such key that works');
  // Its name is free again.
  await issue();
});

test('keys go with whoever made them, in one transaction with that', async () => {
  const leaver = await addPerson(owner, { name: 'Bo' });
  const own = { ...ctx, actor: actorOf({ id: leaver }) };
  for (const name of ['one', 'two']) await issueApiKey(own, { name, scopes: ['log:read'], reason });
  await issue();
  const act = { actor: ctx.actor, now: ctx.now, reason: 'Bo was removed' };
  await expect(
    db.$transaction(async (tx) => {
      expect(await revokeKeysOf(tx, leaver, act)).toBe(2);
      throw new Error('the removal failed');
    }),
  ).rejects.toThrow('the removal failed');
  expect((await list()).live).toHaveLength(3);
  await db.$transaction((tx) => revokeKeysOf(tx, leaver, act));
  expect((await list()).live).toMatchObject([{ name: 'reports' }]);
  const revoked = (await listControl(owner, ['api_key_revoked'])).slice(-2);
  expect(revoked.map(({ facts }) => facts.name).sort()).toEqual(['one', 'two']);
  for (const { facts } of revoked)
    expect(facts).toMatchObject({ by: `person:${maker}`, reason: 'Bo was removed' });
  expect(await db.$transaction((tx) => revokeKeysOf(tx, leaver, act))).toBe(0);
});

test('a key whose maker could not make it any more is shown as refused, with why, and is not rotated', async () => {
  const { id } = await issue();
  const policy = await issue({ name: 'policy', scopes: ['policy:read'] });
  const shown = async () =>
    (await list()).live.map(({ name, state, orphaned }) => [name, state, orphaned]);
  const set = (columns: string) =>
    owner.query(`UPDATE person SET ${columns} WHERE id = $1`, [maker]);
  const rotate = async (each: string) => {
    const other = await addPerson(owner, { name: 'Bo' });
    return rotateApiKey({ ...ctx, actor: actorOf({ id: other }) }, { id: each, reason });
  };
  try {
    await set(`reach = 'teams'`);
    expect(await shown()).toEqual([
      ['policy', 'active', null],
      ['reports', 'orphaned', 'reach'],
    ]);
    await expect(rotate(id)).rejects.toThrow('no such key that works');
    await set(`reach = 'all', roles = '{analyst}'`);
    expect(await shown()).toEqual([
      ['policy', 'orphaned', 'role'],
      ['reports', 'orphaned', 'role'],
    ]);
    await expect(rotate(policy.id)).rejects.toThrow('no such key that works');
    await set('disabled_at = now()');
    expect((await shown()).map(([, , why]) => why)).toEqual(['left', 'left']);
  } finally {
    await set(`reach = 'all', roles = '{admin}', disabled_at = NULL`);
  }
});

test('keys are listed to whoever makes them alone', async () => {
  await expect(
    listApiKeys(scopeOf({ roles: ['analyst', 'approver'] }), ctx.now, reader),
  ).rejects.toMatchObject({ code: 'forbidden' });
});

test('a network that a key is bound to stays until the key has ended', async () => {
  await nameNetwork(ctx, { name: 'Build', cidrs: ['10.1.0.0/16'], reason });
  const [build] = await listNetworks(scope, reader);
  if (build === undefined) throw new Error('it was named');
  const { id } = await issue({ networks: [build.id, build.id] });
  expect((await list()).live).toMatchObject([{ networks: ['Build'] }]);
  const successor = await rotateApiKey(ctx, { id, reason });
  expect((await list()).live).toMatchObject([{ networks: ['Build'] }, { networks: ['Build'] }]);
  const remove = () =>
    removeNetwork(ctx, { id: build.id, seenAt: build.changedAt.toISOString(), reason });
  await expect(remove()).rejects.toThrow('The API key reports may be used from this network only');
  for (const each of [id, successor.id]) await revokeApiKey(ctx, { id: each, reason });
  await remove();
  expect((await list()).ended).toMatchObject([{ networks: [] }, { networks: [] }]);
});

describe('refuses', () => {
  test.each<[string, Partial<IssueApiKey> & Record<string, unknown>, string]>([
    ['a name that is none', { name: ' ' }, 'Enter a name'],
    ['no scope', { scopes: [] }, 'one scope at least'],
    ['a scope that lets decide', { scopes: ['decide:any'] as never }, 'among the scopes listed'],
    ['no day', { days: 0 }, 'one day at least'],
    ['more than a year', { days: 366 }, '365 days at most'],
    ['a network that is none', { networks: ['Build'] }, 'among the networks listed'],
    [
      'a network that is gone',
      { networks: ['01890000-0000-7000-8000-000000000000'] },
      'One of these networks is gone',
    ],
    ['no reason', { reason: '' }, 'Say why'],
    ['fields that are not asked for', { madeBy: 'somebody' }, 'madeBy'],
  ])('%s', async (_what, change, sentence) => {
    await expect(issue(change)).rejects.toThrow(sentence);
    expect((await list()).live).toEqual([]);
  });

  test('a name that a key has which works', async () => {
    await issue();
    await expect(issue({ name: 'Reports' })).rejects.toThrow('Rotate that one');
  });

  test('an overlap of more than seven days', async () => {
    const { id } = await issue();
    await expect(rotateApiKey(ctx, { id, overlapHours: 169, reason })).rejects.toThrow(
      'seven days',
    );
  });

  test('whoever is no administrator, and a stale factor', async () => {
    const { id } = await issue();
    const attempts = (as: ApiKeyCtx) => [
      issueApiKey(as, { name: 'x', scopes: ['log:read'], reason }),
      rotateApiKey(as, { id, reason }),
      revokeApiKey(as, { id, reason }),
    ];
    for (const attempt of attempts({ ...ctx, actor: actorOf({ roles: ['approver'] }) }))
      await expect(attempt).rejects.toMatchObject({ code: 'forbidden' });
    for (const attempt of attempts({ ...ctx, actor: actorOf({}, { isFresh: false }) }))
      await expect(attempt).rejects.toMatchObject({ code: 'factor_needed' });
  });

  // If this went through, an administrator of one team would read every team by a key.
  test('a key that sees more than whoever makes it', async () => {
    const narrow = await addPerson(owner, { reach: 'teams' });
    const as = { ...ctx, actor: actorOf({ id: narrow }) };
    const { id } = await issue();
    await expect(
      issueApiKey(as, { name: 'x', scopes: ['log:read'], reason }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    await expect(rotateApiKey(as, { id, reason })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('one more than there may be', async () => {
    for (let n = 0; n < apiKeysMax; n += 1) await issue({ name: `key ${n}` });
    await expect(issue({ name: 'one more' })).rejects.toThrow('100 keys at most');
  });
});

// If these went through, whoever takes over a process could make itself a key, or widen one.
test.each([
  ['gateway', 'INSERT INTO api_key SELECT * FROM api_key'],
  ['gateway', 'UPDATE api_key SET revoked_at = NULL'],
  ['gateway', 'UPDATE api_key SET expires_at = now()'],
  ['gateway', `UPDATE network SET cidrs = '{0.0.0.0/0}'`],
  ['worker', 'SELECT hash FROM api_key'],
  ['console', `UPDATE api_key SET scopes = '{log:read}'`],
  ['console', 'UPDATE api_key SET is_network_bound = false'],
  ['console', 'UPDATE api_key SET hash = hash'],
  ['console', 'DELETE FROM api_key'],
] as const)('the login of the %s is refused: %s', async (role, sql) => {
  const login = createPool(database[`${role}Url`], { applicationName: 'tests', max: 1 });
  await expect(login.query(sql)).rejects.toMatchObject({ code: '42501' });
  await login.end();
});

test('administrators hear of a key that lapses within a week, once, and not of one that is replaced', async () => {
  const worker = createPrisma(database.workerUrl, { applicationName: 'tests', max: 2 });
  const told = async () =>
    (
      await owner.query<{ subject: string }>(
        `SELECT DISTINCT subject FROM notice WHERE kind = 'api_key_expiring' ORDER BY subject`,
      )
    ).rows.map(({ subject }) => subject);
  const soon = await issue({ name: 'soon', days: 5 });
  const replaced = await issue({ name: 'replaced', days: 5 });
  await issue({ name: 'later', days: 30 });
  const revoked = await issue({ name: 'revoked', days: 5 });
  await rotateApiKey(ctx, { id: replaced.id, overlapHours: 24, reason });
  await revokeApiKey(ctx, { id: revoked.id, reason });
  await Promise.all([remindOfKeys(worker, ctx.now), remindOfKeys(worker, ctx.now)]);
  expect(await told()).toEqual(['soon']);
  expect(await remindOfKeys(worker, ctx.now)).toBe(0);
  const { rows } = await owner.query('SELECT DISTINCT link FROM notice');
  expect(rows).toEqual([{ link: `/settings/keys?key=${soon.id}` }]);
  await worker.$disconnect();
});
