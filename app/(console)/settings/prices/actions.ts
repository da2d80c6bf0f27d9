'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { type PriceCtx, removePrice, setPrice } from '@/lib/inventory/prices/mutations';
import type { PriceResult, SetPrice } from '@/lib/inventory/prices/schema';
import { visibleText } from '@/lib/inventory/visible';
import { textIn } from '../../fields';

/** Sets one model's price, from the fields of the form. */
export async function savePrice(_last: PriceResult | null, form: FormData): Promise<PriceResult> {
  return write(async (ctx) => {
    const price: SetPrice = {
      provider: textIn(form, 'provider'),
      model: textIn(form, 'model'),
      inputPerMillion: amount(form, 'input') ?? Number.NaN,
      outputPerMillion: amount(form, 'output') ?? Number.NaN,
      cacheReadPerMillion: amount(form, 'cacheRead'),
      cacheWritePerMillion: amount(form, 'cacheWrite'),
    };
    await setPrice(ctx, price);
    return `${visibleText(price.model)} is priced so from the next call on.`;
  });
}

/** Removes one price. */
export async function deletePrice(_last: PriceResult | null, form: FormData): Promise<PriceResult> {
  return write(async (ctx) => {
    await removePrice(ctx, textIn(form, 'id'));
    return 'Removed. What is in the log keeps its cost.';
  });
}

function write(change: (ctx: PriceCtx) => Promise<string>): Promise<PriceResult> {
  return act({ name: 'price_change', permission: 'prices.write' }, async (ctx) => {
    const said = await change(ctx);
    revalidatePath('/settings/prices');
    return said;
  });
}

/** Null when left empty; what is no number stays none, and is refused with a sentence. */
const amount = (form: FormData, field: string): number | null => {
  const written = textIn(form, field);
  return written === '' ? null : Number(written);
};
