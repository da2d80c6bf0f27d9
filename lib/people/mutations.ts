import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Config, config } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { ok, type Result, refused } from '@/lib/core/result';
import { Prisma, type PrismaClient, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { hashPassword } from './password';
import { hasAdministrator } from './queries';
import { Email, NewPassword, OrganisationName, Setup, TimeZone } from './schema';
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
  return closedWhenTaken(() =>
    db.$transaction(async (tx) => {
      const live = { usedAt: null, expiresAt: { gt: now }, wrongTries: { lt: wrongTriesMax } };
      const code = await tx.setupCode.findFirst({
        where: live,
        orderBy: { createdAt: 'desc' },
        select: { id: true, hash: true },
      });
      if (code === null || (await hasAdministrator(tx))) return closed();
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
      return ok({ person: await addFirstAdministrator(tx, setup, 'setup_code', now) });
    }),
  );
}

const FirstAdministrator = z.object({
  email: Email,
  password: NewPassword,
  organisation: OrganisationName.optional(),
  timeZone: TimeZone.default('UTC'),
});

/** For SALLYPORT_ADMIN_EMAIL and SALLYPORT_ADMIN_PASSWORD: false when an administrator exists already. */
export async function createFirstAdministrator(
  db: PrismaClient,
  input: z.input<typeof FirstAdministrator>,
  now: Date,
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
  const outcome = await closedWhenTaken(() =>
    db.$transaction(async (tx) => {
      if (await hasAdministrator(tx)) return closed();
      const setup = { organisation, timeZone, name, email, password };
      return ok({ person: await addFirstAdministrator(tx, setup, 'environment', now) });
    }),
  );
  return outcome.ok;
}

type FirstAdministratorSetup = Omit<Setup, 'code'>;

// INVARIANT: the setting row is made in the same transaction and there can be one only, so of two
// set-ups at once one fails as a whole.
async function addFirstAdministrator(
  tx: Transaction,
  setup: FirstAdministratorSetup,
  by: 'setup_code' | 'environment',
  now: Date,
  settings: Config = config(),
): Promise<string> {
  const person = newId(now.getTime());
  await tx.person.create({
    data: {
      id: person,
      email: setup.email,
      name: setup.name,
      passwordHash: await hashPassword(setup.password),
      roles: ['admin'],
      createdAt: now,
    },
    select: { id: true },
  });
  if ((await tx.setting.findUnique({ where: { id: 1 }, select: { id: true } })) === null)
    await addSetting(tx, setup, by, now, settings);
  await recordControl(tx, 'person_created', { person, roles: ['admin'], by });
  return person;
}

async function addSetting(
  tx: Transaction,
  { organisation, timeZone }: FirstAdministratorSetup,
  by: string,
  now: Date,
  { CONTENT, RETENTION_BODY_DAYS, RETENTION_FACTS_DAYS }: Config,
): Promise<void> {
  const kept = {
    content: CONTENT,
    retentionBodyDays: RETENTION_BODY_DAYS,
    retentionFactsDays: Math.max(RETENTION_FACTS_DAYS, RETENTION_BODY_DAYS),
  };
  await tx.setting.create({
    data: { id: 1, organisation, timeZone, ...kept, createdAt: now },
    select: { id: true },
  });
  await recordControl(tx, 'organisation_set_up', {
    organisation,
    time_zone: timeZone,
    content: kept.content,
    retention_body_days: kept.retentionBodyDays,
    retention_facts_days: kept.retentionFactsDays,
    by,
  });
}

/** Somebody else was first: the database refused the second row. */
async function closedWhenTaken<Outcome>(
  write: () => Promise<Outcome>,
): Promise<Outcome | ReturnType<typeof closed>> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      return closed();
    throw error;
  }
}
