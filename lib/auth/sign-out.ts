import { cookies } from 'next/headers';
import { systemClock } from '@/lib/core/clock';
import { prisma } from '@/lib/db/prisma';
import { cookieName, cookieOptions } from './cookie';
import { endSignIn } from './mutations';
import { findPerson } from './session';

/** Ends this browser's sign-in on the server first, then forgets its cookie. */
export async function endCurrentSignIn(): Promise<void> {
  const current = await findPerson();
  if (current !== null)
    await endSignIn(prisma(), {
      id: current.signIn,
      person: current.person.id,
      now: systemClock(),
    });
  (await cookies()).set(cookieName('session'), '', { ...cookieOptions(), maxAge: 0 });
}
