import { createHash } from 'node:crypto';
import { newId } from '@/lib/core/ids';
import { ok, type Result, refused } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { isPassword } from '@/lib/people/password';
import { Credentials } from '@/lib/people/schema';
import { newSignInToken, signInMaxMs } from './cookie';
import {
  delayMsAfter,
  type ThrottleKind,
  throttleRules,
  waitSentence,
  wrongSentence,
} from './throttle';

export type SignInAttempt = {
  email: unknown;
  password: unknown;
  /** Where the request came from, as far as it can be believed. */
  address: string;
  userAgent: string;
  now: Date;
};

/** Reasons are codes, since next-auth passes them through a URL; `retryAfterSeconds` comes with `throttled`. */
export type SignInOutcome = Result<{ token: string }, 'wrong' | 'throttled'> & {
  retryAfterSeconds?: number;
};

/**
 * Proves a person by password and opens a sign-in. Unknown e-mail, wrong password and disabled account
 * cannot be told apart, by words or by time. The token is returned once; its SHA-256 is stored.
 */
export async function signInByPassword(
  db: PrismaClient,
  attempt: SignInAttempt,
): Promise<SignInOutcome> {
  const parsed = Credentials.safeParse(attempt);
  if (!parsed.success) return refused('wrong', wrongSentence);
  const { email, password } = parsed.data;
  const { now, address } = attempt;
  const keys = throttleKeysOf(email, address);

  const waitMs = await countTry(db, { keys, email, address, now });
  if (waitMs > 0) return throttled(waitMs);

  const person = await db.person.findUnique({
    where: { email },
    select: { id: true, passwordHash: true, disabledAt: true },
  });
  const matches = await isPassword(person?.passwordHash ?? null, password);
  if (person === null || !matches || person.disabledAt !== null) {
    await recordControl(db, 'sign_in_refused', { person: person?.id ?? null, address });
    return refused('wrong', wrongSentence);
  }
  const token = newSignInToken();
  await db.$transaction(async (tx) => {
    await forgiveTry(tx, keys, attempt.now);
    await openSignIn(tx, { token, person: person.id, address, userAgent: attempt.userAgent, now });
  });
  return ok({ token });
}

const throttled = (waitMs: number): SignInOutcome => {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  return { ...refused('throttled', waitSentence(retryAfterSeconds)), retryAfterSeconds };
};

async function openSignIn(
  tx: Transaction,
  made: { token: string; person: string; address: string; userAgent: string; now: Date },
): Promise<void> {
  const { person, address, now } = made;
  const id = newId(now.getTime());
  await tx.signIn.create({
    data: {
      id,
      tokenHash: new Uint8Array(secretHash(made.token)),
      personId: person,
      address,
      userAgent: made.userAgent.slice(0, 400),
      createdAt: now,
      factor: 'totp',
      factorAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + signInMaxMs),
    },
    select: { id: true },
  });
  await recordControl(tx, 'signed_in', { person, sign_in: id, address, factor: 'password' });
}

/** Ends a sign-in at the next request everywhere; a second time changes nothing. */
export async function endSignIn(
  db: PrismaClient,
  { id, person, now }: { id: string; person: string; now: Date },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.signIn.updateMany({
      where: { id, personId: person, endedAt: null },
      data: { endedAt: now },
    });
    if (count > 0) await recordControl(tx, 'signed_out', { person, sign_in: id });
  });
}

type ThrottleKeys = Record<ThrottleKind, string>;

/** An account's key is a hash: the table need not list who tried, or mistyped, which e-mail. */
function throttleKeysOf(email: string, address: string): ThrottleKeys {
  const account = createHash('sha256').update(email).digest('hex');
  return {
    accountAtAddress: `account:${account}:${address}`,
    account: `account:${account}`,
    address: `address:${address}`,
  };
}

type Try = { keys: ThrottleKeys; email: string; address: string; now: Date };

/**
 * INVARIANT: a try is counted before the password is looked at, under the row's lock, so that guesses
 * sent at once are counted one after the other. Returns how long to wait; 0 when the try may go on.
 */
async function countTry(db: PrismaClient, { keys, email, address, now }: Try): Promise<number> {
  return db.$transaction(async (tx) => {
    const kinds: ThrottleKind[] = ['accountAtAddress', 'account', 'address'];
    let waitMs = 0;
    const rows = new Map<ThrottleKind, { failures: number; until: Date }>();
    for (const kind of kinds) {
      await tx.throttle.createMany({
        data: [{ key: keys[kind], failures: 0, until: now }],
        skipDuplicates: true,
      });
      const row = await lockThrottle(tx, keys[kind]);
      rows.set(kind, row);
      const wait = row.until.getTime() - now.getTime();
      const holds = wait > 0 && !(kind === 'account' && (await isKnownAddress(tx, email, address)));
      if (holds) waitMs = Math.max(waitMs, wait);
    }
    if (waitMs > 0) return waitMs;
    for (const [kind, { failures, until }] of rows) {
      const isForgotten = now.getTime() - until.getTime() > throttleRules[kind].forgottenAfterMs;
      const counted = isForgotten ? 1 : failures + 1;
      await tx.throttle.update({
        where: { key: keys[kind] },
        data: { failures: counted, until: new Date(now.getTime() + delayMsAfter(kind, counted)) },
        select: { key: true },
      });
    }
    return 0;
  });
}

/** Whether this account was signed in to from there: strangers' failures do not keep it waiting there. */
async function isKnownAddress(tx: Transaction, email: string, address: string): Promise<boolean> {
  if (address === 'unknown') return false;
  const found = await tx.signIn.findFirst({
    where: { address, person: { email } },
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

/** The right password clears what was counted for it there, and takes back one of what others share. */
async function forgiveTry(tx: Transaction, keys: ThrottleKeys, now: Date): Promise<void> {
  await tx.throttle.updateMany({
    where: { key: keys.accountAtAddress },
    data: { failures: 0, until: now },
  });
  await tx.throttle.updateMany({
    where: { key: { in: [keys.account, keys.address] }, failures: { gt: 0 } },
    data: { failures: { decrement: 1 } },
  });
}
