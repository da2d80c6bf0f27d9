import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { createFirstAdministrator, createSetupCode, redeemSetupCode } from '@/lib/people/mutations';
import { hasAdministrator, isSetupOpen } from '@/lib/people/queries';
import type { Setup } from '@/lib/people/set-up/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let db: PrismaClient;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createPrisma(database.migratorUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await db.$disconnect();
  await database.drop();
});
beforeEach(async () => {
  await db.signIn.deleteMany();
  await db.person.deleteMany();
  await db.setting.deleteMany();
  await db.setupCode.deleteMany();
});

const now = new Date('2026-11-23T09:00:00Z');
const after = (ms: number) => new Date(now.getTime() + ms);
const setupWith = (code: string, email = 'ada@example.org'): Setup => ({
  code,
  organisation: 'Blue Sparrow',
  timeZone: 'Europe/Vienna',
  name: 'Ada',
  email,
  password: 'correct horse battery',
});
const wrongCode = '0000-0000-0000-0000-0000-0000-0000-0000';

/** As the console's own role, which the code must be able to work with. */
async function asConsole<Value>(work: (db: PrismaClient) => Promise<Value>): Promise<Value> {
  const client = createPrisma(database.consoleUrl, { applicationName: 'tests' });
  try {
    return await work(client);
  } finally {
    await client.$disconnect();
  }
}

async function codeFor(at = now): Promise<string> {
  const code = await createSetupCode(db, at);
  if (code === null) throw new Error('no code');
  return code;
}

const entriesOf = async (kind: string) =>
  (await db.controlEvent.findMany({ where: { kind }, orderBy: { position: 'asc' } })).map(
    ({ facts }) => JSON.parse(facts),
  );

test('the right code makes the organisation, its first administrator and their entries', async () => {
  const outcome = await asConsole(async (client) => {
    const code = await createSetupCode(client, now);
    expect(await isSetupOpen(client, now)).toBe(true);
    return redeemSetupCode(client, setupWith(code ?? ''), now);
  });
  expect(outcome.ok).toBe(true);
  const person = await db.person.findFirstOrThrow();
  expect(person).toMatchObject({ email: 'ada@example.org', name: 'Ada', roles: ['admin'] });
  expect(person.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await db.setting.findMany()).toMatchObject([
    { organisation: 'Blue Sparrow', timeZone: 'Europe/Vienna', content: 'redact' },
  ]);
  expect((await entriesOf('person_created')).at(-1)).toEqual({
    by: 'setup_code',
    person: person.id,
    roles: ['admin'],
  });
  expect((await entriesOf('organisation_set_up')).at(-1)).toMatchObject({
    organisation: 'Blue Sparrow',
    time_zone: 'Europe/Vienna',
  });
});

test('refuses a code that was used, and the page is closed', async () => {
  const code = await codeFor();
  expect((await redeemSetupCode(db, setupWith(code), now)).ok).toBe(true);
  expect(await isSetupOpen(db, now)).toBe(false);
  const again = await redeemSetupCode(db, setupWith(code, 'eve@example.org'), now);
  expect(again).toMatchObject({ ok: false, reason: 'closed' });
  expect(await db.person.count()).toBe(1);
});

test('refuses a code after 30 minutes', async () => {
  const code = await codeFor();
  expect(await isSetupOpen(db, after(30 * 60_000 - 1))).toBe(true);
  expect(await isSetupOpen(db, after(30 * 60_000))).toBe(false);
  const late = await redeemSetupCode(db, setupWith(code), after(30 * 60_000));
  expect(late).toMatchObject({ ok: false, reason: 'closed' });
});

test('five wrong tries end a code, also when they are sent at once', async () => {
  const code = await codeFor();
  const tries = await Promise.all(
    Array.from({ length: 12 }, () => redeemSetupCode(db, setupWith(wrongCode), now)),
  );
  expect(tries.filter((outcome) => !outcome.ok && outcome.reason === 'wrong_code')).toHaveLength(5);
  expect(await redeemSetupCode(db, setupWith(code), now)).toMatchObject({ reason: 'closed' });
  expect(await isSetupOpen(db, now)).toBe(false);
  expect(await hasAdministrator(db)).toBe(false);
});

test('four wrong tries leave the code to be used', async () => {
  const code = await codeFor();
  for (let n = 0; n < 4; n++) await redeemSetupCode(db, setupWith(wrongCode), now);
  expect((await redeemSetupCode(db, setupWith(code), now)).ok).toBe(true);
});

test('of two people who redeem a code at once, one becomes the administrator', async () => {
  const code = await codeFor();
  const outcomes = await Promise.all(
    ['ada', 'bob', 'eve'].map((who) =>
      redeemSetupCode(db, setupWith(code, `${who}@example.org`), now),
    ),
  );
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await db.person.count()).toBe(1);
  expect(await db.setting.count()).toBe(1);
});

test('a new code ends the one before', async () => {
  const first = await codeFor();
  const second = await codeFor(after(1000));
  expect((await redeemSetupCode(db, setupWith(first), after(2000))).ok).toBe(false);
  expect((await redeemSetupCode(db, setupWith(second), after(2000))).ok).toBe(true);
  expect(await createSetupCode(db, after(3000))).toBeNull();
});

test('only the hash of a code is stored', async () => {
  const code = await codeFor();
  const rows = JSON.stringify(await db.setupCode.findMany());
  expect(rows).not.toContain(code);
  expect(rows).not.toContain(code.replaceAll('-', ''));
});

test('the administrator of the environment is made once, in the organisation of the e-mail', async () => {
  const input = { email: 'Ops@Example.ORG', password: 'correct horse battery' };
  const made = await asConsole((client) =>
    Promise.all([
      createFirstAdministrator(client, input, now),
      createFirstAdministrator(client, { ...input, email: 'two@example.org' }, now),
    ]),
  );
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await createFirstAdministrator(db, input, now)).toBe(false);
  expect(await db.person.count()).toBe(1);
  expect(await db.setting.findMany()).toMatchObject([
    { organisation: 'example.org', timeZone: 'UTC' },
  ]);
});

test('refuses a trivial password for the administrator of the environment', async () => {
  const input = { email: 'ops@example.org', password: 'password1234' };
  await expect(createFirstAdministrator(db, input, now)).rejects.toThrow('password');
  expect(await hasAdministrator(db)).toBe(false);
});

test('a set-up whose log entry fails makes no administrator', async () => {
  const code = await codeFor();
  await db.$executeRaw`ALTER FUNCTION append_control(text, text) RENAME TO append_control_away`;
  try {
    await expect(redeemSetupCode(db, setupWith(code), now)).rejects.toThrow();
  } finally {
    await db.$executeRaw`ALTER FUNCTION append_control_away(text, text) RENAME TO append_control`;
  }
  expect(await db.person.count()).toBe(0);
  expect(await db.setting.count()).toBe(0);
  expect((await redeemSetupCode(db, setupWith(code), now)).ok).toBe(true);
});
