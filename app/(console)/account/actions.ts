'use server';

import { revalidatePath } from 'next/cache';
import { changePassword, endOtherSignIns, endOwnSignIn } from '@/lib/auth/account/mutations';
import { type ActCtx, act } from '@/lib/auth/act';
import {
  type AppSeed,
  beginApp,
  beginPasskey,
  type FactorAnswer,
  readNewFactor,
} from '@/lib/auth/enrol/ceremony';
import {
  enrolFactor,
  makeRecoveryCodes,
  removeFactor,
  renamePasskey,
} from '@/lib/auth/enrol/mutations';
import { getShowable } from '@/lib/auth/enrol/queries';
import { findPerson } from '@/lib/auth/session';
import { AppError } from '@/lib/core/errors';
import type { Acted } from '@/lib/core/result';

/** Begins adding a passkey: what the browser is asked to make. */
export async function beginNewPasskey() {
  return own('begin_passkey', async ({ db, scope, now }) => {
    const { passkeys } = await getShowable(db, scope);
    return beginPasskey(await enrolling(), passkeys, now);
  });
}

/** Begins setting up an authenticator app. */
export async function beginNewApp(): Promise<Acted<AppSeed>> {
  return own('begin_app', async ({ now }) => beginApp(await enrolling(), now));
}

/** Adds what was begun. */
export async function addFactor(answer: FactorAnswer): Promise<Acted<null>> {
  return own('add_factor', async (ctx) => {
    await enrolFactor(ctx, await readNewFactor(answer, ctx.actor.signIn, ctx.now));
    return null;
  });
}

export async function removeOwnFactor(
  _last: Acted<null> | null,
  form: FormData,
): Promise<Acted<null>> {
  return own('remove_factor', async (ctx) => {
    await removeFactor(ctx, String(form.get('factor') ?? ''));
    return null;
  });
}

export async function renameOwnPasskey(
  _last: Acted<null> | null,
  form: FormData,
): Promise<Acted<null>> {
  return own('rename_passkey', async (ctx) => {
    await renamePasskey(ctx, {
      id: String(form.get('id') ?? ''),
      name: String(form.get('name') ?? ''),
    });
    return null;
  });
}

/** Makes new recovery codes, shown this once. */
export async function renewRecoveryCodes(): Promise<Acted<string[]>> {
  return own('renew_recovery_codes', makeRecoveryCodes);
}

export async function changeOwnPassword(
  _last: Acted<null> | null,
  form: FormData,
): Promise<Acted<null>> {
  return own('change_password', async (ctx) => {
    const [current, next] = [form.get('current'), form.get('next')].map(String);
    await changePassword(ctx, { current: current ?? '', next: next ?? '' });
    return null;
  });
}

/** Ends one of one's own sign-ins; no factor is asked for, since it only takes away. */
export async function endSignInOfMine(
  _last: Acted<null> | null,
  form: FormData,
): Promise<Acted<null>> {
  return act({ name: 'end_sign_in', permission: 'console.read' }, async (ctx) => {
    await endOwnSignIn(ctx, String(form.get('id') ?? ''));
    revalidatePath('/account');
    return null;
  });
}

export async function endOthersOfMine(_last: Acted<number> | null): Promise<Acted<number>> {
  return act({ name: 'end_other_sign_ins', permission: 'console.read' }, async (ctx) => {
    const ended = await endOtherSignIns(ctx);
    revalidatePath('/account');
    return ended;
  });
}

const own = <Value>(name: string, run: (ctx: ActCtx) => Promise<Value>) =>
  act({ name, permission: 'account.write' }, async (ctx) => {
    const value = await run(ctx);
    revalidatePath('/account');
    return value;
  });

async function enrolling() {
  const signedIn = await findPerson();
  if (signedIn === null)
    throw new AppError('unauthenticated', 'Your sign-in has ended. Sign in again.');
  return { signIn: signedIn.signIn, person: signedIn.person };
}
