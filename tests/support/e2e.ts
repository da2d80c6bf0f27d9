import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, type Cookie, expect, type Page } from '@playwright/test';
import { generateSync } from 'otplib';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { ensureLogins } from '@/lib/db/logins';
import { migrate } from '@/lib/db/migrate';
import { createConnection } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { createFirstAdministrator } from '@/lib/people/mutations';
import { startPostgres } from '../../server/postgres.mjs';
import { startConsole } from './console';

export { expect };

export type Installation = {
  /** Where the console answers: `http://localhost:PORT`. */
  url: string;
  port: number;
  /** As the migrator, to arrange and to look. */
  db: PrismaClient;
  urls: { migrator: string; gateway: string; worker: string; console: string };
  /** Base64, as in SALLYPORT_KEK. */
  kek: string;
};

export const administrator = { email: 'ada@example.org', password: 'correct horse battery' };

/** What the administrator's authenticator app holds. */
const seed = Buffer.from('a seed of twenty by.');

/** A code of the administrator's app. Tests sign in more often than codes change, so what was taken is forgotten. */
export async function codeOfApp({ db }: Installation): Promise<string> {
  await db.totp.updateMany({ data: { lastStep: 0n } });
  return generateSync({ secret: seed });
}

/**
 * `database`: its name; spec files that name the same one share what they send and need no order.
 * `environment`: what its console is told besides.
 * `installation`: a console against that database, for as long as one Playwright worker runs; another
 * name starts another worker.
 * `page` fails its test when the browser reports a violation of the content security policy, unless the
 * test is about one and says `hasViolations`.
 */
export const test = base.extend<
  { hasViolations: boolean },
  { database: string; environment: Record<string, string>; installation: Installation }
>({
  hasViolations: [false, { option: true }],
  database: ['e2e', { option: true, scope: 'worker' }],
  environment: [{}, { option: true, scope: 'worker' }],
  installation: [
    async ({ database, environment }, use) => {
      const server = await startPostgres({
        dataDir: mkdtempSync(path.join(os.tmpdir(), 'sallyport-e2e-')),
        disposable: true,
        extra: { fsync: 'off', shared_buffers: '64MB' },
      });
      const owner = createConnection(server.url, { applicationName: 'tests' });
      await owner.connect();
      await owner.query(`CREATE DATABASE ${owner.escapeIdentifier(database)}`);
      await owner.end();
      const migrator = new URL(server.url);
      migrator.pathname = `/${database}`;
      await migrate(migrator.href);
      const key = randomBytes(32);
      const kek = key.toString('base64');
      const logins = await ensureLogins(migrator.href, keyEncryptionKeyOf(key));
      const running = await startConsole({ consoleUrl: logins.console, kek }, environment);
      const db = createPrisma(migrator.href, { applicationName: 'tests' });
      const urls = { migrator: migrator.href, ...logins };
      await use({ url: running.url, port: running.port, db, urls, kek });
      await db.$disconnect();
      await running.stop();
      await server.stop(500);
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ installation }, use) => use(installation.url),
  page: async ({ page, hasViolations }, use) => {
    const violations: string[] = [];
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) violations.push(message.text());
    });
    await use(page);
    if (!hasViolations) expect(violations, 'violations of the content security policy').toEqual([]);
  },
});

const kept = new WeakMap<Installation, Cookie[]>();

/**
 * Makes the administrator if there is none, and signs this browser in: with the cookies of a test before, where
 * what they stand for has not ended, else by the form.
 */
export async function signIn(page: Page, installation: Installation): Promise<void> {
  const cookies = kept.get(installation) ?? [];
  await page.context().addCookies(cookies);
  if (cookies.length > 0 && (await page.request.get('/api/live/ingest')).ok()) {
    // As after signing in just now, however long the file runs.
    await installation.db.signIn.updateMany({
      where: { factorAt: { not: null } },
      data: { factorAt: new Date() },
    });
    await page.goto('/overview');
    return;
  }
  await signInByForm(page, installation);
  kept.set(installation, await page.context().cookies());
}

/** Makes the administrator, with an authenticator app, if there is none. */
export async function ensureAdministrator({ db, kek }: Installation): Promise<void> {
  await createFirstAdministrator(
    db,
    { ...administrator, organisation: 'Blue Sparrow' },
    new Date(),
    { seed, kek: keyEncryptionKeyOf(Buffer.from(kek, 'base64')) },
  );
}

export async function signInByForm(page: Page, installation: Installation): Promise<void> {
  await ensureAdministrator(installation);
  await page.goto('/sign-in');
  await showPassword(page);
  await showCode(page, installation);
  await page.waitForURL('**/overview');
}

/** The first step, on the sign-in page. */
export async function showPassword(page: Page, password = administrator.password): Promise<void> {
  await page.getByLabel('Work e-mail').fill(administrator.email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
}

/** The second step. */
export async function showCode(page: Page, installation: Installation): Promise<void> {
  await page.getByLabel('Code from your authenticator app').fill(await codeOfApp(installation));
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
}

/** Asks for a path as this browser would, and hangs up after so many milliseconds, whatever was answered by then. */
export async function hangUp(
  page: Page,
  { port }: Installation,
  { path: asked, afterMs }: { path: string; afterMs: number },
): Promise<void> {
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `GET ${asked} HTTP/1.1\r\nhost: localhost:${port}\r\ncookie: ${cookies.join('; ')}\r\n\r\n`,
  );
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  socket.destroy();
}

/** No violation of WCAG 2.2 AA or of axe's best practice, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  // A page that is still being told what it is called is not there yet.
  await expect(page).toHaveTitle(/./);
  for (const colorScheme of ['light', 'dark'] as const) {
    // Without motion: halfway between two themes nothing has the contrast of either.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Without the second page that axe needs for frames of other origins, of which there are none.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    expect(
      violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) })),
      `axe in ${colorScheme}`,
    ).toEqual([]);
  }
}
