import { AppError } from '@/lib/core/errors';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import { resourceIdOf } from './resource-id';
import type { ResourceAttributes } from './schema';

/** INVARIANT: whoever changes resources holds this until commit, so that a name means one of them for two at once. */
export async function lockResources(tx: Transaction): Promise<void> {
  await tx.setting.updateMany({ where: { id: 1 }, data: { id: 1 } });
}

/** Refuses an owner, team or zone that is no more. */
export async function refuseUnfit(
  tx: Transaction,
  { ownerId, teamId, zoneId }: Pick<ResourceAttributes, 'ownerId' | 'teamId' | 'zoneId'>,
): Promise<void> {
  if (ownerId !== null) {
    // The row's lock, so that nobody is made responsible who is being removed.
    const { count } = await tx.person.updateMany({
      where: { id: ownerId, disabledAt: null, roles: { isEmpty: false } },
      data: { id: ownerId },
    });
    if (count === 0) throw new AppError('not_found', 'There is no such person any more.');
  }
  if (teamId !== null && (await tx.team.count({ where: { id: teamId } })) === 0)
    throw new AppError('not_found', 'There is no such team any more.');
  if (zoneId !== null && (await tx.zone.count({ where: { id: zoneId } })) === 0)
    throw new AppError('not_found', 'There is no such zone any more.');
}

/** The names that mean a resource besides its own, as people said. */
export async function listFurtherNames(tx: Transaction, id: string): Promise<string[]> {
  const rows = await tx.resource.findMany({
    where: { aliasOf: id },
    select: { name: true },
    orderBy: { name: 'asc' },
  });
  return rows.map(({ name }) => name);
}

/**
 * Says which names mean a resource besides its own. Throws `conflict` where one is a resource that somebody registered,
 * or means another. A name that means it no more is observed again, if it ever was.
 */
export async function setFurtherNames(
  tx: Transaction,
  {
    id,
    kind,
    name,
    names,
    now,
  }: { id: string; kind: string; name: string; names: string[]; now: Date },
): Promise<string[]> {
  const wanted = names.filter((each) => each !== name).sort();
  const ids = wanted.map((each) => resourceIdOf({ kind, name: each }));
  const known = await tx.resource.findMany({
    where: { id: { in: ids } },
    select: { id: true, name: true, state: true, aliasOf: true, alias: { select: { name: true } } },
  });
  for (const row of known) {
    if (row.state !== 'observed')
      throw new AppError(
        'conflict',
        `${row.name} is a resource of its own. Retiring it does not free its name.`,
      );
    if (row.aliasOf !== null && row.aliasOf !== id)
      throw new AppError('conflict', `${row.name} means ${row.alias?.name ?? 'another'} already.`);
  }
  await tx.resource.updateMany({
    where: { id: { in: known.map((row) => row.id) } },
    data: {
      aliasOf: id,
      proposal: Prisma.DbNull,
      proposedBy: null,
      proposedAt: null,
      changedAt: now,
    },
  });
  await tx.resource.createMany({
    data: wanted
      .map((each, at) => ({ each, aliasId: ids[at] ?? '' }))
      .filter(({ aliasId }) => known.every((row) => row.id !== aliasId))
      .map(({ each, aliasId }) => ({
        id: aliasId,
        kind,
        name: each,
        aliasOf: id,
        createdAt: now,
        changedAt: now,
      })),
  });
  await freeNames(tx, { id, kept: ids, now });
  return wanted;
}

/** Which of these were acted on, or defined: a tool may be offered that nobody ever calls. */
export async function listObserved(tx: Transaction, ids: readonly string[]): Promise<string[]> {
  const of = { where: { resourceId: { in: [...ids] } }, select: { resourceId: true } };
  const seen = await tx.resourceSeen.findMany({ ...of, distinct: ['resourceId'] });
  const defined = await tx.resourceDefinition.findMany({ ...of, distinct: ['resourceId'] });
  return [...new Set([...seen, ...defined].map(({ resourceId }) => resourceId))];
}

async function freeNames(
  tx: Transaction,
  { id, kept, now }: { id: string; kept: string[]; now: Date },
): Promise<void> {
  const gone = await tx.resource.findMany({
    where: { aliasOf: id, id: { notIn: kept } },
    select: { id: true },
  });
  const ids = gone.map((row) => row.id);
  if (ids.length === 0) return;
  const observed = await listObserved(tx, ids);
  await tx.resource.updateMany({
    where: { id: { in: observed } },
    data: { aliasOf: null, changedAt: now },
  });
  await tx.resource.deleteMany({ where: { id: { in: ids, notIn: observed }, aliasOf: id } });
}
