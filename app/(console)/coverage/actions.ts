'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { AppError } from '@/lib/core/errors';
import { assignIdentity, createIdentity } from '@/lib/identities/mutations';
import { CreateIdentity } from '@/lib/identities/schema';
import { IgnoreShadow, ignoreShadow, unignoreShadow } from '@/lib/inventory/coverage/mutations';
import type { AssignResult, DecideResult, RegisterResult } from '@/lib/inventory/coverage/schema';

/** Registers an unregistered actor. Its key is shown this once, so the page is left as it is. */
export async function registerActor(
  _last: RegisterResult | null,
  form: FormData,
): Promise<RegisterResult> {
  return act({ name: 'register_actor', permission: 'registry.write' }, async (ctx) => {
    const input = CreateIdentity.safeParse({
      kind: form.get('kind'),
      name: form.get('name'),
      names: linesOf(form.get('names')),
      fingerprint: form.get('fingerprint'),
      reportedBy: form.getAll('reportedBy'),
    });
    if (!input.success) throw invalid(input.error.issues[0]?.message);
    const { identity, key } = await createIdentity(ctx, input.data);
    return { id: identity.id, name: identity.name, ingestKey: key?.ingestKey ?? null };
  });
}

/** Says who answers for an identity. */
export async function assignOwner(
  _last: AssignResult | null,
  form: FormData,
): Promise<AssignResult> {
  return act({ name: 'assign_identity', permission: 'registry.write' }, async (ctx) => {
    const idOf = (field: string) => String(form.get(field) ?? '') || null;
    const ownerId = idOf('ownerId');
    const identityId = String(form.get('identityId') ?? '');
    const reason = String(form.get('reason') ?? '');
    await assignIdentity(ctx, { identityId, ownerId, teamId: idOf('teamId'), reason });
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
    const days = form.get('days');
    const input = IgnoreShadow.safeParse({
      fingerprint: form.get('fingerprint'),
      reporter: form.get('reporter'),
      reason: form.get('reason'),
      days: days === null || days === '' ? null : Number(days),
    });
    if (!input.success) throw invalid(input.error.issues[0]?.message);
    await ignoreShadow(ctx, input.data);
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
      fingerprint: String(form.get('fingerprint') ?? ''),
      reporter: String(form.get('reporter') ?? ''),
    });
    revalidatePath('/coverage');
    return null;
  });
}

const invalid = (message = 'That is not filled in as it must be.') =>
  new AppError('invalid_input', message);

const linesOf = (value: FormDataEntryValue | null): string[] =>
  String(value ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
