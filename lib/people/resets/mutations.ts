import { tellOfFactor } from '@/lib/auth/tell';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import type { PeopleCtx } from '../ctx';
import { type MadeLink, makeLink } from '../invitations/make-link';
import type { Subject } from '../members/lock-people';

/**
 * Takes the password of a person away and makes a link to choose another; links of before open nothing from then on.
 * Null for whoever comes by single sign-on, where a password opens nothing. INVARIANT: under the lock of that person's row.
 */
export async function resetPassword(
  tx: Transaction,
  ctx: PeopleCtx,
  { id, name, email, isBreakGlass }: Subject,
  by: { invitedById: string; isConfirmed: boolean },
): Promise<{ hadPassword: boolean; made: MadeLink | null }> {
  const { passwordHash, issuer } = await tx.person.findUniqueOrThrow({
    where: { id },
    select: { passwordHash: true, issuer: true },
  });
  const hadPassword = passwordHash !== null;
  await tx.person.update({ where: { id }, data: { passwordHash: null }, select: { id: true } });
  await revokeResets(tx, { person: id, now: ctx.now });
  const comesBySso = issuer !== null && issuer === ctx.sso?.issuer && !isBreakGlass;
  if (comesBySso) return { hadPassword, made: null };
  const nothing = { roles: [], reach: 'teams', contentRead: 'none', contentExport: 'none' };
  const made = await makeLink(
    tx,
    ctx,
    { personId: id, email, name, ...nothing, ...by },
    {
      subject: 'Choose a new password for Sallyport',
      hello: `${name}, an administrator has reset your access to Sallyport. Your password of before opens nothing any more.`,
      does: 'Open this address to choose a new one.',
      unexpected: 'If you did not ask for it, tell an administrator.',
    },
  );
  return { hadPassword, made };
}

/** No link of a reset opens anything for this person from now on. */
export async function revokeResets(
  tx: Transaction,
  { person, now }: { person: string; now: Date },
): Promise<void> {
  await tx.invitation.updateMany({
    where: { personId: person, usedAt: null, revokedAt: null },
    data: { revokedAt: now },
  });
}

/** False, and nothing is written, for whoever was removed. */
export async function writeNewPassword(
  tx: Transaction,
  { person, passwordHash }: { person: string; passwordHash: string },
): Promise<boolean> {
  const where = { id: person, disabledAt: null };
  const { count } = await tx.person.updateMany({ where, data: { passwordHash } });
  return count === 1;
}

export async function tellNewPassword(
  tx: Transaction,
  { person, invitation }: { person: string; invitation: string },
  { address, now }: { address: string; now: Date },
): Promise<void> {
  const what = 'A new password was chosen by the link of a reset';
  await tellOfFactor(tx, { person, what, address, now });
  await recordControl(tx, 'password_changed', { by: 'invitation', address, person, invitation });
}
