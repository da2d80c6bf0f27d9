'use server';

import { headers } from 'next/headers';
import { addressOf } from '@/lib/auth/peer';
import { systemClock } from '@/lib/core/clock';
import { sentencesByField } from '@/lib/core/parse-input';
import { prisma } from '@/lib/db/prisma';
import { acceptInvitation } from '@/lib/people/invitations/mutations';
import { AcceptInvitation } from '@/lib/people/invitations/schema';

/** What is wrong, by field, `code` for all of it; nothing when there is an account now. */
export type AcceptErrors = Partial<Record<keyof AcceptInvitation, string>>;

export async function accept(form: FormData): Promise<AcceptErrors> {
  const parsed = AcceptInvitation.safeParse(
    form instanceof FormData ? Object.fromEntries(form) : {},
  );
  if (!parsed.success) return sentencesByField(parsed.error);
  const from = { address: addressOf(await headers()), now: systemClock() };
  const outcome = await acceptInvitation(prisma(), parsed.data, from);
  return outcome.ok ? {} : { code: outcome.message };
}
