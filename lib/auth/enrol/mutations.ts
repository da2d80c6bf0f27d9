import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type PersonActor, type Who, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { PasskeyName } from '@/lib/people/schema';
import { keepSeed } from '@/lib/people/seed';
import { stepOf } from '@/lib/people/totp';
import { takeOnce } from '../factor/challenge';
import { checkMade } from '../factor/passkeys';
import { newRecoveryCodes, recoveryCodeHash } from '../factor/recovery';
import { type Factor, MadePasskey, type Pending } from '../factor/schema';
import { type Asking, completeSignIn } from '../mutations';
import { tellOfFactor } from '../tell';
import { wrongCodeSentence } from '../throttle';
import { countFactors } from './queries';

/** Who sets up or removes a factor of one's own. */
export type FactorCtx = {
  readonly db: PrismaClient;
  readonly actor: PersonActor;
  readonly now: Date;
};

/** A code of the app shows that it has the seed; a passkey, that the browser holds its key. */
export type NewFactor =
  | { seed: Uint8Array; code: string }
  | { made: MadePasskey; challenge: string; name: string };

export const passkeysMax = 20;

/**
 * Sets up the first factor of somebody who showed a password and has none, which makes the sign-in whole. Recovery codes
 * come with it, shown this once. Throws `forbidden` where a factor is set up already: then it must be shown.
 */
export async function enrolFirst(
  db: PrismaClient,
  pending: Pending,
  factor: NewFactor,
  asking: Asking,
  kek: KeyEncryptionKey = keyEncryptionKey(),
): Promise<{ token: string; recoveryCodes: string[] }> {
  const { id, proof, person } = pending;
  const { address, now } = asking;
  const who = { by: `person:${person.id}`, address, sign_in: id };
  return db.$transaction(async (tx) => {
    await lockPerson(tx, person.id);
    // Before the first entry: from then on this holds the log, and must wait for no row.
    await tx.signIn.updateMany({ where: { id }, data: { id } });
    if ((await countFactors(tx, person.id)) > 0)
      throw new AppError('forbidden', 'A second factor is set up already. Show it.');
    const kind = await addFactor(tx, kek, { person: person.id, factor, who, now });
    const recoveryCodes = await replaceRecoveryCodes(tx, { person: person.id, who, now });
    const token = await completeSignIn(tx, { id, person: person.id, proof, factor: kind }, asking);
    return { token, recoveryCodes };
  });
}

/** Adds a passkey, or sets up the app anew in place of the one of before. */
export async function enrolFactor(
  { db, actor, now }: FactorCtx,
  factor: NewFactor,
  kek: KeyEncryptionKey = keyEncryptionKey(),
): Promise<void> {
  authorize(actor, 'account.write');
  await db.$transaction(async (tx) => {
    await lockPerson(tx, actor.id);
    await addFactor(tx, kek, { person: actor.id, factor, who: whoOf(actor), now });
  });
}

const WhichFactor = z.union([z.literal('totp'), z.guid()]);

/** Removes the app or one passkey. Throws `conflict` for the last one: a person without a factor cannot sign in. */
export async function removeFactor({ db, actor, now }: FactorCtx, which: string): Promise<void> {
  authorize(actor, 'account.write');
  const asked = WhichFactor.safeParse(which);
  const gone = () => new AppError('not_found', 'You have no such factor any more.');
  if (!asked.success) throw gone();
  const tell = (tx: Transaction, what: string) =>
    tellOfFactor(tx, { person: actor.id, what, address: actor.address, now });
  await db.$transaction(async (tx) => {
    await lockPerson(tx, actor.id);
    if ((await countFactors(tx, actor.id)) < 2)
      throw new AppError('conflict', 'This is your last second factor. Add another one first.');
    if (asked.data === 'totp') {
      const { count } = await tx.totp.deleteMany({ where: { personId: actor.id } });
      if (count === 0) throw gone();
      await tell(tx, 'The authenticator app was removed');
      await recordControl(tx, 'totp_removed', whoOf(actor));
      return;
    }
    const where = { id: asked.data, personId: actor.id };
    const found = await tx.passkey.findFirst({ where, select: { name: true } });
    if (found === null) throw gone();
    await tx.passkey.deleteMany({ where });
    await tell(tx, `The passkey ${found.name} was removed`);
    await recordControl(tx, 'passkey_removed', {
      ...whoOf(actor),
      passkey: where.id,
      name: found.name,
    });
  });
}

