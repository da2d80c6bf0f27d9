import { ok, type Result, refused } from '@/lib/core/result';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type PersonActor, whoOf } from '@/lib/people/actor';
import { openSeed } from '@/lib/people/seed';
import { isCode, stepOf } from '@/lib/people/totp';
import { type Asking, completeSignIn, openSignIn } from '../mutations';
import { isIssuersOwn } from '../sso/settings';
import { waitSentence, wrongCodeSentence, wrongPasskeySentence } from '../throttle';
import { codeTry, countTry, forgiveTry, passkeyTry, type Try } from '../tries';
import { takeOnce } from './challenge';
import { checkShown } from './passkeys';
import { parseRecoveryCode, recoveryCodeHash } from './recovery';
import { type Pending, ShownPasskey } from './schema';

export type FactorOutcome<Value> = Result<Value, 'wrong' | 'throttled'>;

const throttled = (waitMs: number) =>
  refused('throttled', waitSentence(Math.ceil(waitMs / 1000), 'codes'));

/**
 * The second step of signing in: a code of the person's app, or a recovery code, which is used up by it. Returns the
 * token of the sign-in that is whole now. Throws `unauthenticated` when it does not wait any more.
 */
export async function completeByCode(
  db: PrismaClient,
  pending: Pending,
  asked: { code: string } & Asking,
  kek: KeyEncryptionKey = keyEncryptionKey(),
): Promise<FactorOutcome<{ token: string }>> {
  const { id, proof, person } = pending;
  const { address, now } = asked;
  const typed = asked.code.trim();
  return trying(db, codeTry(person.id, address, now), async (tx) => {
    const factor = isCode(typed)
      ? (await takeTotp(tx, kek, { person: person.id, code: typed, now })) && 'totp'
      : (await takeRecoveryCode(tx, { person: person.id, typed, now })) && 'recovery';
    if (!factor) return null;
    const left = await tx.recoveryCode.count({ where: { personId: person.id, usedAt: null } });
    const token = await completeSignIn(tx, { id, person: person.id, proof, factor }, asked);
    if (factor === 'recovery') {
      const facts = { by: `person:${person.id}`, address, sign_in: id, left };
      await recordControl(tx, 'recovery_code_used', facts);
    }
    return { token };
  });
}

/**
 * A passkey that verified its user is both factors: it opens a sign-in by itself, or completes the one that waits for
 * this person. Whoever the configured issuer vouches for comes by it first, so that who is shut out there is out here.
 */
export async function enterByPasskey(
  db: PrismaClient,
  pending: Pending | null,
  { shown, challenge }: { shown: ShownPasskey; challenge: string },
  asking: Asking,
): Promise<FactorOutcome<{ token: string }>> {
  const tried = pending === null ? passkeyTry : codeTry.bind(null, pending.person.id);
  return trying(
    db,
    tried(asking.address, asking.now),
    async (tx) => {
      const person = await takePasskey(tx, { shown, challenge, now: asking.now });
      if (person === null) return null;
      if (pending !== null && pending.person.id === person.id) {
        const { id, proof } = pending;
        const waiting = { id, person: person.id, proof, factor: 'passkey' } as const;
        return { token: await completeSignIn(tx, waiting, asking) };
      }
      if (isIssuersOwn(person)) return null;
      const opened = { person: person.id, proof: 'passkey', factor: 'passkey' } as const;
      return { token: await openSignIn(tx, opened, asking) };
    },
    wrongPasskeySentence,
  );
}

/** What is shown again before a dangerous act. A recovery code is for signing in and no more. */
export type ShownAgain = { code: string } | { shown: ShownPasskey; challenge: string };

/** Makes a sign-in fresh again, by a second factor of the same person. */
export async function proveAgain(
  db: PrismaClient,
  actor: PersonActor,
  again: ShownAgain,
  now: Date,
  kek: KeyEncryptionKey = keyEncryptionKey(),
): Promise<FactorOutcome<null>> {
  const factor = 'code' in again ? 'totp' : 'passkey';
  const sentence = 'code' in again ? wrongCodeSentence : wrongPasskeySentence;
  const proved = await trying(
    db,
    codeTry(actor.id, actor.address, now),
    async (tx) => {
      const isProved =
        'code' in again
          ? await takeTotp(tx, kek, { person: actor.id, code: again.code.trim(), now })
          : (await takePasskey(tx, { ...again, now }))?.id === actor.id;
      if (!isProved) return null;
      await tx.signIn.updateMany({
        where: { id: actor.signIn, personId: actor.id, endedAt: null },
        data: { factor, factorAt: now },
      });
      await recordControl(tx, 'factor_proved', { ...whoOf(actor), factor });
      return true;
    },
    sentence,
  );
  return proved.ok ? ok(null) : proved;
}

