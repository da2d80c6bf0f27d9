import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Queryable } from '@/lib/db/pool';
import { type Actor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';

/** As many lines as it takes: it is written at the command line too. */
const reason = z.string().trim().min(1, 'Say why this is erased.').max(1000);

export const EraseEntry = z.object({
  receivedAt: z.date(),
  shard: z.number().int().min(0),
  position: z.bigint().min(0n),
  scope: z.enum(['all', 'bodies'], 'Choose what is erased.'),
  reason,
});
export type EraseEntry = z.infer<typeof EraseEntry>;

export const EraseQuarantined = z.object({ id: z.guid(), reason });
export type EraseQuarantined = z.infer<typeof EraseQuarantined>;

type EraseCtx = { db: Queryable; actor: Actor };

const whoIs = (actor: Actor): (string | null)[] => {
  const { by, address = null, sign_in = null } = whoOf(actor);
  return [by, address, sign_in];
};

/**
 * Removes the facts and bodies of one entry, or its bodies only, with their salts; its leaf and a tombstone
 * with the reason stay, and proofs still verify. Only an administrator may. There is no way back.
 */
export async function eraseEntry(ctx: EraseCtx, input: EraseEntry): Promise<void> {
  authorize(ctx.actor, 'entry.erase');
  const { receivedAt, shard, position, scope, reason } = parseInput(EraseEntry, input);
  const { rows } = await ctx.db.query<{ erased: boolean }>(
    // Bodies of both kinds are in one table; facts are not.
    `SELECT CASE WHEN $4 = 'all' AND EXISTS (
         SELECT FROM log_entry l WHERE l.received_at = $1 AND l.shard = $2 AND l.position = $3 AND l.kind = 'measurement')
       THEN erase_measurement($1, $2, $3, $5, $6, $7, $8) ELSE erase_entry($1, $2, $3, $4, $5, $6, $7, $8) END AS erased`,
    [receivedAt, shard, position, scope, reason, ...whoIs(ctx.actor)],
  );
  if (rows[0]?.erased !== true)
    throw new AppError('not_found', 'There is nothing left to erase in this entry.');
}

/**
 * Removes what a refused item held; that it was refused, and why, stays, with an entry that says who erased
 * it. Only an administrator may. There is no way back.
 */
export async function eraseQuarantined(ctx: EraseCtx, input: EraseQuarantined): Promise<void> {
  authorize(ctx.actor, 'entry.erase');
  const { id, reason } = parseInput(EraseQuarantined, input);
  const { rows } = await ctx.db.query<{ erased: boolean }>(
    'SELECT erase_quarantined($1, $2, $3, $4, $5) AS erased',
    [id, reason, ...whoIs(ctx.actor)],
  );
  if (rows[0]?.erased !== true)
    throw new AppError('not_found', 'There is nothing left to erase in this item.');
}
