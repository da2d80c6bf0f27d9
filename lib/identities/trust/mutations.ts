import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Queryable } from '@/lib/db/pool';
import type { PrismaClient } from '@/lib/db/prisma';
import { canonicalJson } from '@/lib/log/canonical';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { writeVersion } from '../versions/write-version';
import { judgeTrust } from './judge';
import { trustLackLabels } from './labels';
import { getTrustRules, type KnownTrust, listTrustFacts } from './queries';
import { SetTrustRules, type TrustLevel, TrustRules, trustLevels } from './schema';

/** Says what trust is earned by: the worker goes by it within a minute. Throws `conflict` where somebody else changed it. */
export async function setTrustRules(ctx: RegistryCtx, input: SetTrustRules): Promise<void> {
  authorize(ctx.actor, 'settings.write');
  const { before, after, reason } = parseInput(SetTrustRules, input);
  if (canonicalJson(before) === canonicalJson(after))
    throw new AppError('invalid_input', 'Nothing is different from what is set.');
  await ctx.db.$transaction(async (tx) => {
    // The row's lock first.
    const rows = await tx.setting.updateManyAndReturn({
      data: { id: 1 },
      select: { trustRules: true },
    });
    const stored = TrustRules.parse(rows[0]?.trustRules ?? {});
    if (rows.length === 0 || canonicalJson(stored) !== canonicalJson(before))
      throw new AppError(
        'conflict',
        'Somebody changed these rules since you looked at them. Look again: nothing was changed.',
      );
    await tx.setting.updateMany({ data: { trustRules: after } });
    await recordControl(tx, 'trust_rules_changed', {
      ...whoOf(ctx.actor),
      before: { ...before.probation, ...before.trusted },
      after: { ...after.probation, ...after.trusted },
      reason,
    });
  });
}

/**
 * Raises and lowers trust of every active identity as the rules say; run by the worker, who is `rule` in the log. One
 * that changed meanwhile is left for the next time. Returns how many moved.
 */
export async function applyTrustRules(
  db: PrismaClient,
  read: Queryable,
  now: Date,
  stop?: AbortSignal,
): Promise<number> {
  const rules = await getTrustRules(read);
  let moved = 0;
  for (const known of await listTrustFacts(read, now)) {
    if (stop?.aborted) break;
    const { level } = judgeTrust(known, rules, now);
    if (level !== known.level && (await moveTrust(db, known, { level, rules, now }))) moved += 1;
  }
  return moved;
}

async function moveTrust(
  db: PrismaClient,
  known: KnownTrust,
  { level, rules, now }: { level: TrustLevel; rules: TrustRules; now: Date },
): Promise<boolean> {
  const { id, revision, level: before } = known;
  return db.$transaction(async (tx) => {
    const { count } = await tx.identity.updateMany({
      where: { id, revision, state: 'active', trust: before },
      data: { trust: level, trustAt: now, revision: { increment: 1 } },
    });
    if (count === 0) return false;
    const reason = reasonOf(known, level, rules, now);
    await writeVersion(tx, { id, by: 'rule', at: now, reason });
    await recordControl(tx, 'trust_changed', {
      by: 'rule',
      identity: id,
      trust: level,
      before: { trust: before },
      after: { trust: level },
      reason,
    });
    return true;
  });
}

function reasonOf(known: KnownTrust, level: TrustLevel, rules: TrustRules, now: Date): string {
  if (trustLevels.indexOf(level) > trustLevels.indexOf(known.level))
    return `It has all that ${level} asks for.`;
  const { missing } = judgeTrust(known, rules, now);
  return `${missing.map(({ lack }) => trustLackLabels[lack].word).join('; ')}.`;
}
