'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { changeNetwork, nameNetwork, removeNetwork } from '@/lib/people/networks/mutations';
import type { SettingsResult } from '@/lib/people/organisation/schema';
import { linesIn, textIn } from '../../fields';

/** Names a network, or changes the one whose id is in the form. */
export async function saveNetwork(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'network_change', permission: 'settings.write' }, async (ctx) => {
    const id = textIn(form, 'id');
    const fields = {
      name: textIn(form, 'name'),
      cidrs: linesIn(form, 'cidrs', /[\r\n,]+/),
      reason: textIn(form, 'reason'),
    };
    if (id === '') await nameNetwork(ctx, fields);
    else await changeNetwork(ctx, { ...fields, id, seenAt: textIn(form, 'seenAt') });
    revalidatePath('/settings/networks');
    return id === '' ? 'Named.' : 'Changed. API keys that are bound to it follow at once.';
  });
}

/** Takes a name away. */
export async function deleteNetwork(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'network_removal', permission: 'settings.write' }, async (ctx) => {
    await removeNetwork(ctx, {
      id: textIn(form, 'id'),
      seenAt: textIn(form, 'seenAt'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/settings/networks');
    return 'Removed. Its addresses are shown without a name.';
  });
}
