import type { Transaction } from '@/lib/db/prisma';

export const keyRevokedSays =
  'This key was revoked, and whoever had it may have it still: nobody enrols by it. Make another pair.';

/** Whether a public key was revoked ever, of whichever identity. */
export const wasRevoked = async (tx: Transaction, thumbprint: string): Promise<boolean> =>
  (await tx.credential.count({
    where: { kind: 'public_key', subject: thumbprint, revokedAt: { not: null } },
  })) > 0;
