import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { signInIdleMs, signInMaxMs } from '@/lib/auth/cookie';
import { endSignIn, openSignIn, signInByPassword } from '@/lib/auth/mutations';
import { findLiveSignIn } from '@/lib/auth/queries';
import { throttleRules } from '@/lib/auth/throttle';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let db: PrismaClient;
let owner: PrismaClient;

const now = new Date('2026-11-23T09:00:00Z');
const after = (ms: number) => new Date(now.getTime() + ms);
const email = 'ada@example.org';
const password = 'correct horse battery';

beforeAll(async () => {
  database = await createTestDatabase();
  // The console's own role: what works here works with its grants.
  db = createPrisma(database.consoleUrl, { applicationName: 'tests' });
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  await createFirstAdministrator(db, { email, password }, now);
});
afterAll(async () => {
  await Promise.all([db.$disconnect(), owner.$disconnect()]);
  await database.drop();
});
beforeEach(async () => {
  await owner.throttle.deleteMany();
  await owner.signIn.deleteMany();
  await owner.person.updateMany({ data: { disabledAt: null, roles: ['admin'] } });
});

const attempt = (over: Partial<Parameters<typeof signInByPassword>[1]> = {}) =>
  signInByPassword(db, { email, password, address: '192.0.2.7', userAgent: 'test', now, ...over });

async function signedIn(at = now): Promise<{ token: string; id: string; person: string }> {
  const { id: person } = await owner.person.findFirstOrThrow();
  const opened = { person, proof: 'passkey', factor: 'passkey' } as const;
  const asking = { address: '192.0.2.7', userAgent: 'test', now: at };
  const token = await db.$transaction((tx) => openSignIn(tx, opened, asking));
  const live = await findLiveSignIn(db, token, at);
  return { token, id: live?.id ?? '', person: live?.person.id ?? '' };
}

const lastEntry = async (kind: string) =>
  JSON.parse(
    (await owner.controlEvent.findFirstOrThrow({ where: { kind }, orderBy: { position: 'desc' } }))
      .facts,
  );

test('the right password opens a waiting sign-in, of which only a hash and an entry are kept', async () => {
  const outcome = await attempt();
  if (!outcome.ok) throw new Error(outcome.message);
  const { token } = outcome.value;
  expect(token).toMatch(/^[\w-]{43}$/);
  const row = await owner.signIn.findFirstOrThrow();
  expect(Buffer.from(row.tokenHash).toString('base64url')).not.toBe(token);
  expect(await lastEntry('password_proved')).toEqual({
    address: '192.0.2.7',
    by: `person:${row.personId}`,
    proof: 'password',
    sign_in: row.id,
  });
});

test('e-mail is read without regard to case', async () => {
  expect((await attempt({ email: ' ADA@Example.org ' })).ok).toBe(true);
});

test('a wrong password, an unknown e-mail and a disabled person cannot be told apart', async () => {
  const wrong = await attempt({ password: 'wrong' });
  const unknown = await attempt({ email: 'nobody@example.org' });
  await owner.person.updateMany({ data: { disabledAt: now } });
  const disabled = await attempt();
  expect(wrong.ok).toBe(false);
  expect(unknown).toEqual(wrong);
  expect(disabled).toEqual(wrong);
  expect((await lastEntry('sign_in_refused')).person).not.toBeNull();
  expect(JSON.stringify(await lastEntry('sign_in_refused'))).not.toContain(email);
});

test('refuses what is not an e-mail and a password, without hashing it', async () => {
  for (const over of [{ email: undefined }, { password: 7 }, { password: 'x'.repeat(1025) }])
    expect(await attempt(over)).toMatchObject({ ok: false, reason: 'wrong' });
  expect(await owner.throttle.count()).toBe(0);
});

test('after five wrong passwords the right one waits too, as long as the answer says', async () => {
  for (let n = 0; n < 5; n++)
    expect(await attempt({ password: 'wrong' })).toMatchObject({ reason: 'wrong' });
  expect(await attempt()).toMatchObject({
    reason: 'throttled',
    retryAfterSeconds: 30,
    message: 'Too many wrong passwords. Try again in 30 seconds.',
  });
  expect((await attempt({ now: after(29_999) })).ok).toBe(false);
  expect((await attempt({ now: after(30_000) })).ok).toBe(true);
  expect(await attempt({ password: 'wrong', now: after(30_001) })).toMatchObject({
    reason: 'wrong',
  });
  expect((await attempt({ now: after(30_002) })).ok).toBe(true);
});

test('an account that does not exist is throttled like one that does', async () => {
  const unknown = { email: 'nobody@example.org', password: 'wrong' };
  for (let n = 0; n < 5; n++) await attempt(unknown);
  expect(await attempt(unknown)).toMatchObject({ reason: 'throttled', retryAfterSeconds: 30 });
});

test('guesses sent at once are counted one after the other', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => attempt({ password: 'wrong' })),
  );
  expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'wrong')).toHaveLength(5);
});

