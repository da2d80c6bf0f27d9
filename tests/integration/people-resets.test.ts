import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { signInByPassword } from '@/lib/auth/mutations';
import { parseConfig } from '@/lib/core/config';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { PeopleSso } from '@/lib/people/ctx';
import type { MadeLink } from '@/lib/people/invitations/make-link';
import {
  acceptInvitation,
  invitePerson,
  revokeInvitation,
} from '@/lib/people/invitations/mutations';
import { listOpenInvitations } from '@/lib/people/invitations/queries';
import type { Invite } from '@/lib/people/invitations/schema';
import { removePerson, resetFactors, restorePerson } from '@/lib/people/members/mutations';
import { hashPassword, isPassword } from '@/lib/people/password';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  clearPeople,
  ctxAs,
  type Made,
  makePerson,
  newestEvents,
  scopeAs,
} from '../support/made-people';

let database: TestDatabase;
let owner: PrismaClient;
let db: PrismaClient;
let pool: Pool;
let ada: Made;
let bob: Made;
let hashOfBefore: string;

const now = new Date('2026-11-30T09:00:00Z');
const after = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const before = 'leaked horse battery';
const next = 'correct horse battery';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 6 });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
  hashOfBefore = await hashPassword(before);
});
afterAll(async () => {
  await Promise.all([owner, db].map((each) => each.$disconnect()));
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await clearPeople(owner);
  ada = await makePerson(owner);
  bob = await makePerson(owner, { name: 'Bob', roles: ['analyst'], contentRead: 'teams' });
  await write({ passwordHash: hashOfBefore });
});

type Written = Parameters<PrismaClient['person']['update']>[0]['data'];
const write = (data: Written, { id } = bob) => owner.person.update({ where: { id }, data });
const stored = ({ id } = bob) => owner.person.findUniqueOrThrow({ where: { id } });
const reset = (by = ada, at = now, of = bob) =>
  resetFactors(ctxAs(db, by, at), { personId: of.id, reason: 'the password leaked' });
async function link(by = ada, at = now): Promise<MadeLink> {
  const { made } = await reset(by, at);
  if (made === null) throw new Error('no link was made');
  return made;
}
let addresses = 0;
const open = (code: string, over: Record<string, unknown> = {}, at = after(1)) => {
  addresses += 1;
  return acceptInvitation(
    db,
    { code, email: bob.email, password: next, ...over },
    { address: `192.0.2.${addresses}`, now: at },
  );
};
const signIn = (password: string, at = after(2)) => {
  addresses += 1;
  return signInByPassword(db, {
    email: bob.email,
    password,
    address: `192.0.2.${addresses}`,
    userAgent: 'Firefox',
    now: at,
  });
};

// If this fails, whoever knows a leaked password enrols a factor of their own as soon as the owner's were reset.
test('after a reset the password of before opens nothing, and the link sets another, once', async () => {
  const started = await signIn(before, now);
  expect(started.ok).toBe(true);
  const made = await link();
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'factors_reset',
      facts: {
        before: { passkeys: 1, has_password: true },
        after: { passkeys: 0, has_password: false },
        invitation: made.id,
        reason: 'the password leaked',
        sign_ins_ended: 1,
      },
    },
  ]);
  const notices = () =>
    owner.notice.findMany({ where: { personId: bob.id, kind: 'factor_changed' } });
  expect(await notices()).toMatchObject([{ subject: 'Reset by an administrator' }]);
  expect(await owner.signIn.count({ where: { personId: bob.id, endedAt: null } })).toBe(0);
  expect(await signIn(before)).toMatchObject({ ok: false, reason: 'wrong' });

  const rows = JSON.stringify(await owner.invitation.findMany());
  const events = JSON.stringify(await owner.controlEvent.findMany({ select: { facts: true } }));
  expect(rows + events).not.toContain(made.code);
  // It makes no person, and no table of those to come has it.
  expect(await listOpenInvitations(scopeAs(ada), after(1), pool)).toEqual([]);
  const people = await owner.person.count();
  const was = await stored();
  expect(
    await open(made.code, { roles: ['admin'], reach: 'all', contentRead: 'all', name: 'Root' }),
  ).toEqual({ ok: true, value: { person: bob.id } });
  const is = await stored();
  expect({ ...is, passwordHash: null }).toEqual(was);
  expect(await isPassword(is.passwordHash, next)).toBe(true);
  expect(await owner.person.count()).toBe(people);
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'password_changed', facts: { by: 'invitation', person: bob.id, invitation: made.id } },
  ]);
  expect((await notices()).map(({ subject }) => subject)).toContain(
    'A new password was chosen by the link of a reset',
  );
  expect((await signIn(next)).ok).toBe(true);
  expect(await signIn(before)).toMatchObject({ ok: false });
  expect(await open(made.code, { password: 'another horse battery' })).toMatchObject({
    ok: false,
    reason: 'closed',
  });
  expect((await signIn(next)).ok).toBe(true);
});

