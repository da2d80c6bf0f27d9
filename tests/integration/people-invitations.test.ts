import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '@/lib/core/config';
import { keyEncryptionKeyOf, secretHash } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import type { MadeLink } from '@/lib/people/invitations/make-link';
import {
  acceptInvitation,
  invitePerson,
  revokeInvitation,
} from '@/lib/people/invitations/mutations';
import { listOpenInvitations } from '@/lib/people/invitations/queries';
import type { Invite } from '@/lib/people/invitations/schema';
import { isPassword } from '@/lib/people/password';
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

const now = new Date('2026-11-30T09:00:00Z');
const after = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const password = 'correct horse battery';

beforeAll(async () => {
  database = await createTestDatabase();
  owner = createPrisma(database.migratorUrl, { applicationName: 'tests' });
  db = createPrisma(database.consoleUrl, { applicationName: 'tests', max: 6 });
  pool = createPool(database.consoleUrl, { applicationName: 'tests' });
});
afterAll(async () => {
  await Promise.all([owner, db].map((each) => each.$disconnect()));
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await clearPeople(owner);
  ada = await makePerson(owner);
});

const inviteOf = (over: Partial<Invite> = {}): Invite => ({
  email: 'grace@example.org',
  name: 'Grace',
  roles: ['analyst'],
  reach: 'all',
  contentRead: 'none',
  contentExport: 'none',
  teams: [],
  ...over,
});
async function invite(over: Partial<Invite> = {}, by = ada): Promise<MadeLink> {
  const invited = await invitePerson(ctxAs(db, by, now), {
    invite: inviteOf(over),
    reason: 'a new colleague',
  });
  if (invited === null) throw new Error('it waits');
  return invited;
}
let addresses = 0;
const accept = (code: string, over: Record<string, unknown> = {}, at = after(1)) => {
  addresses += 1;
  return acceptInvitation(
    db,
    { code, email: 'grace@example.org', password, ...over },
    { address: `192.0.2.${addresses}`, now: at },
  );
};
const grace = () => owner.person.findUnique({ where: { email: 'grace@example.org' } });

test('an invitation makes the person that its row describes, once, and only its hash is stored', async () => {
  const team = await owner.team.create({
    data: { id: randomUUID(), name: 'Payments', createdAt: now },
  });
  const { id, code } = await invite({
    roles: ['viewer', 'approver'],
    reach: 'teams',
    contentRead: 'teams',
    teams: [team.id],
  });
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'person_invited',
      facts: {
        by: `person:${ada.id}`,
        invitation: id,
        email: 'grace@example.org',
        reason: 'a new colleague',
        after: { roles: ['viewer', 'approver'], content_read: 'teams', teams: [team.id] },
      },
    },
  ]);
  const rows = JSON.stringify(await owner.invitation.findMany());
  const events = JSON.stringify(await owner.controlEvent.findMany({ select: { facts: true } }));
  expect(rows + events).not.toContain(code);
  expect(await listOpenInvitations(scopeAs(ada), after(1), pool)).toMatchObject([
    { email: 'grace@example.org', teams: ['Payments'], invitedBy: 'Ada' },
  ]);

  const outcome = await accept(code, { email: ' Grace@Example.org ' });
  expect(outcome.ok).toBe(true);
  const person = await grace();
  expect(person).toMatchObject({
    name: 'Grace',
    roles: ['viewer', 'approver'],
    reach: 'teams',
    contentRead: 'teams',
    contentExport: 'none',
    isBreakGlass: false,
  });
  expect(await isPassword(person?.passwordHash ?? null, password)).toBe(true);
  expect(await owner.personTeam.findMany()).toEqual([{ personId: person?.id, teamId: team.id }]);
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'person_created',
      facts: {
        by: 'invitation',
        person: person?.id,
        invitation: id,
        roles: ['viewer', 'approver'],
      },
    },
  ]);
  expect(await owner.notice.findMany()).toMatchObject([
    { kind: 'invitation_accepted', personId: ada.id, subject: 'Grace' },
  ]);
  expect(await accept(code)).toMatchObject({ ok: false, reason: 'closed' });
  expect(await listOpenInvitations(scopeAs(ada), after(1), pool)).toEqual([]);
});

