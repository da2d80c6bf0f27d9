import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Prisma, Transaction } from '@/lib/db/prisma';
import { notify } from '@/lib/delivery/notify';
import { recordControl } from '@/lib/log/record-control';
import { nameOfActor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { endFacts } from '../posture/end-facts';
import { IdentityState } from '../schema';
import { whereSeen } from '../unfit';
import { writeVersion } from '../versions/write-version';
import { MoveIdentity } from './schema';

/**
 * Stops an active identity: its credentials stay, and nothing that they prove is taken from the next request on. What it
 * attested of others holds no more.
 * Throws `conflict` when it is not active.
 */
export async function suspendIdentity(ctx: RegistryCtx, input: MoveIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.stop');
  const { identityId, reason } = parseInput(MoveIdentity, input);
  await ctx.db.$transaction(async (tx) => {
    const states = await move(tx, ctx, identityId, {
      from: ['active'],
      to: 'suspended',
      reason,
    });
    const ended = await endFacts(tx, { attester: identityId }, ctx.now);
    await tell(tx, ctx, identityId, { state: 'suspended', reason });
    await recordControl(tx, 'identity_suspended', {
      ...whoOf(ctx.actor),
      identity: identityId,
      ...states,
      ...(ended === 0 ? {} : { facts_ended: ended }),
      reason,
    });
  });
}

/**
 * Lets a suspended identity act again, with the credentials that it has. Trust is earned anew, from the lowest level.
 * Throws `conflict` when it is not suspended.
 */
export async function resumeIdentity(ctx: RegistryCtx, input: MoveIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, reason } = parseInput(MoveIdentity, input);
  await ctx.db.$transaction(async (tx) => {
    const states = await move(tx, ctx, identityId, {
      from: ['suspended'],
      to: 'active',
      reason,
      also: { trust: 'observed', trustAt: ctx.now },
    });
    await recordControl(tx, 'identity_resumed', {
      ...whoOf(ctx.actor),
      identity: identityId,
      ...states,
      reason,
    });
  });
}

/**
 * Ends an identity for good: all its credentials are revoked, its names are free for another, and it never comes back.
 * What it did stays its own. Throws `conflict` when it is neither active nor suspended.
 */
export async function decommissionIdentity(ctx: RegistryCtx, input: MoveIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, reason } = parseInput(MoveIdentity, input);
  await ctx.db.$transaction(async (tx) => {
    const states = await move(tx, ctx, identityId, {
      from: ['active', 'suspended'],
      to: 'decommissioned',
      reason,
    });
    const revoked = await tx.credential.updateManyAndReturn({
      where: { identityId, revokedAt: null },
      data: { revokedAt: ctx.now, revokedReason: reason },
      select: { id: true },
    });
    const ended = await endFacts(tx, { attester: identityId }, ctx.now);
    await tell(tx, ctx, identityId, { state: 'decommissioned', reason });
    await recordControl(tx, 'identity_decommissioned', {
      ...whoOf(ctx.actor),
      identity: identityId,
      ...states,
      ...(revoked.length === 0 ? {} : { revoked: revoked.map(({ id }) => id).sort() }),
      ...(ended === 0 ? {} : { facts_ended: ended }),
      reason,
    });
  });
}

/**
 * Whoever answers for it and whoever wants it hear of it, but for whoever did it. A gateway tells nobody: its login
 * knows no addresses, and the entry says which key it was.
 */
async function tell(
  tx: Transaction,
  { actor, now }: RegistryCtx,
  id: string,
  facts: { state: string; reason: string },
): Promise<void> {
  if (actor.kind === 'machine') return;
  const { name, ownerId, sponsorId } = await tx.identity.findUniqueOrThrow({
    where: { id },
    select: { name: true, ownerId: true, sponsorId: true },
  });
  const own = actor.kind === 'person' ? actor.id : null;
  const to = [...new Set([ownerId, sponsorId])].flatMap((person) =>
    person === null || person === own ? [] : [{ person }],
  );
  if (to.length === 0) return;
  await notify(tx, {
    kind: 'identity_stopped',
    to,
    subject: name,
    facts,
    link: `/identities/${id}`,
    at: now,
  });
}

type Move = {
  from: readonly IdentityState[];
  to: IdentityState;
  reason: string;
  also?: Prisma.IdentityUpdateManyMutationInput;
};

/** One statement asks for the state and changes it, so that of two at once one is told that it came second. */
async function move(
  tx: Transaction,
  ctx: RegistryCtx,
  id: string,
  { from, to, reason, also = {} }: Move,
): Promise<{ before: { state: string }; after: { state: string } }> {
  const seen = whereSeen(ctx);
  const found = await tx.identity.findFirst({ where: { id, ...seen }, select: { state: true } });
  if (found === null) throw new AppError('not_found', 'There is no such identity.');
  if (!from.some((state) => state === found.state))
    throw new AppError('conflict', unfitSays[IdentityState.parse(found.state)]);
  const { count } = await tx.identity.updateMany({
    where: { id, state: found.state, ...seen },
    data: {
      ...{ ...also, state: to, stateAt: ctx.now, stateReason: to === 'active' ? null : reason },
      revision: { increment: 1 },
    },
  });
  if (count === 0)
    throw new AppError('conflict', 'Somebody else changed its state just now. Look again.');
  await writeVersion(tx, { id, by: nameOfActor(ctx.actor), at: ctx.now, reason });
  return { before: { state: found.state }, after: { state: to } };
}

const unfitSays: Record<IdentityState, string> = {
  proposed: 'This identity is proposed only. Accept or refuse the proposal.',
  active: 'This identity is active already.',
  suspended: 'This identity is suspended already.',
  decommissioned: 'This identity was decommissioned, and that is for good.',
};
