import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf, secretHash } from '@/lib/core/secrets';
import type { Installation } from './e2e';

export type SignInAsPerson = {
  roles: string[];
  name?: string;
  email?: string;
  contentRead?: string;
  contentExport?: string;
  reach?: string;
};

/** Makes a person as the migrator and signs this browser in as them, as after password and second factor. */
export async function signInAs(
  page: Page,
  { db, kek, port, url }: Installation,
  { roles, name = 'Ben', email, ...rights }: SignInAsPerson,
): Promise<{ id: string }> {
  const now = new Date();
  const [id, token] = [newId(), randomBytes(32).toString('base64url')];
  await db.person.create({
    data: { id, name, email: email ?? `${id}@example.org`, roles, createdAt: now, ...rights },
    select: { id: true },
  });
  await db.signIn.create({
    data: {
      id: newId(),
      tokenHash: new Uint8Array(secretHash(token)),
      personId: id,
      address: '127.0.0.1',
      userAgent: 'tests',
      createdAt: now,
      factor: 'totp',
      factorAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
    },
    select: { id: true },
  });
  const secret = keyEncryptionKeyOf(Buffer.from(kek, 'base64')).derive('cookie').toString('base64');
  const value = await encode({ token: { signIn: token }, secret });
  await page.context().clearCookies();
  await page
    .context()
    .addCookies([
      { name: `sallyport.${port}.session`, value, url, httpOnly: true, sameSite: 'Lax' },
    ]);
  return { id };
}
