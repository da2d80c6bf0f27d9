import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import {
  type DeliveryCtx,
  readNotices,
  removeWebhook,
  rotateWebhookSecret,
  sendTest,
  setWebhook,
} from '@/lib/delivery/mutations';
import { mail, notify } from '@/lib/delivery/notify';
import {
  countDeliveries,
  countUnread,
  findOwnWebhook,
  listDeliveries,
  listNotices,
  listTeamWebhooks,
} from '@/lib/delivery/queries';
import type { NewNotice } from '@/lib/delivery/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { actorOf, scopeOf } from '../support/people';

let database: TestDatabase;
let db: PrismaClient;
let worker: PrismaClient;
let owner: Pool;
const now = new Date();
const withMail = parseConfig({
  SMTP_FROM: 'Sallyport <s@example.org>',
  CONSOLE_URL: 'https://c.example',
});
const withoutMail = parseConfig({});
const inside = parseConfig({ WEBHOOK_NETWORKS: '127.0.0.0/8' });

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 4 });
  worker = createPrisma(database.workerUrl, { applicationName: 'tests', max: 2 });
  owner = createPool(database.migratorUrl, { applicationName: 'tests', max: 2 });
});
afterAll(async () => {
  await db.$disconnect();
  await worker.$disconnect();
  await owner.end();
  await database.drop();
});

type People = Record<'ada' | 'ben' | 'cleo' | 'gone', string> & { team: string; empty: string };
let people: People;

beforeEach(async () => {
  await owner.query('TRUNCATE person, team, identity, webhook, notice, delivery CASCADE');
  const ids = {
    ada: newId(),
    ben: newId(),
    cleo: newId(),
    gone: newId(),
    team: newId(),
    empty: newId(),
  };
  const rows: [keyof People, string[], Date | null][] = [
    ['ada', ['admin', 'approver'], null],
    ['ben', ['approver'], null],
    ['cleo', ['viewer'], null],
    ['gone', ['admin', 'approver'], now],
  ];
  for (const [name, roles, disabledAt] of rows)
    await db.person.create({
      data: {
        id: ids[name],
        email: `${name}@example.org`,
        name,
        roles,
        createdAt: now,
        disabledAt,
      },
    });
  for (const [id, name] of [
    [ids.team, 'Returns'],
    [ids.empty, 'Nobody'],
  ] as const)
    await db.team.create({ data: { id, name, createdAt: now } });
  for (const personId of [ids.ben, ids.cleo, ids.gone])
    await db.personTeam.create({ data: { personId, teamId: ids.team } });
  people = ids;
});

const ctxOf = (person: string, over: Partial<DeliveryCtx> = {}): DeliveryCtx => ({
  db,
  actor: actorOf({ id: person }),
  now: new Date(),
  kek: keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
  settings: inside,
  ...over,
});

const tell = (over: Partial<NewNotice>, settings = withoutMail, as = db) =>
  as.$transaction((tx) =>
    notify(tx, { kind: 'test', to: [], subject: 's', at: new Date(), ...over }, settings),
  );

async function toldNames(): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    'SELECT p.name FROM notice n JOIN person p ON p.id = n.person_id ORDER BY p.name',
  );
  return rows.map(({ name }) => name);
}

async function lastEvent() {
  const { rows } = await owner.query<{ kind: string; facts: string }>(
    'SELECT kind, facts FROM control_event ORDER BY position DESC LIMIT 1',
  );
  return { kind: rows[0]?.kind, facts: JSON.parse(rows[0]?.facts ?? '{}') };
}

test.each<[string, (ids: People) => NewNotice['to'], string[]]>([
  ['a person', ({ cleo }) => ({ person: cleo }), ['cleo']],
  ['a disabled person', ({ gone }) => ({ person: gone }), []],
  ['a role', () => ({ role: 'approver' }), ['ada', 'ben']],
  ['a team', ({ team }) => ({ team }), ['ben', 'cleo']],
  [
    'all of them at once',
    ({ ben, team }) => [{ person: ben }, { role: 'approver' }, { team }],
    ['ada', 'ben', 'cleo'],
  ],
  ['nobody', ({ empty }) => ({ team: empty }), []],
])('%s is told, once each and never who is disabled', async (_who, to, expected) => {
  expect(await tell({ to: to(people) })).toBe(expected.length);
  expect(await toldNames()).toEqual(expected);
});

