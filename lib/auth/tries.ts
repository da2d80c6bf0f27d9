import { createHash } from 'node:crypto';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { delayMsAfter, type ThrottleKind, throttleRules } from './throttle';

/** Whose account is tried: by what was typed, or somebody who showed a password already. */
export type Whose = { email: string } | { id: string };

/** One try to prove something, and what it is counted for. */
export type Try = {
  keys: Partial<Record<ThrottleKind, string>>;
  /** Null where nobody is known yet. */
  whose: Whose | null;
  address: string;
  now: Date;
};

/** An account's key is a hash: the table need not list who tried, or mistyped, which e-mail. */
export function passwordTry(email: string, address: string, now: Date): Try {
  const account = createHash('sha256').update(email).digest('hex');
  const keys = {
    accountAtAddress: `account:${account}:${address}`,
    account: `account:${account}`,
    address: `address:${address}`,
  };
  return { keys, whose: { email }, address, now };
}

export const codeTry = (person: string, address: string, now: Date): Try => ({
  keys: {
    factorAtAddress: `factor:${person}:${address}`,
    factor: `factor:${person}`,
    address: `address:${address}`,
  },
  whose: { id: person },
  address,
  now,
});

export const passkeyTry = (address: string, now: Date): Try => ({
  keys: { address: `address:${address}` },
  whose: null,
  address,
  now,
});

/**
 * INVARIANT: a try is counted before the proof is looked at, under the row's lock, so that guesses
 * sent at once are counted one after the other. Returns how long to wait; 0 when the try may go on.
 */
export async function countTry(
  db: PrismaClient,
  { keys, whose, address, now }: Try,
): Promise<number> {
  return db.$transaction(async (tx) => {
    let waitMs = 0;
    const rows = new Map<ThrottleKind, { failures: number; until: Date }>();
    for (const [kind, key] of entriesOf(keys)) {
      await tx.throttle.createMany({
        data: [{ key, failures: 0, until: now }],
        skipDuplicates: true,
      });
      const row = await lockThrottle(tx, key);
      rows.set(kind, row);
      const wait = row.until.getTime() - now.getTime();
      const isOfAll = kind === 'account' || kind === 'factor';
      const holds = wait > 0 && !(isOfAll && (await isKnownAddress(tx, whose, address)));
      if (holds) waitMs = Math.max(waitMs, wait);
    }
    if (waitMs > 0) return waitMs;
    for (const [kind, { failures, until }] of rows) {
      const isForgotten = now.getTime() - until.getTime() > throttleRules[kind].forgottenAfterMs;
      const counted = isForgotten ? 1 : failures + 1;
      await tx.throttle.update({
        where: { key: keys[kind] ?? '' },
        data: { failures: counted, until: new Date(now.getTime() + delayMsAfter(kind, counted)) },
        select: { key: true },
      });
    }
    return 0;
  });
}

/** In one order, so that two tries do not wait for each other; every kind, so that none is forgotten. */
const order: Record<ThrottleKind, number> = {
  accountAtAddress: 0,
  factorAtAddress: 1,
  account: 2,
  factor: 3,
  address: 4,
};

const entriesOf = (keys: Try['keys']): [ThrottleKind, string][] =>
  (Object.keys(order) as ThrottleKind[]).flatMap((kind): [ThrottleKind, string][] => {
    const key = keys[kind];
    return key === undefined ? [] : [[kind, key]];
  });

/** Whether this account was signed in to from there: strangers' failures do not keep it waiting there. */
async function isKnownAddress(
  tx: Transaction,
  whose: Whose | null,
  address: string,
): Promise<boolean> {
  if (whose === null || address === 'unknown') return false;
  const found = await tx.signIn.findFirst({
    where: { address, person: whose, factorAt: { not: null } },
    select: { id: true },
  });
  return found !== null;
}

/** A write that changes nothing takes the row's lock until commit; Prisma has no SELECT … FOR UPDATE. */
const lockThrottle = (tx: Transaction, key: string) =>
  tx.throttle.update({
    where: { key },
    data: { failures: { increment: 0 } },
    select: { failures: true, until: true },
  });

/** The right proof clears what was counted for it there, and takes back one of what others share. */
export async function forgiveTry(tx: Transaction, { keys, now }: Try): Promise<void> {
  const own = [keys.accountAtAddress, keys.factorAtAddress].filter((key) => key !== undefined);
  await tx.throttle.updateMany({
    where: { key: { in: own } },
    data: { failures: 0, until: now },
  });
  const shared = [keys.account, keys.factor, keys.address].filter((key) => key !== undefined);
  await tx.throttle.updateMany({
    where: { key: { in: shared }, failures: { gt: 0 } },
    data: { failures: { decrement: 1 } },
  });
}
