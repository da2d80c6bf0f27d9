import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import type { Subject } from './lock-people';
import { breakGlassMax } from './schema';

/** Throws when this account cannot be kept for an emergency. */
export async function refuseUnfitBreakGlass(tx: Transaction, subject: Subject): Promise<void> {
  if (subject.isBreakGlass)
    throw new AppError('conflict', `${subject.name} is a break-glass account already.`);
  if (subject.disabledAt !== null)
    throw new AppError('conflict', `${subject.name} was removed. Restore the person first.`);
  if (!subject.rights.roles.includes('admin'))
    throw new AppError('conflict', 'Only an administrator can be a break-glass account.');
  if ((await tx.person.count({ where: { isBreakGlass: true } })) >= breakGlassMax)
    throw new AppError(
      'conflict',
      `There are ${breakGlassMax} break-glass accounts at most. Take the mark off one first.`,
    );
}
