import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import type { PeopleCtx } from '../ctx';
import { lockPeople, type Subject } from '../members/lock-people';
import { endAll } from '../members/mutations';
import { authorize } from '../permissions';
import { mustWait, propose } from '../proposals/propose';
import type { Given } from '../rights/mutations';
import { LinkPerson, type SsoSubject } from './schema';
import { refuseUnfitLink } from './unfit';

/**
 * Says that a person here is this subject of the configured issuer. From the next single sign-on that person's roles
 * are what the groups say. Whoever holds the subject is that person from then on, so while four eyes are on it waits.
 */
export async function linkPerson(ctx: PeopleCtx, input: LinkPerson): Promise<Given> {
  authorize(ctx.actor, 'people.write');
  const { personId, subject: called, reason } = parseInput(LinkPerson, input);
  if (ctx.sso === null) throw new AppError('conflict', 'Single sign-on is not set up here.');
  if (personId === ctx.actor.id)
    throw new AppError(
      'forbidden',
      'Nobody links their own account to single sign-on. Ask another administrator.',
    );
  const link = { issuer: ctx.sso.issuer, subject: called };
  return ctx.db.$transaction(async (tx) => {
    const acting = await lockPeople(tx, ctx, { subject: personId, permission: 'people.write' });
    const { subject } = acting;
    await refuseUnfitLink(tx, ctx, { person: subject, link });
    const waits = await mustWait(tx, acting);
    if (waits)
      await propose(tx, ctx, {
        kind: 'sso_link',
        subject: personId,
        before: subject.rights,
        change: link,
        reason,
      });
    else await applyLink(tx, ctx, { subject, link, told: { reason } });
    return { waits };
  });
}

/** Every sign-in of that person ends with it: one that was somebody else's does not stay. */
export async function applyLink(
  tx: Transaction,
  ctx: PeopleCtx,
  {
    subject: { id },
    link,
    told,
  }: { subject: Subject; link: SsoSubject; told: { reason: string; proposal?: string } },
): Promise<void> {
  await tx.person.update({ where: { id }, data: link, select: { id: true } });
  const ended = await endAll(tx, ctx, id, 'sso_linked');
  await notify(tx, {
    kind: 'factor_changed',
    to: { person: id },
    subject: 'Single sign-on was linked to your account',
    at: ctx.now,
  });
  await recordControl(tx, 'sso_linked', {
    ...whoOf(ctx.actor),
    person: id,
    before: { issuer: null, subject: null },
    after: link,
    ...told,
    sign_ins_ended: ended,
  });
}
