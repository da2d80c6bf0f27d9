import { z } from 'zod';
import { AppError } from '@/lib/core/errors';
import type { PrismaClient } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type Actor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { Reason } from '@/lib/people/reason';
import { tellOfFactor } from '../tell';
import { ssoSettings } from './settings';

export const SsoLink = z.object({
  person: z.guid(),
  /** What the issuer calls that person: the `sub` that stands in the refusal on record. */
  subject: z
    .string()
    .trim()
    .min(1, 'Enter the subject.')
    .max(255, 'A subject has 255 characters at most.'),
  reason: Reason,
});
export type SsoLink = z.infer<typeof SsoLink>;

/**
 * Says that a person here is this subject of the configured issuer. From the next single sign-on that person's roles
 * are what the groups say. Who proves itself by it already, or is kept for break-glass, is not linked.
 */
export async function linkPersonToSso(
  { db, actor, now }: { db: PrismaClient; actor: Actor; now: Date },
  input: SsoLink,
  issuer: string | null = ssoSettings()?.issuer ?? null,
): Promise<void> {
  authorize(actor, 'people.write');
  const parsed = SsoLink.safeParse(input);
  if (!parsed.success)
    throw new AppError('invalid_input', parsed.error.issues[0]?.message ?? 'Enter the subject.');
  const { person, subject, reason } = parsed.data;
  if (issuer === null) throw new AppError('conflict', 'Single sign-on is not set up here.');
  await db.$transaction(async (tx) => {
    const taken = await tx.person.count({ where: { issuer, subject } });
    if (taken > 0)
      throw new AppError('conflict', 'Somebody here is linked to that subject already.');
    const { count } = await tx.person.updateMany({
      where: { id: person, issuer: null, isBreakGlass: false },
      data: { issuer, subject },
    });
    if (count === 0)
      throw new AppError(
        'conflict',
        'That person is linked already, is a break-glass account, or is not here any more.',
      );
    await tellOfFactor(tx, { person, what: 'Single sign-on was linked to your account', now });
    await recordControl(tx, 'sso_linked', {
      ...whoOf(actor),
      person,
      before: { issuer: null, subject: null },
      after: { issuer, subject },
      reason,
    });
  });
}
