import { secretHash } from '@/lib/core/secrets';
import type { PrismaClient } from '@/lib/db/prisma';
import { type Person, Rights, rolesOf } from '@/lib/people/schema';
import { signInIdleMs } from './cookie';
import type { Factor, Pending, Proof } from './factor/schema';

export type LiveSignIn = {
  id: string;
  person: Person;
  /** When a second factor was last shown, and which. */
  factorAt: Date;
  factor: Factor;
};

/** How exact `last_seen_at` is: a write at most this often. */
const seenEveryMs = 60_000;

type Row = {
  id: string;
  last_seen_at: Date;
  factor_at: Date;
  factor: Factor;
  person_id: string;
  email: string;
  name: string;
  roles: string[];
  reach: string;
  content_read: string;
  content_export: string;
  teams: string[];
};

/**
 * Whose sign-in a token is, judged anew at every request: a second factor was shown, it was not ended, did not lapse,
 * and the person has a role and is not disabled. Roles and rights come from the person's row as it is now. One statement, since every
 * request asks it.
 */
export async function findLiveSignIn(
  db: PrismaClient,
  token: string,
  now: Date,
  isActivity = true,
): Promise<LiveSignIn | null> {
  const idleSince = new Date(now.getTime() - signInIdleMs);
  const [row] = await db.$queryRaw<Row[]>`
    SELECT s.id, s.last_seen_at, s.factor_at, s.factor, p.id AS person_id, p.email, p.name, p.roles, p.reach,
      p.content_read, p.content_export,
      array(SELECT t.team_id::text FROM person_team t WHERE t.person_id = p.id) AS teams
    FROM sign_in s JOIN person p ON p.id = s.person_id
    WHERE s.token_hash = ${new Uint8Array(secretHash(token))} AND s.factor_at IS NOT NULL
      AND s.ended_at IS NULL AND s.expires_at > ${now} AND s.last_seen_at > ${idleSince}
      AND p.disabled_at IS NULL AND cardinality(p.roles) > 0`;
  if (row === undefined) return null;
  const isStale = row.last_seen_at.getTime() + seenEveryMs <= now.getTime();
  if (isActivity && isStale) await markSeen(db, row.id, now);
  return { id: row.id, person: personOf(row), factorAt: row.factor_at, factor: row.factor };
}

/** A value that is not known gives no right. */
function personOf({ person_id, email, name, teams, ...row }: Row): Person {
  const rights = (text: string) => Rights.catch('none').parse(text);
  return {
    id: person_id,
    email,
    name,
    roles: rolesOf(row.roles),
    teams,
    reach: row.reach === 'all' ? 'all' : 'teams',
    contentRead: rights(row.content_read),
    contentExport: rights(row.content_export),
  };
}

async function markSeen(db: PrismaClient, id: string, now: Date): Promise<void> {
  await db.signIn.updateMany({
    where: { id, endedAt: null, lastSeenAt: { lt: now } },
    data: { lastSeenAt: now },
  });
}

/** The sign-in that a token stands for while it waits for a second factor. */
export async function findPending(
  db: PrismaClient,
  token: string,
  now: Date,
): Promise<Pending | null> {
  const row = await db.signIn.findUnique({
    where: {
      tokenHash: new Uint8Array(secretHash(token)),
      factorAt: null,
      endedAt: null,
      expiresAt: { gt: now },
      person: { disabledAt: null },
    },
    select: {
      id: true,
      proof: true,
      person: {
        select: {
          id: true,
          email: true,
          name: true,
          totp: { select: { id: true } },
          passkeys: { take: 1, select: { id: true } },
        },
      },
    },
  });
  if (row === null) return null;
  const { id, email, name, totp, passkeys } = row.person;
  return {
    id: row.id,
    // The column's constraint names the same three.
    proof: row.proof as Proof,
    person: { id, email, name },
    hasTotp: totp !== null,
    hasPasskeys: passkeys.length > 0,
  };
}
