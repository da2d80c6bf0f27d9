'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { AppError } from '@/lib/core/errors';
import { RequestReplay, requestReplay } from '@/lib/inventory/mutations';
import type { Replayed } from '@/lib/inventory/quarantine/schema';

/** Asks the gateway to send the chosen items through the pipeline again. */
export async function replayItems(_last: Replayed | null, form: FormData): Promise<Replayed> {
  return act({ name: 'replay_request', permission: 'quarantine.replay' }, async (ctx) => {
    const ids = form.getAll('id');
    const reasons = form.getAll('reason');
    const input = RequestReplay.safeParse(
      ids.length > 0 ? { ids } : reasons.length > 0 ? { reasons } : { all: form.has('all') },
    );
    if (!input.success)
      throw new AppError('invalid_input', 'Choose between 1 and 500 items to replay.');
    const count = await requestReplay(ctx, input.data);
    revalidatePath('/health/quarantine');
    return count;
  });
}
