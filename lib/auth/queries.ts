import { secretHash } from '@/lib/core/secrets';
import type { PrismaClient } from '@/lib/db/prisma';
import { type Person, Rights, rolesOf } from '@/lib/people/schema';
import { signInIdleMs } from './cookie';

export type LiveSignIn = {
  id: string;
  person: Person;
  /** When a second factor was last shown. */
  factorAt: Date;
};

/** How exact `last_seen_at` is: a write at most this often. */
const seenEveryMs = 60_000;

/**
 * Whose sign-in a token is, judged anew at every request: a second factor was shown, it was not ended, did not lapse,
 * and the person is not disabled. Roles come from the person's row as it is now.
 */
export async function findLiveSignIn(
  db: PrismaClient,
  token: string,
  now: Date,
  isActivity = true,
): Promise<LiveSignIn | null> {
  const row = await db.signIn.findUnique({
    where: { tokenHash: new Uint8Array(secretHash(token)) },
    select: {
      id: true,
      endedAt: true,
      expiresAt: true,
      lastSeenAt: true,
      factorAt: true,
      person: { select: { ...personSelect, disabledAt: true } },
    },
  });
  if (row === null || row.endedAt !== null || row.person.disabledAt !== null) return null;
  if (row.factorAt === null) return null;
  if (row.expiresAt <= now || row.lastSeenAt.getTime() + signInIdleMs <= now.getTime()) return null;
  const isStale = row.lastSeenAt.getTime() + seenEveryMs <= now.getTime();
  if (isActivity && isStale) await markSeen(db, row.id, now);
  return { id: row.id, person: personOf(row.person), factorAt: row.factorAt };
}

/** What a person's row tells of who it is and what that person may. */
const personSelect = {
  id: true,
  email: true,
  name: true,
  roles: true,
  reach: true,
  contentRead: true,
  contentExport: true,
  teams: { select: { teamId: true } },
} as const;

type PersonRow = Record<
  'id' | 'email' | 'name' | 'reach' | 'contentRead' | 'contentExport',
  string
> & {
  roles: string[];
  teams: { teamId: string }[];
};

/** A value that is not known gives no right. */
function personOf({ id, email, name, ...row }: PersonRow): Person {
  const rights = (text: string) => Rights.catch('none').parse(text);
  return {
    id,
    email,
    name,
    roles: rolesOf(row.roles),
    teams: row.teams.map(({ teamId }) => teamId),
    reach: row.reach === 'all' ? 'all' : 'teams',
    contentRead: rights(row.contentRead),
    contentExport: rights(row.contentExport),
  };
}

async function markSeen(db: PrismaClient, id: string, now: Date): Promise<void> {
  await db.signIn.updateMany({
    where: { id, endedAt: null, lastSeenAt: { lt: now } },
    data: { lastSeenAt: now },
  });
}
