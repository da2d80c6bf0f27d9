/**
 * What identities use elsewhere is known by who gave it and its fingerprint: enough to see that it is old, shared or
 * unrotated, and nothing to steal.
 */
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { whereSeen } from '../unfit';
import {
  AddForeignSecret,
  ChangeForeignSecret,
  RemoveForeignSecret,
  RotateForeignSecret,
} from './schema';

const dayMs = 86_400_000;
const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const dueIn = ({ now }: RegistryCtx, days: number) => new Date(now.getTime() + days * dayMs);

/** Notes a secret that an identity uses elsewhere. Throws `conflict` where that identity has it already. */
export async function addForeignSecret(ctx: RegistryCtx, input: AddForeignSecret): Promise<string> {
  authorize(ctx.actor, 'registry.write');
  const given = parseInput(AddForeignSecret, input);
  const { identityId, issuer, label, fingerprint, ownerId, days } = given;
  const madeAt = given.madeAt ?? ctx.now;
  if (madeAt > ctx.now) throw new AppError('invalid_input', 'It was not made in the future.');
  const id = newId(ctx.now.getTime());
  const dueAt = dueIn(ctx, days);
  await refusingKnown(() =>
    ctx.db.$transaction(async (tx) => {
      const identity = await tx.identity.findFirst({
        where: { id: identityId, state: { not: 'decommissioned' }, ...whereSeen(ctx) },
        select: { id: true },
      });
      if (identity === null) throw new AppError('not_found', 'There is no such identity in use.');
      await refuseUnfitOwner(tx, ownerId);
      await tx.foreignSecret.create({
        data: {
          id,
          identityId,
          issuer,
          label,
          fingerprint: bytesOf(fingerprint),
          ownerId,
          madeAt,
          dueAt,
          createdAt: ctx.now,
          changedAt: ctx.now,
        },
        select: { id: true },
      });
      await recordControl(tx, 'foreign_secret_added', {
        ...whoOf(ctx.actor),
        secret: id,
        identity: identityId,
        issuer,
        label,
        fingerprint,
        due_at: dueAt.toISOString(),
        ...(ownerId === null ? {} : { owner: ownerId }),
      });
    }),
  );
  return id;
}

/** Changes what people call a secret and who rotates it. */
export async function changeForeignSecret(
  ctx: RegistryCtx,
  input: ChangeForeignSecret,
): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, issuer, label, ownerId, reason } = parseInput(ChangeForeignSecret, input);
  await ctx.db.$transaction(async (tx) => {
    const before = await lock(tx, ctx, id);
    await refuseUnfitOwner(tx, ownerId);
    await tx.foreignSecret.update({
      where: { id },
      data: { issuer, label, ownerId },
      select: { id: true },
    });
    await recordControl(tx, 'foreign_secret_changed', {
      ...whoOf(ctx.actor),
      secret: id,
      identity: before.identityId,
      before: { issuer: before.issuer, label: before.label, owner: before.ownerId },
      after: { issuer, label, owner: ownerId },
      reason,
    });
  });
}

/** Notes that another secret took its place. Throws where it is the same one. */
export async function rotateForeignSecret(
  ctx: RegistryCtx,
  input: RotateForeignSecret,
): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, fingerprint, days, reason } = parseInput(RotateForeignSecret, input);
  await refusingKnown(() =>
    ctx.db.$transaction(async (tx) => {
      const before = await lock(tx, ctx, id);
      const was = Buffer.from(before.fingerprint).toString('hex');
      if (was === fingerprint)
        throw new AppError(
          'invalid_input',
          'This is the fingerprint of the secret that it has: it was not rotated.',
        );
      const dueAt = dueIn(ctx, days);
      await tx.foreignSecret.update({
        where: { id },
        data: { fingerprint: bytesOf(fingerprint), rotatedAt: ctx.now, dueAt },
        select: { id: true },
      });
      await recordControl(tx, 'foreign_secret_rotated', {
        ...whoOf(ctx.actor),
        secret: id,
        identity: before.identityId,
        before: { fingerprint: was, due_at: before.dueAt.toISOString() },
        after: { fingerprint, due_at: dueAt.toISOString() },
        reason,
      });
    }),
  );
}

/** Forgets a secret that nothing uses any more; what was known of it stays in the log. */
export async function removeForeignSecret(
  ctx: RegistryCtx,
  input: RemoveForeignSecret,
): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, reason } = parseInput(RemoveForeignSecret, input);
  await ctx.db.$transaction(async (tx) => {
    const { identityId, issuer, label, fingerprint } = await lock(tx, ctx, id);
    await tx.foreignSecret.delete({ where: { id }, select: { id: true } });
    await recordControl(tx, 'foreign_secret_removed', {
      ...whoOf(ctx.actor),
      secret: id,
      identity: identityId,
      before: { issuer, label, fingerprint: Buffer.from(fingerprint).toString('hex') },
      after: null,
      reason,
    });
  });
}

/** INVARIANT: the row's lock: what was before is what the entry says. */
async function lock(tx: Transaction, ctx: RegistryCtx, id: string) {
  const { count } = await tx.foreignSecret.updateMany({
    where: { id, identity: whereSeen(ctx) },
    data: { changedAt: ctx.now },
  });
  if (count === 0) throw new AppError('not_found', 'There is no such secret any more.');
  return tx.foreignSecret.findUniqueOrThrow({
    where: { id },
    select: {
      identityId: true,
      issuer: true,
      label: true,
      ownerId: true,
      fingerprint: true,
      dueAt: true,
    },
  });
}

async function refuseUnfitOwner(tx: Transaction, ownerId: string | null): Promise<void> {
  if (ownerId === null) return;
  const fit = await tx.person.count({
    where: { id: ownerId, disabledAt: null, roles: { isEmpty: false } },
  });
  if (fit === 0) throw new AppError('not_found', 'There is no such person any more.');
}

async function refusingKnown(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      throw new AppError('conflict', 'This identity has a secret with this fingerprint already.');
    throw error;
  }
}
