'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import {
  listEnrolmentNetwork,
  makeEnrolmentCode,
  revokeEnrolmentCode,
  switchEnrolment,
  unlistEnrolmentNetwork,
} from '@/lib/identities/enrolment/opening/mutations';
import type { MadeCodeResult } from '@/lib/identities/enrolment/schema';
import type { SettingsResult } from '@/lib/people/organisation/schema';
import { numberIn, textIn } from '../../fields';

const page = '/settings/enrolment';

/** Lets workloads ask to be registered, or no more. */
export async function setEnrolment(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'enrolment_switch', permission: 'registry.write' }, async (ctx) => {
    const on = textIn(form, 'on') === 'yes';
    await switchEnrolment(ctx, { on, reason: textIn(form, 'reason') });
    revalidatePath(page);
    return on ? 'Workloads may ask now.' : 'No workload may ask any more.';
  });
}

/** Makes an enrolment code. It is in the answer, and nowhere after. */
export async function makeCode(
  _last: MadeCodeResult | null,
  form: FormData,
): Promise<MadeCodeResult> {
  return act({ name: 'enrolment_code_make', permission: 'registry.write' }, async (ctx) => {
    const made = await makeEnrolmentCode(ctx, {
      name: textIn(form, 'name'),
      teamId: textIn(form, 'team'),
      zoneId: textIn(form, 'zone'),
      uses: numberIn(form, 'uses'),
      hours: numberIn(form, 'hours'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath(page);
    return made;
  });
}

export async function revokeCode(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'enrolment_code_revoke', permission: 'registry.write' }, async (ctx) => {
    await revokeEnrolmentCode(ctx, { id: textIn(form, 'id'), reason: textIn(form, 'reason') });
    revalidatePath(page);
    return 'Revoked. Nobody asks by it from now on.';
  });
}

/** Lets workloads of a named network ask without a code. */
export async function listNetwork(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'enrolment_network_list', permission: 'registry.write' }, async (ctx) => {
    await listEnrolmentNetwork(ctx, {
      networkId: textIn(form, 'network'),
      teamId: textIn(form, 'team'),
      zoneId: textIn(form, 'zone'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath(page);
    return 'Listed. Workloads there need no code.';
  });
}

export async function unlistNetwork(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'enrolment_network_unlist', permission: 'registry.write' }, async (ctx) => {
    await unlistEnrolmentNetwork(ctx, { id: textIn(form, 'id'), reason: textIn(form, 'reason') });
    revalidatePath(page);
    return 'Taken off. Workloads there need a code from now on.';
  });
}
