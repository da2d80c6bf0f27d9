'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import type { Acted } from '@/lib/core/result';
import {
  removeAttester,
  removePostureType,
  setAttester,
  setPostureType,
} from '@/lib/identities/posture/mutations';
import type { SetAttester, SetPostureType } from '@/lib/identities/posture/schema';
import { linesIn, numberIn, textIn } from '../../fields';

const page = '/settings/posture';
const seenIn = (form: FormData) => textIn(form, 'seenAt') || null;

/** Registers a fact, or changes the one that was looked at. */
export async function saveType(
  _last: Acted<string> | null,
  form: FormData,
): Promise<Acted<string>> {
  return act({ name: 'posture_type_change', permission: 'registry.write' }, async (ctx) => {
    const seenAt = seenIn(form);
    await setPostureType(ctx, {
      name: textIn(form, 'name'),
      // What is none of them is refused by the schema.
      type: textIn(form, 'type') as SetPostureType['type'],
      choices: linesIn(form, 'choices'),
      description: textIn(form, 'description'),
      longestMinutes: numberIn(form, 'longestMinutes'),
      seenAt,
      reason: textIn(form, 'reason'),
    });
    revalidatePath(page);
    return seenAt === null ? 'Registered. Let an attester say it.' : 'Changed.';
  });
}

export async function deleteType(
  _last: Acted<string> | null,
  form: FormData,
): Promise<Acted<string>> {
  return act({ name: 'posture_type_removal', permission: 'registry.write' }, async (ctx) => {
    await removePostureType(ctx, {
      name: textIn(form, 'name'),
      seenAt: textIn(form, 'seenAt'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath(page);
    return 'Removed. What was attested of it has ended.';
  });
}

/** Lets a service attest, or changes what it may. */
export async function saveAttester(
  _last: Acted<string> | null,
  form: FormData,
): Promise<Acted<string>> {
  return act({ name: 'attester_change', permission: 'registry.write' }, async (ctx) => {
    const seenAt = seenIn(form);
    await setAttester(ctx, {
      identityId: textIn(form, 'identityId'),
      facts: form.getAll('facts').map(String),
      // What is none of them is refused by the schema.
      reach: textIn(form, 'reach') as SetAttester['reach'],
      identities: linesIn(form, 'identities', /[\r\n,]+/),
      teamId: textIn(form, 'teamId') || null,
      seenAt,
      reason: textIn(form, 'reason'),
    });
    revalidatePath(page);
    return seenAt === null ? 'It may attest from now on.' : 'Changed.';
  });
}

export async function deleteAttester(
  _last: Acted<string> | null,
  form: FormData,
): Promise<Acted<string>> {
  return act({ name: 'attester_removal', permission: 'registry.write' }, async (ctx) => {
    await removeAttester(ctx, {
      identityId: textIn(form, 'identityId'),
      seenAt: textIn(form, 'seenAt'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath(page);
    return 'It attests no more, and what it said counts as absent.';
  });
}
