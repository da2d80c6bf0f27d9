'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import type { Acted } from '@/lib/core/result';
import { acceptEnrolment, refuseEnrolment } from '@/lib/identities/enrolment/deciding/mutations';
import { textIn } from '../../../fields';

/** Registers a workload that asked, with its key. Answers with the address of the identity. */
export async function accept(_last: Acted<string> | null, form: FormData): Promise<Acted<string>> {
  return act({ name: 'enrolment_accept', permission: 'registry.write' }, async (ctx) => {
    const { identity } = await acceptEnrolment(ctx, {
      id: textIn(form, 'id'),
      ownerId: textIn(form, 'owner'),
      sponsorId: textIn(form, 'sponsor'),
      teamId: textIn(form, 'team'),
      zoneId: textIn(form, 'zone'),
      reason: textIn(form, 'reason'),
    });
    return `/identities/${identity.id}`;
  });
}

export async function refuse(_last: Acted<string> | null, form: FormData): Promise<Acted<string>> {
  return act({ name: 'enrolment_refuse', permission: 'registry.write' }, async (ctx) => {
    await refuseEnrolment(ctx, { id: textIn(form, 'id'), reason: textIn(form, 'reason') });
    revalidatePath('/identities', 'layout');
    return 'Refused.';
  });
}
