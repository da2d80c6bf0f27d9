import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { PrismaClient } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type Actor, whoOf } from '../actor';
import { authorize } from '../permissions';
import { isZoneOfDatabase } from './queries';
import { ChangeKeeping, ChangeOrganisation, isLower, type Settings } from './schema';

export type SettingsCtx = {
  readonly db: PrismaClient;
  readonly actor: Actor;
  readonly now: Date;
};

/**
 * Renames the organisation or moves its time zone, whose days the worker then counts again. Throws `conflict` where
 * somebody else has changed them since they were looked at.
 */
export async function changeOrganisation(
  ctx: SettingsCtx,
  input: ChangeOrganisation,
): Promise<void> {
  authorize(ctx.actor, 'settings.write');
  const { before, after, reason } = parseInput(ChangeOrganisation, input);
  if (!(await isZoneOfDatabase(ctx.db, after.timeZone)))
    throw new AppError(
      'invalid_input',
      'The database does not know this time zone. Choose another.',
    );
  await change(ctx, before, after, reason);
}

/**
 * Says what is kept of content and for how long. It governs every gateway within a second or two, and what is older
 * than is kept goes with the worker's next run.
 */
export async function changeKeeping(ctx: SettingsCtx, input: ChangeKeeping): Promise<void> {
  authorize(ctx.actor, 'settings.write');
  const { before, after, reason, isRemovalConfirmed } = parseInput(ChangeKeeping, input);
  if (isLower(before, after) && !isRemovalConfirmed)
    throw new AppError('invalid_input', 'Fewer days remove what is kept now. Confirm that first.');
  await change(ctx, before, after, reason);
}

const names = {
  organisation: 'organisation',
  timeZone: 'time_zone',
  content: 'content',
  retentionBodyDays: 'retention_body_days',
  retentionFactsDays: 'retention_facts_days',
} as const satisfies Record<keyof Settings, string>;

// INVARIANT: what was looked at is a condition of the change, so of two at once the second finds it gone.
async function change<Part extends Partial<Settings>>(
  ctx: SettingsCtx,
  before: Part,
  after: Part,
  reason: string,
): Promise<void> {
  // Both were parsed by the same strict schema, whose fields these are.
  const changed = (Object.keys(after) as (keyof Settings)[]).filter(
    (field) => before[field] !== after[field],
  );
  if (changed.length === 0)
    throw new AppError('invalid_input', 'Nothing is different from what is set.');
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.setting.updateMany({ where: { id: 1, ...before }, data: after });
    if (count === 0)
      throw new AppError(
        'conflict',
        'Somebody else changed these settings meanwhile. Load the page again and look at theirs first.',
      );
    const told = (side: Part) =>
      Object.fromEntries(changed.map((field) => [names[field], side[field] ?? null]));
    await recordControl(tx, 'setting_changed', {
      ...whoOf(ctx.actor),
      before: told(before),
      after: told(after),
      reason,
    });
  });
}
