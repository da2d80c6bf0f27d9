import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { recordControl } from '@/lib/log/record-control';
import { nameOfActor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { listFurtherNames, lockResources, refuseUnfit, setFurtherNames } from './fit';
import { resourceIdOf } from './resource-id';
import {
  ChangeResource,
  type Registered,
  RegisterKnown,
  RegisterResource,
  RegisterResources,
  type ResourceAttributes,
  RetireResource,
} from './schema';

const unproposed = { proposal: Prisma.DbNull, proposedBy: null, proposedAt: null };

const columns = {
  id: true,
  kind: true,
  name: true,
  state: true,
  aliasOf: true,
  revision: true,
  ownerId: true,
  teamId: true,
  zoneId: true,
  purpose: true,
  tags: true,
  classification: true,
  trust: true,
  sideEffect: true,
  hostNames: true,
} as const;
type Row = Prisma.ResourceGetPayload<{ select: typeof columns }>;

/** Registers a resource, whether it was seen before or not. Returns its id. Throws `conflict` where it is registered. */
export async function registerResource(ctx: RegistryCtx, input: RegisterResource): Promise<string> {
  authorize(ctx.actor, 'registry.write');
  const { kind, name, names, attributes, reason } = parseInput(RegisterResource, input);
  const id = resourceIdOf({ kind, name });
  await ctx.db.$transaction(async (tx) => {
    await lockResources(tx);
    await refuseUnfit(tx, attributes);
    if ((await tx.resourceType.count({ where: { name: kind } })) === 0)
      throw new AppError('not_found', 'There is no such type any more.');
    const found = await tx.resource.findUnique({ where: { id }, select: columns });
    if (found === null)
      await tx.resource.create({
        data: { id, kind, name, createdAt: ctx.now, changedAt: ctx.now },
        select: { id: true },
      });
    await makeRegistered(tx, ctx, {
      row: found ?? (await getRow(tx, id)),
      names,
      attributes,
      reason,
    });
  });
  return id;
}

/** Registers a resource that was seen or proposed. Throws `conflict` where it is registered. */
export async function registerKnown(ctx: RegistryCtx, input: RegisterKnown): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, names, attributes, reason } = parseInput(RegisterKnown, input);
  await ctx.db.$transaction(async (tx) => {
    await lockResources(tx);
    await refuseUnfit(tx, attributes);
    await makeRegistered(tx, ctx, { row: await getRow(tx, id), names, attributes, reason });
  });
}

/** Registers several observed resources with the same attributes, all of them or none. Returns how many. */
export async function registerResources(
  ctx: RegistryCtx,
  input: RegisterResources,
): Promise<number> {
  authorize(ctx.actor, 'registry.write');
  const { ids, attributes, reason } = parseInput(RegisterResources, input);
  await ctx.db.$transaction(async (tx) => {
    await lockResources(tx);
    await refuseUnfit(tx, attributes);
    const rows = await tx.resource.findMany({ where: { id: { in: ids } }, select: columns });
    if (rows.length < ids.length)
      throw new AppError('not_found', 'One of these resources is no more. Load the page again.');
    for (const row of rows) await makeRegistered(tx, ctx, { row, names: [], attributes, reason });
  });
  return ids.length;
}

/**
 * Says anew what is known of a resource; the earlier version stays. Throws `conflict` where somebody else changed it
 * since it was looked at.
 */
export async function changeResource(ctx: RegistryCtx, input: ChangeResource): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, revision, names, attributes, reason } = parseInput(ChangeResource, input);
  await ctx.db.$transaction(async (tx) => {
    await lockResources(tx);
    const row = await getSeen(tx, id, revision);
    if (row.state !== 'registered')
      throw new AppError('conflict', 'Only a registered resource is changed.');
    await refuseUnfit(tx, attributes);
    const before = await registeredOf(tx, row);
    const further = await setFurtherNames(tx, { ...row, names, now: ctx.now });
    const after = { ...attributes, names: further, state: 'registered' as const };
    if (isDeepStrictEqual(sorted(before), sorted(after)))
      throw new AppError('invalid_input', 'Nothing is different from what is set.');
    await tx.resource.update({
      where: { id },
      data: { ...attributes, ...unproposed, revision: row.revision + 1, changedAt: ctx.now },
      select: { id: true },
    });
    await keepVersion(tx, ctx, { id, revision: row.revision + 1, attributes: after, reason });
    await recordControl(tx, 'resource_changed', {
      ...whoOf(ctx.actor),
      resource: id,
      before,
      after,
      reason,
    });
  });
}

