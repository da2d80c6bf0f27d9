'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { type RequestReplay, requestReplay } from '@/lib/inventory/mutations';
import type { Replayed } from '@/lib/inventory/quarantine/schema';

/** Asks the gateway to send the chosen items through the pipeline again. */
export async function replayItems(_last: Replayed | null, form: FormData): Promise<Replayed> {
  return act({ name: 'replay_request', permission: 'quarantine.replay' }, async (ctx) => {
    const ids = form.getAll('id').map(String);
    const reasons = form.getAll('reason').map(String);
    const count = await requestReplay(ctx, askedOf(ids, reasons, form.has('all')));
    revalidatePath('/health/quarantine');
    return count;
  });
}

const askedOf = (ids: string[], reasons: string[], isAll: boolean): RequestReplay => {
  if (ids.length > 0) return { ids };
  // Where nothing is said, nothing is chosen, which is refused.
  return reasons.length > 0 || !isAll ? { reasons } : { all: true };
};
