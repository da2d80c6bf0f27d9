import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { sealSecret } from '@/lib/log/record-secrets';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { whereSeen } from '../unfit';
import { pinOf, readAuthority, readVerifier } from './keys';
import { SetExternalApi } from './schema';

/** `kek`: this process's own, unless told. */
export type ExternalCtx = RegistryCtx & { readonly kek?: KeyEncryptionKey };

const askEveryMs = 60_000;

export const secretAssociated = (id: string) => `external_api/secret/${id}`;

/**
 * Says where an external API answers from, whose certificates it may show and how what it signs is verified. What
 * arrives is judged by it from five seconds later on, and its hosts are asked at once. Throws `conflict` where somebody
 * else changed it since it was looked at.
 */
export async function setExternalApi(ctx: ExternalCtx, input: SetExternalApi): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, secrets, seenAt, reason, ...given } = parseInput(SetExternalApi, input);
  const { hosts, pins, anchorId, keepsAuthority } = given;
  if ([anchorId !== null, given.authority !== null, keepsAuthority].filter(Boolean).length > 1)
    throw new AppError('invalid_input', 'Choose an authority or paste one, not both.');
  if (given.authority !== null) readAuthority(given.authority);
  const verifier = given.verifier === null ? null : readVerifier(given.verifier);
  await ctx.db.$transaction(async (tx) => {
    await lockIdentity(tx, ctx, identityId);
    const before = await findSeen(tx, identityId, seenAt);
    const authority = keepsAuthority ? (before?.authority ?? null) : given.authority;
    if (anchorId !== null) await refuseUnfitAnchor(tx, anchorId);
    const keeps = verifier?.kind === 'standard_webhooks' && secrets === null;
    const sealed = keeps ? {} : await sealSecrets(tx, ctx, { identityId, verifier, secrets });
    if (
      verifier?.kind === 'standard_webhooks' &&
      verifier.keys.length === 0 &&
      (keeps ? before?.hasSecrets !== true : (secrets ?? []).length === 0)
    )
      throw new AppError(
        'invalid_input',
        'Standard Webhooks are verified by a shared secret or a public key: give one.',
      );
    const changedAt =
      seenAt === null ? ctx.now : new Date(Math.max(ctx.now.getTime(), Date.parse(seenAt) + 1));
    const data = {
      hosts,
      pins,
      anchorId,
      authority,
      verifier: verifier ?? Prisma.DbNull,
      ...sealed,
      changedAt,
      probeDueAt: ctx.now,
    };
    await tx.externalApi.upsert({
      where: { identityId },
      create: { identityId, ...data },
      update: data,
      select: { identityId: true },
    });
    await recordControl(tx, 'external_api_set', {
      ...whoOf(ctx.actor),
      identity: identityId,
      before: before === null ? null : before.told,
      after: toldOf({ hosts, pins, anchorId, authority, verifier }),
      is_secret_new: secrets !== null && secrets.length > 0,
      reason,
    });
  });
}

/** Has its hosts asked now instead of within the hour; once a minute at most. */
export async function askProbe(ctx: RegistryCtx, identityId: string): Promise<void> {
  authorize(ctx.actor, 'registry.propose');
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.externalApi.updateMany({
      where: {
        identityId,
        identity: { state: { not: 'decommissioned' }, ...whereSeen(ctx) },
        OR: [
          { probeAskedAt: null },
          { probeAskedAt: { lte: new Date(ctx.now.getTime() - askEveryMs) } },
        ],
      },
      data: { probeAskedAt: ctx.now, probeDueAt: ctx.now },
    });
    if (count === 0)
      throw new AppError(
        'conflict',
        'Its hosts were asked within the last minute, or it is no more. Wait a moment.',
      );
    await recordControl(tx, 'external_probe_asked', { ...whoOf(ctx.actor), identity: identityId });
  });
}

async function lockIdentity(tx: Transaction, ctx: ExternalCtx, id: string): Promise<void> {
  // The settings' row, as whoever else changes rules does: the identity's would carry a new version.
  await tx.setting.updateMany({ where: { id: 1 }, data: { id: 1 } });
  const found = await tx.identity.findFirst({
    where: { id, kind: 'external_api', state: { not: 'decommissioned' }, ...whereSeen(ctx) },
    select: { id: true },
  });
  if (found === null) throw new AppError('not_found', 'There is no such external API in use.');
}

async function findSeen(tx: Transaction, identityId: string, seenAt: string | null) {
  const found = await tx.externalApi.findUnique({
    where: { identityId },
    select: {
      hosts: true,
      pins: true,
      anchorId: true,
      authority: true,
      verifier: true,
      keyId: true,
      changedAt: true,
    },
  });
  if ((found?.changedAt.getTime() ?? null) !== (seenAt === null ? null : Date.parse(seenAt)))
    throw new AppError(
      'conflict',
      'Somebody else changed this meanwhile. Load the page again and look at theirs first.',
    );
  if (found === null) return null;
  const { authority } = found;
  return { authority, hasSecrets: found.keyId !== null, told: toldOf(found) };
}

async function refuseUnfitAnchor(tx: Transaction, id: string): Promise<void> {
  const found = await tx.trustAnchor.count({ where: { id, kind: 'ca', revokedAt: null } });
  if (found === 0)
    throw new AppError('not_found', 'There is no such authority that is believed any more.');
}

async function sealSecrets(
  tx: Transaction,
  { kek, now }: ExternalCtx,
  {
    identityId,
    verifier,
    secrets,
  }: { identityId: string; verifier: SetExternalApi['verifier']; secrets: string[] | null },
) {
  if (verifier?.kind !== 'standard_webhooks' || secrets === null || secrets.length === 0)
    return { secret: null, keyId: null };
  const { sealed, keyId } = await sealSecret(tx, kek ?? keyEncryptionKey(), {
    secret: Buffer.from(JSON.stringify(secrets)),
    associated: secretAssociated(identityId),
    purpose: 'verifier',
    now,
  });
  return { secret: sealed, keyId };
}

/** What an entry says of it: keys by their ids alone. */
const toldOf = ({
  hosts,
  pins,
  anchorId,
  authority,
  verifier,
}: {
  hosts: string[];
  pins: string[];
  anchorId: string | null;
  authority: string | null;
  verifier: unknown;
}) => ({
  hosts,
  pins,
  authority: anchorId ?? (authority === null ? null : readAuthority(authority).map(pinOf)),
  verifier: kindOf(verifier),
});

const kindOf = (verifier: unknown): string | null =>
  typeof verifier === 'object' && verifier !== null && 'kind' in verifier
    ? String(verifier.kind)
    : null;