// If this fails, a stranger learns which invitations there are, and for whom.
test('unknown, used, expired, revoked, of another e-mail, by one who may not any more: one answer', async () => {
  const answers = new Set<string>();
  const said = async (outcome: ReturnType<typeof accept>) =>
    answers.add(JSON.stringify(await outcome));
  await said(accept('slp_inv_nothing'));
  const first = await invite();
  await said(accept(first.code, { email: 'eve@example.org' }));
  await said(accept(first.code, {}, after(72)));
  await revokeInvitation(ctxAs(db, ada, now), { invitationId: first.id, reason: 'mistaken' });
  await said(accept(first.code));
  const second = await invite();
  await owner.person.update({ where: { id: ada.id }, data: { roles: ['viewer'] } });
  await said(accept(second.code));
  await owner.person.update({ where: { id: ada.id }, data: { roles: ['admin'], disabledAt: now } });
  await said(accept(second.code));
  expect(await grace()).toBeNull();
  await owner.person.update({ where: { id: ada.id }, data: { disabledAt: null } });
  expect((await accept(second.code)).ok).toBe(true);
  await said(accept(second.code));
  expect([...answers]).toHaveLength(1);
  expect([...answers][0]).toContain('was used, has ended, or never was');
});

// If this fails, whoever invites an accomplice just before four eyes are switched on has a second pair of them.
test('what one person gave before four eyes were switched on is not opened under them', async () => {
  const set = (fourEyes: boolean) => owner.setting.update({ where: { id: 1 }, data: { fourEyes } });
  const admin = await invite({ roles: ['admin'] });
  const [hedy, ida, joan] = ['hedy', 'ida', 'joan'].map((name) => ({
    email: `${name}@example.org`,
  }));
  const wide = await invite({ ...hedy, roles: ['viewer'] });
  const plain = await invite({ ...ida, roles: ['viewer'], reach: 'teams' });
  await set(true);
  const unknown = await accept('slp_inv_nothing');
  expect(await newestEvents(owner)).toMatchObject([{ facts: { why: 'not_open' } }]);
  expect(await accept(admin.code)).toEqual(unknown);
  expect(await newestEvents(owner)).toMatchObject([
    { kind: 'invitation_refused', facts: { invitation: admin.id, why: 'not_confirmed' } },
  ]);
  expect(await accept(wide.code, hedy)).toEqual(unknown);
  expect((await accept(plain.code, ida)).ok).toBe(true);
  // Whom four eyes do not bind invites under them.
  const glass = await makePerson(owner, { name: 'Glass', isBreakGlass: true });
  const loud = await invite({ ...joan, roles: ['admin'] }, glass);
  expect((await accept(loud.code, joan)).ok).toBe(true);
  await set(false);
  expect((await accept(admin.code)).ok).toBe(true);
});

// If this fails, whoever is invited to look makes themselves an administrator.
test('what an invitation gives comes from its row, whatever is sent with the code', async () => {
  const { code } = await invite({ roles: ['viewer'] });
  const outcome = await accept(code, {
    roles: ['admin'],
    contentRead: 'all',
    contentExport: 'all',
    isBreakGlass: true,
    name: 'Root',
    id: ada.id,
  });
  expect(outcome.ok).toBe(true);
  expect(await grace()).toMatchObject({
    name: 'Grace',
    roles: ['viewer'],
    contentRead: 'none',
    contentExport: 'none',
    isBreakGlass: false,
  });
});

test('where e-mail is sent, the link is on its way, and is readable nowhere in the database', async () => {
  const settings = parseConfig({ SMTP_FROM: 'sallyport@example.org' });
  const kek = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
  const ctx = { ...ctxAs(db, ada, now), settings, kek };
  const made = await invitePerson(ctx, { invite: inviteOf(), reason: 'new' });
  expect(made).toMatchObject({ isMailed: true });
  const deliveries = await owner.delivery.findMany();
  expect(deliveries).toMatchObject([
    { channel: 'email', kind: 'mail', target: 'grace@example.org', state: 'waiting' },
  ]);
  const bytes = deliveries.flatMap((row) =>
    Object.values(row).map(
      (value) => `${value instanceof Uint8Array ? Buffer.from(value) : value}`,
    ),
  );
  expect(bytes.join(' ')).not.toContain(made?.code);
  expect((await accept(made?.code ?? '')).ok).toBe(true);
});

