import { z } from 'zod';
import type { Ctx } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import type { PrismaClient } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { pricesMax, SetPrice } from './schema';

export type PriceCtx = Ctx & { readonly db: PrismaClient; readonly now: Date };

const amountsSelect = {
  inputPerMillion: true,
  outputPerMillion: true,
  cacheReadPerMillion: true,
  cacheWritePerMillion: true,
} as const;

const told = (amounts: Pick<SetPrice, keyof typeof amountsSelect>) => ({
  input_per_million: amounts.inputPerMillion,
  output_per_million: amounts.outputPerMillion,
  cache_read_per_million: amounts.cacheReadPerMillion,
  cache_write_per_million: amounts.cacheWritePerMillion,
});

/** Sets what a model costs from the next call on; what is in the log keeps the cost it has. */
export async function setPrice(ctx: PriceCtx, input: SetPrice): Promise<void> {
  authorize(ctx.actor, 'prices.write');
  const parsed = SetPrice.safeParse(input);
  if (!parsed.success) {
    const sentences = new Set(parsed.error.issues.map(({ message }) => message));
    throw new AppError('invalid_input', [...sentences].join(' '));
  }
  const { provider, model, ...amounts } = parsed.data;
  const data = { ...amounts, setAt: ctx.now };
  await ctx.db.$transaction(async (tx) => {
    // The row's lock: what the entry says it was before is what this one changes.
    await tx.price.updateMany({ where: { provider, model }, data: { provider } });
    const before = await tx.price.findUnique({
      where: { provider_model: { provider, model } },
      select: amountsSelect,
    });
    await tx.price.upsert({
      where: { provider_model: { provider, model } },
      create: { id: newId(ctx.now.getTime()), provider, model, ...data },
      update: data,
      select: { id: true },
    });
    if ((await tx.price.count()) > pricesMax)
      throw new AppError('conflict', `There are ${pricesMax} prices at most. Remove one first.`);
    await recordControl(tx, 'price_set', {
      ...whoOf(ctx.actor),
      provider,
      model,
      before: before === null ? null : told(before),
      after: told(amounts),
    });
  });
}

/** Calls of this model have no computed cost any more. Throws `not_found` when there is no such price. */
export async function removePrice(ctx: PriceCtx, id: string): Promise<void> {
  authorize(ctx.actor, 'prices.write');
  const isId = z.guid().safeParse(id).success;
  await ctx.db.$transaction(async (tx) => {
    const found = isId
      ? await tx.price.findUnique({
          where: { id },
          select: { provider: true, model: true, ...amountsSelect },
        })
      : null;
    // Of two that remove it at once, one finds it gone.
    const { count } = found === null ? { count: 0 } : await tx.price.deleteMany({ where: { id } });
    if (found === null || count === 0)
      throw new AppError('not_found', 'There is no such price any more.');
    const { provider, model, ...amounts } = found;
    await recordControl(tx, 'price_removed', {
      ...whoOf(ctx.actor),
      provider,
      model,
      before: told(amounts),
      after: null,
    });
  });
}
