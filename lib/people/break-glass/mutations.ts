import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';

/**
 * To be called in the transaction that opens a sign-in (its second factor shown), whoever it is for: an account kept for
 * emergencies is never used quietly. Returns the administrators to tell, nobody where the account is an ordinary one.
 */
export async function noteBreakGlass(
  tx: Transaction,
  used: { person: string; signIn: string; address: string },
): Promise<{ id: string; email: string }[]> {
  const account = await tx.person.findUnique({
    where: { id: used.person },
    select: { isBreakGlass: true },
  });
  if (account?.isBreakGlass !== true) return [];
  const administrators = await tx.person.findMany({
    where: { roles: { has: 'admin' }, disabledAt: null },
    select: { id: true, email: true },
    orderBy: { id: 'asc' },
  });
  await recordControl(tx, 'break_glass_used', {
    by: `person:${used.person}`,
    person: used.person,
    sign_in: used.signIn,
    address: used.address,
  });
  return administrators;
}