// If this fails, a link that went astray stays a way into the account.
test('a link opens nothing for another e-mail, later, once revoked, after a newer one, or for who was removed', async () => {
  const answers = new Set<string>();
  const why: unknown[] = [];
  const refused = async (outcome: ReturnType<typeof open>) => {
    answers.add(JSON.stringify(await outcome));
    const [event] = await newestEvents(owner);
    expect(event).toMatchObject({ kind: 'invitation_refused' });
    why.push(event?.facts.why);
  };
  await refused(open('slp_inv_nothing'));
  const first = await link();
  await refused(open(first.code, { email: ada.email }));
  await refused(open(first.code, {}, after(72)));
  const second = await link(ada, new Date(now.getTime() + 1));
  await refused(open(first.code));
  await revokeInvitation(ctxAs(db, ada, now), { invitationId: second.id, reason: 'sent astray' });
  await refused(open(second.code));
  const third = await link(ada, new Date(now.getTime() + 2));
  await write({ disabledAt: now });
  await refused(open(third.code));
  await write({ disabledAt: null });
  await write({ roles: ['viewer'] }, ada);
  await refused(open(third.code));
  await write({ roles: ['admin'] }, ada);
  // Whoever was removed comes back without it.
  await removePerson(ctxAs(db, ada, now), { personId: bob.id, reason: 'left' });
  await restorePerson(ctxAs(db, ada, now), { personId: bob.id, reason: 'is back' });
  await refused(open(third.code));
  expect(why).toEqual([
    ...Array(5).fill('not_open'),
    'person_removed',
    'inviter_may_not',
    'not_open',
  ]);
  expect(answers.size).toBe(1);
  expect((await stored()).passwordHash).toBeNull();
});

test('refuses to reset whoever was removed', async () => {
  await removePerson(ctxAs(db, ada, now), { personId: bob.id, reason: 'left' });
  await expect(reset()).rejects.toThrow('Restore the person first');
  expect(await owner.invitation.count()).toBe(0);
});

test('whoever comes by single sign-on loses a password and gets no link, until that is another', async () => {
  const issuer = 'https://issuer.example';
  await write({ issuer, subject: randomUUID() });
  const resetWith = (sso: PeopleSso | null) =>
    resetFactors(ctxAs(db, ada, now, sso), { personId: bob.id, reason: 'lost' });
  expect(await resetWith({ issuer, countsFactors: true })).toEqual({ waits: false, made: null });
  expect((await stored()).passwordHash).toBeNull();
  const { made } = await resetWith({ issuer: 'https://another.example', countsFactors: true });
  expect((await open(made?.code ?? '')).ok).toBe(true);
  expect((await resetWith(null)).made).not.toBeNull();
  // The account of the last resort is never the issuer's.
  await write({ isBreakGlass: true });
  expect((await resetWith({ issuer, countsFactors: true })).made).not.toBeNull();
});

