'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import type { SettingsResult } from '@/lib/people/organisation/schema';
import { decideDefinition } from '@/lib/resources/definitions/mutations';
import type { DecideDefinition } from '@/lib/resources/definitions/schema';
import {
  changeResource,
  registerKnown,
  registerResource,
  registerResources,
  restoreResource,
  retireResource,
} from '@/lib/resources/mutations';
import { createType, removeType } from '@/lib/resources/own-types/mutations';
import { dismissProposal, proposeKnown } from '@/lib/resources/proposals/mutations';
import { linesIn, numberIn, textIn } from '../fields';
import { attributesIn } from './fields';

type Result = Promise<SettingsResult>;

/** Registers a resource by type and name, one that was seen by its id, or changes a registered one. */
export async function saveResource(_last: SettingsResult | null, form: FormData): Result {
  return act({ name: 'resource_change', permission: 'registry.write' }, async (ctx) => {
    const [id, reason] = [textIn(form, 'id'), textIn(form, 'reason')];
    const fields = { names: linesIn(form, 'names'), attributes: attributesIn(form), reason };
    const isChange = textIn(form, 'revision') !== '';
    if (isChange)
      await changeResource(ctx, { ...fields, id, revision: numberIn(form, 'revision') });
    else if (id !== '') await registerKnown(ctx, { ...fields, id });
    else
      await registerResource(ctx, {
        ...fields,
        kind: textIn(form, 'kind'),
        name: textIn(form, 'name'),
      });
    revalidatePath('/resources', 'layout');
    return isChange ? 'Changed.' : 'Registered.';
  });
}

/** Registers the chosen resources with the same attributes. */
export async function saveChosen(_last: SettingsResult | null, form: FormData): Result {
  return act({ name: 'resources_registration', permission: 'registry.write' }, async (ctx) => {
    const count = await registerResources(ctx, {
      ids: form.getAll('chosen').map(String),
      attributes: attributesIn(form),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/resources', 'layout');
    return count === 1 ? 'One resource was registered.' : `${count} resources were registered.`;
  });
}

/** Proposes what to say of a resource; somebody who may registers it. */
export async function proposeChange(_last: SettingsResult | null, form: FormData): Result {
  return act({ name: 'resource_proposal', permission: 'registry.propose' }, async (ctx) => {
    await proposeKnown(ctx, {
      id: textIn(form, 'id'),
      attributes: attributesIn(form),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/resources', 'layout');
    return 'Proposed. It holds once an administrator registers it.';
  });
}

/** Dismisses what was proposed. */
export async function dismiss(_last: SettingsResult | null, form: FormData): Result {
  return act({ name: 'proposal_dismissal', permission: 'registry.write' }, async (ctx) => {
    await dismissProposal(ctx, { id: textIn(form, 'id'), reason: textIn(form, 'reason') });
    revalidatePath('/resources', 'layout');
    return 'Dismissed.';
  });
}

/** Retires a resource, or takes it back. */
export async function setRetired(_last: SettingsResult | null, form: FormData): Result {
  return act({ name: 'resource_retirement', permission: 'registry.write' }, async (ctx) => {
    const isRetired = textIn(form, 'to') === 'retired';
    await (isRetired ? retireResource : restoreResource)(ctx, {
      id: textIn(form, 'id'),
      revision: numberIn(form, 'revision'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/resources', 'layout');
    return isRetired ? 'Retired. Whoever goes on acting on it is shown.' : 'Taken back.';
  });
}

/** Makes a type of the organisation's own. */
export async function addType(_last: SettingsResult | null, form: FormData): Result {
  return act({ name: 'type_creation', permission: 'registry.write' }, async (ctx) => {
    await createType(ctx, {
      name: textIn(form, 'name'),
      label: textIn(form, 'label'),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/resources', 'layout');
    return 'Created.';
  });
}

/** Removes a type that nothing is of. */
export async function deleteType(_last: SettingsResult | null, form: FormData): Result {
  return act({ name: 'type_removal', permission: 'registry.write' }, async (ctx) => {
    await removeType(ctx, { name: textIn(form, 'name'), reason: textIn(form, 'reason') });
    revalidatePath('/resources', 'layout');
    return 'Removed.';
  });
}

/** Approves or rejects a definition as it was looked at. */
export async function decideOn(_last: SettingsResult | null, form: FormData): Result {
  return act({ name: 'definition_decision', permission: 'resources.approve' }, async (ctx) => {
    const verdict = textIn(form, 'verdict');
    await decideDefinition(ctx, {
      id: textIn(form, 'id'),
      digest: textIn(form, 'digest'),
      newest: textIn(form, 'newest'),
      against: textIn(form, 'against') || null,
      // Words that are none are refused with a sentence.
      was: textIn(form, 'was') as DecideDefinition['was'],
      verdict: verdict as DecideDefinition['verdict'],
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/resources', 'layout');
    return verdict === 'approved' ? 'Approved.' : 'Rejected.';
  });
}
