import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import type { Queryable } from '@/lib/db/pool';

export const EraseEntry = z.object({
  receivedAt: z.date(),
  shard: z.number().int().min(0),
  position: z.bigint().min(0n),
  scope: z.enum(['all', 'bodies']),
  reason: z.string().trim().min(1, 'Say why this is erased.').max(1000),
});
export type EraseEntry = z.infer<typeof EraseEntry>;

/**
 * Removes the facts and bodies of one entry, or its bodies only, with their salts; its leaf and a tombstone
 * with the reason stay, and proofs still verify. Only an administrator may. There is no way back.
 */
export async function eraseEntry(
  ctx: { db: Queryable; actor: string; roles: readonly string[] },
  input: EraseEntry,
): Promise<void> {
  if (!ctx.roles.includes('admin'))
    throw new AppError('forbidden', 'Only an administrator may erase an entry.');
  const { receivedAt, shard, position, scope, reason } = EraseEntry.parse(input);
  const { rows } = await ctx.db.query<{ erased: boolean }>(
    'SELECT erase_entry($1, $2, $3, $4, $5, $6) AS erased',
    [receivedAt, shard, position, scope, reason, ctx.actor],
  );
  if (rows[0]?.erased !== true)
    throw new AppError('not_found', 'There is nothing left to erase in this entry.');
}
