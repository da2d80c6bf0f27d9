import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf, secretHash } from '@/lib/core/secrets';
import type { Role } from '@/lib/people/schema';
import type { Installation } from './e2e';

/** Somebody of a test's own, who has signed in and just shown a second factor. Returns the person's id. */
export async function signInAs(
  page: Page,
  { db, kek, port, url }: Installation,
  who: {
    roles: readonly Role[];
    name?: string;
    reach?: 'teams' | 'all';
    contentRead?: 'none' | 'teams' | 'all';
    contentExport?: 'none' | 'teams' | 'all';
  },
): Promise<string> {
  const now = new Date();
  const person = newId();
  await db.person.create({
    data: {
      id: person,
      email: `${person}@example.org`,
      name: who.name ?? who.roles.join(' and '),
      roles: [...who.roles],
      reach: who.reach ?? 'all',
      contentRead: who.contentRead ?? 'none',
      contentExport: who.contentExport ?? 'none',
      createdAt: now,
    },
  });
  const token = randomBytes(32).toString('base64url');
  await db.signIn.create({
    data: {
      id: newId(),
      tokenHash: new Uint8Array(secretHash(token)),
      personId: person,
      address: '127.0.0.1',
      userAgent: 'a test',
      createdAt: now,
      factor: 'totp',
      factorAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
    },
  });
  const secret = keyEncryptionKeyOf(Buffer.from(kek, 'base64')).derive('cookie').toString('base64');
  const value = await encode({ token: { signIn: token }, secret });
  await page.context().clearCookies();
  await page
    .context()
    .addCookies([
      { name: `sallyport.${port}.session`, value, url, httpOnly: true, sameSite: 'Lax' },
    ]);
  return person;
}
