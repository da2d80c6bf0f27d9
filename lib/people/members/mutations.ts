import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import { revokeKeysOf } from '../api-keys/mutations';
import type { PeopleCtx } from '../ctx';
import type { MadeLink } from '../invitations/make-link';
import { authorize } from '../permissions';
import { mustWait, propose } from '../proposals/propose';
import { resetPassword, revokeResets } from '../resets/mutations';
import { factsOf } from '../rights/compare';
import type { Given } from '../rights/mutations';
import { refuseLockOut } from './lock-out';
import { lockPeople, type Subject } from './lock-people';
import { EndSignIns, MarkBreakGlass, OfPerson } from './schema';
import { tellUnowned } from './tell-unowned';
import { refuseUnfitBreakGlass } from './unfit';

type Told = { reason: string; proposal?: string };
/** So many of what became unowned are named in the entry; the count is of all. */
const namedMax = 500;

/**
 * Shuts a person out: every sign-in ends in the same transaction, and what the person owns has no owner from now on.
 * Never waits for a second person. Returns how many sign-ins ended and identities became unowned.
 */
export async function removePerson(
  ctx: PeopleCtx,
  input: OfPerson,
): Promise<{ signIns: number; unowned: number }> {
  authorize(ctx.actor, 'people.write');
  const { personId, reason } = parseInput(OfPerson, input);
  refuseOneself(ctx, personId, 'Nobody removes themselves. Ask another administrator.');
  return ctx.db.$transaction(async (tx) => {
    const { subject } = await lockPeople(tx, ctx, {
      subject: personId,
      permission: 'people.write',
    });
    if (subject.disabledAt !== null)
      throw new AppError('conflict', `${subject.name} was removed before.`);
    // Who comes back is an ordinary person: the mark is given again, or not.
    await tx.person.update({
      where: { id: personId },
      data: { disabledAt: ctx.now, isBreakGlass: false },
      select: { id: true },
    });
    await refuseLockOut(tx, ctx.sso, { before: subject.rights, after: null });
    await revokeResets(tx, { person: personId, now: ctx.now });
    const ended = await endAll(tx, ctx, personId, 'person_removed');
    const owned = await tellUnowned(tx, subject, ctx.now);
    await revokeKeysOf(tx, personId, { ...ctx, reason: `Whoever made it was removed: ${reason}` });
    await recordControl(tx, 'person_removed', {
      ...whoOf(ctx.actor),
      person: personId,
      before: { ...factsOf(subject.rights), ...markOf(subject) },
      ...(subject.isBreakGlass
        ? { after: { ...factsOf(subject.rights), is_break_glass: false } }
        : {}),
      reason,
      sign_ins_ended: ended,
      unowned: owned.slice(0, namedMax),
      unowned_count: owned.length,
    });
    return { signIns: ended, unowned: owned.length };
  });
}

const markOf = ({ isBreakGlass }: Subject) => (isBreakGlass ? { is_break_glass: true } : {});

/** Lets a person in again, with the rights of before. It gives rights: while four eyes are asked for it waits. */
export async function restorePerson(ctx: PeopleCtx, input: OfPerson): Promise<Given> {
  authorize(ctx.actor, 'people.write');
  const { personId, reason } = parseInput(OfPerson, input);
  return ctx.db.$transaction(async (tx) => {
    const { subject, isBreakGlass } = await lockPeople(tx, ctx, {
      subject: personId,
      permission: 'people.write',
    });
    refuseUnremoved(subject);
    const waits = await mustWait(tx, { isBreakGlass });
    if (waits)
      await propose(tx, ctx, {
        kind: 'restore',
        subject: personId,
        before: subject.rights,
        reason,
      });
    else await applyRestoring(tx, ctx, subject, { reason });
    return { waits };
  });
}

export function refuseUnremoved({ disabledAt, name }: Subject): void {
  if (disabledAt === null) throw new AppError('conflict', `${name} was not removed.`);
}

