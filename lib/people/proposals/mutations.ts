import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import { ok, refused } from '@/lib/core/result';
import type { Transaction } from '@/lib/db/prisma';
import { type CanonicalValue, canonicalJson } from '@/lib/log/canonical';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import type { PeopleCtx } from '../ctx';
import type { MadeLink } from '../invitations/make-link';
import { applyInvite } from '../invitations/mutations';
import { refuseUnfitInvite } from '../invitations/unfit';
import { applyLink } from '../links/mutations';
import { refuseUnfitLink } from '../links/unfit';
import { hasTwoConfirmers } from '../members/lock-out';
import { isStill, lockActing, lockPeople, readSubject, type Subject } from '../members/lock-people';
import {
  applyBreakGlass,
  applyReset,
  applyRestoring,
  refuseRemoved,
  refuseUnremoved,
} from '../members/mutations';
import { refuseUnfitBreakGlass } from '../members/unfit';
import { authorize } from '../permissions';
import { factsOf } from '../rights/compare';
import { applyRights, type Given } from '../rights/mutations';
import { refuseUnfitRights } from '../rights/unfit';
import { mustWait, propose } from './propose';
import { DecideProposal, Proposed, RefuseProposal, SwitchFourEyes } from './schema';

export type Confirmed = { made: MadeLink | null; isReset: boolean };

type Waiting = {
  id: string;
  kind: string;
  subjectId: string | null;
  before: CanonicalValue;
  change: unknown;
  reason: string;
  askedById: string;
};

/**
 * Gives what somebody else asked to give. Everything is looked at anew: who asked may still ask, what was is still so,
 * and nothing forbids it by now; else the proposal is closed as outdated. Of two who decide at once, one does. Returns
 * the link that was made: of an invitation, or where `isReset`, to choose a new password.
 */
export async function confirmProposal(ctx: PeopleCtx, input: DecideProposal): Promise<Confirmed> {
  authorize(ctx.actor, 'rights.confirm');
  const { proposalId } = parseInput(DecideProposal, input);
  const outcome = await ctx.db.$transaction(async (tx) => {
    const proposal = await findOpen(tx, ctx, proposalId);
    const held = await hold(tx, ctx, proposal.subjectId);
    if (proposal.askedById === ctx.actor.id)
      throw new AppError(
        'forbidden',
        'Who asked for a change does not confirm it. Somebody else must.',
      );
    if (held?.id === ctx.actor.id)
      throw new AppError('forbidden', 'Nobody confirms what they are given themselves.');
    const outdated = await whyOutdated(tx, ctx, { proposal, held });
    if (outdated !== null) {
      await close(tx, ctx, proposalId, 'outdated');
      await recordControl(tx, 'rights_change_refused', {
        ...whoOf(ctx.actor),
        ...factsOfProposal(proposal),
        why: 'outdated',
        reason: outdated,
      });
      return refused('outdated', outdated);
    }
    await close(tx, ctx, proposalId, 'confirmed');
    const made = await apply(tx, ctx, { proposal, held });
    await recordControl(tx, 'rights_change_confirmed', {
      ...whoOf(ctx.actor),
      ...factsOfProposal(proposal),
      reason: proposal.reason,
    });
    return ok({ made, isReset: proposal.kind === 'factor_reset' });
  });
  if (!outcome.ok) throw new AppError('conflict', outcome.message);
  return outcome.value;
}

/** Says no to what somebody asked to give. */
export async function refuseProposal(ctx: PeopleCtx, input: RefuseProposal): Promise<void> {
  authorize(ctx.actor, 'rights.confirm');
  const { proposalId, reason } = parseInput(RefuseProposal, input);
  await ctx.db.$transaction(async (tx) => {
    await lockActing(tx, ctx, 'rights.confirm');
    const proposal = await findOpen(tx, ctx, proposalId);
    if (proposal.askedById === ctx.actor.id)
      throw new AppError('forbidden', 'You asked for this. Withdraw it instead.');
    await close(tx, ctx, proposalId, 'refused');
    await recordControl(tx, 'rights_change_refused', {
      ...whoOf(ctx.actor),
      ...factsOfProposal(proposal),
      why: 'refused',
      reason,
    });
  });
}

/** Takes back what one asked for. */
export async function withdrawProposal(ctx: PeopleCtx, input: DecideProposal): Promise<void> {
  authorize(ctx.actor, 'people.write');
  const { proposalId } = parseInput(DecideProposal, input);
  await ctx.db.$transaction(async (tx) => {
    const proposal = await findOpen(tx, ctx, proposalId);
    if (proposal.askedById !== ctx.actor.id)
      throw new AppError(
        'forbidden',
        'Only who asked for a change withdraws it. Refuse it instead.',
      );
    await close(tx, ctx, proposalId, 'withdrawn');
    await recordControl(tx, 'rights_change_withdrawn', {
      ...whoOf(ctx.actor),
      ...factsOfProposal(proposal),
      reason: proposal.reason,
    });
  });
}

/**
 * Asks for four eyes from now on, or stops. It needs two who may confirm, or nobody could be given anything; and
 * stopping is itself a change that a second person confirms.
 */
