import type { Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';

/**
 * To be called in the transaction that opens a sign-in (its second factor shown), whoever it is for: an account kept for
 * emergencies is never used quietly. Every administrator is told. Returns whether it was such an account.
 */
export async function noteBreakGlass(
  tx: Transaction,
  used: { person: string; signIn: string; address: string; now: Date },
): Promise<boolean> {
  const account = await tx.person.findUnique({
    where: { id: used.person },
    select: { isBreakGlass: true, name: true },
  });
  if (account?.isBreakGlass !== true) return false;
  await notify(tx, {
    kind: 'break_glass_used',
    to: { role: 'admin' },
    subject: account.name,
    facts: { address: used.address },
    link: `/people?person=${used.person}`,
    at: used.now,
  });
  await recordControl(tx, 'break_glass_used', {
    by: `person:${used.person}`,
    person: used.person,
    sign_in: used.signIn,
    address: used.address,
  });
  return true;
}