test('one address that tries many accounts is slowed down', async () => {
  for (let n = 0; n < 20; n++) await attempt({ email: `person${n}@example.org` });
  expect(await attempt()).toMatchObject({ reason: 'throttled' });
  expect((await attempt({ address: '198.51.100.1' })).ok).toBe(true);
});

test('the delay grows to 15 minutes and no further', async () => {
  let at = now;
  const waits: number[] = [];
  for (let n = 0; n < 14; n++) {
    expect(await attempt({ password: 'wrong', now: at })).toMatchObject({ reason: 'wrong' });
    // Not counted while the wait runs; before it does, the right password would clear the count.
    const told = n < 4 ? undefined : await attempt({ now: at });
    const wait = told?.retryAfterSeconds ?? 0;
    waits.push(wait);
    at = new Date(at.getTime() + wait * 1000);
  }
  const most = throttleRules.accountAtAddress.delayMaxMs / 1000;
  expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, most, most, most, most, most]);
});

// If this fails, whoever knows an administrator's e-mail keeps the administrator out.
test('wrong passwords of strangers do not keep a person waiting', async () => {
  for (let n = 0; n < 8; n++) await attempt({ password: 'wrong', address: '203.0.113.9' });
  expect(await attempt({ address: '203.0.113.9' })).toMatchObject({ reason: 'throttled' });
  expect((await attempt()).ok).toBe(true);
});

test('guesses from very many addresses are slowed, but not where the person signed in before', async () => {
  await signedIn();
  await attempt();
  await owner.throttle.updateMany({ data: { failures: 0 } });
  await owner.throttle.updateMany({
    where: { key: { startsWith: 'account:', not: { contains: '192.0.2.7' } } },
    data: { failures: 99 },
  });
  const guess = { password: 'wrong', address: '203.0.113.1' };
  expect(await attempt(guess)).toMatchObject({ reason: 'wrong' });
  const next = { password: 'wrong', address: '203.0.113.2' };
  expect(await attempt(next)).toMatchObject({ reason: 'throttled', retryAfterSeconds: 30 });
  expect((await attempt()).ok).toBe(true);
  expect(await attempt({ ...next, now: after(30_000) })).toMatchObject({ reason: 'wrong' });
});

test('a sign-in ends when idle, at its end, when signed out and when the person is disabled', async () => {
  const { token, id, person } = await signedIn();
  // What a page asks by itself is no use of the sign-in.
  expect(await findLiveSignIn(db, token, after(signInIdleMs - 1), false)).not.toBeNull();
  expect(await findLiveSignIn(db, token, after(signInIdleMs), false)).toBeNull();
  expect(await findLiveSignIn(db, token, after(signInIdleMs - 1))).not.toBeNull();
  // Seen just now, so idle time counts from there.
  expect(await findLiveSignIn(db, token, after(2 * signInIdleMs - 2))).not.toBeNull();
  expect(await findLiveSignIn(db, token, after(4 * signInIdleMs))).toBeNull();

  await owner.signIn.updateMany({ data: { lastSeenAt: after(signInMaxMs - 1) } });
  expect(await findLiveSignIn(db, token, after(signInMaxMs - 1))).not.toBeNull();
  expect(await findLiveSignIn(db, token, after(signInMaxMs))).toBeNull();

  const at = after(signInMaxMs - 1);
  await owner.person.updateMany({ data: { disabledAt: now } });
  expect(await findLiveSignIn(db, token, at)).toBeNull();
  await owner.person.updateMany({ data: { disabledAt: null } });
  expect(await findLiveSignIn(db, token, at)).not.toBeNull();

  await endSignIn(db, { id, person, now: at });
  expect(await findLiveSignIn(db, token, at)).toBeNull();
  expect(await lastEntry('signed_out')).toEqual({ by: `person:${person}`, sign_in: id });
  const ended = await owner.controlEvent.count({ where: { kind: 'signed_out' } });
  await endSignIn(db, { id, person, now: at });
  expect(await owner.controlEvent.count({ where: { kind: 'signed_out' } })).toBe(ended);
});

test('roles are those of the person now, not those at sign-in', async () => {
  const { token } = await signedIn();
  await owner.person.updateMany({ data: { roles: ['viewer'] } });
  expect((await findLiveSignIn(db, token, now))?.person.roles).toEqual(['viewer']);
  await expect(owner.person.updateMany({ data: { roles: ['root'] } })).rejects.toThrow(
    'person_known_roles',
  );
});

test('a token that nobody was given is nobody', async () => {
  expect(await findLiveSignIn(db, 'x'.repeat(43), now)).toBeNull();
});

test('a sign-in whose log entry fails is not opened', async () => {
  await owner.$executeRaw`ALTER FUNCTION append_control(text, text) RENAME TO append_control_away`;
  try {
    await expect(attempt()).rejects.toThrow();
  } finally {
    await owner.$executeRaw`ALTER FUNCTION append_control_away(text, text) RENAME TO append_control`;
  }
  expect(await owner.signIn.count()).toBe(0);
});
