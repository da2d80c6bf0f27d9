import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type Actor, whoOf } from '../actor';
import { authorize } from '../permissions';
import { Reason } from '../reason';
import { erasureLock, expectedForDays } from './schema';

const daysSentence = 'It is expected for 30 or 90 days, or for good.';

export const ExpectBehind = z.object({
  person: z.guid('That is nobody for whom agents act.'),
  reason: Reason,
  /** Null is for good. */
  days: z
    .number(daysSentence)
    .refine((days) => expectedForDays.some((each) => each === days), daysSentence)
    .nullable(),
});
export type ExpectBehind = z.input<typeof ExpectBehind>;

export type BehindCtx = {
  readonly db: PrismaClient;
  readonly actor: Actor;
  readonly scope: ReadScope;
  readonly now: Date;
};

const waysMax = 2_000;
/** So many agents are named in what is recorded. */
const namedMax = 100;

/**
 * Says that agents act for somebody without a second factor shown is expected, with a reason: of each agent and
 * reporter seen by now, as far as this person sees them. When another agent or reporter tells of them it is a finding
 * again.
 */
export async function expectBehind(ctx: BehindCtx, input: ExpectBehind): Promise<void> {
  authorize(ctx.actor, 'findings.decide');
  const { person, reason, days } = parseInput(ExpectBehind, input);
  const decidedById = personIdOf(ctx.actor);
  const until = days === null ? null : new Date(ctx.now.getTime() + days * 86_400_000);
  await ctx.db.$transaction(async (tx) => {
    // What is erased or first told of meanwhile is not missed.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${erasureLock}::bigint)`;
    const within = await seenIdentities(tx, ctx.scope);
    const ways = await tx.personBehind.findMany({
      where: { person, factor: null, ...within },
      distinct: ['identity', 'reporter'],
      select: { identity: true, reporter: true },
      take: waysMax + 1,
    });
    if (ways.length === 0)
      throw new AppError(
        'not_found',
        'No agent that you see acts for them without a factor shown.',
      );
    if (ways.length > waysMax)
      throw new AppError(
        'too_large',
        'Too many agents and reporters tell of this one to be decided on at once. Find out who sends it.',
      );
    const { count: before } = await tx.personBehindDecision.deleteMany({
      where: { person, ...within },
    });
    await tx.personBehindDecision.createMany({
      data: ways.map((way) => ({
        ...way,
        person,
        state: 'expected',
        reason,
        decidedById,
        decidedAt: ctx.now,
        until,
      })),
    });
    await recordControl(tx, 'person_behind_expected', {
      ...whoOf(ctx.actor),
      person,
      ...agentsOf(ways),
      before: { state: before === 0 ? 'open' : 'expected' },
      after: { state: 'expected', until: until?.toISOString() ?? null },
      reason,
    });
  });
}

/** Makes it a finding again. Throws `not_found` when it was not expected. */
export async function reopenBehind(ctx: BehindCtx, input: { person: string }): Promise<void> {
  authorize(ctx.actor, 'findings.decide');
  const { person } = parseInput(ExpectBehind.pick({ person: true }), input);
  await ctx.db.$transaction(async (tx) => {
    const where = { person, ...(await seenIdentities(tx, ctx.scope)) };
    const ways = await tx.personBehindDecision.findMany({
      where,
      select: { identity: true, reporter: true },
      take: waysMax,
    });
    const { count } = await tx.personBehindDecision.deleteMany({ where });
    if (count === 0) throw new AppError('not_found', 'It is not expected any more.');
    await recordControl(tx, 'person_behind_reopened', {
      ...whoOf(ctx.actor),
      person,
      ...agentsOf(ways),
      before: { state: 'expected' },
      after: { state: 'open' },
    });
  });
}

/** A condition that leaves what is done by agents that this person sees. */
async function seenIdentities(
  tx: Transaction,
  { sees }: ReadScope,
): Promise<{ identity?: { in: string[] } }> {
  if (sees === 'all') return {};
  const seen = await tx.identity.findMany({
    where: { teamId: { in: [...sees] } },
    select: { id: true },
  });
  return { identity: { in: seen.map(({ id }) => id) } };
}

function agentsOf(ways: readonly { identity: string }[]) {
  const agents = [...new Set(ways.map(({ identity }) => identity))].sort();
  return { agents: agents.slice(0, namedMax), agents_total: agents.length };
}

function personIdOf(actor: Actor): string {
  if (actor.kind === 'person') return actor.id;
  throw new AppError('forbidden', 'A finding is decided on by a person at the console.');
}
