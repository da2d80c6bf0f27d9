import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { DecideDefinition } from './schema';

/**
 * Approves or rejects a definition, or decides otherwise than before: a decision is a record, which stays when the entry
 * that brought the definition is erased. Only as it was looked at: throws `conflict` where another one was approved or
 * somebody decided meanwhile, and an approval where a newer one came. A rejection does not wait for that: whoever keeps
 * sending new ones must not keep a bad one from being rejected.
 */
export async function decideDefinition(ctx: RegistryCtx, input: DecideDefinition): Promise<void> {
  authorize(ctx.actor, 'resources.approve');
  const { id, digest, was, against, newest, verdict, reason } = parseInput(DecideDefinition, input);
  const { actor } = ctx;
  if (actor.kind !== 'person')
    throw new AppError('forbidden', 'It takes a person to decide on a definition.');
  await ctx.db.$transaction(async (tx) => {
    const found = await tx.resourceDefinition.findUnique({
      where: { id },
      select: {
        resourceId: true,
        digest: true,
        sealed: true,
        resource: { select: { name: true } },
      },
    });
    if (found === null || hexOf(found.digest) !== digest)
      throw new AppError(
        'not_found',
        'This definition is no more. Its source may have been erased.',
      );
    // The row's lock: of two that decide at once the second sees what the first did.
    await tx.resource.updateMany({
      where: { id: found.resourceId },
      data: { id: found.resourceId },
    });
    if (verdict === 'approved' && found.sealed === null)
      throw new AppError(
        'conflict',
        'This definition is too long to be kept, so nobody can have read it. It can only be rejected.',
      );
    if (verdict === was) throw new AppError('conflict', `This definition is ${verdict} already.`);
    if (verdict === 'approved') await refuseNewer(tx, found.resourceId, newest);
    await refuseOther(tx, found.resourceId, against);
    const { count } = await tx.resourceDefinition.updateMany({
      where: { id, state: was },
      data: { state: verdict, decidedBy: actor.id, decidedAt: ctx.now, reason },
    });
    if (count === 0)
      throw new AppError(
        'conflict',
        'Somebody else decided on this definition meanwhile. Look again.',
      );
    const told = {
      ...whoOf(actor),
      resource: found.resourceId,
      name: found.resource.name,
      digest,
      before: { state: was, approved: against },
      after: { state: verdict },
      reason,
    };
    if (verdict === 'approved') await recordControl(tx, 'definition_approved', told);
    else await recordControl(tx, 'definition_rejected', told);
  });
}

async function refuseNewer(tx: Transaction, resourceId: string, seen: string): Promise<void> {
  const newest = await tx.resourceDefinition.findFirst({
    where: { resourceId },
    orderBy: [{ firstAt: 'desc' }, { id: 'desc' }],
    select: { digest: true },
  });
  if (newest === null || hexOf(newest.digest) !== seen)
    throw new AppError(
      'conflict',
      'A newer definition came meanwhile. Load the page again and look at it first.',
    );
}

/** Nobody decides by a difference that is no longer the one that counts. */
async function refuseOther(
  tx: Transaction,
  resourceId: string,
  seen: string | null,
): Promise<void> {
  const approved = await tx.resourceDefinition.findFirst({
    where: { resourceId, state: 'approved' },
    orderBy: [{ decidedAt: 'desc' }, { id: 'desc' }],
    select: { digest: true },
  });
  if ((approved === null ? null : hexOf(approved.digest)) !== seen)
    throw new AppError(
      'conflict',
      'Another definition was approved meanwhile. Load the page again and look at the difference to it.',
    );
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