export async function switchFourEyes(ctx: PeopleCtx, input: SwitchFourEyes): Promise<Given> {
  authorize(ctx.actor, 'people.write');
  const { isOn, reason } = parseInput(SwitchFourEyes, input);
  return ctx.db.$transaction(async (tx) => {
    const acting = await lockActing(tx, ctx, 'people.write');
    const setting = await tx.setting.findUnique({ where: { id: 1 }, select: { fourEyes: true } });
    if (setting?.fourEyes === isOn)
      throw new AppError('conflict', `Four eyes are ${isOn ? 'on' : 'off'} already.`);
    if (isOn && !(await hasTwoConfirmers(tx, ctx.sso)))
      throw new AppError(
        'conflict',
        'Four eyes need two people who may confirm: administrators or approvers who have a second factor. Invite another first.',
      );
    const waits = !isOn && (await mustWait(tx, acting));
    if (waits) await propose(tx, ctx, { kind: 'four_eyes_off', reason });
    else await writeFourEyes(tx, ctx, { isOn, told: { reason } });
    return { waits };
  });
}

async function writeFourEyes(
  tx: Transaction,
  ctx: PeopleCtx,
  { isOn, told }: { isOn: boolean; told: { reason: string; proposal?: string } },
): Promise<void> {
  await tx.setting.update({ where: { id: 1 }, data: { fourEyes: isOn }, select: { id: true } });
  await recordControl(tx, 'four_eyes_switched', {
    ...whoOf(ctx.actor),
    before: { four_eyes: !isOn },
    after: { four_eyes: isOn },
    ...told,
  });
}

async function findOpen(tx: Transaction, { now }: PeopleCtx, id: string): Promise<Waiting> {
  const found = await tx.proposal.findFirst({
    where: { id, state: 'open', expiresAt: { gt: now } },
    select: {
      id: true,
      kind: true,
      subjectId: true,
      before: true,
      change: true,
      reason: true,
      askedById: true,
    },
  });
  if (found === null) throw decided();
  return found;
}

/** Of two who decide at once the row's lock lets one through. */
async function close(
  tx: Transaction,
  { actor, now }: PeopleCtx,
  id: string,
  state: 'confirmed' | 'refused' | 'withdrawn' | 'outdated',
): Promise<void> {
  const { count } = await tx.proposal.updateMany({
    where: { id, state: 'open', expiresAt: { gt: now } },
    data: { state, decidedById: actor.id, decidedAt: now },
  });
  if (count === 0) throw decided();
}

const decided = () =>
  new AppError(
    'conflict',
    'This does not wait any more: it was decided, withdrawn or has expired.',
  );

/** Whom it is about, and who decides: both as they are now. */
async function hold(
  tx: Transaction,
  ctx: PeopleCtx,
  subject: string | null,
): Promise<Subject | null> {
  const permission = 'rights.confirm';
  if (subject !== null) return (await lockPeople(tx, ctx, { subject, permission })).subject;
  await lockActing(tx, ctx, permission);
  return null;
}

type Held = { proposal: Waiting; held: Subject | null };

/** The sentence why a proposal cannot be confirmed any more; null when it can. */
async function whyOutdated(tx: Transaction, ctx: PeopleCtx, { proposal, held }: Held) {
  const asker = await readSubject(tx, proposal.askedById);
  if (asker === null || !isStill(asker, 'people.write'))
    return 'Who asked for this may not change rights any more.';
  if (held !== null && !isAsItWas(held, proposal.before))
    return 'The rights of this person have changed since. Ask again for what is to be given.';
  const proposed = proposedOf(proposal);
  try {
    if (proposed.kind === 'invite') await refuseUnfitInvite(tx, ctx, proposed.change);
    if (held === null) return null;
    if (proposed.kind === 'rights') await refuseUnfitRights(tx, held, proposed.change);
    if (proposed.kind === 'restore') refuseUnremoved(held);
    if (proposed.kind === 'factor_reset') refuseRemoved(held);
    if (proposed.kind === 'break_glass') await refuseUnfitBreakGlass(tx, held);
    if (proposed.kind === 'sso_link')
      await refuseUnfitLink(tx, ctx, { person: held, link: proposed.change });
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

async function apply(
  tx: Transaction,
  ctx: PeopleCtx,
  { proposal, held }: Held,
): Promise<MadeLink | null> {
  const told = { reason: proposal.reason, proposal: proposal.id };
  const by = { invitedBy: proposal.askedById, isConfirmed: true };
  const proposed = proposedOf(proposal);
  if (proposed.kind === 'invite') return applyInvite(tx, ctx, proposed.change, { ...told, ...by });
  if (proposed.kind === 'four_eyes_off') await writeFourEyes(tx, ctx, { isOn: false, told });
  if (held === null) return null;
  if (proposed.kind === 'rights')
    await applyRights(tx, ctx, { subject: held, after: proposed.change, ...told });
  if (proposed.kind === 'restore') await applyRestoring(tx, ctx, held, told);
  if (proposed.kind === 'break_glass') await applyBreakGlass(tx, ctx, held, told);
  if (proposed.kind === 'factor_reset') return applyReset(tx, ctx, held, { ...told, ...by });
  if (proposed.kind === 'sso_link')
    await applyLink(tx, ctx, { subject: held, link: proposed.change, told });
  return null;
}

const isAsItWas = ({ rights }: Subject, before: CanonicalValue): boolean =>
  canonicalJson(factsOf(rights)) === canonicalJson(before);

const proposedOf = ({ kind, change }: Waiting) => Proposed.parse({ kind, change });

const factsOfProposal = ({ id, kind, subjectId, askedById }: Waiting) => ({
  proposal: id,
  change: kind,
  asked_by: `person:${askedById}`,
  ...(subjectId === null ? {} : { person: subjectId }),
});
