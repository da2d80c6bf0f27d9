import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { whereSeen } from '../unfit';
import { endFacts } from './end-facts';
import {
  attestersMax,
  postureTypesMax,
  RemoveAttester,
  RemovePostureType,
  SetAttester,
  SetPostureType,
} from './schema';

/**
 * Says what can be attested, or changes what is said of it. Of which type it is stays: policies go by it. Throws
 * `conflict` where somebody else changed it since it was looked at.
 */
export async function setPostureType(ctx: RegistryCtx, input: SetPostureType): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { name, seenAt, reason, ...after } = parseInput(SetPostureType, input);
  await ctx.db.$transaction(async (tx) => {
    await lockRules(tx);
    const before = await findSeen(tx, { name, seenAt });
    if (before !== null && before.type !== after.type)
      throw new AppError(
        'invalid_input',
        'The type of a fact stays what it is. Register another fact and remove this one.',
      );
    if (before === null && (await tx.postureType.count()) >= postureTypesMax)
      throw new AppError('conflict', `There are ${postureTypesMax} facts at most. Remove one.`);
    const data = { ...after, changedAt: laterThan(seenAt, ctx.now) };
    await tx.postureType.upsert({
      where: { name },
      create: { name, ...data },
      update: data,
      select: { name: true },
    });
    await recordControl(tx, 'posture_type_set', {
      ...whoOf(ctx.actor),
      name,
      before,
      after: toldType(after),
      reason,
    });
  });
}

/** Ends what was said of it, at once. Throws `conflict` while an attester may say it. */
export async function removePostureType(ctx: RegistryCtx, input: RemovePostureType): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { name, seenAt, reason } = parseInput(RemovePostureType, input);
  await ctx.db.$transaction(async (tx) => {
    await lockRules(tx);
    const before = await findSeen(tx, { name, seenAt });
    const attester = await tx.attester.findFirst({
      where: { facts: { has: name } },
      select: { identity: { select: { name: true } } },
    });
    if (attester !== null)
      throw new AppError(
        'conflict',
        `The attester ${attester.identity.name} may say it. Take it from that one first.`,
      );
    const ended = await endFacts(tx, { name }, ctx.now);
    await tx.postureType.delete({ where: { name }, select: { name: true } });
    await recordControl(tx, 'posture_type_removed', {
      ...whoOf(ctx.actor),
      name,
      before,
      facts_ended: ended,
      reason,
    });
  });
}

/**
 * Lets an active service say some facts, of all identities, of some or of a team. What it said and may say no more
 * goes on until it lapses; what it said at all ends with `removeAttester`.
 */
export async function setAttester(ctx: RegistryCtx, input: SetAttester): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, facts, reach, identities, teamId, seenAt, reason } = parseInput(
    SetAttester,
    input,
  );
  await ctx.db.$transaction(async (tx) => {
    await lockRules(tx);
    const before = await findAttester(tx, ctx, { identityId, seenAt });
    const service = await tx.identity.findFirst({
      where: { id: identityId, kind: 'service', state: 'active', ...whereSeen(ctx) },
      select: { id: true },
    });
    if (service === null)
      throw new AppError('not_found', 'There is no active service that could attest.');
    if (before === null && (await tx.attester.count()) >= attestersMax)
      throw new AppError('conflict', `There are ${attestersMax} attesters at most. Remove one.`);
    await refuseUnknownFacts(tx, facts);
    if (teamId !== null && (await tx.team.count({ where: { id: teamId } })) === 0)
      throw new AppError('not_found', 'There is no such team any more.');
    const ids = await idsOf(tx, ctx, identities, identityId);
    const data = { facts, reach, identities: ids, teamId };
    const changedAt = laterThan(seenAt, ctx.now);
    await tx.attester.upsert({
      where: { identityId },
      create: { identityId, ...data, changedAt },
      update: { ...data, changedAt },
      select: { identityId: true },
    });
    await recordControl(tx, 'attester_set', {
      ...whoOf(ctx.actor),
      identity: identityId,
      before,
      after: { facts, reach, identities: ids, team: teamId },
      reason,
    });
  });
}

