import { parseArgs } from 'node:util';
import { config, consoleUrl } from '@/lib/core/config';
import { keyEncryptionKey } from '@/lib/core/secrets';
import { ensureLogins, loginUrls, PROCESS_ROLES } from '@/lib/db/logins';
import { migrate } from '@/lib/db/migrate';
import { createPool, databaseUrl } from '@/lib/db/pool';
import { createPrisma, type PrismaClient } from '@/lib/db/prisma';
import { pemOf } from '@/lib/identities/development-ca/certificates';
import { ensureAuthority } from '@/lib/identities/development-ca/mutations';
import { hasDevelopmentCa } from '@/lib/identities/development-ca/schema';
import { adoptDataKeys } from '@/lib/log/data-keys';
import { createFirstAdministrator, createSetupCode } from '@/lib/people/mutations';
import { setupCodeLivesMs } from '@/lib/people/setup-code';
import { parseSeed } from '@/lib/people/totp';
import { refuseOtherKey } from './keys';
import { operatorName } from './operator';
import { UsageError } from './usage';

/**
 * For `npm start`: migrates, makes the processes' logins, and the first administrator or a set-up code.
 * Prints passwords, so only to a pipe.
 */
export async function prepare(args: string[]): Promise<void> {
  parseArgs({ args, options: { json: { type: 'boolean' } } });
  process.stdout.write(JSON.stringify(await migrateAndSetUp()));
}

/** `sallyport migrate`: the same for an installation whose processes are started one by one. */
export async function migrateDatabase(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } });
  const { applied, logins, setupCode } = await migrateAndSetUp();
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ applied, logins, setupCode })}\n`);
    return;
  }
  const done =
    applied.length === 0 ? 'The schema is up to date.' : `Applied ${applied.join(', ')}.`;
  process.stdout.write(
    `${done}\nEach process has a login of its own; \`sallyport console|gateway|worker\` finds it by itself, and --json prints them.\n`,
  );
  if (setupCode !== undefined)
    process.stdout.write(
      `\nNo administrator exists yet. Within ${setupCodeLivesMs / 60_000} minutes, start the console, open\n  ${consoleUrl(config())}/set-up\nand enter the code ${setupCode}\nWhile the console listens on 127.0.0.1 only, that page answers only a browser on its own machine. Running migrate again makes a new code.\n`,
    );
}

/** Everything that the processes find in place when they start; a first administrator or a code to make one. */
async function migrateAndSetUp() {
  const { applied, logins } = await migrateAndLogins();
  const db = createPrisma(logins.console, { applicationName: 'prepare', max: 2 });
  try {
    const setupCode = await firstRun(db, new Date());
    return { applied, logins, setupCode, developmentCa: await developmentCa(db) };
  } finally {
    await db.$disconnect();
  }
}

async function migrateAndLogins() {
  // First of all, so that a missing key is said before anything is changed.
  const kek = keyEncryptionKey();
  const applied = await migrate(databaseUrl());
  const pool = createPool(databaseUrl(), { applicationName: 'migrate', max: 1 });
  try {
    await refuseOtherKey(pool, kek);
    await adoptDataKeys(pool, kek);
  } finally {
    await pool.end();
  }
  return { applied, logins: await ensureLogins(databaseUrl(), kek) };
}

/** The development authority's certificate, PEM, where there is one: gateways show what it certifies. */
async function developmentCa(db: PrismaClient): Promise<string | undefined> {
  if (!hasDevelopmentCa(config())) return undefined;
  const actor = { kind: 'operator', name: operatorName() } as const;
  const ctx = { db, actor, now: new Date(), kek: keyEncryptionKey() };
  return pemOf('CERTIFICATE', (await ensureAuthority(ctx)).certificate);
}

async function firstRun(db: PrismaClient, now: Date): Promise<string | undefined> {
  const {
    SALLYPORT_ADMIN_EMAIL: email,
    SALLYPORT_ADMIN_PASSWORD: password,
    SALLYPORT_ADMIN_TOTP: totp,
  } = config();
  const seed = totp === undefined ? null : parseSeed(totp);
  if (email !== undefined && password !== undefined) {
    const factor = seed === null ? null : { seed, kek: keyEncryptionKey() };
    await createFirstAdministrator(db, { email, password }, now, factor);
    return undefined;
  }
  if ((email === undefined) !== (password === undefined))
    throw new Error('Set both SALLYPORT_ADMIN_EMAIL and SALLYPORT_ADMIN_PASSWORD, or neither.');
  return (await createSetupCode(db, now)) ?? undefined;
}

/** For the launcher: where one process connects to. Its password follows from the key, DATABASE_URL needs none. */
export async function login([name]: string[]): Promise<void> {
  const role = PROCESS_ROLES.find((each) => each === name);
  if (role === undefined)
    throw new UsageError(`A login is for one of ${PROCESS_ROLES.join(', ')}.`);
  const database = decodeURIComponent(new URL(databaseUrl()).pathname.slice(1));
  process.stdout.write(loginUrls(databaseUrl(), database, keyEncryptionKey())[role]);
}
