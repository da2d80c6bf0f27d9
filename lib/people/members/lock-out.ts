import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import type { PeopleSso } from '../ctx';
import { can } from '../permissions';
import { isFourEyes } from '../proposals/propose';
import type { GivenRights } from '../rights/schema';
import type { Role } from '../schema';

/**
 * Whoever of these roles can still sign in with a second factor, their own or one that the issuer vouches for; accounts
 * kept for an emergency do not count. The only such rule. INVARIANT: asked under the locks of `lockRows`, so that of two
 * changes at once the second sees the first.
 */
const whoIsLeft = (roles: Role[], sso: PeopleSso | null) => ({
  roles: { hasSome: roles },
  disabledAt: null,
  isBreakGlass: false,
  OR: [
    { totp: { isNot: null } },
    { passkeys: { some: {} } },
    ...(sso?.countsFactors === true ? [{ issuer: sso.issuer }] : []),
  ],
});

/** Whether anybody can administer, besides one who is to lose it. */
export async function hasAdministrator(
  tx: Transaction,
  sso: PeopleSso | null,
  { besides }: { besides?: string } = {},
): Promise<boolean> {
  const left = await tx.person.findFirst({
    where: {
      ...whoIsLeft(['admin'], sso),
      ...(besides === undefined ? {} : { NOT: { id: besides } }),
    },
    select: { id: true },
  });
  return left !== null;
}

/** Whether two can say yes to each other, without whom nothing is given while four eyes are on. */
export async function hasTwoConfirmers(tx: Transaction, sso: PeopleSso | null): Promise<boolean> {
  const where = whoIsLeft(['approver', 'admin'], sso);
  const left = await tx.person.findMany({ where, select: { id: true }, take: 2 });
  return left.length === 2;
}

/** Throws when a change, written already, leaves nobody to administer, or while four eyes are on fewer than two to confirm. */
export async function refuseLockOut(
  tx: Transaction,
  sso: PeopleSso | null,
  { before, after }: { before: GivenRights; after: GivenRights | null },
): Promise<void> {
  const isLost = (may: (rights: GivenRights) => boolean) =>
    may(before) && (after === null || !may(after));
  if (isLost(({ roles }) => roles.includes('admin')) && !(await hasAdministrator(tx, sso)))
    throw new AppError(
      'conflict',
      'Nobody would be left to administer Sallyport. Another administrator who has a second factor must remain; a break-glass account does not count.',
    );
  if (
    isLost((rights) => can(rights, 'rights.confirm')) &&
    (await isFourEyes(tx)) &&
    !(await hasTwoConfirmers(tx, sso))
  )
    throw new AppError(
      'conflict',
      'Fewer than two would be left to confirm, and four eyes are on. Two administrators or approvers who have a second factor must remain; invite another first, or switch four eyes off.',
    );
}
