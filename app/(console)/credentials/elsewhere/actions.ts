'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { AppError } from '@/lib/core/errors';
import type { Acted } from '@/lib/core/result';
import { findIdentityNamed } from '@/lib/identities/credentials/queries';
import {
  addForeignSecret,
  changeForeignSecret,
  removeForeignSecret,
  rotateForeignSecret,
} from '@/lib/identities/foreign-secrets/mutations';
import { numberIn, textIn } from '../../fields';

type Said = Acted<string>;
const changed = () => revalidatePath('/credentials', 'layout');
const ownerIn = (form: FormData) => {
  const owner = textIn(form, 'owner');
  return owner === '' ? null : owner;
};
/** A day is that day in UTC; what is none is refused by the schema. */
const dayIn = (form: FormData, field: string) => {
  const day = textIn(form, field);
  return day === '' ? null : new Date(`${day}T00:00:00Z`);
};

/** Notes a secret that an identity uses elsewhere, by its fingerprint. */
export async function noteSecret(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'foreign_secret_add', permission: 'registry.write' }, async (ctx) => {
    const identityId = await findIdentityNamed(ctx.scope, textIn(form, 'identityName'));
    if (identityId === null) throw new AppError('not_found', 'No identity has this name.');
    await addForeignSecret(ctx, {
      identityId,
      issuer: textIn(form, 'issuer'),
      label: textIn(form, 'label'),
      fingerprint: textIn(form, 'fingerprint'),
      ownerId: ownerIn(form),
      madeAt: dayIn(form, 'madeAt'),
      days: numberIn(form, 'days'),
    });
    changed();
    return 'Noted.';
  });
}

export async function changeSecret(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'foreign_secret_change', permission: 'registry.write' }, async (ctx) => {
    await changeForeignSecret(ctx, {
      id: textIn(form, 'id'),
      issuer: textIn(form, 'issuer'),
      label: textIn(form, 'label'),
      ownerId: ownerIn(form),
      reason: textIn(form, 'reason'),
    });
    changed();
    return 'Changed.';
  });
}

/** Notes that another secret took its place. */
export async function noteRotated(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'foreign_secret_rotate', permission: 'registry.write' }, async (ctx) => {
    await rotateForeignSecret(ctx, {
      id: textIn(form, 'id'),
      fingerprint: textIn(form, 'fingerprint'),
      days: numberIn(form, 'days'),
      reason: textIn(form, 'reason'),
    });
    changed();
    return 'Noted.';
  });
}

export async function removeSecret(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'foreign_secret_remove', permission: 'registry.write' }, async (ctx) => {
    await removeForeignSecret(ctx, { id: textIn(form, 'id'), reason: textIn(form, 'reason') });
    changed();
    return 'Removed.';
  });
}