export async function applyRestoring(
  tx: Transaction,
  ctx: PeopleCtx,
  { id, rights }: Subject,
  told: Told,
): Promise<void> {
  await tx.person.update({ where: { id }, data: { disabledAt: null }, select: { id: true } });
  await recordControl(tx, 'person_restored', {
    ...whoOf(ctx.actor),
    person: id,
    after: factsOf(rights),
    ...told,
  });
}

/**
 * For lost or leaked access: takes away every second factor, the recovery codes and the password of a person and ends the
 * sign-ins. By the link that is made the person chooses a new password, and enrols anew at the next sign-in. Nobody
 * resets their own, or a stolen sign-in could. Whoever has the link is that person: while four eyes are asked for it
 * waits, and the link is made for who confirms.
 */
export async function resetFactors(
  ctx: PeopleCtx,
  input: OfPerson,
): Promise<Given & { made: MadeLink | null }> {
  authorize(ctx.actor, 'people.write');
  const { personId, reason } = parseInput(OfPerson, input);
  refuseOneself(
    ctx,
    personId,
    'Nobody resets their own access here. Change it on your account page.',
  );
  return ctx.db.$transaction(async (tx) => {
    const acting = await lockPeople(tx, ctx, { subject: personId, permission: 'people.write' });
    const { subject, isBreakGlass: isConfirmed } = acting;
    refuseRemoved(subject);
    if (await mustWait(tx, acting)) {
      const { rights: before } = subject;
      await propose(tx, ctx, { kind: 'factor_reset', subject: personId, before, reason });
      return { waits: true, made: null };
    }
    const by = { invitedBy: ctx.actor.id, isConfirmed };
    return { waits: false, made: await applyReset(tx, ctx, subject, { reason, ...by }) };
  });
}

export function refuseRemoved({ disabledAt, name }: Subject): void {
  if (disabledAt !== null)
    throw new AppError('conflict', `${name} was removed. Restore the person first.`);
}

/** Returns the link to choose a new password; null for whoever comes by single sign-on. */
export async function applyReset(
  tx: Transaction,
  ctx: PeopleCtx,
  subject: Subject,
  { invitedBy, isConfirmed, ...told }: Told & { invitedBy: string; isConfirmed: boolean },
): Promise<MadeLink | null> {
  const { id: personId } = subject;
  const where = { personId };
  const [totp, passkeys, codes] = [
    await tx.totp.deleteMany({ where }),
    await tx.passkey.deleteMany({ where }),
    await tx.recoveryCode.deleteMany({ where }),
  ];
  const by = { invitedById: invitedBy, isConfirmed };
  const { hadPassword, made } = await resetPassword(tx, ctx, subject, by);
  const ended = await endAll(tx, ctx, personId, 'factors_reset');
  await notify(tx, {
    kind: 'factor_changed',
    to: { person: personId },
    subject: 'Reset by an administrator',
    at: ctx.now,
  });
  await recordControl(tx, 'factors_reset', {
    ...whoOf(ctx.actor),
    person: personId,
    before: {
      totp: totp.count,
      passkeys: passkeys.count,
      recovery_codes: codes.count,
      has_password: hadPassword,
    },
    after: { totp: 0, passkeys: 0, recovery_codes: 0, has_password: false },
    ...told,
    sign_ins_ended: ended,
    ...(made === null ? {} : { invitation: made.id, expires_at: made.expiresAt.toISOString() }),
  });
  return made;
}

