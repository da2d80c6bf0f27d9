'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { AppError } from '@/lib/core/errors';
import type { Acted } from '@/lib/core/result';
import {
  registerCredential,
  revokeCredential,
  rotateCredential,
} from '@/lib/identities/credentials/mutations';
import { findIdentityNamed } from '@/lib/identities/credentials/queries';
import type { RegisteredCredential } from '@/lib/identities/credentials/schema';
import { numberIn, textIn } from '../fields';
import { credentialIn } from './fields';

type Registered = Acted<RegisteredCredential>;

/** Gives an identity something to prove itself with. A secret is in the answer, and nowhere after. */
export async function addCredential(_last: Registered | null, form: FormData): Promise<Registered> {
  return act({ name: 'credential_add', permission: 'registry.write' }, async (ctx) => {
    const name = textIn(form, 'identityName');
    const identityId =
      name === '' ? textIn(form, 'identityId') : await findIdentityNamed(ctx.scope, name);
    if (identityId === null) throw new AppError('not_found', 'No identity has this name.');
    // The page is left as it is until the secret was read.
    return registerCredential(ctx, { identityId, credential: credentialIn(form) });
  });
}

/** Makes the successor of a credential; it goes on itself for the overlap. */
export async function rotate(_last: Registered | null, form: FormData): Promise<Registered> {
  return act({ name: 'credential_rotate', permission: 'registry.write' }, (ctx) => {
    const [key, value] = [textIn(form, 'key'), textIn(form, 'value')];
    return rotateCredential(ctx, {
      credentialId: textIn(form, 'credentialId'),
      days: numberIn(form, 'days'),
      overlapHours: numberIn(form, 'overlapHours'),
      reason: textIn(form, 'reason'),
      ...(key === '' ? {} : { key }),
      ...(value === '' ? {} : { value }),
    });
  });
}

/** Ends a credential for good. */
export async function revoke(_last: Acted<string> | null, form: FormData): Promise<Acted<string>> {
  return act({ name: 'credential_revoke', permission: 'registry.stop' }, async (ctx) => {
    await revokeCredential(ctx, {
      credentialId: textIn(form, 'credentialId'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/', 'layout');
    return 'Revoked. Every gateway refuses it from its next request on.';
  });
}
