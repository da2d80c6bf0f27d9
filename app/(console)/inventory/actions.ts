'use server';

import { z } from 'zod';
import { findPerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import { ok, refused } from '@/lib/core/result';
import { pool } from '@/lib/db/pool';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { requestExport, stopExport } from '@/lib/inventory/export/mutations';
import type { ExportRequested, ExportStopped, RequestExport } from '@/lib/inventory/export/schema';
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

/** Makes the ticket of an export of one view; the page then downloads it. */
export async function askExport(input: RequestExport): Promise<ExportRequested> {
  const signedIn = await findPerson();
  if (signedIn === null) return refused('refused', 'Your sign-in has ended. Sign in again.');
  try {
    const { actor } = signedIn.ctx;
    return ok(await requestExport({ actor, scope: signedIn.scope, now: systemClock() }, input));
  } catch (error) {
    if (error instanceof AppError) return refused('refused', error.message);
    logEvent('export_not_asked', { error });
    return refused('refused', 'The export could not be started. Try again.');
  }
}

/** Stops one's own export; the file is cut short. */
export async function endExport(id: string): Promise<ExportStopped> {
  const signedIn = await findPerson();
  if (signedIn === null) return refused('refused', 'Your sign-in has ended. Sign in again.');
  if (!z.guid().safeParse(id).success) return refused('refused', 'That is not an export.');
  try {
    const { actor } = signedIn.ctx;
    await stopExport({ actor, scope: signedIn.scope, now: systemClock() }, id);
    return ok(null);
  } catch (error) {
    logEvent('export_not_stopped', { error });
    return refused('refused', 'The export could not be stopped. Try again.');
  }
}
