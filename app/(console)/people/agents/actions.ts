'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { expectBehind, reopenBehind } from '@/lib/people/behind/mutations';
import type { BehindResult } from '@/lib/people/behind/schema';
import { daysIn, textIn } from '../../fields';

/** Says that agents act for somebody without a second factor shown is expected. */
export async function expectPerson(
  _last: BehindResult | null,
  form: FormData,
): Promise<BehindResult> {
  return act({ name: 'expect_person', permission: 'findings.decide' }, async (ctx) => {
    await expectBehind(ctx, {
      person: textIn(form, 'person'),
      reason: textIn(form, 'reason'),
      days: daysIn(form),
    });
    revalidatePath('/people/agents');
    return null;
  });
}

/** Makes it a finding again. */
export async function reopenPerson(
  _last: BehindResult | null,
  form: FormData,
): Promise<BehindResult> {
  return act({ name: 'reopen_person', permission: 'findings.decide' }, async (ctx) => {
    await reopenBehind(ctx, { person: textIn(form, 'person') });
    revalidatePath('/people/agents');
    return null;
  });
}
