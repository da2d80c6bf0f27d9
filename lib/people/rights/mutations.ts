import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import type { PeopleCtx } from '../ctx';
import { refuseLockOut } from '../members/lock-out';
import { lockPeople, type Subject } from '../members/lock-people';
import { authorize } from '../permissions';
import { mustWait, propose } from '../proposals/propose';
import { changeOf, isOfRights, isSame, meetOf } from './compare';
import { ChangeRights, type GivenRights } from './schema';
import { refuseUnfitRights } from './unfit';

/** `waits`: some of it is given only when a second person confirms. */
export type Given = { waits: boolean };

/**
 * Sets what a person may, from the next request on. Nobody changes their own; while four eyes are asked for, what is
 * taken away goes at once, and what is given waits.
 */
export async function changeRights(ctx: PeopleCtx, input: ChangeRights): Promise<Given> {
  authorize(ctx.actor, 'people.write');
  const { personId, rights, reason } = parseInput(ChangeRights, input);
  return ctx.db.$transaction(async (tx) =>
    setRights(tx, ctx, { personId, reason, to: () => rights }),
  );
}

/** The same within a transaction, `to` being asked under the lock. */
export async function setRights(
  tx: Transaction,
  ctx: PeopleCtx,
  asked: { personId: string; reason: string; to: (before: GivenRights) => GivenRights },
): Promise<Given> {
  const { subject, isBreakGlass } = await lockPeople(tx, ctx, {
    subject: asked.personId,
    permission: 'people.write',
  });
  const before = subject.rights;
  const after = asked.to(before);
  if (isSame(before, after)) throw new AppError('conflict', 'Nothing would change.');
  if (subject.id === ctx.actor.id && isOfRights(before, after))
    throw new AppError(
      'forbidden',
      'Nobody changes their own roles or rights. Ask another administrator.',
    );
  await refuseUnfitRights(tx, subject, after);
  const kept = (await mustWait(tx, { isBreakGlass })) ? meetOf(before, after) : after;
  const { reason } = asked;
  if (!isSame(before, kept)) await applyRights(tx, ctx, { subject, after: kept, reason });
  const waits = !isSame(kept, after);
  if (waits)
    await propose(tx, ctx, {
      kind: 'rights',
      subject: subject.id,
      before: kept,
      change: after,
      reason,
    });
  return { waits };
}

/** Writes them, and refuses what would leave nobody to administer. */
export async function applyRights(
  tx: Transaction,
  ctx: PeopleCtx,
  {
    subject,
    after,
    ...told
  }: { subject: Subject; after: GivenRights; reason: string; proposal?: string },
): Promise<void> {
  const { teams, roles, ...columns } = after;
  const before = subject.rights;
  await tx.person.update({
    where: { id: subject.id },
    data: { ...columns, roles: [...roles] },
    select: { id: true },
  });
  await tx.personTeam.deleteMany({ where: { personId: subject.id, teamId: { notIn: teams } } });
  await tx.personTeam.createMany({
    data: teams.map((teamId) => ({ personId: subject.id, teamId })),
    skipDuplicates: true,
  });
  await refuseLockOut(tx, ctx.sso, { before, after });
  await notify(tx, {
    kind: 'rights_changed',
    to: { person: subject.id },
    subject: subject.name,
    facts: { roles: roles.join(', '), sees: after.reach, reads: after.contentRead },
    at: ctx.now,
  });
  await recordControl(tx, 'rights_changed', {
    ...whoOf(ctx.actor),
    person: subject.id,
    ...changeOf(before, after),
    ...told,
  });
}
