import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { refuseUnfitPerson } from '../fit';
import { refusingTaken } from '../registration/names';
import { applyChange, lockIdentity } from './apply-change';
import { AssignIdentity, ChangeIdentity, DescribeIdentity } from './change';
import { changedNames, changeFacts } from './changed-parts';
import type { IdentityAttributes } from './schema';

/**
 * Changes what is known of an identity: what is left out stays as it is. Throws `conflict` when somebody changed it since
 * it was looked at, or a name is taken, and `not_found` when it, or what is named, is no more.
 */
export async function changeIdentity(ctx: RegistryCtx, input: ChangeIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, seenRevision, reason, ...change } = parseInput(ChangeIdentity, input);
  await refusingTaken(change.name ?? 'that you name', () =>
    ctx.db.$transaction(async (tx) => {
      await lockIdentity(tx, ctx, identityId, seenRevision);
      const { before, after } = await applyChange(tx, ctx, identityId, { change, reason });
      refuseUnchanged(before, after);
      await recordControl(tx, 'identity_changed', {
        ...whoOf(ctx.actor),
        identity: identityId,
        ...changeFacts(before, after),
        reason,
      });
    }),
  );
}

/**
 * Says what an identity is for, and tags it: for machines too, since it names nobody and gives access to nothing. Where
 * the rules of trust ask for a purpose, having one counts, whoever wrote it. Throws `conflict` when somebody changed it
 * since it was looked at.
 */
export async function describeIdentity(
  ctx: RegistryCtx,
  input: DescribeIdentity,
): Promise<{ revision: number }> {
  authorize(ctx.actor, 'registry.propose');
  const { identityId, seenRevision, reason, ...change } = parseInput(DescribeIdentity, input);
  return ctx.db.$transaction(async (tx) => {
    await lockIdentity(tx, ctx, identityId, seenRevision);
    const { before, after } = await applyChange(tx, ctx, identityId, { change, reason });
    refuseUnchanged(before, after);
    await recordControl(tx, 'identity_changed', {
      ...whoOf(ctx.actor),
      identity: identityId,
      ...changeFacts(before, after),
      reason,
    });
    return { revision: seenRevision + 1 };
  });
}

function refuseUnchanged(before: IdentityAttributes, after: IdentityAttributes): void {
  if (changedNames(before, after).length === 0)
    throw new AppError('invalid_input', 'Nothing is different from what is known.');
}

/**
 * Says who answers for an identity and which team it is of. Throws `not_found` when one of the three is no more, or the
 * identity is none that whoever acts is shown; nobody who was removed answers for anything.
 */
export async function assignIdentity(ctx: RegistryCtx, input: AssignIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, ownerId, teamId, reason } = parseInput(AssignIdentity, input);
  await ctx.db.$transaction(async (tx) => {
    await lockIdentity(tx, ctx, identityId, null);
    await refuseUnfitPerson(tx, ctx.actor, ownerId);
    const change = { ownerId, teamId };
    const { before, after } = await applyChange(tx, ctx, identityId, { change, reason });
    await recordControl(tx, 'identity_assigned', {
      ...whoOf(ctx.actor),
      identity: identityId,
      before: { owner: before.owner, team: before.team },
      after: { owner: after.owner, team: after.team },
      reason,
    });
  });
}
