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
import { findIdentities, furtherNames, lockNames, refuseTakenNames } from '../registration/names';
import { refuseUnfitMove, refuseUnseenReports, whereSeen } from '../unfit';
import type { Change } from './change';
import type { IdentityAttributes } from './schema';
import { readAttributes, writeVersion } from './write-version';

/** The lock that a change takes before any row's. */
export async function lockFor(tx: Transaction, { name, names }: Change): Promise<void> {
  if (name !== undefined || names !== undefined) await lockNames(tx);
}

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
  await rename(tx, id, before, change);
  if (change.reportsFor !== undefined)
    await reportFor(tx, ctx, id, { before: before.reportsFor, asked: change.reportsFor });
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
  // So may whom it acts for.
  if (actsFor !== undefined) await refuseLostPrincipals(tx, addedOf(before.actsFor, actsFor));
  // What it was expected to act on may be gone since: that hinders no other change.
  if (expects !== undefined)
    await refuseLostResources(
      tx,
      expects.filter((each) => !before.expects.includes(each)),
    );
  if (reportsFor.length > 0 && before.kind !== 'service')
    throw new AppError('invalid_input', 'Only a service may report for others.');
}

type ActsFor = IdentityAttributes['actsFor'];

function addedOf(before: ActsFor, asked: ActsFor): ActsFor {
  if (asked === 'all' || before === 'all') return asked;
  return {
    people: asked.people.filter((id) => !before.people.includes(id)),
    teams: asked.teams.filter((id) => !before.teams.includes(id)),
  };
}

/** Nothing is written where the names are those that it has. */
async function rename(
  tx: Transaction,
  id: string,
  before: { name: string; names: string[] },
  { name = before.name, names = before.names }: Change,
): Promise<void> {
  const further = furtherNames(name, names);
  const isSame = name === before.name && JSON.stringify(further) === JSON.stringify(before.names);
  if (isSame) return;
  await refuseTakenNames(tx, [name, ...further], id);
  await tx.identity.update({ where: { id }, data: { name, names: further }, select: { id: true } });
}

type Reports = IdentityAttributes['reportsFor'];

/** Whoever asks takes away only what they are shown, and of what is gone since nothing. */
async function reportFor(
  tx: Transaction,
  ctx: Omit<RegistryCtx, 'db'>,
  id: string,
  { before, asked }: { before: Reports; asked: Reports },
): Promise<void> {
  if (before === 'all' && asked === 'all') return;
  if (before === 'all' || asked === 'all') refuseUnseenReports(ctx);
  const had: readonly string[] = before === 'all' ? [] : before;
  const wanted = asked === 'all' ? [] : asked;
  const added = await findIdentities(
    tx,
    ctx,
    wanted.filter((each) => !had.includes(each)),
  );
  const rows = await tx.identity.findMany({
    where: {
      ...{ id: { in: [...had] }, name: { notIn: wanted }, state: { not: 'decommissioned' } },
      ...whereSeen(ctx),
    },
    select: { id: true },
  });
  const kept = new Set(wanted.map((each) => each.toLowerCase()));
  const taken = rows.map((row) => row.id).filter((each) => !kept.has(each));
  const identityId = asked === 'all' ? {} : { identityId: { in: taken } };
  await tx.identityReportsFor.deleteMany({ where: { reporterId: id, ...identityId } });
  await tx.identityReportsFor.createMany({
    data: added
      .filter((each) => !had.includes(each))
      .map((each) => ({ reporterId: id, identityId: each })),
  });
  await tx.identity.update({
    where: { id },
    data: { reportsForAll: asked === 'all' },
    select: { id: true },
  });
}

/** Without what is undefined, which says that nothing is asked. */
const defined = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    // Its keys are some of those of `fields`, and none of their values undefined.
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
