import { secretHash } from '@/lib/core/secrets';
import type { PrismaClient } from '@/lib/db/prisma';
import { type Person, rolesOf } from '@/lib/people/schema';
import { signInIdleMs } from './cookie';

export type LiveSignIn = { id: string; person: Person };

/** How exact `last_seen_at` is: a write at most this often. */
const seenEveryMs = 60_000;

/**
 * Whose sign-in a token is, judged anew at every request: it was not ended, did not lapse, and the
 * person is not disabled. Roles come from the person's row as it is now.
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
      person: { select: { id: true, email: true, name: true, roles: true, disabledAt: true } },
    },
  });
  if (row === null || row.endedAt !== null || row.person.disabledAt !== null) return null;
  if (row.expiresAt <= now || row.lastSeenAt.getTime() + signInIdleMs <= now.getTime()) return null;
  const isStale = row.lastSeenAt.getTime() + seenEveryMs <= now.getTime();
  if (isActivity && isStale) await markSeen(db, row.id, now);
  const { id, email, name, roles } = row.person;
  return { id: row.id, person: { id, email, name, roles: rolesOf(roles) } };
}

async function markSeen(db: PrismaClient, id: string, now: Date): Promise<void> {
  await db.signIn.updateMany({
    where: { id, endedAt: null, lastSeenAt: { lt: now } },
    data: { lastSeenAt: now },
  });
}
