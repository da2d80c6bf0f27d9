import { createHash } from 'node:crypto';
import { sourceOf } from '@/lib/core/network';
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
    accountAtAddress: `account:${account}:${sourceOf(address)}`,
    account: `account:${account}`,
    address: `address:${sourceOf(address)}`,
  };
  return { keys, whose: { email }, address, now };
}

export const codeTry = (person: string, address: string, now: Date): Try => ({
  keys: {
    factorAtAddress: `factor:${person}:${sourceOf(address)}`,
    factor: `factor:${person}`,
    address: `address:${sourceOf(address)}`,
  },
  whose: { id: person },
  address,
  now,
});

export const passkeyTry = (address: string, now: Date): Try => ({
  keys: { address: `address:${sourceOf(address)}` },
  whose: null,
  address,
  now,
});

/**
 * INVARIANT: a try is counted before the proof is looked at, under the row's lock, so that guesses
 * sent at once are counted one after the other. Returns how long to wait; 0 when the try may go on. A refused one
 * leaves no row behind, whatever was typed.
 */
export async function countTry(db: PrismaClient, tried: Try): Promise<number> {
  const { keys, now } = tried;
  return db.$transaction(async (tx) => {
    const rows: [ThrottleKind, string, { failures: number; until: Date }][] = [];
    let isKnown: boolean | undefined;
    let waitMs = 0;
    for (const [kind, key] of entriesOf(keys)) {
      const row = (await lockThrottle(tx, key)) ?? { failures: 0, until: now };
      rows.push([kind, key, row]);
      const wait = row.until.getTime() - now.getTime();
      if (wait <= 0) continue;
      // What others did is not held against somebody where they signed in before; what was done there is.
      if (isOfOthers[kind]) isKnown ??= await isKnownAddress(tx, tried);
      if (!isOfOthers[kind] || isKnown !== true) waitMs = Math.max(waitMs, wait);
    }
    if (waitMs > 0) return waitMs;
    for (const [kind, key, { failures, until }] of rows) {
      const isForgotten = now.getTime() - until.getTime() > throttleRules[kind].forgottenAfterMs;
      const counted = isForgotten ? 1 : failures + 1;
      const data = {
        failures: counted,
        until: new Date(now.getTime() + delayMsAfter(kind, counted)),
      };
      await tx.throttle.upsert({
        where: { key },
        create: { key, ...data },
        update: data,
        select: { key: true },
      });
    }
    return 0;
  });
}

/** In one order, so that two tries do not wait for each other; every kind, so that none is forgotten. */
const order: Record<ThrottleKind, number> = {
  address: 0,
  accountAtAddress: 1,
  factorAtAddress: 2,
  account: 3,
  factor: 4,
};

/** Counted for all who try an account, or for all who share an address. */
const isOfOthers: Record<ThrottleKind, boolean> = {
  address: true,
  accountAtAddress: false,
  factorAtAddress: false,
  account: true,
  factor: true,
};

const entriesOf = (keys: Try['keys']): [ThrottleKind, string][] =>
  (Object.keys(order) as ThrottleKind[]).flatMap((kind): [ThrottleKind, string][] => {
    const key = keys[kind];
    return key === undefined ? [] : [[kind, key]];
  });

/** Whether this account was signed in to from there: strangers' failures do not keep it waiting there. */
async function isKnownAddress(tx: Transaction, { whose, address }: Try): Promise<boolean> {
  if (whose === null || address === 'unknown') return false;
  const found = await tx.signIn.findFirst({
    where: { address, person: whose, factorAt: { not: null } },
    select: { id: true },
  });
  return found !== null;
}

/**
 * Holds a key until commit, whether it has a row yet or not: two first tries at once must not both be the first.
 * Null without a row.
 */
async function lockThrottle(
  tx: Transaction,
  key: string,
): Promise<{ failures: number; until: Date } | null> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 7305060)) IS NULL AS held`;
  return tx.throttle.findUnique({ where: { key }, select: { failures: true, until: true } });
}

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
