import { z } from 'zod';
import type { Ctx, ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { PrismaClient } from '@/lib/db/prisma';
import { Fingerprint } from '@/lib/identities/schema';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { Reason } from '@/lib/people/reason';
import { seesAll } from '../reach';
import { ignoredForDays } from './schema';

const daysSentence = 'It is ignored for 7, 30 or 90 days, or for good.';

export const IgnoreShadow = z.object({
  fingerprint: Fingerprint,
  /** Whose telling of it is ignored: what it declares anyone else can declare too. */
  reporter: z.guid('That is nobody who reports.'),
  reason: Reason,
  /** Null is for good. */
  days: z
    .number(daysSentence)
    .refine((days) => ignoredForDays.some((each) => each === days), daysSentence)
    .nullable(),
});
export type IgnoreShadow = z.input<typeof IgnoreShadow>;

export type ShadowCtx = {
  readonly db: PrismaClient;
  readonly actor: Ctx['actor'];
  readonly scope: ReadScope;
  readonly now: Date;
};

/**
 * Takes an unregistered actor, as one reporter tells of it, off the list of those that wait for a person, with a reason.
 * It goes on being seen, and is back when it does another kind of thing.
 */
export async function ignoreShadow(ctx: ShadowCtx, input: IgnoreShadow): Promise<void> {
  authorize(ctx.actor, 'shadow.decide');
  const { fingerprint: hex, reporter, reason, days } = parseInput(IgnoreShadow, input);
  const fingerprint = bytesOf(hex);
  const until = days === null ? null : new Date(ctx.now.getTime() + days * 86_400_000);
  await ctx.db.$transaction(async (tx) => {
    const seen = await tx.shadowActor.findMany({
      where: { fingerprint, reporter },
      distinct: ['kind'],
      select: { kind: true },
    });
    if (seen.length === 0 || !seesAll(ctx.scope))
      throw new AppError('not_found', 'No unregistered actor with this fingerprint was seen.');
    const kinds = seen.map(({ kind }) => kind).sort();
    const where = { fingerprint_reporter: { fingerprint, reporter } };
    const before = await tx.shadowDecision.findUnique({ where, select: decisionSelect });
    const decision = {
      kinds,
      state: 'ignored',
      reason,
      decidedById: ctx.actor.id,
      decidedAt: ctx.now,
      until,
    };
    await tx.shadowDecision.upsert({
      where,
      create: { fingerprint, reporter, ...decision },
      update: decision,
      select: { fingerprint: true },
    });
    await recordControl(tx, 'shadow_ignored', {
      ...whoOf(ctx.actor),
      fingerprint: hex,
      reporter,
      reason,
      before: before === null ? null : told(before),
      after: told({ kinds, until, reason }),
    });
  });
}

/** Puts an ignored actor back on the list. Throws `not_found` when it was not ignored. */
export async function unignoreShadow(
  ctx: ShadowCtx,
  input: { fingerprint: string; reporter: string },
): Promise<void> {
  authorize(ctx.actor, 'shadow.decide');
  const { fingerprint: hex, reporter } = parseInput(
    IgnoreShadow.pick({ fingerprint: true, reporter: true }),
    input,
  );
  await ctx.db.$transaction(async (tx) => {
    const of = { fingerprint: bytesOf(hex), reporter };
    const before = await tx.shadowDecision.findUnique({
      where: { fingerprint_reporter: of },
      select: decisionSelect,
    });
    // Of two that put it back at once, one finds it gone.
    const { count } = await tx.shadowDecision.deleteMany({ where: of });
    if (before === null || count === 0 || !seesAll(ctx.scope))
      throw new AppError('not_found', 'This actor is not ignored.');
    await recordControl(tx, 'shadow_unignored', {
      ...whoOf(ctx.actor),
      fingerprint: hex,
      reporter,
      before: told(before),
      after: null,
    });
  });
}

const decisionSelect = { kinds: true, until: true, reason: true } as const;

const told = ({
  kinds,
  until,
  reason,
}: {
  kinds: string[];
  until: Date | null;
  reason: string;
}) => ({
  kinds,
  until: until?.toISOString() ?? null,
  reason,
});

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
