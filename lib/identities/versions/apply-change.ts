import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import { nameOfActor } from '@/lib/people/actor';
import type { RegistryCtx } from '../ctx';
import {
  actsForColumns,
  refuseLostPlaces,
  refuseLostPrincipals,
  refuseLostResources,
  refuseUnfitPerson,
} from '../fit';
import { findIdentities, furtherNames, refuseTakenNames } from '../registration/names';
import { refuseUnfitMove, whereSeen } from '../unfit';
import type { Change } from './change';
import type { IdentityAttributes } from './schema';
import { readAttributes, writeVersion } from './write-version';

/** The row's lock: what was before is what the entry says. */
export async function lockIdentity(
  tx: Transaction,
  ctx: Omit<RegistryCtx, 'db'>,
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

/** Writes what is asked and the version that it makes; the caller has the row's lock and records after. */
export async function applyChange(
  tx: Transaction,
  ctx: Omit<RegistryCtx, 'db'>,
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
  { actor }: Pick<RegistryCtx, 'actor'>,
  before: IdentityAttributes,
  { ownerId, sponsorId, teamId, zoneId, actsFor, expects, reportsFor = [] }: Change,
): Promise<void> {
  // Whoever answers for it already may have left since: that hinders no other change.
  if (ownerId !== undefined && ownerId !== before.owner)
    await refuseUnfitPerson(tx, actor, ownerId);
  if (sponsorId !== undefined && sponsorId !== before.sponsor)
    await refuseUnfitPerson(tx, actor, sponsorId);
  await refuseLostPlaces(tx, { teamId, zoneId });
  if (actsFor !== undefined) await refuseLostPrincipals(tx, actsFor);
  // What it was expected to act on may be gone since: that hinders no other change.
  if (expects !== undefined)
    await refuseLostResources(
      tx,
      expects.filter((each) => !before.expects.includes(each)),
    );
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
