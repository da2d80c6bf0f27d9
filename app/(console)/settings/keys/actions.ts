'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { issueApiKey, revokeApiKey, rotateApiKey } from '@/lib/people/api-keys/mutations';
import type { ApiScope, IssuedResult } from '@/lib/people/api-keys/schema';
import type { SettingsResult } from '@/lib/people/organisation/schema';
import { numberIn, textIn } from '../../fields';

/** Makes an API key. Its secret is in the answer, and nowhere after. */
export async function makeKey(_last: IssuedResult | null, form: FormData): Promise<IssuedResult> {
  return act({ name: 'api_key_issue', permission: 'api_keys.write' }, async (ctx) => {
    const issued = await issueApiKey(ctx, {
      name: textIn(form, 'name'),
      // What is none of them is refused by the schema.
      scopes: form.getAll('scopes').map(String) as ApiScope[],
      days: numberIn(form, 'days'),
      networks: form.getAll('networks').map(String),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/settings/keys');
    return issued;
  });
}

/** Makes the successor of a key; the key itself goes on for the overlap. */
export async function rotateKey(_last: IssuedResult | null, form: FormData): Promise<IssuedResult> {
  return act({ name: 'api_key_rotate', permission: 'api_keys.write' }, async (ctx) => {
    // The page is left as it is until the secret was read: the dialog that shows it goes with the row.
    return rotateApiKey(ctx, {
      id: textIn(form, 'id'),
      days: numberIn(form, 'days'),
      overlapHours: numberIn(form, 'overlapHours'),
      reason: textIn(form, 'reason'),
    });
  });
}

/** Ends a key for good. */
export async function revokeKey(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'api_key_revoke', permission: 'api_keys.write' }, async (ctx) => {
    await revokeApiKey(ctx, { id: textIn(form, 'id'), reason: textIn(form, 'reason') });
    revalidatePath('/settings/keys');
    return 'Revoked. Every gateway refuses it from its next request on.';
  });
}
