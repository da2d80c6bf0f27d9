import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import type { PeopleCtx } from '../ctx';
import type { Subject } from '../members/lock-people';
import type { SsoSubject } from './schema';

/** Throws when this person cannot be linked to that subject, whoever says so. */
export async function refuseUnfitLink(
  tx: Transaction,
  { sso }: PeopleCtx,
  { person, link }: { person: Subject; link: SsoSubject },
): Promise<void> {
  if (sso?.issuer !== link.issuer)
    throw new AppError('conflict', 'Single sign-on is by another issuer by now.');
  if (person.disabledAt !== null)
    throw new AppError('conflict', `${person.name} was removed. Restore the person first.`);
  // It is for the day on which the issuer is what fails: nothing the issuer says may reach it.
  if (person.isBreakGlass)
    throw new AppError('conflict', 'A break-glass account is not linked to single sign-on.');
  if ((await tx.person.count({ where: { id: person.id, issuer: { not: null } } })) > 0)
    throw new AppError('conflict', `${person.name} is linked already.`);
  if ((await tx.person.count({ where: link })) > 0)
    throw new AppError('conflict', 'Somebody here is linked to that subject already.');
}
