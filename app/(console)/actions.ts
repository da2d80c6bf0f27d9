'use server';

import { redirect } from 'next/navigation';
import { act } from '@/lib/auth/act';
import { getShowable } from '@/lib/auth/enrol/queries';
import { proveAgain } from '@/lib/auth/factor/mutations';
import { askToShow } from '@/lib/auth/factor/passkeys';
import { FactorShown, type ShowableFactors } from '@/lib/auth/factor/schema';
import { keepChallenge, readChallenge } from '@/lib/auth/sign-in-cookie';
import { endCurrentSignIn } from '@/lib/auth/sign-out';
import { lapsedSentence } from '@/lib/auth/throttle';
import { AppError } from '@/lib/core/errors';
import type { Acted } from '@/lib/core/result';

export async function signOut(): Promise<void> {
  await endCurrentSignIn();
  redirect('/sign-in');
}

/** By what whoever is signed in may show a second factor again. */
export async function askFactor(): Promise<Acted<ShowableFactors>> {
  return act(
    { name: 'ask_factor', permission: 'console.read' },
    async ({ actor, db, scope, now }) => {
      const { passkeys, hasTotp } = await getShowable(db, scope);
      if (passkeys.length === 0) return { hasTotp, passkey: null };
      const passkey = await askToShow(passkeys);
      const { signIn } = actor;
      await keepChallenge({ purpose: 'step_up', value: passkey.challenge, signIn }, now);
      return { hasTotp, passkey };
    },
  );
}

/** Makes this sign-in fresh again by a code of the app or a passkey. */
export async function showFactor(shown: FactorShown): Promise<Acted<null>> {
  return act({ name: 'show_factor', permission: 'console.read' }, async ({ actor, db, now }) => {
    const parsed = FactorShown.safeParse(shown);
    if (!parsed.success)
      throw new AppError('invalid_input', 'That is no answer to what was asked.');
    const outcome = await proveAgain(db, actor, await againOf(parsed.data, actor.signIn, now), now);
    if (!outcome.ok) throw new AppError('invalid_input', outcome.message);
    return null;
  });
}

async function againOf(shown: FactorShown, signIn: string, now: Date) {
  if ('code' in shown) return shown;
  const challenge = await readChallenge({ purpose: 'step_up', signIn }, now);
  if (challenge === null) throw new AppError('invalid_input', lapsedSentence);
  return { shown: shown.passkey, challenge };
}
