import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type PersonActor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { addCredential } from '../../credentials/mutations';
import { keyRevokedSays, wasRevoked } from '../../credentials/was-revoked';
import type { RegistryCtx } from '../../ctx';
import { refusingTaken } from '../../registration/names';
import { registerIdentity } from '../../registration/register-identity';
import { RegisterIdentity } from '../../registration/schema';
import { whereSeen } from '../../unfit';
import { AcceptEnrolment, RefuseEnrolment } from '../schema';
import { skeletonsOf } from '../skeleton';

/** Who decides about a workload that asks: always a person. */
export type DecidingCtx = RegistryCtx & { readonly actor: PersonActor };

const keyDays = 90;

/**
 * Registers a workload that asked, active, with the key that it asked with. All of it or nothing. Throws `conflict` when
 * it was decided, died, its key was revoked, or its name has become like another one meanwhile.
 */
export async function acceptEnrolment(
  ctx: DecidingCtx,
  input: AcceptEnrolment,
): Promise<{ identity: { id: string; name: string } }> {
  authorize(ctx.actor, 'registry.write');
  const { id, reason, ...places } = parseInput(AcceptEnrolment, input);
  const asked = await findOpen(ctx, id);
  return refusingTaken(asked.name, () =>
    ctx.db.$transaction(async (tx) => {
      await lockOpen(tx, ctx, id);
      const { kind, name, names, purpose, jwk, thumbprint, skeletons } = asked;
      await refuseAlike(tx, name, skeletons);
      if (await wasRevoked(tx, thumbprint)) throw new AppError('conflict', keyRevokedSays);
      const attributes = parseInput(RegisterIdentity, { kind, name, names, purpose, ...places });
      const { id: identityId, facts } = await registerIdentity(tx, ctx, attributes, {
        state: 'active',
        reason,
      });
      await tx.enrolment.update({
        where: { id },
        data: { state: 'accepted', endedAt: ctx.now, endedBy: ctx.actor.id, reason, identityId },
        select: { id: true },
      });
      await recordControl(tx, 'identity_created', { ...whoOf(ctx.actor), ...facts, enrolment: id });
      await addCredential(tx, ctx, {
        identityId,
        credential: {
          kind: 'public_key',
          key: JSON.stringify(jwk),
          days: keyDays,
          name: 'Enrolled',
        },
      });
      await recordControl(tx, 'identity_accepted', {
        ...whoOf(ctx.actor),
        identity: identityId,
        enrolment: id,
        thumbprint,
        reason,
      });
      return { identity: { id: identityId, name } };
    }),
  );
}

/** Has a workload that asked stay nobody. Throws `conflict` when it was decided or died. */
export async function refuseEnrolment(ctx: DecidingCtx, input: RefuseEnrolment): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, reason } = parseInput(RefuseEnrolment, input);
  const { name, thumbprint } = await findOpen(ctx, id);
  await ctx.db.$transaction(async (tx) => {
    await lockOpen(tx, ctx, id);
    await tx.enrolment.update({
      where: { id },
      data: { state: 'refused', endedAt: ctx.now, endedBy: ctx.actor.id, reason },
      select: { id: true },
    });
    await recordControl(tx, 'identity_refused', {
      ...whoOf(ctx.actor),
      enrolment: id,
      name,
      thumbprint,
      reason,
    });
  });
}

/** What was asked never changes, so that it may be read before the lock. */
async function findOpen(ctx: DecidingCtx, id: string) {
  const found = await ctx.db.enrolment.findFirst({
    where: { id, ...whereSeen(ctx) },
    select: {
      kind: true,
      name: true,
      names: true,
      purpose: true,
      jwk: true,
      thumbprint: true,
      skeletons: true,
    },
  });
  if (found === null) throw new AppError('not_found', 'There is no such workload that asks.');
  // As it was parsed when it asked.
  return { ...found, kind: found.kind as RegisterIdentity['kind'] };
}

/** Holds its row: of two who decide at once, one does. */
async function lockOpen(tx: Transaction, ctx: DecidingCtx, id: string): Promise<void> {
  const { count } = await tx.enrolment.updateMany({
    where: { id, state: 'open', expiresAt: { gt: ctx.now }, ...whereSeen(ctx) },
    data: { state: 'open' },
  });
  if (count === 0)
    throw new AppError(
      'conflict',
      'Somebody decided about it before, or its day is over. It has to ask again.',
    );
}

/** Somebody may have registered a name that looks like it since it asked. */
async function refuseAlike(
  tx: Transaction,
  name: string,
  skeletons: readonly string[],
): Promise<void> {
  const identities = await tx.identity.findMany({ select: { name: true, names: true } });
  for (const identity of identities)
    if (skeletonsOf([identity.name, ...identity.names]).some((each) => skeletons.includes(each)))
      throw new AppError(
        'conflict',
        `The name ${name} looks like that of ${identity.name}, which was registered meanwhile. Refuse it, and have it ask under another one.`,
      );
}
