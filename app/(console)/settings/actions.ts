'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { parseInput } from '@/lib/core/parse-input';
import type { Acted } from '@/lib/core/result';
import { removalWords } from '@/lib/people/organisation/labels';
import { changeKeeping, changeOrganisation } from '@/lib/people/organisation/mutations';
import { previewRemoval } from '@/lib/people/organisation/queries';
import { Keeping, type SettingsResult } from '@/lib/people/organisation/schema';
import { numberIn, textIn } from '../fields';

/** Name and time zone of the organisation. */
export async function saveOrganisation(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'organisation_change', permission: 'settings.write' }, async (ctx) => {
    const part = (prefix: string) => ({
      organisation: textIn(form, `${prefix}organisation`),
      timeZone: textIn(form, `${prefix}timeZone`),
    });
    await changeOrganisation(ctx, {
      before: part('before.'),
      after: part(''),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/', 'layout');
    return 'Saved.';
  });
}

/** What is kept of content, and for how long. */
export async function saveKeeping(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'keeping_change', permission: 'settings.write' }, async (ctx) => {
    const part = (prefix: string) => ({
      // What is none of them is refused by the schema.
      content: textIn(form, `${prefix}content`) as Keeping['content'],
      retentionBodyDays: numberIn(form, `${prefix}retentionBodyDays`),
      retentionFactsDays: numberIn(form, `${prefix}retentionFactsDays`),
    });
    await changeKeeping(ctx, {
      before: part('before.'),
      after: part(''),
      reason: textIn(form, 'reason'),
      isRemovalConfirmed: textIn(form, 'confirmed') === 'yes',
    });
    revalidatePath('/settings/content');
    return 'Saved. Every gateway follows within two seconds.';
  });
}

/** What would go if so many days were kept, in words. */
export async function previewKeeping(after: Keeping): Promise<Acted<string>> {
  return act({ name: 'keeping_preview', permission: 'console.read' }, async ({ scope }) =>
    removalWords(await previewRemoval(scope, parseInput(Keeping, after))),
  );
}
