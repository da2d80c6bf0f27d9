import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { encode } from 'next-auth/jwt';
import { newId } from '@/lib/core/ids';
import { keyEncryptionKeyOf, secretHash } from '@/lib/core/secrets';
import { hashPassword } from '@/lib/people/password';
import type { Person } from '@/lib/people/schema';
import type { Installation } from './e2e';
import { forgetCookies } from './forget-cookies';

type Site = Pick<Installation, 'db' | 'kek' | 'port' | 'url'>;
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
    name: 'Ben',
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

type Shown = { factorAt?: Date | null };

/**
 * Opens a sign-in by a row and a cookie as the console makes them, and not by its form. `factorAt` is when a second
 * factor was shown; null where it still waits for one.
 */
export async function openCookie(
  { db, kek, port }: Site,
  person: Pick<Person, 'id'>,
  { factorAt = new Date() }: Shown = {},
): Promise<{ name: string; value: string; signIn: string }> {
  const now = new Date();
  const token = randomBytes(32).toString('base64url');
  const signIn = newId();
  await db.signIn.create({
    data: {
      id: signIn,
      tokenHash: new Uint8Array(secretHash(token)),
      personId: person.id,
      address: '127.0.0.1',
      userAgent: 'tests',
      createdAt: now,
      factor: factorAt === null ? null : 'totp',
      factorAt,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
    },
    select: { id: true },
  });
  const key = keyEncryptionKeyOf(Buffer.from(kek, 'base64')).derive('cookie');
  const value = await encode({ token: { signIn: token }, secret: key.toString('base64') });
  return { name: `sallyport.${port}.session`, value, signIn };
}

/** Signs this browser in as somebody, who is made if they are not there: whoever was signed in is not any more. */
export async function signInAs(
  page: Page,
  site: Site,
  who: Partial<Added>,
  shown: Shown = {},
): Promise<{ id: string; signIn: string }> {
  const known =
    who.id === undefined ? null : await site.db.person.findUnique({ where: { id: who.id } });
  const { id } = known ?? (await addPerson(site, who));
  const { name, value, signIn } = await openCookie(site, { id }, shown);
  await forgetCookies(page);
  await page
    .context()
    .addCookies([{ name, value, url: site.url, httpOnly: true, sameSite: 'Lax' }]);
  return { id, signIn };
}
