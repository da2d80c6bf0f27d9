import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type PersonActor, whoOf } from '@/lib/people/actor';
import { NewPassword } from '@/lib/people/new-password';
import { hashPassword, isPassword } from '@/lib/people/password';
import { authorize } from '@/lib/people/permissions';
import { passwordMax } from '@/lib/people/schema';
import { tellOfFactor } from '../tell';
import { waitSentence } from '../throttle';
import { countTry, forgiveTry, passwordTry } from '../tries';

type AccountCtx = { readonly db: PrismaClient; readonly actor: PersonActor; readonly now: Date };

const ChangePassword = z.object({
  current: z.string().min(1, 'Enter your password of now.').max(passwordMax),
  next: NewPassword,
});

/** Changes one's own password, which ends every other sign-in. Wrong ones are counted as at the door. */
export async function changePassword(
  ctx: AccountCtx,
  input: z.input<typeof ChangePassword>,
): Promise<void> {
  const { db, actor, now } = ctx;
  authorize(actor, 'account.write');
  const { current, next } = parseInput(ChangePassword, input);
  const { email, passwordHash } = await db.person.findUniqueOrThrow({
    where: { id: actor.id },
    select: { email: true, passwordHash: true },
  });
  if (passwordHash === null)
    throw new AppError('conflict', 'You have no password here: you sign in another way.');
  const tried = passwordTry(email, actor.address, now);
  const waitMs = await countTry(db, tried);
  if (waitMs > 0) throw new AppError('rate_limited', waitSentence(Math.ceil(waitMs / 1000)));
  if (!(await isPassword(passwordHash, current))) {
    const facts = { person: actor.id, address: actor.address, why: 'password_of_now' };
    await recordControl(db, 'sign_in_refused', facts);
    throw new AppError('invalid_input', 'That is not your password of now.');
  }
  const hashed = await hashPassword(next);
  await db.$transaction(async (tx) => {
    await forgiveTry(tx, tried);
    const { count } = await tx.person.updateMany({
      where: { id: actor.id, passwordHash },
      data: { passwordHash: hashed },
    });
    if (count === 0) throw new AppError('conflict', 'Your password was changed meanwhile.');
    const ended = await endOthers(tx, ctx, 'password_changed');
    await tellOfFactor(tx, {
      person: actor.id,
      what: 'Your password was changed',
      address: actor.address,
      now,
    });
    await recordControl(tx, 'password_changed', { ...whoOf(actor), sign_ins_ended: ended });
  });
}

/** Ends one of one's own sign-ins at the next request everywhere. Throws `not_found` when it has ended. */
export async function endOwnSignIn({ db, actor, now }: AccountCtx, id: string): Promise<void> {
  authorize(actor, 'console.read');
  const isId = z.guid().safeParse(id).success;
  await db.$transaction(async (tx) => {
    const { count } = isId
      ? await tx.signIn.updateMany({
          where: { id, personId: actor.id, endedAt: null },
          data: { endedAt: now, endedWhy: 'revoked' },
        })
      : { count: 0 };
    if (count === 0) throw new AppError('not_found', 'That sign-in has ended already.');
    await recordControl(tx, 'sign_in_ended', { ...whoOf(actor), person: actor.id, ended: [id] });
  });
}

/** Ends all of one's own sign-ins but this one. Returns how many. */
export async function endOtherSignIns(ctx: AccountCtx): Promise<number> {
  authorize(ctx.actor, 'console.read');
  return ctx.db.$transaction(async (tx) => (await endOthers(tx, ctx, 'revoked')).length);
}

async function endOthers(
  tx: Transaction,
  { actor, now }: AccountCtx,
  why: string,
): Promise<string[]> {
  const others = { personId: actor.id, endedAt: null, id: { not: actor.signIn } };
  const ended = await tx.signIn.updateManyAndReturn({
    where: others,
    data: { endedAt: now, endedWhy: why },
    select: { id: true },
  });
  const ids = ended.map(({ id }) => id).sort();
  if (ids.length > 0)
    await recordControl(tx, 'sign_in_ended', { ...whoOf(actor), person: actor.id, ended: ids });
  return ids;
}
