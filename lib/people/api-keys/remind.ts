import type { PrismaClient } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';

const aheadMs = 7 * 86_400_000;
const lock = 7_305_090;

/** Where a notice of a key leads; by it the notice is found again. */
const linkOf = (id: string) => `/settings/keys?key=${id}`;

/**
 * Tells administrators of API keys that lapse within a week, once each. One that another took over from lapses as it
 * should. Returns how many. Several workers may do this at once.
 */
export async function remindOfKeys(db: PrismaClient, now: Date): Promise<number> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lock}::bigint)`;
    const lapsing = await tx.apiKey.findMany({
      where: {
        revokedAt: null,
        successor: null,
        expiresAt: { gt: now, lte: new Date(now.getTime() + aheadMs) },
      },
      select: { id: true, name: true, expiresAt: true },
    });
    const told = await tx.notice.findMany({
      where: { kind: 'api_key_expiring', link: { in: lapsing.map(({ id }) => linkOf(id)) } },
      select: { link: true },
    });
    const isTold = new Set(told.map(({ link }) => link));
    const untold = lapsing.filter(({ id }) => !isTold.has(linkOf(id)));
    for (const { id, name, expiresAt } of untold)
      await notify(tx, {
        kind: 'api_key_expiring',
        to: { role: 'admin' },
        subject: name,
        facts: { expires: `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC` },
        link: linkOf(id),
        at: now,
      });
    return untold.length;
  });
}
