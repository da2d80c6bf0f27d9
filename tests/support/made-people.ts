import { randomBytes, randomUUID } from 'node:crypto';
import { mintScope, type ReadScope } from '@/lib/auth/scope';
import type { PrismaClient } from '@/lib/db/prisma';
import type { PersonActor } from '@/lib/people/actor';
import type { PeopleCtx, PeopleSso } from '@/lib/people/ctx';
import type { Rights, Role } from '@/lib/people/schema';
import { actorOf, personOf } from './people';

export type Made = { id: string; actor: PersonActor; name: string; email: string };

/** A person who is there, with a passkey unless said otherwise. */
export async function makePerson(
  db: PrismaClient,
  {
    name = 'Ada',
    roles = ['admin'],
    hasFactor = true,
    isBreakGlass = false,
    ...rights
  }: {
    name?: string;
    roles?: Role[];
    hasFactor?: boolean;
    isBreakGlass?: boolean;
    reach?: 'teams' | 'all';
    contentRead?: Rights;
    contentExport?: Rights;
  } = {},
): Promise<Made> {
  const id = randomUUID();
  const email = `${id}@example.org`;
  await db.person.create({
    data: { id, email, name, roles, isBreakGlass, ...rights, createdAt: new Date() },
  });
  if (hasFactor)
    await db.passkey.create({
      data: {
        id: randomUUID(),
        personId: id,
        credentialId: new Uint8Array(randomBytes(16)),
        publicKey: new Uint8Array(randomBytes(64)),
        counter: 0n,
        transports: [],
        name: 'Key',
        isSynced: false,
        createdAt: new Date(),
      },
    });
  return { id, name, email, actor: actorOf({ id, roles, name, email }) };
}

/** An open sign-in of that person. */
export async function openSignIn(
  db: PrismaClient,
  { id }: { id: string },
  { now = new Date(), at = now }: { now?: Date; at?: Date } = {},
): Promise<string> {
  const signIn = randomUUID();
  await db.signIn.create({
    data: {
      id: signIn,
      tokenHash: new Uint8Array(randomBytes(32)),
      personId: id,
      address: '192.0.2.7',
      userAgent: 'Firefox',
      createdAt: at,
      factor: 'passkey',
      factorAt: at,
      lastSeenAt: at,
      expiresAt: new Date(at.getTime() + 12 * 3_600_000),
    },
  });
  return signIn;
}

export const ctxAs = (
  db: PrismaClient,
  made: Made,
  now = new Date(),
  sso: PeopleSso | null = null,
): PeopleCtx & { scope: ReadScope } => ({ db, actor: made.actor, scope: scopeAs(made), now, sso });

export const scopeAs = ({ id }: Made) => mintScope(personOf({ id }));

/** The settings that the mutations look into; nobody and nothing of a test before. */
export async function clearPeople(db: PrismaClient): Promise<void> {
  await db.delivery.deleteMany();
  await db.notice.deleteMany();
  await db.proposal.deleteMany();
  await db.invitation.deleteMany();
  await db.throttle.deleteMany();
  await db.signIn.deleteMany();
  await db.passkey.deleteMany();
  await db.totp.deleteMany();
  await db.recoveryCode.deleteMany();
  await db.personTeam.deleteMany();
  await db.identity.updateMany({ data: { ownerId: null, sponsorId: null, teamId: null } });
  await db.team.deleteMany();
  await db.person.deleteMany();
  await db.setting.deleteMany();
  await db.setting.create({
    data: {
      id: 1,
      organisation: 'Blue Sparrow',
      timeZone: 'UTC',
      content: 'redact',
      retentionBodyDays: 30,
      retentionFactsDays: 365,
      createdAt: new Date(),
    },
  });
}

/** Kind and facts of the newest entries, the newest first. */
export async function newestEvents(db: PrismaClient, take = 1) {
  const rows = await db.controlEvent.findMany({ orderBy: { position: 'desc' }, take });
  return rows.map(({ kind, facts }) => ({ kind, facts: JSON.parse(facts) }));
}
