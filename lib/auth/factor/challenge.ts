import { createHash } from 'node:crypto';
import { decode, encode } from 'next-auth/jwt';
import { z } from 'zod';
import type { PrismaClient } from '@/lib/db/prisma';
import { cookieSecret } from '../cookie';

export const challengeLivesMs = 5 * 60_000;

/**
 * What a browser was asked to sign, or the seed it was shown, sealed in a cookie of its own: asking costs no row, so that
 * nobody fills a table by asking. `signIn` is whose ceremony it is; null before there is one.
 */
const Challenge = z.object({
  purpose: z.enum(['sign_in', 'passkey', 'totp', 'step_up']),
  /** Base64url. */
  value: z.string().min(16).max(128),
  signIn: z.guid().nullable(),
  until: z.number(),
});
export type Challenge = z.infer<typeof Challenge>;

// Apart from the session's: the one never opens as the other.
const secret = () => `${cookieSecret()}:challenge`;

export const sealChallenge = (challenge: Omit<Challenge, 'until'>, now: Date): Promise<string> =>
  encode({
    token: { challenge: { ...challenge, until: now.getTime() + challengeLivesMs } },
    secret: secret(),
    maxAge: challengeLivesMs / 1000,
  });

/** The value asked for with this purpose and sign-in; null for any other, and once it has lapsed. */
export async function openChallenge(
  cookie: string | undefined,
  asked: Pick<Challenge, 'purpose' | 'signIn'>,
  now: Date,
): Promise<string | null> {
  if (cookie === undefined) return null;
  try {
    const parsed = Challenge.safeParse(
      (await decode({ token: cookie, secret: secret() }))?.challenge,
    );
    if (!parsed.success) return null;
    const { purpose, value, signIn, until } = parsed.data;
    const isAsked = purpose === asked.purpose && signIn === asked.signIn;
    return isAsked && until > now.getTime() ? value : null;
  } catch {
    return null;
  }
}

/** Whether this proof is taken for the first time; from then on it is refused until it would have lapsed anyway. */
export async function takeOnce(
  db: Pick<PrismaClient, 'usedProof'>,
  value: string,
  now: Date,
): Promise<boolean> {
  await db.usedProof.deleteMany({ where: { until: { lt: now } } });
  const hash = new Uint8Array(createHash('sha256').update(value).digest());
  const until = new Date(now.getTime() + 2 * challengeLivesMs);
  const { count } = await db.usedProof.createMany({
    data: [{ hash, until }],
    skipDuplicates: true,
  });
  return count === 1;
}