test('whoever answers for an identity is told; where nobody does, or they left, administrators are', async () => {
  const identity = newId();
  await owner.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at) VALUES ($1, 'agent', 'returns-agent', '{}', 'active', now())`,
    [identity],
  );
  const told = async () => {
    await owner.query('TRUNCATE notice');
    await tell({ to: { ownerOf: identity } });
    return toldNames();
  };
  expect(await told()).toEqual(['ada']);
  await owner.query('UPDATE identity SET owner_id = $1', [people.ben]);
  expect(await told()).toEqual(['ben']);
  await owner.query('UPDATE identity SET owner_id = $1', [people.gone]);
  expect(await told()).toEqual(['ada']);
});

test('the worker may tell people too', async () => {
  expect(await tell({ to: [{ role: 'admin' }, { team: people.team }] }, withMail, worker)).toBe(3);
  expect(await db.delivery.count()).toBe(3);
});

test('what is told rolls back with what it tells of', async () => {
  const failing = db.$transaction(async (tx) => {
    await notify(tx, { kind: 'test', to: { role: 'admin' }, subject: '', at: now }, withMail);
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect([await db.notice.count(), await db.delivery.count()]).toEqual([0, 0]);
});

test('each channel of a person gets a delivery, and a team its webhook where the team is addressed', async () => {
  await setWebhook(ctxOf(people.ben), { team: null, url: 'https://ben.example/a?token=t' });
  await setWebhook(ctxOf(people.ada), { team: people.team, url: 'https://returns.example/' });
  await tell({ to: [{ person: people.ben }, { person: people.ada }] }, withMail);
  const targets = async () => {
    const { rows } = await owner.query<{ told: string }>(
      `SELECT channel || ' ' || target AS told FROM delivery ORDER BY 1`,
    );
    await owner.query('TRUNCATE delivery');
    return rows.map(({ told }) => told);
  };
  expect(await targets()).toEqual([
    'email ada@example.org',
    'email ben@example.org',
    'webhook ben.example',
  ]);
  await tell({ to: { team: people.team } }, withoutMail);
  expect(await targets()).toEqual(['webhook ben.example', 'webhook returns.example']);
  await tell({ kind: 'webhook_failing', to: { team: people.team } }, withoutMail);
  expect(await targets()).toEqual([]);
});

test('the inbox shows one what is one’s own, unread first, and is marked read on record', async () => {
  for (const [n, subject] of ['one', 'two', 'three'].entries())
    await tell({ to: { person: people.cleo }, subject, facts: { n: 1 }, at: new Date(n) });
  await tell({ to: { person: people.ben }, subject: 'not hers' });
  const scope = scopeOf({ id: people.cleo, roles: ['viewer'] });
  const list = async (show: 'all' | 'unread' = 'all') => {
    const { notices } = await listNotices(scope, { show, after: null }, owner);
    return notices.map(({ subject }) => subject);
  };
  expect(await list()).toEqual(['three', 'two', 'one']);
  expect(await countUnread(scope, owner)).toBe(3);

  const { notices } = await listNotices(scope, { show: 'all', after: null }, owner);
  expect(notices[0]).toMatchObject({
    kind: 'test',
    facts: { n: 1 },
    link: '/notices',
    readAt: null,
  });
  const ctx = ctxOf(people.cleo, { actor: actorOf({ id: people.cleo, roles: ['viewer'] }) });
  const third = notices[0]?.id ?? '';
  expect(await readNotices(ctx, third)).toBe(1);
  expect(await lastEvent()).toMatchObject({
    kind: 'notices_read',
    facts: { notice: third, notices: 1 },
  });
  expect(await list()).toEqual(['two', 'one', 'three']);
  expect(await list('unread')).toEqual(['two', 'one']);
  const after = { isUnread: true, id: notices[1]?.id ?? '' };
  const rest = await listNotices(scope, { show: 'all', after }, owner);
  expect(rest.notices.map(({ subject }) => subject)).toEqual(['one', 'three']);

  expect(await readNotices(ctx, third)).toBe(0);
  expect(await readNotices(ctx, 'nonsense')).toBe(0);
  const hers = await db.notice.findFirst({ where: { subject: 'not hers' }, select: { id: true } });
  expect(await readNotices(ctx, hers?.id ?? '')).toBe(0);
  expect(await readNotices(ctx, 'all')).toBe(2);
  expect(await countUnread(scope, owner)).toBe(0);
  expect(await countUnread(scopeOf({ id: people.ben }), owner)).toBe(1);
});

test('a webhook is set, changed, given another secret and removed, each with its entry and without its path', async () => {
  const ctx = ctxOf(people.ada);
  const mine = { team: null };
  const secret = await setWebhook(ctx, { ...mine, url: ' https://Hooks.example/T0/secret-path ' });
  expect(secret).toMatch(/^whsec_/);
  expect(await lastEvent()).toMatchObject({
    kind: 'webhook_set',
    facts: { by: `person:${people.ada}`, before: null, after: { host: 'hooks.example' } },
  });
  const scope = scopeOf({ id: people.ada });
  expect(await findOwnWebhook(scope, owner)).toMatchObject({
    url: 'https://hooks.example/T0/secret-path',
    last: null,
  });
  expect(await setWebhook(ctx, { ...mine, url: 'https://hooks.example:8443/other' })).toBeNull();
  expect((await lastEvent()).facts).toMatchObject({
    before: { host: 'hooks.example' },
    after: { host: 'hooks.example:8443' },
  });
  // Of one host: what changed is not told, that it did is.
  await setWebhook(ctx, { ...mine, url: 'https://hooks.example:8443/third' });
  expect((await lastEvent()).facts).toMatchObject({
    before: { host: 'hooks.example:8443' },
    after: { host: 'hooks.example:8443', is_other_address: true },
  });
  const next = await rotateWebhookSecret(ctx, mine);
  expect(next).toMatch(/^whsec_/);
  expect(next).not.toBe(secret);
  expect(await lastEvent()).toMatchObject({ kind: 'webhook_secret_rotated' });

  await tell({ to: { person: people.ada } });
  await removeWebhook(ctx, mine);
  expect(await lastEvent()).toMatchObject({ kind: 'webhook_removed', facts: { withdrawn: 1 } });
  expect(await findOwnWebhook(scope, owner)).toBeNull();
  expect(
    await db.delivery.findFirst({ select: { state: true, payload: true, lastError: true } }),
  ).toEqual({
    state: 'withdrawn',
    payload: null,
    lastError: 'The webhook was removed.',
  });
  await expect(removeWebhook(ctx, mine)).rejects.toMatchObject({ code: 'not_found' });
  await expect(rotateWebhookSecret(ctx, mine)).rejects.toMatchObject({ code: 'not_found' });

  const { rows } = await owner.query<{ facts: string }>('SELECT facts FROM control_event');
  const record = rows.map(({ facts }) => facts).join();
  for (const hidden of ['secret-path', 'whsec_', secret ?? '?', next])
    expect(record).not.toContain(hidden);
});

// If this fails, whoever reads the database signs in our name.
test('a webhook’s secret and the text of an invitation are nowhere in the database', async () => {
  const secret = await setWebhook(ctxOf(people.ada), { team: null, url: 'https://a.example/' });
  const kek = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const invite = {
    to: 'new@example.org',
    subject: 'Join us',
    text: 'https://c.example/join#TOPSECRET',
    at: now,
  };
  expect(await db.$transaction((tx) => mail(tx, invite, { kek, settings: withMail }))).toBe(true);
  const { rows } = await owner.query(
    `SELECT w::text || encode(w.secret, 'escape') AS row FROM webhook w
     UNION ALL SELECT d::text || encode(d.sealed, 'escape') FROM delivery d`,
  );
  const all = JSON.stringify(rows);
  expect(all).toContain('Join us');
  expect(all).not.toContain('TOPSECRET');
  expect(all).not.toContain(secret?.slice(6, 30));
  expect(await db.dataKey.count({ where: { purpose: 'webhook' } })).toBe(1);
});

test('an e-mail to an address is refused where it is none, and not sent where there is no e-mail', async () => {
  const invite = { to: 'new@example.org', subject: 's', text: 't', at: now };
  expect(await db.$transaction((tx) => mail(tx, invite, { settings: withoutMail }))).toBe(false);
  const wrong = db.$transaction((tx) =>
    mail(tx, { ...invite, to: 'a@b.example, c@d.example' }, { settings: withMail }),
  );
  await expect(wrong).rejects.toMatchObject({ code: 'invalid_input' });
  expect(await db.delivery.count()).toBe(0);
});

test.each([
  ['https://127.0.0.2.example:22/', 'port'],
  ['https://10.1.2.3/', 'leads inside'],
  ['https://[::1]/', 'leads inside'],
  ['https://u:p@a.example/', 'user name'],
  ['gopher://a.example/', 'https://'],
  ['', 'Enter an address'],
])('refuses to post to %s', async (url, sentence) => {
  await expect(setWebhook(ctxOf(people.ada), { team: null, url })).rejects.toThrow(sentence);
  expect(await db.webhook.count()).toBe(0);
});

test('refuses whoever may not, and a team that is none', async () => {
  const { team } = people;
  const url = 'https://a.example/';
  const as = (roles: ('viewer' | 'admin')[], isFresh = true) =>
    ctxOf(people.cleo, { actor: actorOf({ id: people.cleo, roles }, { isFresh }) });
  const viewer = as(['viewer']);
  for (const refused of [
    setWebhook(viewer, { team, url }),
    rotateWebhookSecret(viewer, { team }),
    removeWebhook(viewer, { team }),
    sendTest(viewer, { team }),
    sendTest(as([]), { team: null }),
    setWebhook(as([]), { team: null, url }),
    readNotices(as([]), 'all'),
  ])
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
  for (const refused of [
    setWebhook(as(['viewer'], false), { team: null, url }),
    rotateWebhookSecret(as(['viewer'], false), { team: null }),
    removeWebhook(as(['viewer'], false), { team: null }),
  ])
    await expect(refused).rejects.toMatchObject({ code: 'factor_needed' });
  const admin = as(['admin']);
  await expect(setWebhook(admin, { team: newId(), url })).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(setWebhook(admin, { team: 'x', url })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(sendTest(admin, { team })).rejects.toMatchObject({ code: 'not_found' });
  const scope = scopeOf({ roles: ['viewer'] });
  for (const read of [
    listDeliveries(scope, { state: null, after: null }, owner),
    countDeliveries(scope, owner),
    listTeamWebhooks(scope, owner),
  ])
    await expect(read).rejects.toMatchObject({ code: 'forbidden' });
});

test('a test goes to oneself by every channel, or to a team’s webhook alone, one at a time', async () => {
  const ada = ctxOf(people.ada);
  await setWebhook(ada, { team: null, url: 'https://ada.example/' });
  await setWebhook(ada, { team: people.team, url: 'https://returns.example/' });
  await sendTest(ada, { team: null });
  expect(await lastEvent()).toMatchObject({ kind: 'delivery_tested', facts: { team: null } });
  await expect(sendTest(ada, { team: null })).rejects.toMatchObject({ code: 'conflict' });
  const later = ctxOf(people.ada, { now: new Date(ada.now.getTime() + 5) });
  await sendTest(later, { team: people.team });
  await expect(sendTest(later, { team: people.team })).rejects.toMatchObject({ code: 'conflict' });
  expect(await toldNames()).toEqual(['ada']);
  const { deliveries } = await listDeliveries(scopeOf(), { state: 'waiting', after: null }, owner);
  expect(deliveries.map(({ target, who, kind }) => [target, who, kind])).toEqual([
    ['returns.example', 'Returns', 'test'],
    ['ada.example', 'ada', 'test'],
  ]);
  expect(await countDeliveries(scopeOf(), owner)).toEqual({
    waiting: 2,
    sent: 0,
    dead: 0,
    withdrawn: 0,
  });
  const teams = await listTeamWebhooks(scopeOf(), owner);
  expect(teams.map(({ name, webhook }) => [name, webhook?.host, webhook?.last?.state])).toEqual([
    ['Nobody', undefined, undefined],
    ['Returns', 'returns.example', 'waiting'],
  ]);
});
