import { createHash } from 'node:crypto';
import { delayMsAfter, throttleRules } from '@/lib/auth/throttle';
import type { PrismaClient } from '@/lib/db/prisma';

/** Tries to open an invitation are counted by address, and grow slower like wrong passwords. */
const kind = 'address';

const keyOf = (address: string): string =>
  `invitation:${createHash('sha256').update(address).digest('hex')}`;

/**
 * INVARIANT: counted before the code is looked at, under the row's lock. Returns how long to wait; 0 when the try may
 * go on.
 */
export async function countInvitationTry(
  db: PrismaClient,
  { address, now }: { address: string; now: Date },
): Promise<number> {
  const key = keyOf(address);
  return db.$transaction(async (tx) => {
    await tx.throttle.createMany({
      data: [{ key, failures: 0, until: now }],
      skipDuplicates: true,
    });
    // A write that changes nothing takes the row's lock.
    const { failures, until } = await tx.throttle.update({
      where: { key },
      data: { failures: { increment: 0 } },
      select: { failures: true, until: true },
    });
    const waitMs = until.getTime() - now.getTime();
    if (waitMs > 0) return waitMs;
    const counted = -waitMs > throttleRules[kind].forgottenAfterMs ? 1 : failures + 1;
    await tx.throttle.update({
      where: { key },
      data: { failures: counted, until: new Date(now.getTime() + delayMsAfter(kind, counted)) },
      select: { key: true },
    });
    return 0;
  });
}

export async function forgiveInvitationTry(
  db: Pick<PrismaClient, 'throttle'>,
  address: string,
): Promise<void> {
  await db.throttle.updateMany({
    where: { key: keyOf(address), failures: { gt: 0 } },
    data: { failures: { decrement: 1 } },
  });
}
