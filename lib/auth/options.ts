import type { NextAuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { systemClock } from '@/lib/core/clock';
import { logEvent } from '@/lib/core/log';
import { prisma } from '@/lib/db/prisma';
import {
  cookieName,
  cookieOptions,
  cookieSecret,
  isConsoleSecure,
  readSignInToken,
  signInMaxMs,
} from './cookie';
import { endReplaced, signInByPassword } from './mutations';
import { addressOf } from './peer';

/** next-auth's user, of which nothing but the sign-in token goes on. */
type SignedInUser = { id: string; signIn: string };

/**
 * Sign-in by e-mail and password. next-auth does the CSRF check and seals the cookie; the cookie holds a
 * random token, and who it stands for is looked up at every request (lib/auth/session.ts).
 */
export function authOptions(): NextAuthOptions {
  return {
    secret: cookieSecret(),
    useSecureCookies: isConsoleSecure(),
    session: { strategy: 'jwt', maxAge: signInMaxMs / 1000 },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    cookies: {
      sessionToken: { name: cookieName('session'), options: cookieOptions() },
      csrfToken: { name: cookieName('csrf'), options: cookieOptions() },
      callbackUrl: { name: cookieName('callback'), options: cookieOptions() },
    },
    providers: [
      CredentialsProvider({
        id: 'password',
        credentials: { email: {}, password: {} },
        authorize: async (credentials, request) => authorize(credentials, request.headers ?? {}),
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) =>
        isSignedInUser(user) ? { signIn: user.signIn } : { signIn: token.signIn },
      // Nothing asks for it; were it asked, it tells nothing.
      session: ({ session }) => ({ expires: session.expires }),
      // INVARIANT: no redirect leaves this console, whatever callbackUrl says.
      redirect: () => '/overview',
    },
    logger: {
      error: (code, metadata) => logEvent('next_auth_failed', { code, metadata: String(metadata) }),
      warn: () => {},
      debug: () => {},
    },
  };
}

const isSignedInUser = (user: unknown): user is SignedInUser =>
  typeof user === 'object' && user !== null && 'signIn' in user;

/** Throws a code that next-auth hands to the form; see readOutcome in lib/auth/sign-in.ts. */
async function authorize(
  credentials: Record<'email' | 'password', string> | undefined,
  headers: Record<string, string>,
): Promise<SignedInUser> {
  const known = { get: (name: string) => headers[name] ?? null };
  const outcome = await signInByPassword(prisma(), {
    email: credentials?.email,
    password: credentials?.password,
    address: addressOf(known),
    userAgent: headers['user-agent'] ?? '',
    now: systemClock(),
  });
  if (!outcome.ok)
    throw new Error(
      outcome.reason === 'throttled' ? `throttled:${outcome.retryAfterSeconds}` : outcome.reason,
    );
  await endFormer(headers);
  return { id: 'person', signIn: outcome.value.token };
}

/** What this browser was signed in as before does not live on under a cookie that it no longer has. */
async function endFormer({ cookie = '' }: Record<string, string>): Promise<void> {
  const name = `${cookieName('session')}=`;
  const part = cookie.split('; ').find((each) => each.startsWith(name));
  const token = await readSignInToken(part?.slice(name.length));
  if (token !== null) await endReplaced(prisma(), token, systemClock());
}
