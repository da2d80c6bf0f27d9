import { AppError } from '@/lib/core/errors';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import type { PeopleCtx } from '../ctx';
import { can, type Permission, refusalOf } from '../permissions';
import type { GivenRights } from '../rights/schema';
import { Rights, rolesOf } from '../schema';
import { lockRows } from './queries';

/** A person whose row is held until the transaction ends. */
export type Subject = {
  id: string;
  name: string;
  email: string;
  isBreakGlass: boolean;
  disabledAt: Date | null;
  rights: GivenRights;
};

/**
 * Holds the rows of every administrator and of whom a change is about, in one order, and looks again at who acts: of
 * two who take each other's role away at once, one is refused. Throws `not_found` when nobody has this id.
 */
export async function lockPeople(
  tx: Transaction,
  { actor }: Pick<PeopleCtx, 'actor'>,
  { subject, permission }: { subject: string; permission: Permission },
): Promise<{ subject: Subject; isBreakGlass: boolean }> {
  await lockRows(tx, subject);
  const acting = await readSubject(tx, actor.id);
  refuseWithout(acting, permission);
  const found = await readSubject(tx, subject);
  if (found === null) throw new AppError('not_found', 'There is no such person.');
  return { subject: found, isBreakGlass: acting.isBreakGlass };
}

/** The same where nobody's rights change but everybody's rules do, or those of nobody yet. */
export async function lockActing(
  tx: Transaction,
  ctx: Pick<PeopleCtx, 'actor'>,
  permission: Permission,
): Promise<{ isBreakGlass: boolean }> {
  const { isBreakGlass } = await lockPeople(tx, ctx, { subject: ctx.actor.id, permission });
  return { isBreakGlass };
}

/** Throws unless this person is still here and still may. */
function refuseWithout(person: Subject | null, permission: Permission): asserts person is Subject {
  if (person === null || !isStill(person, permission))
    throw new AppError('forbidden', refusalOf(permission));
}

export const isStill = ({ disabledAt, rights }: Subject, permission: Permission): boolean =>
  disabledAt === null && can(rights, permission);

export async function readSubject(
  db: Pick<PrismaClient, 'person'>,
  id: string,
): Promise<Subject | null> {
  const row = await db.person.findUnique({
    where: { id },
    select: {
      id: true,
      name: true,
      email: true,
      isBreakGlass: true,
      disabledAt: true,
      roles: true,
      reach: true,
      contentRead: true,
      contentExport: true,
      teams: { select: { teamId: true } },
    },
  });
  if (row === null) return null;
  const { roles, reach, contentRead, contentExport, teams, ...person } = row;
  const known = (text: string) => Rights.catch('none').parse(text);
  return {
    ...person,
    rights: {
      roles: rolesOf(roles),
      reach: reach === 'all' ? 'all' : 'teams',
      contentRead: known(contentRead),
      contentExport: known(contentExport),
      teams: teams.map(({ teamId }) => teamId).sort(),
    },
  };
}