test('the address that counts is the one the person has now, and whoever is invited by the old one is another', async () => {
  const made = await link();
  const moved = `${randomUUID()}@example.org`;
  await write({ email: moved });
  const invite: Invite = {
    email: bob.email,
    name: 'Another',
    roles: ['viewer'],
    reach: 'teams',
    contentRead: 'none',
    contentExport: 'none',
    teams: [],
  };
  await invitePerson(ctxAs(db, ada, now), { invite, reason: 'new' });
  expect(await open(made.code)).toMatchObject({ ok: false, reason: 'closed' });
  expect(await open(made.code, { email: moved })).toMatchObject({ ok: true });
});

// If this fails, whoever resets an account just before four eyes are switched on takes it over under them.
test('a link that one person made before four eyes were switched on is not opened under them', async () => {
  const set = (fourEyes: boolean) => owner.setting.update({ where: { id: 1 }, data: { fourEyes } });
  const made = await link();
  await set(true);
  expect(await open(made.code)).toMatchObject({ ok: false, reason: 'closed' });
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'invitation_refused', facts: { invitation: made.id, why: 'not_confirmed' } },
  ]);
  const glass = await makePerson(owner, { name: 'Glass', isBreakGlass: true });
  const loud = await link(glass, new Date(now.getTime() + 1));
  expect((await open(loud.code)).ok).toBe(true);
});

test('where e-mail is sent, the link is on its way to the person, and is readable nowhere in the database', async () => {
  const settings = parseConfig({ SMTP_FROM: 'sallyport@example.org' });
  const kek = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const ctx = { ...ctxAs(db, ada, now), settings, kek };
  const { made } = await resetFactors(ctx, { personId: bob.id, reason: 'lost' });
  expect(made).toMatchObject({ isMailed: true });
  const deliveries = await owner.delivery.findMany({ where: { kind: 'mail' } });
  expect(deliveries).toMatchObject([{ channel: 'email', target: bob.email, state: 'waiting' }]);
  const bytes = deliveries.flatMap((row) =>
    Object.values(row).map(
      (value) => `${value instanceof Uint8Array ? Buffer.from(value) : value}`,
    ),
  );
  expect(bytes.join(' ')).not.toContain(made?.code);
  expect((await open(made?.code ?? '')).ok).toBe(true);
});

test('of two who open one link at once, one sets the password', async () => {
  const { code } = await link();
  const passwords = ['first horse battery', 'second horse battery', 'third horse battery'];
  const outcomes = await Promise.all(passwords.map((password) => open(code, { password })));
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  const winner = passwords[outcomes.findIndex(({ ok }) => ok)] ?? '';
  expect(await isPassword((await stored()).passwordHash, winner)).toBe(true);
});

// If this fails, whoever keeps trying the leaked password is in when the reset is written.
test('a sign-in by the password of before that is under way during the reset opens nothing', async () => {
  const client = createPool(database.migratorUrl, { applicationName: 'tests', max: 1 });
  let outcome: ReturnType<typeof signIn>;
  try {
    await client.query('BEGIN');
    await client.query('SELECT FROM person WHERE id = $1 FOR NO KEY UPDATE', [bob.id]);
    outcome = signIn(before);
    const isWaiting = async () =>
      (
        await pool.query(
          `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
           WHERE NOT granted AND datname = current_database()`,
        )
      ).rowCount !== 0;
    const settled = outcome.then(() => true);
    while (!(await isWaiting()) && !(await Promise.race([settled, Promise.resolve(false)])));
    await client.query('UPDATE person SET password_hash = NULL WHERE id = $1', [bob.id]);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
  expect(await outcome).toMatchObject({ ok: false, reason: 'wrong' });
  expect(await owner.signIn.count({ where: { personId: bob.id } })).toBe(0);
});

test('the database holds a link of a reset to giving no right', async () => {
  await link();
  await expect(owner.invitation.updateMany({ data: { roles: ['admin'] } })).rejects.toThrow(
    'invitation_reset_gives_no_rights',
  );
});
