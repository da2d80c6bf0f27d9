'use server';

import { readAsking } from '@/lib/auth/asking';
import {
  type AppSeed,
  beginApp,
  beginPasskey,
  type FactorAnswer,
  readNewFactor,
} from '@/lib/auth/enrol/ceremony';
import { enrolFirst } from '@/lib/auth/enrol/mutations';
import { completeByCode, enterByPasskey } from '@/lib/auth/factor/mutations';
import { askToShow } from '@/lib/auth/factor/passkeys';
import type { Pending, ShownPasskey } from '@/lib/auth/factor/schema';
import { keepChallenge, keepSignIn, readChallenge, readPending } from '@/lib/auth/sign-in-cookie';
import { lapsedSentence } from '@/lib/auth/throttle';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { type Acted, ok, refused } from '@/lib/core/result';
import { prisma } from '@/lib/db/prisma';

/** What the browser is asked to sign; it offers the passkeys that it holds for this console. */
export async function askPasskey() {
  const { now } = await readAsking();
  const options = await askToShow();
  await keepChallenge({ purpose: 'sign_in', value: options.challenge, signIn: null }, now);
  return options;
}

/** Signs in by a passkey: alone, or as the second step of whoever waits for it. */
export async function showPasskey(shown: ShownPasskey): Promise<Acted<null>> {
  return entering(async () => {
    const asking = await readAsking();
    const challenge = await readChallenge({ purpose: 'sign_in', signIn: null }, asking.now);
    if (challenge === null) throw new AppError('invalid_input', lapsedSentence);
    const pending = await readPending(asking.now);
    const outcome = await enterByPasskey(prisma(), pending, { shown, challenge }, asking);
    if (!outcome.ok) throw new AppError('invalid_input', outcome.message);
    await keepSignIn(outcome.value.token, asking.now);
    return null;
  });
}

/** The second step after a password: a code of the app, or a recovery code. */
export async function enterByCode(_last: Acted<null> | null, form: FormData): Promise<Acted<null>> {
  return enteringAs(async (pending) => {
    const asked = { code: String(form.get('code') ?? '').slice(0, 64), ...(await readAsking()) };
    const outcome = await completeByCode(prisma(), pending, asked);
    if (!outcome.ok) throw new AppError('invalid_input', outcome.message);
    await keepSignIn(outcome.value.token, asked.now);
    return null;
  });
}

/** Begins setting up the first factor as an app. */
export async function beginFirstApp(): Promise<Acted<AppSeed>> {
  return enteringAs(async (pending, now) => beginApp({ ...pending, signIn: pending.id }, now));
}

/** Begins setting up the first factor as a passkey. */
export async function beginFirstPasskey() {
  return enteringAs(async (pending, now) =>
    beginPasskey({ ...pending, signIn: pending.id }, [], now),
  );
}

/** Sets up the first factor and signs in by it; returns recovery codes, shown this once. */
export async function enrolFirstFactor(answer: FactorAnswer): Promise<Acted<string[]>> {
  return enteringAs(async (pending, now) => {
    const factor = await readNewFactor(answer, pending.id, now);
    const enrolled = await enrolFirst(prisma(), pending, factor, await readAsking());
    await keepSignIn(enrolled.token, now);
    return enrolled.recoveryCodes;
  });
}

const enteringAs = <Value>(run: (pending: Pending, now: Date) => Promise<Value>) =>
  entering(async () => {
    const { now } = await readAsking();
    const pending = await readPending(now);
    if (pending === null) throw new AppError('unauthenticated', lapsedSentence);
    return run(pending, now);
  });

async function entering<Value>(run: () => Promise<Value>): Promise<Acted<Value>> {
  try {
    return ok(await run());
  } catch (error) {
    if (error instanceof AppError)
      return refused(error.code === 'unauthenticated' ? 'signed_out' : 'refused', error.message);
    logEvent('sign_in_failed', { error });
    return refused('refused', 'The console could not do that. Try again in a moment.');
  }
}
