import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import type { Subject } from '../members/lock-people';
import type { GivenRights } from './schema';

/** Throws when this person may not be given that, whoever gives it. */
export async function refuseUnfitRights(
  tx: Transaction,
  subject: Subject,
  after: GivenRights,
): Promise<void> {
  if (subject.disabledAt !== null)
    throw new AppError('conflict', `${subject.name} was removed. Restore the person first.`);
  if (subject.isBreakGlass && !after.roles.includes('admin'))
    throw new AppError(
      'conflict',
      'A break-glass account is an administrator. Take that mark off first.',
    );
  await refuseUnknownTeams(tx, after.teams);
}

export async function refuseUnknownTeams(tx: Transaction, teams: readonly string[]): Promise<void> {
  const known = await tx.team.count({ where: { id: { in: [...teams] } } });
  if (known < teams.length)
    throw new AppError('not_found', 'One of the teams is no more. Load the page again.');
}
