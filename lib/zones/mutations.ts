import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import type { RegistryCtx } from '@/lib/identities/ctx';
import { whereSeen } from '@/lib/identities/unfit';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { ChangeZone, CreateZone, RemoveZone, zonesMax } from './schema';

/** Makes a zone. Throws `conflict` where the name is taken or there are as many as there may be. */
export async function createZone(ctx: RegistryCtx, input: CreateZone): Promise<string> {
  authorize(ctx.actor, 'registry.write');
  const { reason, ...zone } = parseInput(CreateZone, input);
  const id = newId(ctx.now.getTime());
  await ctx.db.$transaction(async (tx) => {
    await lockZones(tx);
    if ((await tx.zone.count()) >= zonesMax)
      throw new AppError('conflict', `There are ${zonesMax} zones at most. Remove one first.`);
    await refuseTaken(tx, zone.name, null);
    await tx.zone.create({
      data: { ...zone, id, createdAt: ctx.now, changedAt: ctx.now },
      select: { id: true },
    });
    await recordControl(tx, 'zone_created', {
      ...whoOf(ctx.actor),
      zone: id,
      after: zone,
      reason,
    });
  });
  return id;
}

/**
 * Says anew what a zone is; whatever lives in it is of its new environment at the next request. Throws `conflict` where
 * somebody else changed it since it was looked at.
 */
export async function changeZone(ctx: RegistryCtx, input: ChangeZone): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, seenAt, reason, ...after } = parseInput(ChangeZone, input);
  await ctx.db.$transaction(async (tx) => {
    await lockZones(tx);
    const before = await getSeen(tx, id, seenAt);
    await refuseTaken(tx, after.name, id);
    if (
      before.name === after.name &&
      before.kind === after.kind &&
      before.environment === after.environment &&
      before.purpose === after.purpose
    )
      throw new AppError('invalid_input', 'Nothing is different from what is set.');
    // Never the time it had, or the next who saw that version would take this one for it.
    const changedAt = new Date(Math.max(ctx.now.getTime(), Date.parse(seenAt) + 1));
    await tx.zone.update({ where: { id }, data: { ...after, changedAt }, select: { id: true } });
    await recordControl(tx, 'zone_changed', {
      ...whoOf(ctx.actor),
      zone: id,
      before,
      after,
      reason,
    });
  });
}

/** Removes a zone. Throws `conflict` while something lives in it, and says what. */
export async function removeZone(ctx: RegistryCtx, input: RemoveZone): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, seenAt, reason } = parseInput(RemoveZone, input);
  await refusingInhabited(() =>
    ctx.db.$transaction(async (tx) => {
      await lockZones(tx);
      const before = await getSeen(tx, id, seenAt);
      await refuseInhabited(tx, ctx, id);
      await tx.zone.delete({ where: { id }, select: { id: true } });
      await recordControl(tx, 'zone_removed', { ...whoOf(ctx.actor), zone: id, before, reason });
    }),
  );
}

/** INVARIANT: whoever changes zones holds this until commit, so that names stay apart for two at once. */
async function lockZones(tx: Transaction): Promise<void> {
  await tx.setting.updateMany({ where: { id: 1 }, data: { id: 1 } });
}

async function getSeen(tx: Transaction, id: string, seenAt: string) {
  const found = await tx.zone.findUnique({
    where: { id },
    select: { name: true, kind: true, environment: true, purpose: true, changedAt: true },
  });
  if (found === null) throw new AppError('not_found', 'There is no such zone any more.');
  const { changedAt, ...zone } = found;
  if (changedAt.getTime() !== Date.parse(seenAt))
    throw new AppError(
      'conflict',
      'Somebody else changed this zone meanwhile. Load the page again and look at theirs first.',
    );
  return zone;
}

/** Names that differ in case alone would be read as one. */
async function refuseTaken(tx: Transaction, name: string, except: string | null): Promise<void> {
  const taken = await tx.zone.findFirst({
    where: {
      name: { equals: name, mode: 'insensitive' },
      ...(except === null ? {} : { id: { not: except } }),
    },
    select: { name: true },
  });
  if (taken !== null)
    throw new AppError('conflict', `There is a zone called ${taken.name} already.`);
}

const namedMax = 3;

/** Identities are named to whoever is shown them; of others only that they are there. */
async function refuseInhabited(tx: Transaction, ctx: RegistryCtx, zoneId: string): Promise<void> {
  const by = {
    where: { zoneId },
    select: { name: true },
    orderBy: { name: 'asc' },
    take: namedMax,
  } as const;
  const [identities, resources, seen, named] = await Promise.all([
    tx.identity.count({ where: { zoneId } }),
    tx.resource.count({ where: { zoneId } }),
    tx.identity.findMany({ ...by, where: { zoneId, ...whereSeen(ctx) } }),
    tx.resource.findMany(by),
  ]);
  if (identities + resources === 0) return;
  const parts = [
    inhabited(identities, 'identity', 'identities', seen),
    inhabited(resources, 'resource', 'resources', named),
  ].filter((part) => part !== null);
  throw new AppError(
    'conflict',
    `In this zone ${identities + resources === 1 ? 'lives' : 'live'} ${parts.join(' and ')}. Move ${identities + resources === 1 ? 'it' : 'them'} to another first.`,
  );
}

function inhabited(
  count: number,
  one: string,
  many: string,
  named: { name: string }[],
): string | null {
  if (count === 0) return null;
  const names = named.map(({ name }) => name).join(', ');
  const more = named.length < count ? ' and others' : '';
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}${names === '' ? '' : ` (${names}${more})`}`;
}

/** Something that moved in at the same moment. */
async function refusingInhabited(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003')
      throw new AppError('conflict', 'Something moved into this zone just now. Look again.');
    throw error;
  }
}
