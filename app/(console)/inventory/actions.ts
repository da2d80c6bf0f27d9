'use server';

import { z } from 'zod';
import { act } from '@/lib/auth/act';
import { AppError } from '@/lib/core/errors';
import { pool } from '@/lib/db/pool';
import { parseEntryId } from '@/lib/inventory/entry-id';
import { requestExport, stopExport } from '@/lib/inventory/export/mutations';
import type { ExportRequested, ExportStopped, RequestExport } from '@/lib/inventory/export/schema';
import { requireSeen } from '@/lib/inventory/mutations';
import type { Erased } from '@/lib/inventory/schema';
import { type EraseEntry, eraseEntry } from '@/lib/log/mutations';
import { textIn } from '../fields';

/** Erases one entry's content, or all that it says, for an administrator with a reason. */
export async function eraseInteraction(_last: Erased | null, form: FormData): Promise<Erased> {
  return act({ name: 'erase', permission: 'entry.erase' }, async ({ actor, scope }) => {
    const place = parseEntryId(textIn(form, 'id'));
    if (place === null) throw new AppError('invalid_input', 'That is not an entry of this log.');
    await requireSeen(scope, place);
    await eraseEntry(
      { db: pool(), actor },
      {
        ...place,
        // What is neither is refused by the schema.
        scope: textIn(form, 'scope') as EraseEntry['scope'],
        reason: textIn(form, 'reason'),
      },
    );
    return null;
  });
}

/** Makes the ticket of an export of one view; the page then downloads it. */
export async function askExport(input: RequestExport): Promise<ExportRequested> {
  return act({ name: 'export', permission: 'facts.export' }, (ctx) => requestExport(ctx, input));
}

/** Stops one's own export; the file is cut short. */
export async function endExport(id: string): Promise<ExportStopped> {
  return act({ name: 'export_stop', permission: 'console.read' }, async (ctx) => {
    if (!z.guid().safeParse(id).success)
      throw new AppError('invalid_input', 'That is not an export.');
    await stopExport(ctx, id);
    return null;
  });
}
