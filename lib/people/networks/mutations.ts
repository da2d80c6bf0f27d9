import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import type { SettingsCtx } from '../organisation/mutations';
import { authorize } from '../permissions';
import { ChangeNetwork, NameNetwork, networksMax, RemoveNetwork } from './schema';

/** Names a network. Throws `conflict` where the name is taken or there are as many as there may be. */
export async function nameNetwork(ctx: SettingsCtx, input: NameNetwork): Promise<string> {
  authorize(ctx.actor, 'settings.write');
  const { name, cidrs, reason } = parseInput(NameNetwork, input);
  const id = newId(ctx.now.getTime());
  await ctx.db.$transaction(async (tx) => {
    await lockNetworks(tx);
    if ((await tx.network.count()) >= networksMax)
      throw new AppError(
        'conflict',
        `There are ${networksMax} networks at most. Remove one first.`,
      );
    await refuseTaken(tx, name, null);
    await tx.network.create({
      data: { id, name, cidrs, changedAt: ctx.now },
      select: { id: true },
    });
    await recordControl(tx, 'network_named', {
      ...whoOf(ctx.actor),
      network: id,
      after: { name, cidrs },
      reason,
    });
  });
  return id;
}

/**
 * Renames a network or says anew which addresses it has. What reads networks, API keys among it, goes by the new ones
 * at once. Throws `conflict` where somebody else changed it since it was looked at.
 */
export async function changeNetwork(ctx: SettingsCtx, input: ChangeNetwork): Promise<void> {
  authorize(ctx.actor, 'settings.write');
  const { id, seenAt, name, cidrs, reason } = parseInput(ChangeNetwork, input);
  await ctx.db.$transaction(async (tx) => {
    await lockNetworks(tx);
    const before = await getSeen(tx, id, seenAt);
    await refuseTaken(tx, name, id);
    const after = { name, cidrs };
    if (before.name === name && before.cidrs.join() === cidrs.join())
      throw new AppError('invalid_input', 'Nothing is different from what is set.');
    // Never the time it had, or the next who saw that version would take this one for it.
    const changedAt = new Date(Math.max(ctx.now.getTime(), Date.parse(seenAt) + 1));
    await tx.network.update({
      where: { id },
      data: { ...after, changedAt },
      select: { id: true },
    });
    await recordControl(tx, 'network_changed', {
      ...whoOf(ctx.actor),
      network: id,
      before,
      after,
      reason,
    });
  });
}

/** Takes the name away. Throws `conflict` while an API key that works may come from there only, or workloads enrol from there. */
export async function removeNetwork(ctx: SettingsCtx, input: RemoveNetwork): Promise<void> {
  authorize(ctx.actor, 'settings.write');
  const { id, seenAt, reason } = parseInput(RemoveNetwork, input);
  await ctx.db.$transaction(async (tx) => {
    await lockNetworks(tx);
    const before = await getSeen(tx, id, seenAt);
    const bound = await tx.apiKey.findFirst({
      where: {
        revokedAt: null,
        expiresAt: { gt: ctx.now },
        networks: { some: { networkId: id } },
      },
      select: { name: true },
    });
    if (bound !== null)
      throw new AppError(
        'conflict',
        `The API key ${bound.name} may be used from this network only. Revoke that key first.`,
      );
    if ((await tx.enrolmentNetwork.count({ where: { networkId: id } })) > 0)
      throw new AppError(
        'conflict',
        'Workloads of this network may ask to be registered without a code. Take it off under Settings, Enrolment first.',
      );
    await tx.apiKeyNetwork.deleteMany({ where: { networkId: id } });
    await tx.network.delete({ where: { id }, select: { id: true } });
    await recordControl(tx, 'network_removed', {
      ...whoOf(ctx.actor),
      network: id,
      before,
      reason,
    });
  });
}

/**
 * INVARIANT: whoever changes networks, or binds a key to them, holds the row of the settings until commit, so that names
 * stay apart and bounds hold for two at once.
 */
export async function lockNetworks(tx: Transaction): Promise<void> {
  await tx.setting.updateMany({ where: { id: 1 }, data: { id: 1 } });
}

async function getSeen(tx: Transaction, id: string, seenAt: string) {
  const found = await tx.network.findUnique({
    where: { id },
    select: { name: true, cidrs: true, changedAt: true },
  });
  if (found === null) throw new AppError('not_found', 'There is no such network any more.');
  if (found.changedAt.getTime() !== Date.parse(seenAt))
    throw new AppError(
      'conflict',
      'Somebody else changed this network meanwhile. Load the page again and look at theirs first.',
    );
  return { name: found.name, cidrs: found.cidrs };
}

/** Names that differ in case alone would be read as one. */
async function refuseTaken(tx: Transaction, name: string, except: string | null): Promise<void> {
  const taken = await tx.network.findFirst({
    where: {
      name: { equals: name, mode: 'insensitive' },
      ...(except === null ? {} : { id: { not: except } }),
    },
    select: { name: true },
  });
  if (taken !== null)
    throw new AppError('conflict', `There is a network called ${taken.name} already.`);
}
