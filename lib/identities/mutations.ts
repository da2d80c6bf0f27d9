import { randomBytes } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { secretHash } from '@/lib/core/secrets';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from './ctx';
import { INGEST_KEYS_MAX, IssueIngestKey, RevokeCredential } from './schema';
import { whereSeen } from './unfit';

export type { RegistryCtx } from './ctx';

/** A secret that is shown here and never again. */
export type IssuedKey = { credentialId: string; ingestKey: string; expiresAt: Date };
const dayMs = 86_400_000;

/** Issues another ingest key, so that one can be replaced without a gap. Throws `conflict` at the third. */
export async function issueIngestKey(ctx: RegistryCtx, input: IssueIngestKey): Promise<IssuedKey> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, days } = parseInput(IssueIngestKey, input);
  return ctx.db.$transaction(async (tx) => {
    // The row's lock: two that ask at once must not both see one key.
    const { count } = await tx.identity.updateMany({
      where: { id: identityId, state: 'active', kind: { not: 'external_api' }, ...whereSeen(ctx) },
      data: { state: 'active' },
    });
    if (count === 0)
      throw new AppError('not_found', 'There is no active identity that could hold such a key.');
    const active = await tx.credential.count({
      where: {
        identityId,
        kind: 'ingest_key',
        revokedAt: null,
        expiresAt: { gt: ctx.now },
      },
    });
    if (active >= INGEST_KEYS_MAX)
      throw new AppError(
        'conflict',
        `This identity has ${INGEST_KEYS_MAX} active keys already. Revoke one first.`,
      );
    const issued = await addIngestKey(tx, ctx, identityId, days);
    await recordIssued(tx, ctx, identityId, issued);
    return issued;
  });
}

/** Ends a credential for good: it is refused at the next request. Throws `not_found` when it is no more. */
export async function revokeCredential(ctx: RegistryCtx, input: RevokeCredential): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { credentialId, reason } = parseInput(RevokeCredential, input);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.credential.updateMany({
      where: { id: credentialId, revokedAt: null, identity: whereSeen(ctx) },
      data: { revokedAt: ctx.now },
    });
    if (count === 0)
      throw new AppError('not_found', 'There is no such credential, or it was revoked before.');
    const { identityId } = await tx.credential.findUniqueOrThrow({
      where: { id: credentialId },
      select: { identityId: true },
    });
    await recordControl(tx, 'credential_revoked', {
      ...whoOf(ctx.actor),
      credential: credentialId,
      identity: identityId,
      reason,
    });
  });
}

/** For whoever registers an identity: the caller authorizes before and records after. */
export async function addIngestKey(
  tx: Transaction,
  { now }: Pick<RegistryCtx, 'now'>,
  identityId: string,
  days: number,
): Promise<IssuedKey> {
  const ingestKey = `slp_ik_${randomBytes(32).toString('base64url')}`;
  const issued = {
    credentialId: newId(now.getTime()),
    ingestKey,
    expiresAt: new Date(now.getTime() + days * dayMs),
  };
  await tx.credential.create({
    data: {
      id: issued.credentialId,
      identityId,
      kind: 'ingest_key',
      hash: new Uint8Array(secretHash(ingestKey)),
      hint: ingestKey.slice(-4),
      createdAt: now,
      expiresAt: issued.expiresAt,
    },
    select: { id: true },
  });
  return issued;
}

export const recordIssued = (
  tx: Transaction,
  ctx: Pick<RegistryCtx, 'actor'>,
  identity: string,
  { credentialId, expiresAt }: IssuedKey,
) =>
  recordControl(tx, 'credential_issued', {
    ...whoOf(ctx.actor),
    credential: credentialId,
    expires_at: expiresAt.toISOString(),
    identity,
    kind: 'ingest_key',
  });
