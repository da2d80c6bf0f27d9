import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import { removeWebhookOf } from '@/lib/delivery/mutations';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import type { PeopleCtx } from '../ctx';
import { lockActing } from '../members/lock-people';
import { authorize } from '../permissions';
import { type Given, setRights } from '../rights/mutations';
import { CreateTeam, DeleteTeam, RenameTeam, SetMember, teamsMaxInAll } from './schema';

/** Throws `conflict` when the name is taken. */
export async function createTeam(ctx: PeopleCtx, input: CreateTeam): Promise<string> {
  authorize(ctx.actor, 'people.write');
  const { name } = parseInput(CreateTeam, input);
  const id = newId(ctx.now.getTime());
  await refusingTaken(name, () =>
    ctx.db.$transaction(async (tx) => {
      await lockActing(tx, ctx, 'people.write');
      await tx.team.create({ data: { id, name, createdAt: ctx.now }, select: { id: true } });
      if ((await tx.team.count()) > teamsMaxInAll)
        throw new AppError('conflict', `There are ${teamsMaxInAll} teams at most.`);
      await recordControl(tx, 'team_created', {
        ...whoOf(ctx.actor),
        team: id,
        before: null,
        after: { name },
      });
    }),
  );
  return id;
}

export async function renameTeam(ctx: PeopleCtx, input: RenameTeam): Promise<void> {
  authorize(ctx.actor, 'people.write');
  const { teamId, name } = parseInput(RenameTeam, input);
  await refusingTaken(name, () =>
    ctx.db.$transaction(async (tx) => {
      await lockActing(tx, ctx, 'people.write');
      const team = await findTeam(tx, teamId);
      await tx.team.update({ where: { id: teamId }, data: { name }, select: { id: true } });
      await recordControl(tx, 'team_renamed', {
        ...whoOf(ctx.actor),
        team: teamId,
        before: { name: team.name },
        after: { name },
      });
    }),
  );
}

/**
 * Its webhook goes with it. Throws `conflict` while people or identities are in it: nobody loses a right by a name that
 * goes.
 */
export async function deleteTeam(ctx: PeopleCtx, input: DeleteTeam): Promise<void> {
  authorize(ctx.actor, 'people.write');
  const { teamId } = parseInput(DeleteTeam, input);
  try {
    await ctx.db.$transaction(async (tx) => {
      await lockActing(tx, ctx, 'people.write');
      const team = await findTeam(tx, teamId);
      const people = await tx.personTeam.count({ where: { teamId } });
      const identities = await tx.identity.count({ where: { teamId } });
      if (people + identities > 0) throw notEmpty();
      await removeWebhookOf(tx, ctx, teamId);
      await tx.team.delete({ where: { id: teamId }, select: { id: true } });
      await recordControl(tx, 'team_deleted', {
        ...whoOf(ctx.actor),
        team: teamId,
        before: { name: team.name },
        after: null,
      });
    });
  } catch (error) {
    // Somebody came into it in between.
    if (isKnown(error, 'P2003')) throw notEmpty();
    throw error;
  }
}

/** Who is in a team sees and reads by it: it is a change of that person's rights, with the same rules. */
export async function setMember(ctx: PeopleCtx, input: SetMember): Promise<Given> {
  authorize(ctx.actor, 'people.write');
  const { teamId, personId, isMember, reason } = parseInput(SetMember, input);
  return ctx.db.$transaction(async (tx) => {
    await lockActing(tx, ctx, 'people.write');
    const { name } = await findTeam(tx, teamId);
    return setRights(tx, ctx, {
      personId,
      reason,
      to: (before) => {
        if (before.teams.includes(teamId) === isMember)
          throw new AppError(
            'conflict',
            isMember ? `This person is in ${name} already.` : `This person is not in ${name}.`,
          );
        const teams = before.teams.filter((each) => each !== teamId);
        return { ...before, teams: isMember ? [...teams, teamId].sort() : teams };
      },
    });
  });
}

async function findTeam(tx: Transaction, id: string): Promise<{ name: string }> {
  const team = await tx.team.findUnique({ where: { id }, select: { name: true } });
  if (team === null) throw new AppError('not_found', 'There is no such team any more.');
  return team;
}

async function refusingTaken(name: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isKnown(error, 'P2002'))
      throw new AppError('conflict', `There is a team named ${name} already.`);
    throw error;
  }
}

const notEmpty = () =>
  new AppError('conflict', 'People or identities are in this team. Take them out of it first.');

const isKnown = (error: unknown, code: string): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === code;
