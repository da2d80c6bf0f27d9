import { AppError } from '@/lib/core/errors';
import type { PrismaClient } from '@/lib/db/prisma';

type Asked = { [Name in 'owner' | 'sponsor' | 'team' | 'zone']?: string | undefined };

/** Ids of what is named at the terminal: people by e-mail address, teams and zones by name. Throws `not_found`. */
export async function findNamed(db: PrismaClient, { owner, sponsor, team, zone }: Asked) {
  const person = (email: string) =>
    required(
      'person with the address',
      email,
      db.person.findFirst({
        where: { email: { equals: email, mode: 'insensitive' } },
        select: { id: true },
      }),
    );
  const select = { id: true } as const;
  const inTeam = (name: string) =>
    required('team', name, db.team.findUnique({ where: { name }, select }));
  const inZone = (name: string) =>
    required('zone', name, db.zone.findUnique({ where: { name }, select }));
  return {
    ...(owner === undefined ? {} : { ownerId: await person(owner) }),
    ...(sponsor === undefined ? {} : { sponsorId: await person(sponsor) }),
    ...(team === undefined ? {} : { teamId: await inTeam(team) }),
    ...(zone === undefined ? {} : { zoneId: await inZone(zone) }),
  };
}

async function required(
  what: string,
  name: string,
  finding: Promise<{ id: string } | null>,
): Promise<string> {
  const found = await finding;
  if (found === null) throw new AppError('not_found', `There is no ${what} ${name}.`);
  return found.id;
}
