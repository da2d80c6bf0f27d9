import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { recordControl } from '@/lib/log/record-control';
import { nameOfActor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { listObserved } from '../fit';
import { resourceIdOf } from '../resource-id';
import {
  DismissProposal,
  ProposeKnown,
  ProposeResource,
  proposalsMax,
  type ResourceAttributes,
} from '../schema';

/**
 * Proposes what to say of a resource, seen or not: nothing holds until a person registers or changes it. The newest
 * proposal of a resource stands. Returns the resource's id.
 */
export async function proposeResource(ctx: RegistryCtx, input: ProposeResource): Promise<string> {
  authorize(ctx.actor, 'registry.propose');
  const { kind, name, attributes, reason } = parseInput(ProposeResource, input);
  const id = resourceIdOf({ kind, name });
  await ctx.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${proposingLock}::bigint)`;
    if ((await tx.resourceType.count({ where: { name: kind } })) === 0)
      throw new AppError('not_found', `There is no type ${kind}.`);
    const found = await tx.resource.findUnique({ where: { id }, select: columns });
    await propose(tx, ctx, { id, kind, name, found, attributes, reason });
  });
  return id;
}

/** The same for a resource that is known, by its id. */
export async function proposeKnown(ctx: RegistryCtx, input: ProposeKnown): Promise<void> {
  authorize(ctx.actor, 'registry.propose');
  const { id, attributes, reason } = parseInput(ProposeKnown, input);
  await ctx.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${proposingLock}::bigint)`;
    const found = await tx.resource.findUnique({ where: { id }, select: columns });
    if (found === null) throw new AppError('not_found', 'There is no such resource any more.');
    await propose(tx, ctx, { ...found, id, found, attributes, reason });
  });
}

/** Held by whoever proposes, so that those who do at once are counted one after the other. */
const proposingLock = 7_305_110;

const columns = { kind: true, name: true, state: true, aliasOf: true, proposedAt: true } as const;
type Found = Prisma.ResourceGetPayload<{ select: typeof columns }>;

async function propose(
  tx: Transaction,
  ctx: RegistryCtx,
  asked: {
    id: string;
    kind: string;
    name: string;
    found: Found | null;
    attributes: ResourceAttributes;
    reason: string;
  },
): Promise<void> {
  const { id, kind, name, found, attributes, reason } = asked;
  const proposed = {
    proposal: { attributes, reason },
    proposedBy: nameOfActor(ctx.actor),
    proposedAt: ctx.now,
  };
  if (found?.state === 'retired')
    throw new AppError('conflict', 'This resource is retired. A person takes it back first.');
  if (found !== null && found.aliasOf !== null)
    throw new AppError(
      'conflict',
      'This is a further name of another resource. Propose for that one.',
    );
  const isMore = found === null || found.proposedAt === null;
  const open = isMore ? await tx.resource.count({ where: { proposedAt: { not: null } } }) : 0;
  if (open >= proposalsMax)
    throw new AppError(
      'conflict',
      `${proposalsMax} proposals wait for a person already. Have them looked at first.`,
    );
  if (found === null) {
    const { count } = await tx.resource.createMany({
      data: {
        ...{ id, kind, name, state: 'proposed', ...proposed },
        ...{ createdAt: ctx.now, changedAt: ctx.now },
      },
      skipDuplicates: true,
    });
    // It was acted on or registered this moment: then that one is proposed for.
    if (count === 0) {
      const now = await tx.resource.findUniqueOrThrow({ where: { id }, select: columns });
      return propose(tx, ctx, { ...asked, found: now });
    }
  } else await tx.resource.update({ where: { id }, data: proposed, select: { id: true } });
  await recordControl(tx, 'resource_proposed', {
    ...whoOf(ctx.actor),
    resource: id,
    kind,
    name,
    after: attributes,
    reason,
  });
}

/** Dismisses what was proposed; a resource that was only ever proposed goes with it. */
export async function dismissProposal(ctx: RegistryCtx, input: DismissProposal): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, reason } = parseInput(DismissProposal, input);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.resource.updateMany({
      where: { id, proposedAt: { not: null } },
      data: { proposal: Prisma.DbNull, proposedBy: null, proposedAt: null },
    });
    if (count === 0)
      throw new AppError('not_found', 'Nothing is proposed of this resource any more.');
    if ((await listObserved(tx, [id])).length > 0)
      await tx.resource.updateMany({
        where: { id, state: 'proposed' },
        data: { state: 'observed' },
      });
    else await tx.resource.deleteMany({ where: { id, state: 'proposed' } });
    await recordControl(tx, 'resource_proposal_dismissed', {
      ...whoOf(ctx.actor),
      resource: id,
      reason,
    });
  });
}
