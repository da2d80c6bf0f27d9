import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import type { PeopleCtx } from '../ctx';
import type { Invite } from '../invitations/schema';
import type { SsoSubject } from '../links/schema';
import { factsOf } from '../rights/compare';
import type { GivenRights } from '../rights/schema';
import { proposalLivesMs } from './schema';

/** Rights of a person as they are kept until a second person decides. */
type OfSubject = { subject: string; before: GivenRights };
export type Asked = { reason: string } & (
  | ({ kind: 'rights'; change: GivenRights } & OfSubject)
  | ({ kind: 'restore' } & OfSubject)
  | ({ kind: 'break_glass' } & OfSubject)
  | ({ kind: 'factor_reset' } & OfSubject)
  | ({ kind: 'sso_link'; change: SsoSubject } & OfSubject)
  | { kind: 'invite'; change: Invite }
  | { kind: 'four_eyes_off' }
);

/** Whether what this person gives waits for a second one. The account of the last resort does not wait. */
export async function mustWait(
  tx: Transaction,
  acting: { isBreakGlass: boolean },
): Promise<boolean> {
  return !acting.isBreakGlass && isFourEyes(tx);
}

export async function isFourEyes(tx: Pick<PrismaClient, 'setting'>): Promise<boolean> {
  const setting = await tx.setting.findUnique({ where: { id: 1 }, select: { fourEyes: true } });
  return setting?.fourEyes === true;
}

/** Writes down what somebody wants to give. Throws `conflict` while the same waits already. */
export async function propose(tx: Transaction, ctx: PeopleCtx, asked: Asked): Promise<string> {
  const { kind, reason } = asked;
  const subjectId = 'subject' in asked ? asked.subject : null;
  const waiting = await tx.proposal.findMany({
    where: { kind, subjectId, state: 'open', expiresAt: { gt: ctx.now } },
    select: { change: true },
  });
  if (waiting.some(({ change }) => kind !== 'invite' || emailOf(change) === asked.change.email))
    throw new AppError(
      'conflict',
      'The same waits for a second person already. Withdraw that one first.',
    );
  const id = newId(ctx.now.getTime());
  const expiresAt = new Date(ctx.now.getTime() + proposalLivesMs);
  const change = 'change' in asked ? asked.change : {};
  const before = 'before' in asked ? factsOf(asked.before) : {};
  await tx.proposal.create({
    data: {
      id,
      kind,
      subjectId,
      before,
      change,
      reason,
      askedById: ctx.actor.id,
      askedAt: ctx.now,
      expiresAt,
    },
    select: { id: true },
  });
  await notify(tx, {
    kind: 'rights_change_asked',
    to: [{ role: 'approver' }, { role: 'admin' }],
    subject: await aboutWhom(tx, asked),
    facts: { reason },
    link: '/people?tab=waiting',
    at: ctx.now,
  });
  await recordControl(tx, 'rights_change_asked', {
    ...whoOf(ctx.actor),
    ...proposedFacts(asked),
    proposal: id,
    reason,
    expires_at: expiresAt.toISOString(),
  });
  return id;
}

async function aboutWhom(tx: Transaction, asked: Asked): Promise<string> {
  if (asked.kind === 'invite') return asked.change.name;
  if (asked.kind === 'four_eyes_off') return 'Four eyes';
  const { name } = await tx.person.findUniqueOrThrow({
    where: { id: asked.subject },
    select: { name: true },
  });
  return name;
}

/** Of what is proposed, as every entry about it says. */
function proposedFacts(asked: Asked) {
  if (asked.kind === 'four_eyes_off') return { change: asked.kind };
  if (asked.kind === 'invite') {
    const { email, name, ...rights } = asked.change;
    return { change: asked.kind, email, name, after: factsOf(rights) };
  }
  const of = { change: asked.kind, person: asked.subject, before: factsOf(asked.before) };
  if (asked.kind === 'sso_link') return { ...of, ...asked.change };
  return asked.kind === 'rights' ? { ...of, after: factsOf(asked.change) } : of;
}

const emailOf = (change: unknown): unknown =>
  typeof change === 'object' && change !== null && 'email' in change ? change.email : undefined;