test('of two who open one invitation at once, one account comes of it', async () => {
  const { code } = await invite();
  const outcomes = await Promise.all([accept(code), accept(code), accept(code)]);
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await owner.person.count({ where: { email: 'grace@example.org' } })).toBe(1);
});

test('tries are counted by address: after twenty, one waits, and the right code waits too', async () => {
  const { code } = await invite();
  const from = (text: string, at = after(1), address = '198.51.100.9') =>
    acceptInvitation(
      db,
      { code: text, email: 'grace@example.org', password },
      { address, now: at },
    );
  for (let n = 0; n < 20; n += 1) expect((await from('wrong')).ok).toBe(false);
  expect(await from(code)).toMatchObject({
    ok: false,
    reason: 'throttled',
    message: 'Too many wrong codes. Try again in 30 seconds.',
  });
  expect((await from(code, after(1), '198.51.100.10')).ok).toBe(true);
});

test('refuses a password that is among the first guesses, and the invitation stays open', async () => {
  const { code } = await invite();
  await expect(accept(code, { password: 'password1234' })).rejects.toThrow('first guesses');
  await expect(accept(code, { password: 'short' })).rejects.toThrow('12 characters');
  expect((await accept(code)).ok).toBe(true);
});

test('refuses to invite an e-mail that signs in, was removed or is invited', async () => {
  await expect(invite({ email: ada.email })).rejects.toThrow('signs in with this e-mail');
  const bob = await makePerson(owner, { name: 'Bob' });
  await owner.person.update({ where: { id: bob.id }, data: { disabledAt: now } });
  await expect(invite({ email: bob.email })).rejects.toThrow('Restore that person');
  const { id } = await invite();
  await expect(invite()).rejects.toThrow('invited already');
  await revokeInvitation(ctxAs(db, ada, now), { invitationId: id, reason: 'again' });
  expect(await newestEvents(owner)).toMatchObject([
    {
      kind: 'invitation_revoked',
      facts: {
        invitation: id,
        before: {
          email: 'grace@example.org',
          roles: ['analyst'],
          reach: 'all',
          content_read: 'none',
          content_export: 'none',
          teams: [],
        },
        after: null,
        reason: 'again',
      },
    },
  ]);
  await expect(
    revokeInvitation(ctxAs(db, ada, now), { invitationId: id, reason: 'x' }),
  ).rejects.toThrow('still open');
  await invite();
});

test('an invitation whose e-mail got an account in between opens none', async () => {
  const { code } = await invite();
  await owner.person.update({ where: { id: ada.id }, data: { email: 'grace@example.org' } });
  expect(await accept(code)).toMatchObject({ ok: false, reason: 'closed' });
  expect(
    await owner.invitation.findFirst({ where: { hash: new Uint8Array(secretHash(code)) } }),
  ).toMatchObject({ usedAt: null });
});

test.each<[string, Partial<Invite>, string]>([
  ['no e-mail', { email: 'grace' }, 'name@company.example'],
  ['an invisible character in the name', { name: 'Gr\u202Eace' }, 'visible characters'],
  ['no role', { roles: [] }, 'one role or more'],
  ['a team that is no more', { teams: [randomUUID()] }, 'teams is no more'],
])('refuses %s', async (_what, over, sentence) => {
  await expect(invite(over)).rejects.toThrow(sentence);
});

test('refuses whoever is no administrator', async () => {
  const approver = await makePerson(owner, { roles: ['approver'] });
  const { id } = await invite();
  // Demoted after the request was let in.
  await owner.person.update({ where: { id: ada.id }, data: { roles: ['approver'] } });
  await expect(
    revokeInvitation(ctxAs(db, ada, now), { invitationId: id, reason: 'x' }),
  ).rejects.toMatchObject({ code: 'forbidden' });
  await expect(invite({}, approver)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(
    revokeInvitation(ctxAs(db, approver), { invitationId: randomUUID(), reason: 'x' }),
  ).rejects.toMatchObject({ code: 'forbidden' });
});
