'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import type { SettingsResult } from '@/lib/people/organisation/schema';
import { changeZone, createZone, removeZone } from '@/lib/zones/mutations';
import type { ZoneEnvironment, ZoneKind } from '@/lib/zones/schema';
import { textIn } from '../fields';

/** Makes a zone, or changes the one whose id is in the form. */
export async function saveZone(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'zone_change', permission: 'registry.write' }, async (ctx) => {
    const id = textIn(form, 'id');
    const fields = {
      name: textIn(form, 'name'),
      // The mutation parses them.
      kind: textIn(form, 'kind') as ZoneKind,
      environment: textIn(form, 'environment') as ZoneEnvironment,
      purpose: textIn(form, 'purpose'),
      reason: textIn(form, 'reason'),
    };
    if (id === '') await createZone(ctx, fields);
    else await changeZone(ctx, { ...fields, id, seenAt: textIn(form, 'seenAt') });
    revalidatePath('/zones');
    return id === '' ? 'Created.' : 'Changed. What lives in it follows at once.';
  });
}

/** Removes a zone in which nothing lives. */
export async function deleteZone(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'zone_removal', permission: 'registry.write' }, async (ctx) => {
    await removeZone(ctx, {
      id: textIn(form, 'id'),
      seenAt: textIn(form, 'seenAt'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/zones');
    return 'Removed.';
  });
}
