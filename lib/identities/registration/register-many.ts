import { newId } from '@/lib/core/ids';
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
import { refuseUnfitMove, refuseUnseenReports } from '../unfit';
import type { IdentityAttributes } from '../versions/schema';
import { writeFirstVersions } from '../versions/write-version';
import { findIdentities, refuseTakenNames } from './names';

/** Ids, but for identities, which may be named. */
export type ToRegister = Omit<IdentityAttributes, 'state' | 'trust'>;

/**
 * As `registerIdentity`, of many at once: what they share is asked for once. All of them, or a throw. The caller has the
 * lock of names.
 */
export async function registerMany(
  tx: Transaction,
  ctx: Omit<RegistryCtx, 'db'>,
  many: readonly ToRegister[],
  { state, reason }: { state: 'active' | 'proposed'; reason: string },
): Promise<{ id: string; name: string }[]> {
  if (many.length === 0) return [];
  const { now, actor } = ctx;
  if (many.some(({ reportsFor }) => reportsFor === 'all')) refuseUnseenReports(ctx);
  await refuseTakenNames(
    tx,
    many.flatMap(({ name, names }) => [name, ...names]),
  );
  await refuseUnfit(tx, ctx, many);
  const rows = many.map((each) => ({ id: newId(now.getTime()), each }));
  await tx.identity.createMany({
    data: rows.map(({ id, each }) => ({
      ...{ id, state, kind: each.kind, name: each.name, names: each.names },
      ...{ ownerId: each.owner, sponsorId: each.sponsor, teamId: each.team, zoneId: each.zone },
      ...{ purpose: each.purpose, tags: each.tags, expects: each.expects },
      ...actsForColumns(each.actsFor),
      reportsForAll: each.reportsFor === 'all',
      ...{ trustAt: now, stateAt: now, createdAt: now },
    })),
  });
  for (const { id, each } of rows) {
    if (each.reportsFor === 'all' || each.reportsFor.length === 0) continue;
    const reported = await findIdentities(tx, ctx, each.reportsFor);
    await tx.identityReportsFor.createMany({
      data: reported.map((identityId) => ({ reporterId: id, identityId })),
    });
  }
  const teams = new Map(rows.map(({ id, each }) => [each.team, id]));
  if (state === 'active')
    for (const [team, identity] of teams)
      if (team !== null) await refuseUnfitMove(tx, ctx, { identity, team, reason });
  const ids = rows.map(({ id }) => id);
  await writeFirstVersions(tx, { ids, by: nameOfActor(actor), at: now, reason });
  return rows.map(({ id, each: { name } }) => ({ id, name }));
}

async function refuseUnfit(
  tx: Transaction,
  { actor }: Pick<RegistryCtx, 'actor'>,
  many: readonly ToRegister[],
): Promise<void> {
  const people = new Set(many.flatMap(({ owner, sponsor }) => [owner, sponsor]));
  // In one order, so that two files never wait for each other.
  for (const person of [...people].sort()) await refuseUnfitPerson(tx, actor, person);
  for (const teamId of new Set(many.map(({ team }) => team)))
    await refuseLostPlaces(tx, { teamId });
  for (const zoneId of new Set(many.map(({ zone }) => zone)))
    await refuseLostPlaces(tx, { zoneId });
  const principals = many.flatMap(({ actsFor }) => (actsFor === 'all' ? [] : [actsFor]));
  await refuseLostPrincipals(tx, {
    people: principals.flatMap((each) => each.people),
    teams: principals.flatMap((each) => each.teams),
  });
  await refuseLostResources(
    tx,
    many.flatMap(({ expects }) => expects),
  );
}
