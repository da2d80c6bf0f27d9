import { randomBytes } from 'node:crypto';
import { decode, encode } from 'next-auth/jwt';
import { z } from 'zod';
import { config, consoleUrl } from '@/lib/core/config';
import { keyEncryptionKey } from '@/lib/core/secrets';

/** A sign-in ends after this, whatever happens. */
export const signInMaxMs = 12 * 60 * 60 * 1000;
/** One that waits for its second factor ends after this. */
export const signInPendingMs = 10 * 60 * 1000;
/** And after this without a request. */
export const signInIdleMs = 60 * 60 * 1000;

/** What the cookie holds, encrypted: a random token that means something only in the `sign_in` table. */
const Claims = z.object({ signIn: z.string().length(43) });

export const newSignInToken = (): string => randomBytes(32).toString('base64url');

export const cookieSecret = (): string => keyEncryptionKey().derive('cookie').toString('base64');

export const isConsoleSecure = (): boolean => consoleUrl(config()).startsWith('https:');

type CookiePurpose =
  | 'session'
  | 'csrf'
  | 'callback'
  | 'challenge'
  | 'again'
  | 'state'
  | 'nonce'
  | 'pkce';

/** Cookies ignore ports: the port is in the name, so that two consoles on one host do not share them. */
export function cookieName(purpose: CookiePurpose): string {
  const { port } = new URL(consoleUrl(config()));
  const name = port === '' ? `sallyport.${purpose}` : `sallyport.${port}.${purpose}`;
  return isConsoleSecure() ? `__Host-${name}` : name;
}

export const cookieOptions = () =>
  ({ httpOnly: true, sameSite: 'lax', path: '/', secure: isConsoleSecure() }) as const;

/** The sign-in token of a session cookie; null for anything that this console did not make. */
export async function readSignInToken(cookie: string | undefined): Promise<string | null> {
  if (cookie === undefined) return null;
  try {
    const parsed = Claims.safeParse(await decode({ token: cookie, secret: cookieSecret() }));
    return parsed.success ? parsed.data.signIn : null;
  } catch {
    return null;
  }
}

/** A cookie's value for a sign-in token, as next-auth seals it. */
export const sealSignInToken = (signIn: string): Promise<string> =>
  encode({ token: { signIn }, secret: cookieSecret(), maxAge: signInMaxMs / 1000 });