/** Ends a transaction that must leave nothing behind. */
class NotProved extends Error {}

/**
 * Counts a try before it is looked at, forgives it when it was right, and writes it down when it was wrong. Forgiving
 * comes first: what proves writes an entry, and nothing waits for another row while it holds the log.
 */
async function trying<Value>(
  db: PrismaClient,
  tried: Try,
  prove: (tx: Transaction) => Promise<Value | null>,
  sentence = wrongCodeSentence,
): Promise<FactorOutcome<Value>> {
  const waitMs = await countTry(db, tried);
  if (waitMs > 0) return throttled(waitMs);
  try {
    const proved = await db.$transaction(async (tx) => {
      await forgiveTry(tx, tried);
      const value = await prove(tx);
      if (value === null) throw new NotProved();
      return value;
    });
    return ok(proved);
  } catch (error) {
    if (!(error instanceof NotProved)) throw error;
  }
  const person = tried.whose !== null && 'id' in tried.whose ? tried.whose.id : null;
  await recordControl(db, 'factor_refused', { person, address: tried.address });
  return refused('wrong', sentence);
}

type Typed = { person: string; code: string; now: Date };

/** INVARIANT: the step moves forward by one conditional update, so that of two who show one code, one is taken. */
async function takeTotp(
  tx: Transaction,
  kek: KeyEncryptionKey,
  { person, code, now }: Typed,
): Promise<boolean> {
  const row = await tx.totp.findUnique({
    where: { personId: person },
    select: { id: true, seed: true, keyId: true, lastStep: true },
  });
  if (row === null) return false;
  const seed = await openSeed(tx, kek, row);
  const step = stepOf(seed, { code, now, afterStep: row.lastStep });
  seed.fill(0);
  if (step === null) return false;
  const { count } = await tx.totp.updateMany({
    where: { personId: person, id: row.id, lastStep: { lt: step } },
    data: { lastStep: step },
  });
  return count === 1;
}

async function takeRecoveryCode(
  tx: Transaction,
  { person, typed, now }: { person: string; typed: string; now: Date },
): Promise<boolean> {
  const code = parseRecoveryCode(typed);
  if (code === null) return false;
  const { count } = await tx.recoveryCode.updateMany({
    where: { personId: person, hash: recoveryCodeHash(person, code), usedAt: null },
    data: { usedAt: now },
  });
  return count === 1;
}

type Signed = { shown: ShownPasskey; challenge: string; now: Date };

/** Whose passkey signed this challenge, once; null for anything else. */
async function takePasskey(
  tx: Transaction,
  { shown, challenge, now }: Signed,
): Promise<{ id: string; issuer: string | null; isBreakGlass: boolean } | null> {
  const parsed = ShownPasskey.safeParse(shown);
  if (!parsed.success) return null;
  const key = await tx.passkey.findUnique({
    where: { credentialId: new Uint8Array(Buffer.from(parsed.data.id, 'base64url')) },
    select: {
      id: true,
      credentialId: true,
      publicKey: true,
      counter: true,
      person: { select: { id: true, issuer: true, isBreakGlass: true, disabledAt: true } },
    },
  });
  if (key === null || key.person.disabledAt !== null) return null;
  const { userHandle } = parsed.data.response;
  if (userHandle !== undefined && fromBase64url(userHandle) !== key.person.id) return null;
  const counter = await checkShown(parsed.data, key, challenge);
  if (counter === null || !(await takeOnce(tx, challenge, now))) return null;
  const { count } = await tx.passkey.updateMany({
    where: { id: key.id, counter: key.counter },
    data: { counter, lastUsedAt: now },
  });
  return count === 1 ? key.person : null;
}

const fromBase64url = (text: string) => Buffer.from(text, 'base64url').toString('utf8');