const RenamePasskey = z.object({ id: z.guid(), name: PasskeyName });

export async function renamePasskey(
  { db, actor }: FactorCtx,
  input: { id: string; name: string },
): Promise<void> {
  authorize(actor, 'account.write');
  const { id, name } = parseInput(RenamePasskey, input);
  await db.$transaction(async (tx) => {
    const where = { id, personId: actor.id };
    const found = await tx.passkey.findFirst({ where, select: { name: true } });
    if (found === null) throw new AppError('not_found', 'You have no such passkey any more.');
    await tx.passkey.updateMany({ where, data: { name } });
    await recordControl(tx, 'passkey_renamed', {
      ...whoOf(actor),
      passkey: id,
      before: { name: found.name },
      after: { name },
    });
  });
}

/** Makes new recovery codes, shown this once; those of before open nothing any more. */
export async function makeRecoveryCodes({ db, actor, now }: FactorCtx): Promise<string[]> {
  authorize(actor, 'account.write');
  return db.$transaction((tx) =>
    replaceRecoveryCodes(tx, { person: actor.id, who: whoOf(actor), now }),
  );
}

type Adding = { person: string; factor: NewFactor; who: Who; now: Date };

async function addFactor(
  tx: Transaction,
  kek: KeyEncryptionKey,
  adding: Adding,
): Promise<Extract<Factor, 'totp' | 'passkey'>> {
  const { person, factor, who, now } = adding;
  if ('seed' in factor) {
    await storeTotp(tx, kek, { person, ...factor, now });
    await tellOfFactor(tx, { person, ...who, what: 'An authenticator app was set up', now });
    await recordControl(tx, 'totp_enrolled', who);
    return 'totp';
  }
  const { id, name } = await storePasskey(tx, { person, ...factor, now });
  await tellOfFactor(tx, { person, ...who, what: `The passkey ${name} was added`, now });
  await recordControl(tx, 'passkey_enrolled', { ...who, passkey: id, name });
  return 'passkey';
}

/** The code that shows the seed is taken with it: it does not sign in a second later. */
async function storeTotp(
  tx: Transaction,
  kek: KeyEncryptionKey,
  made: { person: string; seed: Uint8Array; code: string; now: Date },
): Promise<void> {
  const { person, seed, code, now } = made;
  const step = stepOf(seed, { code, now, afterStep: 0n });
  if (step === null) throw new AppError('invalid_input', wrongCodeSentence);
  await keepSeed(tx, kek, { person, seed, lastStep: step, now });
}

async function storePasskey(
  tx: Transaction,
  asked: { person: string; made: MadePasskey; challenge: string; name: string; now: Date },
): Promise<{ id: string; name: string }> {
  const { person, challenge, now } = asked;
  const refusal = new AppError('invalid_input', 'That passkey could not be checked. Try again.');
  const made = MadePasskey.safeParse(asked.made);
  const name = parseInput(PasskeyName, asked.name);
  if (!made.success) throw refusal;
  const checked = await checkMade(made.data, challenge);
  if (checked === null || !(await takeOnce(tx, challenge, now))) throw refusal;
  if ((await tx.passkey.count({ where: { personId: person } })) >= passkeysMax)
    throw new AppError('conflict', `You have ${passkeysMax} passkeys. Remove one first.`);
  const id = newId(now.getTime());
  const { count } = await tx.passkey.createMany({
    data: [{ id, personId: person, name, createdAt: now, ...checked }],
    skipDuplicates: true,
  });
  if (count === 0) throw new AppError('conflict', 'That passkey is in use already.');
  return { id, name };
}

async function replaceRecoveryCodes(
  tx: Transaction,
  { person, who, now }: { person: string; who: Who; now: Date },
): Promise<string[]> {
  const codes = newRecoveryCodes();
  await tx.recoveryCode.deleteMany({ where: { personId: person } });
  await tx.recoveryCode.createMany({
    data: codes.map((code) => ({
      id: newId(now.getTime()),
      personId: person,
      hash: recoveryCodeHash(person, code),
      createdAt: now,
    })),
  });
  await tellOfFactor(tx, { person, ...who, what: 'New recovery codes were made', now });
  await recordControl(tx, 'recovery_codes_made', { ...who, codes: codes.length });
  return codes;
}

/** A write that changes nothing takes the row's lock: two that count factors at once must not both be right. */
const lockPerson = (tx: Transaction, id: string) =>
  tx.person.updateMany({ where: { id }, data: { id } });
