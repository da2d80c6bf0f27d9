'use server';

import { revalidatePath } from 'next/cache';
import type { ImportResult } from '@/components/identities/action-results';
import { act } from '@/lib/auth/act';
import { AppError } from '@/lib/core/errors';
import { importIdentities, previewImport } from '@/lib/identities/import/mutations';
import type { ImportFormat } from '@/lib/identities/import/schema';
import { textIn } from '../../fields';

const textMax = 900_000;

/** Bounded before it is parsed; what is no format is refused by the schema. */
function fileIn(form: FormData) {
  const text = form.get('text');
  if (typeof text !== 'string' || text.trim() === '')
    throw new AppError('invalid_input', 'Choose a file, or paste its text.');
  if (text.length > textMax)
    throw new AppError('too_large', 'This takes 900 kB at most. Send it in parts, or by the API.');
  return { format: textIn(form, 'format') as ImportFormat, bytes: new TextEncoder().encode(text) };
}

/** What a file would come to, line by line; nothing is written. */
export async function checkImport(
  _last: ImportResult | null,
  form: FormData,
): Promise<ImportResult> {
  return act({ name: 'check_import', permission: 'registry.write' }, (ctx) =>
    previewImport(ctx, fileIn(form)),
  );
}

/** Does it, as far as it still comes to what was seen. */
export async function applyImport(
  _last: ImportResult | null,
  form: FormData,
): Promise<ImportResult> {
  return act({ name: 'apply_import', permission: 'registry.write' }, async (ctx) => {
    const [reason, marks] = [textIn(form, 'reason'), textIn(form, 'marks')];
    const report = await importIdentities(ctx, { ...fileIn(form), reason, seen: { marks } });
    revalidatePath('/identities');
    return report;
  });
}
