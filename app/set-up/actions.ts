'use server';

import { headers } from 'next/headers';
import { notFound } from 'next/navigation';
import { maySetUp } from '@/lib/auth/set-up';
import { systemClock } from '@/lib/core/clock';
import { sentencesByField } from '@/lib/core/parse-input';
import { prisma } from '@/lib/db/prisma';
import { redeemSetupCode } from '@/lib/people/mutations';
import { Setup } from '@/lib/people/set-up/schema';

/** What is wrong, by field; nothing when the installation is set up. */
export type SetUpErrors = Partial<Record<keyof Setup, string>>;

export async function setUp(form: FormData): Promise<SetUpErrors> {
  if (!(await maySetUp(await headers()))) notFound();
  const parsed = Setup.safeParse(form instanceof FormData ? Object.fromEntries(form) : {});
  if (!parsed.success) return sentencesByField(parsed.error);
  const outcome = await redeemSetupCode(prisma(), parsed.data, systemClock());
  return outcome.ok ? {} : { code: outcome.message };
}
