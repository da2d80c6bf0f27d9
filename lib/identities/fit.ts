import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import type { Actor } from '@/lib/people/actor';
import type { ActsFor } from './schema';

/**
 * Throws `not_found` unless this is somebody who can answer for an identity: who was removed, or has no role, answers
 * for nothing.
 */
export async function refuseUnfitPerson(
  tx: Transaction,
  actor: Actor,
  personId: string | null,
): Promise<void> {
  if (personId === null) return;
  const where = { id: personId, disabledAt: null, roles: { isEmpty: false } };
  // The row's lock, so that nobody is made responsible who is being removed. A machine only suggests somebody.
  const count =
    actor.kind === 'machine'
      ? await tx.person.count({ where })
      : (await tx.person.updateMany({ where, data: { id: personId } })).count;
  if (count === 0) throw new AppError('not_found', 'There is no such person any more.');
}

type Places = { teamId?: string | null | undefined; zoneId?: string | null | undefined };

/** Throws `not_found` when one of what an identity is put into is no more. */
export async function refuseLostPlaces(
  tx: Transaction,
  { teamId = null, zoneId = null }: Places,
): Promise<void> {
  if (teamId !== null && (await tx.team.count({ where: { id: teamId } })) === 0)
    throw new AppError('not_found', 'There is no such team any more.');
  if (zoneId !== null && (await tx.zone.count({ where: { id: zoneId } })) === 0)
    throw new AppError('not_found', 'There is no such zone any more.');
}

/** Throws `not_found` with those of whom it is to act for that are no more. */
export async function refuseLostPrincipals(tx: Transaction, actsFor: ActsFor): Promise<void> {
  if (actsFor === 'all') return;
  const people = [...new Set(actsFor.people)];
  const teams = [...new Set(actsFor.teams)];
  const found =
    people.length === 0
      ? []
      : await tx.person.findMany({
          where: { id: { in: people } },
          select: { id: true, name: true, disabledAt: true },
        });
  const there = new Set(found.flatMap(({ id, disabledAt }) => (disabledAt === null ? [id] : [])));
  const gone = people
    .filter((id) => !there.has(id))
    .map((id) => found.find((person) => person.id === id)?.name ?? id);
  if (gone.length > 0)
    throw new AppError('not_found', `Somebody that it is to act for is no more: ${someOf(gone)}.`);
  if (teams.length === 0) return;
  const kept = await tx.team.findMany({ where: { id: { in: teams } }, select: { id: true } });
  const lost = teams.filter((id) => !kept.some((team) => team.id === id));
  if (lost.length > 0)
    throw new AppError('not_found', `A team that it is to act for is no more: ${someOf(lost)}.`);
}

const toldMax = 5;
const someOf = (names: readonly string[]): string =>
  names.length <= toldMax
    ? names.join(', ')
    : `${names.slice(0, toldMax).join(', ')} and ${names.length - toldMax} more`;

/** Throws `not_found` when something that it is expected to act on is not known, or is no more. */
export async function refuseLostResources(
  tx: Transaction,
  expects: readonly string[],
): Promise<void> {
  const ids = [...new Set(expects)];
  if (ids.length === 0) return;
  const found = await tx.resource.count({ where: { id: { in: ids }, state: { not: 'retired' } } });
  if (found < ids.length)
    throw new AppError('not_found', 'A resource that it is expected to act on is no more.');
}

/** As the table keeps it. */
export const actsForColumns = (actsFor: ActsFor) =>
  actsFor === 'all'
    ? { actsForAll: true, actsForPeople: [], actsForTeams: [] }
    : {
        actsForAll: false,
        actsForPeople: [...new Set(actsFor.people)],
        actsForTeams: [...new Set(actsFor.teams)],
      };
