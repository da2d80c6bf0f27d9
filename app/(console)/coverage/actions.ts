'use server';

import { revalidatePath } from 'next/cache';
import { findPerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { ok, refused } from '@/lib/core/result';
import { prisma } from '@/lib/db/prisma';
import { createIdentity } from '@/lib/identities/mutations';
import { CreateIdentity } from '@/lib/identities/schema';
import { IgnoreShadow, ignoreShadow, unignoreShadow } from '@/lib/inventory/coverage/mutations';
import type { DecideResult, RegisterResult } from '@/lib/inventory/coverage/schema';

/** Registers an unregistered actor. Its key is shown this once, so the page is left as it is. */
export async function registerActor(
  _last: RegisterResult | null,
  form: FormData,
): Promise<RegisterResult> {
  return await deciding('register_actor_failed', async (ctx) => {
    const input = CreateIdentity.safeParse({
      kind: form.get('kind'),
      name: form.get('name'),
      names: linesOf(form.get('names')),
      fingerprint: form.get('fingerprint'),
      reportedBy: form.getAll('reportedBy'),
    });
    if (!input.success) throw invalid(input.error.issues[0]?.message);
    const { identity, key } = await createIdentity(ctx, input.data);
    return { id: identity.id, name: identity.name, ingestKey: key?.ingestKey ?? null };
  });
}

/** Takes an unregistered actor off the list of those that wait. */
export async function ignoreActor(
  _last: DecideResult | null,
  form: FormData,
): Promise<DecideResult> {
  return await deciding('ignore_actor_failed', async (ctx) => {
    const days = form.get('days');
    const input = IgnoreShadow.safeParse({
      fingerprint: form.get('fingerprint'),
      reporter: form.get('reporter'),
      reason: form.get('reason'),
      days: days === null || days === '' ? null : Number(days),
    });
    if (!input.success) throw invalid(input.error.issues[0]?.message);
    await ignoreShadow(ctx, input.data);
    revalidatePath('/coverage');
    return null;
  });
}

/** Puts it back. */
export async function unignoreActor(
  _last: DecideResult | null,
  form: FormData,
): Promise<DecideResult> {
  return await deciding('unignore_actor_failed', async (ctx) => {
    await unignoreShadow(ctx, {
      fingerprint: String(form.get('fingerprint') ?? ''),
      reporter: String(form.get('reporter') ?? ''),
    });
    revalidatePath('/coverage');
    return null;
  });
}

type Signed = NonNullable<Awaited<ReturnType<typeof findPerson>>>;
type DecidingCtx = { db: ReturnType<typeof prisma>; actor: Signed['ctx']['actor']; now: Date };

async function deciding<Value>(event: string, decide: (ctx: DecidingCtx) => Promise<Value>) {
  const signedIn = await findPerson();
  if (signedIn === null) return refused('refused', 'Your sign-in has ended. Sign in again.');
  try {
    return ok(await decide({ db: prisma(), actor: signedIn.ctx.actor, now: systemClock() }));
  } catch (error) {
    if (error instanceof AppError) return refused('refused', error.message);
    logEvent(event, { error });
    return refused('refused', 'It could not be done. Nothing was changed; try again.');
  }
}

const invalid = (message = 'That is not filled in as it must be.') =>
  new AppError('invalid_input', message);

const linesOf = (value: FormDataEntryValue | null): string[] =>
  String(value ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
