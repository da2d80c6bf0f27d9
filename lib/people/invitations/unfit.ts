import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import type { PeopleCtx } from '../ctx';
import { refuseUnknownTeams } from '../rights/unfit';
import type { Invite } from './schema';

/** Throws when this address has an account, or an invitation that still opens one. */
export async function refuseUnfitInvite(
  tx: Transaction,
  { now }: PeopleCtx,
  { email, teams }: Invite,
): Promise<void> {
  const known = await tx.person.findUnique({ where: { email }, select: { disabledAt: true } });
  if (known !== null)
    throw new AppError(
      'conflict',
      known.disabledAt === null
        ? 'Somebody signs in with this e-mail already.'
        : 'Whoever has this e-mail was removed. Restore that person instead.',
    );
  const open = await tx.invitation.findFirst({
    where: { email, personId: null, usedAt: null, revokedAt: null, expiresAt: { gt: now } },
    select: { id: true },
  });
  if (open !== null)
    throw new AppError('conflict', 'This e-mail is invited already. Revoke that invitation first.');
  await refuseUnknownTeams(tx, teams);
}
