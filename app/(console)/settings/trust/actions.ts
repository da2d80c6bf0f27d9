'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { parseInput } from '@/lib/core/parse-input';
import type { Acted } from '@/lib/core/result';
import { previewWords } from '@/lib/identities/trust/labels';
import { setTrustRules } from '@/lib/identities/trust/mutations';
import { previewTrustRules } from '@/lib/identities/trust/queries';
import { rulesIn } from '@/lib/identities/trust/rules-in';
import { TrustRules } from '@/lib/identities/trust/schema';
import type { SettingsResult } from '@/lib/people/organisation/schema';
import { textIn } from '../../fields';

/** Says what trust is earned by. */
export async function saveRules(
  _last: SettingsResult | null,
  form: FormData,
): Promise<SettingsResult> {
  return act({ name: 'trust_rules_change', permission: 'settings.write' }, async (ctx) => {
    await setTrustRules(ctx, {
      before: rulesIn(form, 'before.'),
      after: rulesIn(form),
      reason: textIn(form, 'reason'),
    });
    revalidatePath('/settings/trust');
    return 'Saved. The worker applies them within a minute.';
  });
}

/** Who would rise and who would fall if these were the rules, in words. */
export async function previewRules(after: TrustRules): Promise<Acted<string>> {
  return act({ name: 'trust_rules_preview', permission: 'settings.write' }, async (ctx) => {
    const rules = parseInput(TrustRules, after);
    return previewWords(await previewTrustRules(ctx.scope, { rules, now: ctx.now }));
  });
}
