import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Config, config } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { ok, type Result, refused } from '@/lib/core/result';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { NewPassword } from './new-password';
import { hashPassword } from './password';
import { hasAdministrator } from './queries';
import { Email, OrganisationName, TimeZone } from './schema';
import { keepSeed } from './seed';
import { Setup } from './set-up/schema';
import {
  formatSetupCode,
  isSetupCode,
  setupCodeBytes,
  setupCodeHash,
  setupCodeLivesMs,
  wrongTriesMax,
} from './setup-code';

/**
 * Makes the one-time code that opens the set-up page and returns it, once; codes made before stop
 * working. Null when an administrator exists already.
 */
export async function createSetupCode(db: PrismaClient, now: Date): Promise<string | null> {
  if (await hasAdministrator(db)) return null;
  const code = formatSetupCode(randomBytes(setupCodeBytes));
  await db.$transaction(async (tx) => {
    await tx.setupCode.updateMany({
      where: { usedAt: null, expiresAt: { gt: now } },
      data: { expiresAt: now },
    });
    await tx.setupCode.create({
      data: {
        id: newId(now.getTime()),
        hash: new Uint8Array(setupCodeHash(code)),
        createdAt: now,
        expiresAt: new Date(now.getTime() + setupCodeLivesMs),
      },
      select: { id: true },
    });
    await recordControl(tx, 'setup_code_created', { lives_minutes: setupCodeLivesMs / 60_000 });
  });
  return code;
}

const closed = () =>
  refused('closed', 'This set-up has ended. Restart Sallyport for a new code, or sign in.');

/**
 * Uses the code up and makes the organisation and its first administrator, all or nothing. A wrong code
 * counts under the row's lock, so that five tries are five, also when sent at once.
 */
export async function redeemSetupCode(
  db: PrismaClient,
  input: Setup,
  now: Date,
): Promise<Result<{ person: string }, 'closed' | 'wrong_code'>> {
  const setup = Setup.parse(input);
  return db.$transaction(async (tx) => {
    const live = { usedAt: null, expiresAt: { gt: now }, wrongTries: { lt: wrongTriesMax } };
    const code = await tx.setupCode.findFirst({
      where: live,
      orderBy: { createdAt: 'desc' },
      select: { id: true, hash: true },
    });
    if (code === null) return closed();
    const { count } = await tx.setupCode.updateMany({
      where: { id: code.id, ...live },
      data: { wrongTries: { increment: 1 } },
    });
    if (count === 0) return closed();
    if (!isSetupCode(setup.code, code.hash)) {
      await recordControl(tx, 'setup_code_refused', {});
      return refused('wrong_code', 'That is not the code on the terminal. Check it.');
    }
    await tx.setupCode.updateMany({
      where: { id: code.id },
      data: { usedAt: now, wrongTries: { decrement: 1 } },
    });
    const person = await addFirstAdministrator(tx, setup, 'setup_code', now);
    return person === null ? closed() : ok({ person });
  });
}

const FirstAdministrator = z.object({
  email: Email,
  password: NewPassword,
  organisation: OrganisationName.optional(),
  timeZone: TimeZone.default('UTC'),
});

/** A seed of time-based codes that the first administrator's app has already, and the key that seals it. */
type FirstFactor = { seed: Uint8Array; kek: KeyEncryptionKey };

/**
 * For SALLYPORT_ADMIN_EMAIL, SALLYPORT_ADMIN_PASSWORD and, in `factor`, SALLYPORT_ADMIN_TOTP: without it a second factor
 * is set up at the first sign-in. False when an administrator exists already.
 */
export async function createFirstAdministrator(
  db: PrismaClient,
  input: z.input<typeof FirstAdministrator>,
  now: Date,
  factor: FirstFactor | null = null,
): Promise<boolean> {
  const parsed = FirstAdministrator.safeParse(input);
  if (!parsed.success)
    throw new AppError(
      'invalid_input',
      `The first administrator cannot be made: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' ')}`,
    );
  const { email, password, timeZone } = parsed.data;
  const [name = email, domain = email] = email.split('@');
  const organisation = parsed.data.organisation ?? domain;
  const setup = { organisation, timeZone, name, email, password };
  if (await hasAdministrator(db)) return false;
  return db.$transaction(async (tx) => {
    const person = await addFirstAdministrator(tx, setup, 'environment', now);
    if (person === null) return false;
    if (factor !== null) {
      await keepSeed(tx, factor.kek, { person, seed: factor.seed, lastStep: 0n, now });
      await recordControl(tx, 'totp_enrolled', { by: 'environment', person });
    }
    return true;
  });
}

type FirstAdministratorSetup = Omit<Setup, 'code'>;

// INVARIANT: whoever makes the first administrator holds the setting's only row until commit and looks
// for an administrator after that, so of two set-ups at once the second finds the first. Null: it did.
async function addFirstAdministrator(
  tx: Transaction,
  setup: FirstAdministratorSetup,
  by: 'setup_code' | 'environment',
  now: Date,
): Promise<string | null> {
  const setting = firstSetting(setup, now, config());
  const { count } = await tx.setting.createMany({ data: [setting], skipDuplicates: true });
  await tx.setting.updateMany({ where: { id: 1 }, data: { id: 1 } });
  if (await hasAdministrator(tx)) return null;
  const person = newId(now.getTime());
  await tx.person.create({
    data: {
      id: person,
      email: setup.email,
      name: setup.name,
      passwordHash: await hashPassword(setup.password),
      roles: ['admin'],
      contentRead: 'all',
      contentExport: 'all',
      createdAt: now,
    },
    select: { id: true },
  });
  if (count > 0)
    await recordControl(tx, 'organisation_set_up', {
      organisation: setting.organisation,
      time_zone: setting.timeZone,
      content: setting.content,
      retention_body_days: setting.retentionBodyDays,
      retention_facts_days: setting.retentionFactsDays,
      by,
    });
  await recordControl(tx, 'person_created', { person, roles: ['admin'], by });
  return person;
}

const firstSetting = (
  { organisation, timeZone }: FirstAdministratorSetup,
  now: Date,
  { CONTENT, RETENTION_BODY_DAYS, RETENTION_FACTS_DAYS }: Config,
) => ({
  id: 1,
  organisation,
  timeZone,
  content: CONTENT,
  retentionBodyDays: RETENTION_BODY_DAYS,
  retentionFactsDays: Math.max(RETENTION_FACTS_DAYS, RETENTION_BODY_DAYS),
  createdAt: now,
});
