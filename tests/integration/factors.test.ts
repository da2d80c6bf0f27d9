import { generateSync } from 'otplib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  enrolFactor,
  enrolFirst,
  makeRecoveryCodes,
  removeFactor,
} from '@/lib/auth/enrol/mutations';
import { openChallenge, sealChallenge } from '@/lib/auth/factor/challenge';
import { completeByCode, enterByPasskey, proveAgain } from '@/lib/auth/factor/mutations';
import type { Pending } from '@/lib/auth/factor/schema';
import { signInByPassword } from '@/lib/auth/mutations';
import { findLiveSignIn, findPending } from '@/lib/auth/queries';
import { throttleRules } from '@/lib/auth/throttle';
import { type KeyEncryptionKey, keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createConnection } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { rewrapDataKeys } from '@/lib/log/data-keys';
import type { PersonActor } from '@/lib/people/actor';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { softAuthenticator } from '../support/authenticator';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let db: PrismaClient;
let owner: PrismaClient;
let person: string;

const now = new Date('2026-11-23T09:00:00Z');
const later = (ms: number) => new Date(now.getTime() + ms);
const minute = 60_000;
const email = 'ada@example.org';
const password = 'correct horse battery';
const seed = Buffer.from('a seed of twenty by.');
const place = { address: '192.0.2.7', userAgent: 'test' };
const site = { origin: 'http://localhost:3000', rpId: 'localhost' };
const kek = () => keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
const codeAt = (at: Date, of: Uint8Array = seed) =>
  generateSync({ secret: of, epoch: at.getTime() / 1000 });

beforeAll(async () => {
  database = await createTestDatabase();
  vi.stubEnv('SALLYPORT_KEK', database.kek);
  // The console's own role: what works here works with its grants.
  db = createPrisma(database.consoleUrl, { applicationName: 'tests' });
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  await createFirstAdministrator(db, { email, password }, now, { seed, kek: kek() });
  person = (await owner.person.findFirstOrThrow()).id;
});
afterAll(async () => {
  await Promise.all([db.$disconnect(), owner.$disconnect()]);
  await database.drop();
});
beforeEach(async () => {
  await owner.throttle.deleteMany();
  await owner.signIn.deleteMany();
  await owner.passkey.deleteMany();
  await owner.recoveryCode.deleteMany();
  await owner.totp.updateMany({ data: { lastStep: 0n } });
});

async function pendingAt(at = now): Promise<{ pending: Pending; token: string }> {
  const opened = await signInByPassword(db, { email, password, ...place, now: at });
  if (!opened.ok) throw new Error(opened.message);
  const { token } = opened.value;
  const pending = await findPending(db, token, at);
  if (pending === null) throw new Error('nothing waits');
  return { pending, token };
}

const complete = (pending: Pending, code: string, at = now) =>
  completeByCode(db, pending, { code, ...place, now: at }, kek());

const lastEntry = async (kind: string) =>
  JSON.parse(
    (await owner.controlEvent.findFirstOrThrow({ where: { kind }, orderBy: { position: 'desc' } }))
      .facts,
  );

/** Signed in with a fresh factor. */
async function actorAt(at = now): Promise<PersonActor> {
  const { pending } = await pendingAt(at);
  await owner.totp.updateMany({ data: { lastStep: 0n } });
  const whole = await complete(pending, codeAt(at), at);
  if (!whole.ok) throw new Error(whole.message);
  const live = await findLiveSignIn(db, whole.value.token, at);
  return {
    kind: 'person',
    id: person,
    roles: ['admin'],
    isFresh: true,
    signIn: live?.id ?? '',
    address: place.address,
  };
}