/** Retires a resource: its name stays taken, and whoever goes on acting on it is a finding. */
export async function retireResource(ctx: RegistryCtx, input: RetireResource): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  await moveResource(ctx, input, 'retired');
}

/** Takes a retired resource back, with what was said of it. */
export async function restoreResource(ctx: RegistryCtx, input: RetireResource): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  await moveResource(ctx, input, 'registered');
}

async function moveResource(
  ctx: RegistryCtx,
  input: RetireResource,
  state: Registered['state'],
): Promise<void> {
  const { id, revision, reason } = parseInput(RetireResource, input);
  await ctx.db.$transaction(async (tx) => {
    await lockResources(tx);
    const row = await getSeen(tx, id, revision);
    if (row.state !== (state === 'retired' ? 'registered' : 'retired'))
      throw new AppError(
        'conflict',
        state === 'retired'
          ? 'Only a registered resource is retired.'
          : 'Only a retired resource is taken back.',
      );
    const before = await registeredOf(tx, row);
    await tx.resource.update({
      where: { id },
      data: { state, stateReason: reason, revision: row.revision + 1, changedAt: ctx.now },
      select: { id: true },
    });
    await keepVersion(tx, ctx, {
      id,
      revision: row.revision + 1,
      attributes: { ...before, state },
      reason,
    });
    const told = { ...whoOf(ctx.actor), resource: id, name: row.name, reason };
    if (state === 'retired') await recordControl(tx, 'resource_retired', told);
    else await recordControl(tx, 'resource_restored', told);
  });
}

async function makeRegistered(
  tx: Transaction,
  ctx: RegistryCtx,
  {
    row,
    names,
    attributes,
    reason,
  }: { row: Row; names: string[]; attributes: ResourceAttributes; reason: string },
): Promise<void> {
  if (row.state === 'registered' || row.state === 'retired')
    throw new AppError('conflict', `${row.name} is registered already. Change it instead.`);
  if (row.aliasOf !== null)
    throw new AppError('conflict', `${row.name} is a further name of another resource.`);
  const { id, kind, name } = row;
  const revision = row.revision + 1;
  await tx.resource.update({
    where: { id },
    data: { ...attributes, ...unproposed, state: 'registered', revision, changedAt: ctx.now },
    select: { id: true },
  });
  const further = await setFurtherNames(tx, { id, kind, name, names, now: ctx.now });
  const after = { ...attributes, names: further, state: 'registered' as const };
  await keepVersion(tx, ctx, { id, revision, attributes: after, reason });
  await recordControl(tx, 'resource_registered', {
    ...whoOf(ctx.actor),
    resource: id,
    kind,
    name,
    after,
    reason,
  });
}

const keepVersion = (
  tx: Transaction,
  ctx: RegistryCtx,
  version: { id: string; revision: number; attributes: Registered; reason: string },
) =>
  tx.resourceVersion.create({
    data: {
      resourceId: version.id,
      revision: version.revision,
      attributes: version.attributes,
      at: ctx.now,
      by: nameOfActor(ctx.actor),
      reason: version.reason,
    },
    select: { revision: true },
  });

async function getRow(tx: Transaction, id: string): Promise<Row> {
  const row = await tx.resource.findUnique({ where: { id }, select: columns });
  if (row === null) throw new AppError('not_found', 'There is no such resource any more.');
  return row;
}

async function getSeen(tx: Transaction, id: string, revision: number): Promise<Row> {
  const row = await getRow(tx, id);
  if (row.revision !== revision)
    throw new AppError(
      'conflict',
      'Somebody else changed this resource meanwhile. Load the page again and look at theirs first.',
    );
  return row;
}

async function registeredOf(tx: Transaction, row: Row): Promise<Registered> {
  const { id, kind, name, state, aliasOf, revision, ...attributes } = row;
  return {
    // What the table holds is of these words: see its constraints.
    ...(attributes as ResourceAttributes),
    names: await listFurtherNames(tx, id),
    state: state === 'retired' ? 'retired' : 'registered',
  };
}

const sorted = (each: Registered) => ({
  ...each,
  tags: [...each.tags].sort(),
  hostNames: [...each.hostNames].sort(),
  names: [...each.names].sort(),
});
