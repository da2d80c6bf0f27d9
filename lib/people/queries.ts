import type { PrismaClient } from '@/lib/db/prisma';

/** The organisation's name, or null before set-up. Shown only to people who are signed in. */
export async function findOrganisation(db: PrismaClient): Promise<string | null> {
  const setting = await db.setting.findUnique({ where: { id: 1 }, select: { organisation: true } });
  return setting?.organisation ?? null;
}

/** Whether somebody can administer this installation already; a disabled administrator counts. */
export async function hasAdministrator(db: Pick<PrismaClient, 'person'>): Promise<boolean> {
  const found = await db.person.findFirst({
    where: { roles: { has: 'admin' } },
    select: { id: true },
  });
  return found !== null;
}

/** Whether the set-up page may be shown: nobody administers yet, and a code waits to be used. */
export async function isSetupOpen(db: PrismaClient, now: Date): Promise<boolean> {
  if (await hasAdministrator(db)) return false;
  const code = await db.setupCode.findFirst({
    where: { usedAt: null, expiresAt: { gt: now }, wrongTries: { lt: 5 } },
    select: { id: true },
  });
  return code !== null;
}
