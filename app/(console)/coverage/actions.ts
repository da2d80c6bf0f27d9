'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { createIdentity } from '@/lib/identities/registration/mutations';
import type { IdentityKind } from '@/lib/identities/schema';
import { assignIdentity } from '@/lib/identities/versions/mutations';
import { ignoreShadow, unignoreShadow } from '@/lib/inventory/coverage/mutations';
import type { AssignResult, DecideResult, RegisterResult } from '@/lib/inventory/coverage/schema';
import { daysIn, linesIn, textIn } from '../fields';
import { whoIn } from '../identities/fields';

/** Registers an unregistered actor. Its key is shown this once, so the page is left as it is. */
export async function registerActor(
  _last: RegisterResult | null,
  form: FormData,
): Promise<RegisterResult> {
  return act({ name: 'register_actor', permission: 'registry.write' }, async (ctx) => {
    const { identity, key } = await createIdentity(ctx, {
      // What is none of them is refused by the schema.
      kind: textIn(form, 'kind') as IdentityKind,
      name: textIn(form, 'name'),
      names: linesIn(form, 'names'),
      ...whoIn(form),
      fingerprint: textIn(form, 'fingerprint'),
      reportedBy: form.getAll('reportedBy').map(String),
    });
    return { id: identity.id, name: identity.name, ingestKey: key?.ingestKey ?? null };
  });
}

/** Says who answers for an identity. */
export async function assignOwner(
  _last: AssignResult | null,
  form: FormData,
): Promise<AssignResult> {
  return act({ name: 'assign_identity', permission: 'registry.write' }, async (ctx) => {
    const ownerId = textIn(form, 'ownerId') || null;
    const teamId = textIn(form, 'teamId') || null;
    const [identityId, reason] = [textIn(form, 'identityId'), textIn(form, 'reason')];
    await assignIdentity(ctx, { identityId, ownerId, teamId, reason });
    revalidatePath('/coverage');
    return ownerId === null ? 'Nobody answers for it now.' : 'Assigned.';
  });
}

/** Takes an unregistered actor off the list of those that wait. */
export async function ignoreActor(
  _last: DecideResult | null,
  form: FormData,
): Promise<DecideResult> {
  return act({ name: 'ignore_actor', permission: 'shadow.decide' }, async (ctx) => {
    await ignoreShadow(ctx, {
      fingerprint: textIn(form, 'fingerprint'),
      reporter: textIn(form, 'reporter'),
      reason: textIn(form, 'reason'),
      days: daysIn(form),
    });
    revalidatePath('/coverage');
    return null;
  });
}

/** Puts it back. */
export async function unignoreActor(
  _last: DecideResult | null,
  form: FormData,
): Promise<DecideResult> {
  return act({ name: 'unignore_actor', permission: 'shadow.decide' }, async (ctx) => {
    await unignoreShadow(ctx, {
      fingerprint: textIn(form, 'fingerprint'),
      reporter: textIn(form, 'reporter'),
    });
    revalidatePath('/coverage');
    return null;
  });
}
