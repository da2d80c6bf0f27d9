import { AppError } from '@/lib/core/errors';
import type { Transaction } from '@/lib/db/prisma';
import { nameOfActor } from '@/lib/people/actor';
import { manyNamesHex } from '../attribute';
import type { RegistryCtx } from '../ctx';
import { whereSeen } from '../unfit';
import { writeVersion } from '../versions/write-version';

/** Notes which unregistered actor this was. What it did stays as it is: nothing is merged into an entry. */
export async function joinShadow(
  tx: Transaction,
  { now }: Pick<RegistryCtx, 'now'>,
  identityId: string,
  hex: string,
): Promise<void> {
  if (hex === manyNamesHex)
    throw new AppError(
      'invalid_input',
      'These are many actors. Register one that is listed by itself.',
    );
  const fingerprint = new Uint8Array(Buffer.from(hex, 'hex'));
  const seen = await tx.shadowActor.findFirst({
    where: { fingerprint },
    select: { fingerprint: true },
  });
  if (seen === null)
    throw new AppError('not_found', 'No unregistered actor with this fingerprint was seen.');
  const joined = await tx.identityFingerprint.findUnique({
    where: { fingerprint },
    select: { identity: { select: { name: true } } },
  });
  if (joined !== null)
    throw new AppError('conflict', `This actor is registered as ${joined.identity.name} already.`);
  await tx.identityFingerprint.create({
    data: { fingerprint, identityId, since: now },
    select: { fingerprint: true },
  });
  await tx.shadowDecision.deleteMany({ where: { fingerprint } });
}

/** Adds the identity to those that some collectors report for. Those that report for all do anyway. */
export async function letReport(
  tx: Transaction,
  ctx: Omit<RegistryCtx, 'db'>,
  identityId: string,
  asked: string[],
): Promise<string[]> {
  if (asked.length === 0) return [];
  const reporters = await tx.identity.findMany({
    where: { id: { in: asked }, kind: 'service', state: 'active', ...whereSeen(ctx) },
    select: { id: true },
  });
  if (reporters.length < asked.length)
    throw new AppError('invalid_input', 'Only an active service may report for others.');
  await tx.identityReportsFor.createMany({
    data: reporters.map(({ id }) => ({ reporterId: id, identityId })),
  });
  const ids = reporters.map(({ id }) => id).sort();
  const by = nameOfActor(ctx.actor);
  for (const id of ids) {
    const data = { revision: { increment: 1 } };
    await tx.identity.update({ where: { id }, data, select: { id: true } });
    await writeVersion(tx, { id, by, at: ctx.now, reason: null });
  }
  return ids;
}
