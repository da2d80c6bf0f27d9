'use server';

import { findPerson } from '@/lib/auth/session';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { ok, refused } from '@/lib/core/result';
import { pool } from '@/lib/db/pool';
import { parseEntryId } from '@/lib/inventory/entry-id';
import type { Erased } from '@/lib/inventory/schema';
import { EraseEntry, eraseEntry } from '@/lib/log/mutations';

/** Erases one entry's content, or all that it says, for an administrator with a reason. */
export async function eraseInteraction(_last: Erased | null, form: FormData): Promise<Erased> {
  const signedIn = await findPerson();
  if (signedIn === null) return refused('refused', 'Your sign-in has ended. Sign in again.');
  const place = parseEntryId(String(form.get('id') ?? ''));
  const input = EraseEntry.safeParse({
    ...place,
    scope: form.get('scope'),
    reason: form.get('reason'),
  });
  if (place === null || !input.success) {
    const reason = input.error?.issues.find((issue) => issue.path[0] === 'reason');
    return refused('refused', reason?.message ?? 'That is not an entry of this log.');
  }
  try {
    const { id, roles } = signedIn.ctx.actor;
    await eraseEntry({ db: pool(), actor: `person:${id}`, roles }, input.data);
    return ok(null);
  } catch (error) {
    if (error instanceof AppError) return refused('refused', error.message);
    logEvent('erase_failed', { error });
    return refused('refused', 'It could not be erased. Nothing was changed; try again.');
  }
}
