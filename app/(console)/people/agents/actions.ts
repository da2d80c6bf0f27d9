'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { AppError } from '@/lib/core/errors';
import { ExpectBehind, expectBehind, reopenBehind } from '@/lib/people/behind/mutations';
import type { BehindResult } from '@/lib/people/behind/schema';

/** Says that agents act for somebody without a second factor shown is expected. */
export async function expectPerson(
  _last: BehindResult | null,
  form: FormData,
): Promise<BehindResult> {
  return act({ name: 'expect_person', permission: 'findings.decide' }, async (ctx) => {
    const days = form.get('days');
    const input = ExpectBehind.safeParse({
      person: form.get('person'),
      reason: form.get('reason'),
      days: days === null || days === '' ? null : Number(days),
    });
    if (!input.success) throw invalid(input.error.issues[0]?.message);
    await expectBehind(ctx, input.data);
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
    const input = ExpectBehind.pick({ person: true }).safeParse({ person: form.get('person') });
    if (!input.success) throw invalid(input.error.issues[0]?.message);
    await reopenBehind(ctx, input.data);
    revalidatePath('/people/agents');
    return null;
  });
}

const invalid = (message = 'That is not filled in as it must be.') =>
  new AppError('invalid_input', message);
