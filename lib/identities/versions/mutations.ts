import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { nameOfActor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { actsForColumns, refuseLostPlaces, refuseLostPrincipals, refuseUnfitPerson } from '../fit';
import {
  findIdentities,
  furtherNames,
  refuseTakenNames,
  refusingTaken,
} from '../registration/names';
import { refuseUnfitMove, whereSeen } from '../unfit';
import { AssignIdentity, type Change, ChangeIdentity, DescribeIdentity } from './change';
import { changedNames, changeFacts } from './changed-parts';
import type { IdentityAttributes } from './schema';
import { readAttributes, writeVersion } from './write-version';

/**
 * Changes what is known of an identity: what is left out stays as it is. Throws `conflict` when somebody changed it since
 * it was looked at, or a name is taken, and `not_found` when it, or what is named, is no more.
 */
export async function changeIdentity(ctx: RegistryCtx, input: ChangeIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, seenRevision, reason, ...change } = parseInput(ChangeIdentity, input);
  await refusingTaken(change.name ?? 'that you name', () =>
    ctx.db.$transaction(async (tx) => {
      await lock(tx, ctx, identityId, seenRevision);
      const { before, after } = await apply(tx, ctx, identityId, { change, reason });
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
 * Says what an identity is for, and tags it: for machines too, since nothing is decided by it. Throws `conflict` when
 * somebody changed it since it was looked at.
 */
export async function describeIdentity(
  ctx: RegistryCtx,
  input: DescribeIdentity,
): Promise<{ revision: number }> {
  authorize(ctx.actor, 'registry.propose');
  const { identityId, seenRevision, reason, ...change } = parseInput(DescribeIdentity, input);
  return ctx.db.$transaction(async (tx) => {
    await lock(tx, ctx, identityId, seenRevision);
    const { before, after } = await apply(tx, ctx, identityId, { change, reason });
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
    await lock(tx, ctx, identityId, null);
    await refuseUnfitPerson(tx, ctx.actor, ownerId);
    const change = { ownerId, teamId };
    const { before, after } = await apply(tx, ctx, identityId, { change, reason });
    await recordControl(tx, 'identity_assigned', {
      ...whoOf(ctx.actor),
      identity: identityId,
      before: { owner: before.owner, team: before.team },
      after: { owner: after.owner, team: after.team },
      reason,
    });
  });
}

/** The row's lock: what was before is what the entry says. */
async function lock(
  tx: Transaction,
  ctx: RegistryCtx,
  id: string,
  seenRevision: number | null,
): Promise<void> {
  const where = { id, state: { not: 'decommissioned' }, ...whereSeen(ctx) };
  const { count } = await tx.identity.updateMany({
    where: { ...where, ...(seenRevision === null ? {} : { revision: seenRevision }) },
    data: { revision: { increment: 1 } },
  });
  if (count > 0) return;
  if ((await tx.identity.count({ where })) === 0)
    throw new AppError('not_found', 'There is no such identity in use.');
  throw new AppError(
    'conflict',
    'Somebody changed this identity since you looked at it. Look again: nothing was changed.',
  );
}

async function apply(
  tx: Transaction,
  ctx: RegistryCtx,
  id: string,
  { change, reason }: { change: Change; reason: string },
): Promise<{ before: IdentityAttributes; after: IdentityAttributes }> {
  const { attributes: before } = await readAttributes(tx, id);
  await refuseUnfit(tx, ctx, before, change);
  const { teamId } = change;
  if (teamId !== undefined && teamId !== null && teamId !== before.team)
    await refuseUnfitMove(tx, ctx, { identity: id, team: teamId, reason });
  if (change.name !== undefined || change.names !== undefined)
    await rename(tx, id, { name: before.name, names: before.names, ...defined(change) });
  if (change.reportsFor !== undefined) await reportFor(tx, id, change.reportsFor);
  const { ownerId, sponsorId, zoneId, purpose, tags, actsFor, expects } = change;
  await tx.identity.update({
    where: { id },
    data: defined({
      ...{ ownerId, sponsorId, teamId, zoneId, purpose, tags },
      expects: expects === undefined ? undefined : [...new Set(expects)],
      ...(actsFor === undefined ? {} : actsForColumns(actsFor)),
    }),
    select: { id: true },
  });
  const by = nameOfActor(ctx.actor);
  const { attributes: after } = await writeVersion(tx, { id, by, at: ctx.now, reason });
  return { before, after };
}

async function refuseUnfit(
  tx: Transaction,
  { actor }: RegistryCtx,
  before: IdentityAttributes,
  { ownerId, sponsorId, teamId, zoneId, actsFor, reportsFor = [] }: Change,
): Promise<void> {
  // Whoever answers for it already may have left since: that hinders no other change.
  if (ownerId !== undefined && ownerId !== before.owner)
    await refuseUnfitPerson(tx, actor, ownerId);
  if (sponsorId !== undefined && sponsorId !== before.sponsor)
    await refuseUnfitPerson(tx, actor, sponsorId);
  await refuseLostPlaces(tx, { teamId, zoneId });
  if (actsFor !== undefined) await refuseLostPrincipals(tx, actsFor);
  if (reportsFor.length > 0 && before.kind !== 'service')
    throw new AppError('invalid_input', 'Only a service may report for others.');
}

async function rename(
  tx: Transaction,
  id: string,
  { name, names }: { name: string; names: string[] },
): Promise<void> {
  const further = furtherNames(name, names);
  await refuseTakenNames(tx, [name, ...further], id);
  await tx.identity.update({ where: { id }, data: { name, names: further }, select: { id: true } });
}

async function reportFor(tx: Transaction, id: string, reportsFor: 'all' | string[]): Promise<void> {
  const reported = reportsFor === 'all' ? [] : await findIdentities(tx, reportsFor);
  await tx.identityReportsFor.deleteMany({ where: { reporterId: id } });
  await tx.identityReportsFor.createMany({
    data: reported.map((identityId) => ({ reporterId: id, identityId })),
  });
  await tx.identity.update({
    where: { id },
    data: { reportsForAll: reportsFor === 'all' },
    select: { id: true },
  });
}

/** Without what is undefined, which says that nothing is asked. */
const defined = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    // Its keys are some of those of `fields`, and none of their values undefined.
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