describe('a password alone', () => {
  test('opens nothing: its sign-in waits for a second factor, for ten minutes', async () => {
    const { token } = await pendingAt();
    expect(await findLiveSignIn(db, token, now)).toBeNull();
    expect(await findPending(db, token, later(9 * minute))).toMatchObject({ hasTotp: true });
    expect(await findPending(db, token, later(10 * minute))).toBeNull();
    expect(await lastEntry('password_proved')).toMatchObject({ by: `person:${person}` });
  });

  test('does not set up another factor where there is one', async () => {
    const { pending } = await pendingAt();
    const other = Buffer.from('another twenty bytes');
    const factor = { seed: other, code: codeAt(now, other) };
    await expect(enrolFirst(db, pending, factor, { ...place, now }, kek())).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('a code', () => {
  test('makes the sign-in whole under a new token, and the one of before is nobody', async () => {
    const { pending, token } = await pendingAt();
    const whole = await complete(pending, codeAt(now));
    if (!whole.ok) throw new Error(whole.message);
    expect(whole.value.token).not.toBe(token);
    expect(await findLiveSignIn(db, token, now)).toBeNull();
    expect(await findLiveSignIn(db, whole.value.token, now)).toMatchObject({
      person: { email },
      factorAt: now,
    });
    expect(await lastEntry('signed_in')).toEqual({
      address: place.address,
      by: `person:${person}`,
      factor: 'totp',
      proof: 'password',
      sign_in: pending.id,
    });
  });

  test('is taken once, also by two that show it at once, and no older one after it', async () => {
    const [one, two] = [await pendingAt(), await pendingAt()];
    const both = await Promise.all([
      complete(one.pending, codeAt(now)),
      complete(two.pending, codeAt(now)),
    ]);
    expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
    const { pending } = await pendingAt();
    expect((await complete(pending, codeAt(now))).ok).toBe(false);
    expect((await complete(pending, codeAt(later(-30_000)))).ok).toBe(false);
    expect((await complete(pending, codeAt(later(30_000)))).ok).toBe(true);
  });

  test.each([-90_000, -60_000, 60_000, 90_000])('of %d ms away is refused', async (ms) => {
    const { pending } = await pendingAt();
    expect(await complete(pending, codeAt(later(ms)))).toMatchObject({ reason: 'wrong' });
    expect(await lastEntry('factor_refused')).toEqual({ address: place.address, person });
  });

  test('is not guessed: after five wrong ones even the right one waits, sent at once or not', async () => {
    const { pending } = await pendingAt();
    const right = codeAt(now);
    const guesses = Array.from({ length: 40 }, (_, n) => String(100_000 + n)).filter(
      (guess) => guess !== right,
    );
    const outcomes = await Promise.all(
      guesses.slice(0, 20).map((guess) => complete(pending, guess)),
    );
    const looked = outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'wrong');
    expect(looked).toHaveLength(throttleRules.factorAtAddress.freeFailures);
    expect(await complete(pending, right)).toMatchObject({ reason: 'throttled' });
  }, 120_000);

  test('does not complete a sign-in that was ended meanwhile', async () => {
    const { pending } = await pendingAt();
    await owner.signIn.updateMany({ data: { endedAt: now } });
    await expect(complete(pending, codeAt(now))).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('still opens after the key-encryption key was rotated', async () => {
    const rotated = keyEncryptionKeyOf(Buffer.alloc(32, 7));
    const connection = createConnection(database.migratorUrl, { applicationName: 'tests' });
    await connection.connect();
    const rewrap = async (...keys: [KeyEncryptionKey, KeyEncryptionKey]) => {
      await connection.query('BEGIN');
      await rewrapDataKeys(connection, ...keys);
      await connection.query('COMMIT');
    };
    await rewrap(kek(), rotated);
    const { pending } = await pendingAt();
    const asked = { code: codeAt(now), ...place, now };
    expect((await completeByCode(db, pending, asked, rotated)).ok).toBe(true);
    await rewrap(rotated, kek());
    await connection.end();
  });

  test('the seed is not in the database as it is, nor opens in another row', async () => {
    const row = await owner.totp.findFirstOrThrow();
    expect(Buffer.from(row.seed).includes(seed)).toBe(false);
    await owner.totp.updateMany({ data: { id: crypto.randomUUID() } });
    const { pending } = await pendingAt();
    await expect(complete(pending, codeAt(now))).rejects.toThrow();
    await owner.totp.updateMany({ data: { id: row.id } });
  });
});

describe('a recovery code', () => {
  test('opens one sign-in, however it is typed, and is used up', async () => {
    const [code = ''] = await makeRecoveryCodes({ db, actor: await actorAt(), now });
    const { pending } = await pendingAt();
    expect((await complete(pending, ` ${code.toLowerCase().replaceAll('-', ' ')} `)).ok).toBe(true);
    expect(await lastEntry('recovery_code_used')).toMatchObject({ left: 9 });
    const again = await pendingAt();
    expect((await complete(again.pending, code)).ok).toBe(false);
  });

  test('of before opens nothing once new ones were made', async () => {
    const actor = await actorAt();
    const [code = ''] = await makeRecoveryCodes({ db, actor, now });
    await makeRecoveryCodes({ db, actor, now });
    expect((await complete((await pendingAt()).pending, code)).ok).toBe(false);
  });

  test('is not enough to be asked again', async () => {
    const actor = await actorAt();
    const [code = ''] = await makeRecoveryCodes({ db, actor, now });
    expect((await proveAgain(db, actor, { code }, later(minute), kek())).ok).toBe(false);
  });
});

describe('a passkey', () => {
  const challenge = (name: string) =>
    Buffer.from(`a challenge called ${name}`).toString('base64url');

  async function enrolled() {
    const device = softAuthenticator();
    const asked = { ...site, challenge: challenge('make') };
    await owner.usedProof.deleteMany();
    await enrolFactor(
      { db, actor: await actorAt(), now },
      { made: device.make(asked), challenge: asked.challenge, name: 'Laptop' },
      kek(),
    );
    return device;
  }
  const enter = (shown: Parameters<typeof enterByPasskey>[2]) =>
    enterByPasskey(db, null, shown, { ...place, now });

  test('opens a whole sign-in by itself', async () => {
    const device = await enrolled();
    const asked = { ...site, challenge: challenge('a') };
    const shown = device.show(asked, { counter: 1, person });
    const entered = await enter({ shown, challenge: asked.challenge });
    if (!entered.ok) throw new Error(entered.message);
    expect(await findLiveSignIn(db, entered.value.token, now)).toMatchObject({ person: { email } });
    expect(await lastEntry('signed_in')).toMatchObject({ proof: 'passkey', factor: 'passkey' });
    expect(await owner.passkey.findFirst()).toMatchObject({ counter: 1n, lastUsedAt: now });
  });

  test('is refused with another origin, site, challenge, user or without its user verified', async () => {
    const device = await enrolled();
    const asked = { ...site, challenge: challenge('b') };
    const cases = {
      origin: device.show({ ...asked, origin: 'https://evil.example' }, { counter: 1 }),
      site: device.show({ ...asked, rpId: 'evil.example' }, { counter: 1 }),
      challenge: device.show({ ...asked, challenge: challenge('c') }, { counter: 1 }),
      user: device.show(asked, { counter: 1, person: crypto.randomUUID() }),
      verification: device.show(asked, { counter: 1, isVerified: false }),
      key: softAuthenticator().show(asked, { counter: 1 }),
    };
    for (const [what, shown] of Object.entries(cases))
      expect((await enter({ shown, challenge: asked.challenge })).ok, what).toBe(false);
    expect(await owner.signIn.count({ where: { proof: 'passkey' } })).toBe(0);
  });

  test('whose counter goes back, or whose answer is sent again, is refused', async () => {
    const device = await enrolled();
    const [one, two] = [challenge('d'), challenge('e')];
    const shown = device.show({ ...site, challenge: one }, { counter: 5 });
    expect((await enter({ shown, challenge: one })).ok).toBe(true);
    expect((await enter({ shown, challenge: one })).ok, 'sent again').toBe(false);
    for (const counter of [5, 4])
      expect(
        (
          await enter({
            shown: device.show({ ...site, challenge: two }, { counter }),
            challenge: two,
          })
        ).ok,
        `counter ${counter}`,
      ).toBe(false);
  });

  test('of somebody who was removed opens nothing', async () => {
    const device = await enrolled();
    await owner.person.updateMany({ data: { disabledAt: now } });
    const asked = { ...site, challenge: challenge('f') };
    const shown = device.show(asked, { counter: 1 });
    expect((await enter({ shown, challenge: asked.challenge })).ok).toBe(false);
    await owner.person.updateMany({ data: { disabledAt: null } });
  });

  test('is not set up with another origin, nor twice', async () => {
    const device = softAuthenticator();
    const asked = { ...site, challenge: challenge('g') };
    const actor = await actorAt();
    const add = (made: ReturnType<typeof device.make>) =>
      enrolFactor({ db, actor, now }, { made, challenge: asked.challenge, name: 'X' }, kek());
    await expect(add(device.make({ ...asked, origin: 'https://evil.example' }))).rejects.toThrow();
    await add(device.make(asked));
    await owner.usedProof.deleteMany();
    await expect(add(device.make(asked))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('of somebody else does not make a sign-in fresh again', async () => {
    const device = await enrolled();
    const actor = { ...(await actorAt()), id: crypto.randomUUID() };
    const asked = { ...site, challenge: challenge('h') };
    const again = { shown: device.show(asked, { counter: 1 }), challenge: asked.challenge };
    expect((await proveAgain(db, actor, again, later(minute), kek())).ok).toBe(false);
  });
});

describe('showing a factor again', () => {
  test('makes the sign-in fresh from then on, and is on record', async () => {
    const actor = await actorAt();
    const at = later(20 * minute);
    expect((await proveAgain(db, actor, { code: codeAt(at) }, at, kek())).ok).toBe(true);
    expect(await owner.signIn.findFirst({ where: { id: actor.signIn } })).toMatchObject({
      factorAt: at,
    });
    expect(await lastEntry('factor_proved')).toMatchObject({
      factor: 'totp',
      sign_in: actor.signIn,
    });
  });
});

describe('a person is told', () => {
  const kinds = async () =>
    (await owner.notice.findMany({ orderBy: { id: 'asc' }, select: { kind: true } })).map(
      ({ kind }) => kind,
    );
  beforeEach(() => owner.notice.deleteMany());
  const enterFrom = async (address: string, userAgent: string) => {
    const opened = await signInByPassword(db, { email, password, address, userAgent, now });
    const pending = opened.ok ? await findPending(db, opened.value.token, now) : null;
    if (pending === null) throw new Error('nothing waits');
    await owner.totp.updateMany({ data: { lastStep: 0n } });
    await completeByCode(db, pending, { code: codeAt(now), address, userAgent, now }, kek());
  };

  // If this fails, whoever copies the name of a browser comes in unnoticed.
  test('of a sign-in from a place that was not theirs, whatever browser it names', async () => {
    await enterFrom('2001:db8:1:2::7', 'one');
    await enterFrom('2001:db8:1:2:ffff::8', 'one');
    expect(await kinds()).toEqual([]);
    await enterFrom('198.51.100.9', 'one');
    expect(await owner.notice.findMany()).toMatchObject([
      { kind: 'sign_in_new_place', personId: person, subject: 'A program, from 198.51.100.9' },
    ]);
  });

  test('when a factor of theirs changed, and when a recovery code was used', async () => {
    const actor = await actorAt();
    const [code = ''] = await makeRecoveryCodes({ db, actor, now });
    await complete((await pendingAt()).pending, code);
    expect((await kinds()).sort()).toEqual(['factor_changed', 'recovery_code_used']);
  });
});

describe('the factors of a person', () => {
  test('change only after one was shown within the last minutes', async () => {
    const actor = { ...(await actorAt()), isFresh: false };
    for (const change of [
      () => removeFactor({ db, actor, now }, 'totp'),
      () => makeRecoveryCodes({ db, actor, now }),
      () => enrolFactor({ db, actor, now }, { seed, code: codeAt(now) }, kek()),
    ])
      await expect(change()).rejects.toMatchObject({ code: 'factor_needed' });
  });

  test('never come to none', async () => {
    const actor = await actorAt();
    await expect(removeFactor({ db, actor, now }, 'totp')).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await owner.totp.count()).toBe(1);
  });
});

test('what a browser was asked opens for its purpose, its sign-in and five minutes only', async () => {
  const asked = { purpose: 'passkey', signIn: crypto.randomUUID() } as const;
  const value = 'x'.repeat(32);
  const cookie = await sealChallenge({ ...asked, value }, new Date());
  expect(await openChallenge(cookie, asked, new Date())).toBe(value);
  const others = [
    { ...asked, purpose: 'totp' as const },
    { ...asked, signIn: crypto.randomUUID() },
    { ...asked, signIn: null },
  ];
  for (const other of others) expect(await openChallenge(cookie, other, new Date())).toBeNull();
  expect(await openChallenge(cookie, asked, new Date(Date.now() + 6 * minute))).toBeNull();
  expect(await openChallenge(`${cookie.slice(0, -2)}xx`, asked, new Date())).toBeNull();
});
