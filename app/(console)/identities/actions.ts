'use server';

import { revalidatePath } from 'next/cache';
import type { IdentityResult, NewIdentityResult } from '@/components/identities/action-results';
import { act } from '@/lib/auth/act';
import {
  decommissionIdentity,
  resumeIdentity,
  suspendIdentity,
} from '@/lib/identities/lifecycle/mutations';
import {
  acceptIdentity,
  createIdentity,
  refuseIdentity,
} from '@/lib/identities/registration/mutations';
import type { IdentityKind } from '@/lib/identities/schema';
import { changeIdentity } from '@/lib/identities/versions/mutations';
import { numberIn, textIn } from '../fields';
import { attributesIn } from './fields';

const moveIn = (form: FormData) => ({
  identityId: textIn(form, 'identityId'),
  reason: textIn(form, 'reason'),
});

/** Stops an identity at its next request. */
export async function suspend(
  _last: IdentityResult | null,
  form: FormData,
): Promise<IdentityResult> {
  return act({ name: 'suspend_identity', permission: 'registry.stop' }, async (ctx) => {
    await suspendIdentity(ctx, moveIn(form));
    revalidatePath('/identities', 'layout');
    return 'Suspended. Every gateway refuses it from its next request on.';
  });
}

/** Lets it act again. */
export async function resume(
  _last: IdentityResult | null,
  form: FormData,
): Promise<IdentityResult> {
  return act({ name: 'resume_identity', permission: 'registry.write' }, async (ctx) => {
    await resumeIdentity(ctx, moveIn(form));
    revalidatePath('/identities', 'layout');
    return 'Resumed. Its credentials are taken again.';
  });
}

/** Ends it for good. */
export async function decommission(
  _last: IdentityResult | null,
  form: FormData,
): Promise<IdentityResult> {
  return act({ name: 'decommission_identity', permission: 'registry.write' }, async (ctx) => {
    await decommissionIdentity(ctx, moveIn(form));
    revalidatePath('/identities', 'layout');
    return 'Decommissioned. Its credentials are revoked and its names are free.';
  });
}

/** Makes a proposed identity active. */
export async function accept(
  _last: IdentityResult | null,
  form: FormData,
): Promise<IdentityResult> {
  return act({ name: 'accept_identity', permission: 'registry.write' }, async (ctx) => {
    await acceptIdentity(ctx, {
      ...moveIn(form),
      seenRevision: numberIn(form, 'seenRevision'),
      ownerId: textIn(form, 'ownerId') || undefined,
      sponsorId: textIn(form, 'sponsorId') || undefined,
      teamId: textIn(form, 'teamId') || null,
      zoneId: textIn(form, 'zoneId') || null,
    });
    revalidatePath('/identities', 'layout');
    return 'Accepted. It may act from now on.';
  });
}

/** Refuses a proposed identity for good. */
export async function refuse(
  _last: IdentityResult | null,
  form: FormData,
): Promise<IdentityResult> {
  return act({ name: 'refuse_identity', permission: 'registry.write' }, async (ctx) => {
    await refuseIdentity(ctx, moveIn(form));
    revalidatePath('/identities', 'layout');
    return 'Refused. Its name is free for another.';
  });
}

/** Registers an identity. Its key is shown this once, so the page is left as it is. */
export async function register(
  _last: NewIdentityResult | null,
  form: FormData,
): Promise<NewIdentityResult> {
  return act({ name: 'register_identity', permission: 'registry.write' }, async (ctx) => {
    const { identity, key } = await createIdentity(ctx, {
      ...attributesIn(form),
      // What is none of them is refused by the schema.
      kind: textIn(form, 'kind') as IdentityKind,
      issuesKey: textIn(form, 'issuesKey') === 'yes',
    });
    return { id: identity.id, name: identity.name, ingestKey: key?.ingestKey ?? null };
  });
}

/** Changes what is known of one. */
export async function change(
  _last: IdentityResult | null,
  form: FormData,
): Promise<IdentityResult> {
  return act({ name: 'change_identity', permission: 'registry.write' }, async (ctx) => {
    const { ownerId, sponsorId, ...attributes } = attributesIn(form);
    await changeIdentity(ctx, {
      ...attributes,
      ...moveIn(form),
      seenRevision: numberIn(form, 'seenRevision'),
      // Nobody chosen changes nothing: somebody answers for it, or it is a finding.
      ...(ownerId === null ? {} : { ownerId }),
      ...(sponsorId === null ? {} : { sponsorId }),
    });
    revalidatePath('/identities', 'layout');
    return 'Saved. What was known before is kept under Changes.';
  });
}
