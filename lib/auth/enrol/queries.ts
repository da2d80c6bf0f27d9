import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import type { ReadScope } from '../scope';

export type OwnFactors = {
  passkeys: {
    id: string;
    name: string;
    isSynced: boolean;
    createdAt: Date;
    lastUsedAt: Date | null;
  }[];
  /** Since when a code of an app is shown; null without one. */
  totpSince: Date | null;
  recoveryCodesLeft: number;
  /** Not of whoever signs in by the organisation's own sign-in alone. */
  hasPassword: boolean;
};

/** The factors of whoever asks. */
export async function getOwnFactors(db: PrismaClient, scope: ReadScope): Promise<OwnFactors> {
  const { passkeys, totp, _count, passwordHash } = await db.person.findUniqueOrThrow({
    where: { id: scope.person },
    select: {
      passwordHash: true,
      totp: { select: { confirmedAt: true } },
      passkeys: {
        orderBy: { createdAt: 'asc' },
        select: { id: true, name: true, isSynced: true, createdAt: true, lastUsedAt: true },
      },
      _count: { select: { recoveryCodes: { where: { usedAt: null } } } },
    },
  });
  return {
    passkeys,
    totpSince: totp?.confirmedAt ?? null,
    recoveryCodesLeft: _count.recoveryCodes,
    hasPassword: passwordHash !== null,
  };
}

export type OwnSignIn = {
  id: string;
  address: string;
  userAgent: string;
  proof: string;
  factor: string | null;
  createdAt: Date;
  lastSeenAt: Date;
};

/** The sign-ins of whoever asks that still open something, newest first. */
export const listOwnSignIns = (
  db: PrismaClient,
  scope: ReadScope,
  now: Date,
  idleSince: Date,
): Promise<OwnSignIn[]> =>
  db.signIn.findMany({
    where: {
      personId: scope.person,
      factorAt: { not: null },
      endedAt: null,
      expiresAt: { gt: now },
      lastSeenAt: { gt: idleSince },
    },
    orderBy: { lastSeenAt: 'desc' },
    take: 100,
    select: {
      id: true,
      address: true,
      userAgent: true,
      proof: true,
      factor: true,
      createdAt: true,
      lastSeenAt: true,
    },
  });

/** With which passkeys one may show oneself again, and whether a code of an app will do. */
export async function getShowable(db: PrismaClient, scope: ReadScope) {
  const { passkeys, totp } = await db.person.findUniqueOrThrow({
    where: { id: scope.person },
    select: {
      totp: { select: { id: true } },
      passkeys: { select: { credentialId: true, transports: true } },
    },
  });
  return { passkeys, hasTotp: totp !== null };
}

/** How many second factors somebody has that can be shown here. */
export async function countFactors(tx: Transaction, personId: string): Promise<number> {
  const [totps, passkeys] = await Promise.all([
    tx.totp.count({ where: { personId } }),
    tx.passkey.count({ where: { personId } }),
  ]);
  return totps + passkeys;
}
