import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';

/**
 * Throws unless somebody who administers can still sign in with a second factor of their own; accounts kept for an
 * emergency do not count. INVARIANT: asked after the change and under the locks of `lockPeople`, so that of two changes
 * at once the second sees the first.
 */
export async function refuseLockOut(tx: Transaction): Promise<void> {
  const left = await tx.person.findFirst({
    where: {
      roles: { has: 'admin' },
      disabledAt: null,
      isBreakGlass: false,
      OR: [{ totp: { isNot: null } }, { passkeys: { some: {} } }],
    },
    select: { id: true },
  });
  if (left === null)
    throw new AppError(
      'conflict',
      'Nobody would be left to administer Sallyport. Another administrator who has a second factor must remain; a break-glass account does not count.',
    );
}