/** Ends one sign-in of a person, or all. Throws `not_found` when there is none that is open. */
export async function endSignIns(ctx: PeopleCtx, input: EndSignIns): Promise<number> {
  authorize(ctx.actor, 'people.write');
  const { personId, signInId, reason } = parseInput(EndSignIns, input);
  return ctx.db.$transaction(async (tx) => {
    await lockPeople(tx, ctx, { subject: personId, permission: 'people.write' });
    const open = await tx.signIn.findMany({
      where: {
        personId,
        endedAt: null,
        expiresAt: { gt: ctx.now },
        ...(signInId === null ? {} : { id: signInId }),
      },
      select: { id: true },
      orderBy: { id: 'asc' },
    });
    const ids = open.map(({ id }) => id);
    const { count } = await tx.signIn.updateMany({
      where: { id: { in: ids }, endedAt: null },
      data: { endedAt: ctx.now, endedWhy: 'administrator' },
    });
    if (count === 0) throw new AppError('not_found', 'No such sign-in is open any more.');
    await notify(tx, {
      kind: 'sign_in_revoked',
      to: { person: personId },
      subject: 'By an administrator',
      facts: { sign_ins: count },
      at: ctx.now,
    });
    await recordControl(tx, 'sign_in_ended', {
      ...whoOf(ctx.actor),
      person: personId,
      ended: ids.slice(0, namedMax),
      why: 'administrator',
      reason,
    });
    return count;
  });
}

/**
 * Keeps an account for the day on which nobody else is there, or ends that. It is not bound by four eyes and each use of
 * it is loud, so while four eyes are asked for, marking one waits.
 */
export async function markBreakGlass(ctx: PeopleCtx, input: MarkBreakGlass): Promise<Given> {
  authorize(ctx.actor, 'people.write');
  const { personId, reason, isBreakGlass } = parseInput(MarkBreakGlass, input);
  refuseOneself(
    ctx,
    personId,
    'Nobody marks or unmarks their own account. Ask another administrator.',
  );
  return ctx.db.$transaction(async (tx) => {
    const acting = await lockPeople(tx, ctx, { subject: personId, permission: 'people.write' });
    const { subject } = acting;
    if (!isBreakGlass) {
      if (!subject.isBreakGlass)
        throw new AppError('conflict', `${subject.name} is no break-glass account.`);
      await writeBreakGlass(tx, ctx, subject, { isBreakGlass, told: { reason } });
      return { waits: false };
    }
    await refuseUnfitBreakGlass(tx, subject);
    const waits = await mustWait(tx, acting);
    const before = subject.rights;
    if (waits) await propose(tx, ctx, { kind: 'break_glass', subject: personId, before, reason });
    else await applyBreakGlass(tx, ctx, subject, { reason });
    return { waits };
  });
}

export async function applyBreakGlass(
  tx: Transaction,
  ctx: PeopleCtx,
  subject: Subject,
  told: Told,
): Promise<void> {
  await writeBreakGlass(tx, ctx, subject, { isBreakGlass: true, told });
}

async function writeBreakGlass(
  tx: Transaction,
  ctx: PeopleCtx,
  { id, rights }: Subject,
  { isBreakGlass, told }: { isBreakGlass: boolean; told: Told },
): Promise<void> {
  await tx.person.update({ where: { id }, data: { isBreakGlass }, select: { id: true } });
  if (isBreakGlass) await refuseLockOut(tx, ctx.sso, { before: rights, after: null });
  await recordControl(tx, isBreakGlass ? 'break_glass_marked' : 'break_glass_unmarked', {
    ...whoOf(ctx.actor),
    person: id,
    before: { is_break_glass: !isBreakGlass },
    after: { is_break_glass: isBreakGlass },
    ...told,
  });
}

/** Ends every open sign-in of a person. Returns how many. */
export async function endAll(
  tx: Transaction,
  { now }: PeopleCtx,
  personId: string,
  endedWhy: string,
): Promise<number> {
  const { count } = await tx.signIn.updateMany({
    where: { personId, endedAt: null, expiresAt: { gt: now } },
    data: { endedAt: now, endedWhy },
  });
  return count;
}

function refuseOneself({ actor }: PeopleCtx, personId: string, sentence: string): void {
  if (actor.id === personId) throw new AppError('forbidden', sentence);
}
