import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf, secretHash } from '@/lib/core/secrets';
import { hashPassword } from '@/lib/people/password';
import type { Person } from '@/lib/people/schema';
import type { Installation } from './e2e';

export type Added = Person & { password: string };

/** A person of this installation: a viewer of all who reads no content, but for what is said otherwise. */
export async function addPerson(
  { db }: Pick<Installation, 'db'>,
  over: Partial<Added> = {},
): Promise<Added> {
  const id = over.id ?? newId();
  const person: Added = {
    id,
    email: `${id}@example.org`,
    name: 'Grace Example',
    roles: ['viewer'],
    teams: [],
    reach: 'all',
    contentRead: 'none',
    contentExport: 'none',
    password: 'a long enough passphrase',
    ...over,
  };
  const { password, teams, roles, ...row } = person;
  await db.person.create({
    data: {
      ...row,
      roles: [...roles],
      passwordHash: await hashPassword(password),
      createdAt: new Date(),
      teams: { create: teams.map((teamId) => ({ teamId })) },
    },
    select: { id: true },
  });
  return person;
}

/**
 * Signs this browser in as somebody, by a row and a cookie as the console makes them and not by its form: whoever was
 * signed in is not any more. `factorAt` is when a second factor was shown. Returns the id of the sign-in.
 */
export async function signInAs(
  page: Page,
  { db, kek, port, url }: Pick<Installation, 'db' | 'kek' | 'port' | 'url'>,
  person: Pick<Person, 'id'>,
  { factorAt = new Date() }: { factorAt?: Date } = {},
): Promise<string> {
  const now = new Date();
  const token = randomBytes(32).toString('base64url');
  const id = newId();
  await db.signIn.create({
    data: {
      id,
      tokenHash: new Uint8Array(secretHash(token)),
      personId: person.id,
      address: '127.0.0.1',
      userAgent: 'tests',
      createdAt: now,
      factor: 'totp',
      factorAt,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
    },
    select: { id: true },
  });
  const key = keyEncryptionKeyOf(Buffer.from(kek, 'base64')).derive('cookie');
  const value = await encode({ token: { signIn: token }, secret: key.toString('base64') });
  await page.context().clearCookies();
  await page
    .context()
    .addCookies([
      { name: `sallyport.${port}.session`, value, url, httpOnly: true, sameSite: 'Lax' },
    ]);
  return id;
}
