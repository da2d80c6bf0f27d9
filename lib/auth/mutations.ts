import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { ok, type Result, refused } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { noteBreakGlass } from '@/lib/people/break-glass/mutations';
import { isPassword } from '@/lib/people/password';
import { Credentials } from '@/lib/people/schema';
import { newSignInToken, signInMaxMs, signInPendingMs } from './cookie';
import type { Factor, Proof } from './factor/schema';
import { isIssuersOwn } from './sso/settings';
import { tellOfSignIn } from './tell';
import { comesBySsoSentence, lapsedSentence, waitSentence, wrongSentence } from './throttle';
import { countTry, forgiveTry, passwordTry } from './tries';

/** Who asks, as far as it can be believed. */
export type Asking = { address: string; userAgent: string; now: Date };
export type SignInAttempt = Asking & { email: unknown; password: unknown };

/** Reasons are codes, since next-auth passes them through a URL; `retryAfterSeconds` comes with `throttled`. */
export type SignInOutcome = Result<{ token: string }, 'wrong' | 'throttled' | 'sso'> & {
  retryAfterSeconds?: number;
};

/**
 * Looks at a person's password and opens a sign-in that waits for a second factor: its token opens nothing else.
 * Unknown e-mail, wrong password and disabled account cannot be told apart, by words or by time. The token is returned
 * once; its SHA-256 is stored.
 */
export async function signInByPassword(
  db: PrismaClient,
  attempt: SignInAttempt,
): Promise<SignInOutcome> {
  const parsed = Credentials.safeParse(attempt);
  if (!parsed.success) return refused('wrong', wrongSentence);
  const { email, password } = parsed.data;
  const { now, address, userAgent } = attempt;
  const tried = passwordTry(email, address, now);

  const waitMs = await countTry(db, tried);
  if (waitMs > 0) return throttled(waitMs);

  const person = await db.person.findUnique({
    where: { email },
    select: {
      id: true,
      passwordHash: true,
      disabledAt: true,
      issuer: true,
      isBreakGlass: true,
    },
  });
  const matches = await isPassword(person?.passwordHash ?? null, password);
  const refuse = async () => {
    await recordControl(db, 'sign_in_refused', { person: person?.id ?? null, address });
    return refused('wrong', wrongSentence);
  };
  if (person === null || !matches || person.disabledAt !== null) return refuse();
  // Said to nobody but whoever knows the password.
  if (isIssuersOwn(person)) {
    const facts = { person: person.id, address, proof: 'password', why: 'comes_by_sso' };
    await recordControl(db, 'sign_in_refused', facts);
    return refused('sso', comesBySsoSentence);
  }
  const token = await db.$transaction(async (tx) => {
    await forgiveTry(tx, tried);
    // INVARIANT: held until commit, so that whoever takes this password away also ends what it opened meanwhile.
    const { passwordHash } = person;
    const where = { id: person.id, passwordHash, disabledAt: null };
    const { count } = await tx.person.updateMany({ where, data: { passwordHash } });
    if (count === 0) return null;
    const opened = { person: person.id, proof: 'password', factor: null } as const;
    return openSignIn(tx, opened, { address, userAgent, now });
  });
  return token === null ? refuse() : ok({ token });
}

const throttled = (waitMs: number): SignInOutcome => {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  return { ...refused('throttled', waitSentence(retryAfterSeconds)), retryAfterSeconds };
};

type Opened = {
  person: string;
  proof: Proof;
  factor: Factor | null;
  /** When the factor was shown: now, unless somebody else saw it. */
  factorAt?: Date;
  ssoSid?: string | undefined;
};

/** What is on record of a first step, by what was shown. */
const provedKind: Record<Proof, string> = {
  password: 'password_proved',
  passkey: 'signed_in',
  sso: 'sso_proved',
};

/** Opens a sign-in, whole or waiting for its second factor. Returns its token, which is not stored. */
export async function openSignIn(
  tx: Transaction,
  { person, proof, factor, factorAt, ssoSid }: Opened,
  { address, userAgent, now }: Asking,
): Promise<string> {
  const token = newSignInToken();
  const id = newId(now.getTime());
  const livesMs = factor === null ? signInPendingMs : signInMaxMs;
  await tx.signIn.create({
    data: {
      id,
      tokenHash: tokenHash(token),
      personId: person,
      address,
      userAgent: userAgent.slice(0, 400),
      createdAt: now,
      proof,
      factor,
      factorAt: factor === null ? null : (factorAt ?? now),
      ssoSid: ssoSid ?? null,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + livesMs),
    },
    select: { id: true },
  });
  const facts = { by: `person:${person}`, address, sign_in: id, proof };
  if (factor === null) {
    await recordControl(tx, provedKind[proof], facts);
    return token;
  }
  await tellOfSignIn(tx, { id, person, factor }, { address, userAgent, now });
  await noteBreakGlass(tx, { person, signIn: id, address, now });
  await recordControl(tx, 'signed_in', { ...facts, factor });
  return token;
}

/**
 * Makes a waiting sign-in whole, once. It gets a new token: whoever had the one of before has nothing. Throws
 * `unauthenticated` when it does not wait any more.
 */
export async function completeSignIn(
  tx: Transaction,
  { id, person, proof, factor }: { id: string; person: string; proof: Proof; factor: Factor },
  asking: Asking,
): Promise<string> {
  const { address, now } = asking;
  const token = newSignInToken();
  const { count } = await tx.signIn.updateMany({
    where: { id, personId: person, factorAt: null, endedAt: null, expiresAt: { gt: now } },
    data: {
      tokenHash: tokenHash(token),
      factor,
      factorAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + signInMaxMs),
    },
  });
  if (count === 0) throw new AppError('unauthenticated', lapsedSentence);
  await tellOfSignIn(tx, { id, person, factor }, asking);
  await noteBreakGlass(tx, { person, signIn: id, address, now });
  const facts = { by: `person:${person}`, address, sign_in: id, proof, factor };
  await recordControl(tx, 'signed_in', facts);
  return token;
}

const tokenHash = (token: string) => new Uint8Array(secretHash(token));

/** Ends a sign-in at the next request everywhere; a second time changes nothing. */
export async function endSignIn(
  db: PrismaClient,
  { id, person, now }: { id: string; person: string; now: Date },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.signIn.updateMany({
      where: { id, personId: person, endedAt: null },
      data: { endedAt: now, endedWhy: 'signed_out' },
    });
    if (count > 0) await recordControl(tx, 'signed_out', { by: `person:${person}`, sign_in: id });
  });
}

/** Ends the sign-in whose token a browser gives up for another one; nothing where it means nothing any more. */
export async function endReplaced(db: PrismaClient, token: string, now: Date): Promise<void> {
  await db.$transaction(async (tx) => {
    const [ended] = await tx.signIn.updateManyAndReturn({
      where: { tokenHash: tokenHash(token), endedAt: null, factorAt: { not: null } },
      data: { endedAt: now, endedWhy: 'replaced' },
      select: { id: true, personId: true },
    });
    if (ended === undefined) return;
    const { id, personId } = ended;
    await recordControl(tx, 'signed_out', {
      by: `person:${personId}`,
      sign_in: id,
      why: 'replaced',
    });
  });
}