/** It attests no more, and what it said counts as absent from now on. */
export async function removeAttester(ctx: RegistryCtx, input: RemoveAttester): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, seenAt, reason } = parseInput(RemoveAttester, input);
  await ctx.db.$transaction(async (tx) => {
    await lockRules(tx);
    const before = await findAttester(tx, ctx, { identityId, seenAt });
    await tx.attester.delete({ where: { identityId }, select: { identityId: true } });
    const ended = await endFacts(tx, { attester: identityId }, ctx.now);
    await recordControl(tx, 'attester_removed', {
      ...whoOf(ctx.actor),
      identity: identityId,
      before,
      facts_ended: ended,
      reason,
    });
  });
}

/** INVARIANT: held to the end, so that bounds and names hold for two who change them at once. */
const lockRules = (tx: Transaction) => tx.setting.updateMany({ where: { id: 1 }, data: { id: 1 } });

// Never the time it had, or the next who saw that version would take this one for it.
const laterThan = (seenAt: string | null, now: Date) =>
  seenAt === null ? now : new Date(Math.max(now.getTime(), Date.parse(seenAt) + 1));

type Told = { type: string; choices: string[]; description: string; longestMinutes: number };
const toldType = ({ type, choices, description, longestMinutes }: Told) => ({
  type,
  choices,
  description,
  longest_minutes: longestMinutes,
});

async function findSeen(
  tx: Transaction,
  { name, seenAt }: { name: string; seenAt: string | null },
) {
  const found = await tx.postureType.findUnique({
    where: { name },
    select: {
      type: true,
      choices: true,
      description: true,
      longestMinutes: true,
      changedAt: true,
    },
  });
  refuseUnseen(found, seenAt, 'fact');
  return found === null ? null : toldType(found);
}

async function findAttester(
  tx: Transaction,
  ctx: RegistryCtx,
  { identityId, seenAt }: { identityId: string; seenAt: string | null },
) {
  const found = await tx.attester.findFirst({
    where: { identityId, identity: whereSeen(ctx) },
    select: { facts: true, reach: true, identities: true, teamId: true, changedAt: true },
  });
  refuseUnseen(found, seenAt, 'attester');
  if (found === null) return null;
  const { facts, reach, identities, teamId } = found;
  return { facts, reach, identities, team: teamId };
}

function refuseUnseen(
  found: { changedAt: Date } | null,
  seenAt: string | null,
  what: 'fact' | 'attester',
): void {
  if (seenAt === null && found !== null)
    throw new AppError(
      'conflict',
      `There is such ${what === 'fact' ? 'a' : 'an'} ${what} already.`,
    );
  if (seenAt === null) return;
  if (found === null) throw new AppError('not_found', `There is no such ${what} any more.`);
  if (found.changedAt.getTime() !== Date.parse(seenAt))
    throw new AppError(
      'conflict',
      `Somebody else changed this ${what} meanwhile. Load the page again and look at theirs first.`,
    );
}

async function refuseUnknownFacts(tx: Transaction, facts: string[]): Promise<void> {
  const known = await tx.postureType.findMany({
    where: { name: { in: facts } },
    select: { name: true },
  });
  const missing = facts.filter((name) => !known.some((each) => each.name === name));
  if (missing.length > 0)
    throw new AppError('not_found', `There is no fact named ${missing.join(', ')} any more.`);
}

async function idsOf(
  tx: Transaction,
  ctx: RegistryCtx,
  names: string[],
  attester: string,
): Promise<string[]> {
  const found = await tx.identity.findMany({
    where: { name: { in: names }, state: { not: 'decommissioned' }, ...whereSeen(ctx) },
    select: { id: true, name: true },
  });
  const missing = names.filter((name) => !found.some((each) => each.name === name));
  if (missing.length > 0)
    throw new AppError(
      'not_found',
      `There is no identity named ${missing.slice(0, 10).join(', ')}.`,
    );
  if (found.some(({ id }) => id === attester))
    throw new AppError('invalid_input', 'Nobody attests themselves. Leave its own name out.');
  return found.map(({ id }) => id).sort();
}
