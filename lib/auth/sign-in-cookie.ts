import { cookies } from 'next/headers';
import { prisma } from '@/lib/db/prisma';
import { cookieName, cookieOptions, readSignInToken, sealSignInToken, signInMaxMs } from './cookie';
import { type Challenge, challengeLivesMs, openChallenge, sealChallenge } from './factor/challenge';
import type { Pending } from './factor/schema';
import { endReplaced } from './mutations';
import { findPending } from './queries';

/** Gives this browser the token of a sign-in, in place of any other, which ends. */
export async function keepSignIn(token: string, now: Date): Promise<void> {
  const before = await readSignInToken((await cookies()).get(cookieName('session'))?.value);
  if (before !== null) await endReplaced(prisma(), before, now);
  const options = { ...cookieOptions(), maxAge: signInMaxMs / 1000 };
  (await cookies()).set(cookieName('session'), await sealSignInToken(token), options);
}

/** The sign-in of this browser that waits for its second factor. */
export async function readPending(now: Date): Promise<Pending | null> {
  const token = await readSignInToken((await cookies()).get(cookieName('session'))?.value);
  return token === null ? null : findPending(prisma(), token, now);
}

/** Has this browser keep what it was asked, until it answers. */
export async function keepChallenge(challenge: Omit<Challenge, 'until'>, now: Date): Promise<void> {
  const options = { ...cookieOptions(), maxAge: challengeLivesMs / 1000 };
  (await cookies()).set(nameOf(challenge), await sealChallenge(challenge, now), options);
}

/** What this browser was asked for this purpose; null where it was not, or too long ago. */
export async function readChallenge(
  asked: Pick<Challenge, 'purpose' | 'signIn'>,
  now: Date,
): Promise<string | null> {
  return openChallenge((await cookies()).get(nameOf(asked))?.value, asked, now);
}

/** Showing a factor again may come between the beginning and the end of setting one up. */
const nameOf = ({ purpose }: Pick<Challenge, 'purpose'>) =>
  cookieName(purpose === 'step_up' ? 'again' : 'challenge');
