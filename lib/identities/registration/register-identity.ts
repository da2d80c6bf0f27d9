import type { z } from 'zod';
import { newId } from '@/lib/core/ids';
import type { Transaction } from '@/lib/db/prisma';
import type { CanonicalValue } from '@/lib/log/canonical';
import { nameOfActor } from '@/lib/people/actor';
import type { RegistryCtx } from '../ctx';
import {
  actsForColumns,
  refuseLostPlaces,
  refuseLostPrincipals,
  refuseLostResources,
  refuseUnfitPerson,
} from '../fit';
import { refuseUnfitMove } from '../unfit';
import { writeVersion } from '../versions/write-version';
import { findIdentities, furtherNames, refuseTakenNames } from './names';
import type { RegisterIdentity } from './schema';

export type Registered = {
  id: string;
  /** What the entry says of it, which whoever calls this writes. */
  facts: Record<string, CanonicalValue>;
};

/**
 * Writes an identity and its first version in the caller's transaction; the caller authorizes before and records after.
 * `attributes` are parsed already. A proposal is held to less: whoever accepts it answers for the rest.
 */
export async function registerIdentity(
  tx: Transaction,
  ctx: Omit<RegistryCtx, 'db'>,
  attributes: z.output<typeof RegisterIdentity>,
  { state, reason = null }: { state: 'active' | 'proposed'; reason?: string | null },
): Promise<Registered> {
  const { kind, name, teamId, zoneId, purpose, tags, actsFor, expects, reportsFor } = attributes;
  const further = furtherNames(name, attributes.names);
  await refuseTakenNames(tx, [name, ...further]);
  const reported = reportsFor === 'all' ? [] : await findIdentities(tx, reportsFor);
  const by = ctx.actor.kind === 'person' ? ctx.actor.id : null;
  // A person who names nobody answers for it; what operators and machines register waits for somebody who does.
  const ownerId = attributes.ownerId ?? by;
  const sponsorId = attributes.sponsorId ?? ownerId;
  await refuseUnfitPerson(tx, ctx.actor, ownerId);
  if (sponsorId !== ownerId) await refuseUnfitPerson(tx, ctx.actor, sponsorId);
  await refuseLostPlaces(tx, { teamId, zoneId });
  await refuseLostPrincipals(tx, actsFor);
  await refuseLostResources(tx, expects);
  const id = newId(ctx.now.getTime());
  await tx.identity.create({
    data: {
      id,
      kind,
      name,
      names: further,
      state,
      reportsForAll: reportsFor === 'all',
      ownerId,
      sponsorId,
      teamId,
      zoneId,
      purpose,
      tags,
      ...actsForColumns(actsFor),
      expects: [...new Set(expects)],
      trustAt: ctx.now,
      stateAt: ctx.now,
      createdAt: ctx.now,
      reportsFor: { create: reported.map((identityId) => ({ identityId })) },
    },
    select: { id: true },
  });
  if (teamId !== null && state === 'active')
    await refuseUnfitMove(tx, ctx, {
      identity: id,
      team: teamId,
      reason: reason ?? 'It was registered in this team.',
    });
  await writeVersion(tx, { id, by: nameOfActor(ctx.actor), at: ctx.now, reason });
  return {
    id,
    facts: {
      identity: id,
      kind,
      name,
      names: further,
      reports_for: reportsFor === 'all' ? 'all' : reported,
      ...(ownerId === null ? {} : { owner: ownerId }),
      ...(sponsorId === null ? {} : { sponsor: sponsorId }),
      ...(teamId === null ? {} : { team: teamId }),
      ...(zoneId === null ? {} : { zone: zoneId }),
      ...(purpose === '' ? {} : { purpose }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(actsFor === 'all' ? { acts_for: 'all' } : actsForFacts(actsFor)),
      ...(expects.length === 0 ? {} : { expects }),
    },
  };
}

const actsForFacts = ({ people, teams }: { people: string[]; teams: string[] }) =>
  people.length + teams.length === 0 ? {} : { acts_for: { people, teams } };
