'use server';

import { revalidatePath } from 'next/cache';
import { findPerson } from '@/lib/auth/session';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { ok, refused } from '@/lib/core/result';
import { RequestReplay, requestReplay } from '@/lib/inventory/mutations';
import type { Replayed } from '@/lib/inventory/quarantine/schema';

/** Asks the gateway to send the chosen items through the pipeline again. */
export async function replayItems(_last: Replayed | null, form: FormData): Promise<Replayed> {
  const signedIn = await findPerson();
  if (signedIn === null) return refused('refused', 'Your sign-in has ended. Sign in again.');
  const ids = form.getAll('id');
  const reasons = form.getAll('reason');
  const input = RequestReplay.safeParse(
    ids.length > 0 ? { ids } : reasons.length > 0 ? { reasons } : { all: form.has('all') },
  );
  if (!input.success) return refused('refused', 'Choose between 1 and 500 items to replay.');
  try {
    const count = await requestReplay(signedIn.ctx, input.data);
    revalidatePath('/health/quarantine');
    return ok(count);
  } catch (error) {
    if (error instanceof AppError) return refused('refused', error.message);
    logEvent('replay_request_failed', { error });
    return refused('refused', 'The replay could not be asked for. Nothing was changed; try again.');
  }
}
