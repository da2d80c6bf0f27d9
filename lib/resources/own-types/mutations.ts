import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { lockResources } from '../fit';
import { CreateType, RemoveType, typesMax } from '../schema';

/** Makes a type of the organisation's own. Throws `conflict` where there is one of this name. */
export async function createType(ctx: RegistryCtx, input: CreateType): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { name, label, reason } = parseInput(CreateType, input);
  await ctx.db.$transaction(async (tx) => {
    await lockResources(tx);
    if ((await tx.resourceType.count()) >= typesMax)
      throw new AppError('conflict', `There are ${typesMax} types at most. Remove one first.`);
    const taken = await tx.resourceType.findFirst({
      where: { OR: [{ name }, { label: { equals: label, mode: 'insensitive' } }] },
      select: { label: true },
    });
    if (taken !== null)
      throw new AppError('conflict', `There is a type called ${taken.label} already.`);
    await tx.resourceType.create({
      data: { name, label, createdAt: ctx.now },
      select: { name: true },
    });
    await recordControl(tx, 'resource_type_created', {
      ...whoOf(ctx.actor),
      after: { name, label },
      reason,
    });
  });
}

/** Removes a type of the organisation's own. Throws `conflict` while a resource is of it. */
export async function removeType(ctx: RegistryCtx, input: RemoveType): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { name, reason } = parseInput(RemoveType, input);
  await ctx.db.$transaction(async (tx) => {
    await lockResources(tx);
    const before = await tx.resourceType.findUnique({
      where: { name },
      select: { name: true, label: true, isOwn: true },
    });
    if (before === null || !before.isOwn)
      throw new AppError('not_found', 'There is no such type of your own.');
    const count = await tx.resource.count({ where: { kind: name } });
    if (count > 0)
      throw new AppError(
        'conflict',
        `${count === 1 ? 'One resource is' : `${count} resources are`} of this type. A type goes only when nothing is of it.`,
      );
    await tx.resourceType.delete({ where: { name }, select: { name: true } });
    await recordControl(tx, 'resource_type_removed', {
      ...whoOf(ctx.actor),
      before: { name: before.name, label: before.label },
      reason,
    });
  });
}
