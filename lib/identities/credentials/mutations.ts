/**
 * What identities prove themselves with is registered, rotated and revoked here and nowhere else. Secrets are shown once
 * and kept as a hash; of keys only what is public is taken. What a proof shows means one identity. Each act is an entry.
 */
import { randomBytes } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { secretHash } from '@/lib/core/secrets';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { IssueIngestKey, RevokeCredential } from '../schema';
import { whereSeen } from '../unfit';
import { type Proof, proofOf, refuseTaken, rotatable, successorOf } from './proof';
import {
  CREDENTIALS_MAX,
  type CredentialKind,
  classOf,
  daysMaxOf,
  IssueClientSecret,
  type IssuedKey,
  isCounted,
  LIVE_MAX,
  NewCredential,
  type ParsedCredential,
  RegisterCredential,
  type RegisteredCredential,
  RotateCredential,
} from './schema';

type Ctx = Pick<RegistryCtx, 'actor' | 'scope' | 'now'>;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * Registers what an identity proves itself with. Throws `conflict` where another shows the same, or there are too many;
 * `invalid_input` with what of it is unfit: a private key, the wrong trust domain, a rule that binds no subject.
 */
export async function registerCredential(
  ctx: RegistryCtx,
  input: RegisterCredential,
): Promise<RegisteredCredential> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, credential } = parseInput(RegisterCredential, input);
  return refusingTaken(() =>
    ctx.db.$transaction(async (tx) => {
      await lockActive(tx, ctx, identityId);
      return add(tx, ctx, identityId, credential);
    }),
  );
}

/** The same in the transaction of whoever has authorized it, and has made the identity active or sees that it is. */
export async function addCredential(
  tx: Transaction,
  ctx: Ctx,
  { identityId, credential }: { identityId: string; credential: NewCredential },
): Promise<RegisteredCredential> {
  return add(tx, ctx, identityId, parseInput(NewCredential, credential));
}

/** Issues a client secret: the last resort, which needs a reason why nothing better will do. */
export async function issueClientSecret(
  ctx: RegistryCtx,
  input: IssueClientSecret,
): Promise<RegisteredCredential> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, ...rest } = parseInput(IssueClientSecret, input);
  return ctx.db.$transaction(async (tx) => {
    await lockActive(tx, ctx, identityId);
    return add(tx, ctx, identityId, { kind: 'client_secret', ...rest });
  });
}

/** Issues another ingest key, so that one can be replaced without a gap. Throws `conflict` at the third. */
export async function issueIngestKey(ctx: RegistryCtx, input: IssueIngestKey): Promise<IssuedKey> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, days } = parseInput(IssueIngestKey, input);
  return ctx.db.$transaction(async (tx) => {
    await lockActive(tx, ctx, identityId);
    return addIngestKey(tx, ctx, identityId, days);
  });
}

/** The same in the transaction of whoever has authorized it. */
export async function addIngestKey(
  tx: Transaction,
  ctx: Ctx,
  identityId: string,
  days: number,
): Promise<IssuedKey> {
  const credential = { kind: 'ingest_key', name: '', days } as const;
  const { credentialId, secret, expiresAt } = await add(tx, ctx, identityId, credential);
  return { credentialId, ingestKey: secret ?? '', expiresAt };
}

/** Ends a credential for good: it is refused at the next request. Throws `not_found` when it is no more. */
export async function revokeCredential(ctx: RegistryCtx, input: RevokeCredential): Promise<void> {
  authorize(ctx.actor, 'registry.stop');
  const { credentialId, reason } = parseInput(RevokeCredential, input);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.credential.updateMany({
      where: { id: credentialId, revokedAt: null, identity: whereSeen(ctx) },
      data: { revokedAt: ctx.now, revokedReason: reason },
    });
    if (count === 0)
      throw new AppError('not_found', 'There is no such credential, or it was revoked before.');
    const { identityId, kind } = await tx.credential.findUniqueOrThrow({
      where: { id: credentialId },
      select: { identityId: true, kind: true },
    });
    await recordControl(tx, 'credential_revoked', {
      ...whoOf(ctx.actor),
      credential: credentialId,
      identity: identityId,
      kind,
      reason,
    });
  });
}

/**
 * Makes the successor of a credential: both work until the overlap ends, and then the former does no more. Where the
 * successor shows the same, as an SVID does, it takes over at once, which leaves no gap either. Throws `conflict` where it
 * has a successor already, or two others work.
 */
export async function rotateCredential(
  ctx: RegistryCtx,
  input: RotateCredential,
): Promise<RegisteredCredential> {
  authorize(ctx.actor, 'registry.write');
  const { credentialId, days, overlapHours, key, value, reason } = parseInput(
    RotateCredential,
    input,
  );
  return refusingTaken(() =>
    ctx.db.$transaction(async (tx) => {
      const old = await getRotatable(tx, ctx, credentialId);
      const proof = await successorOf(tx, ctx, old, { key, value });
      if (days > daysMaxOf(proof.kind))
        throw new AppError(
          'invalid_input',
          `This kind of credential lives ${daysMaxOf(proof.kind)} days at most.`,
        );
      const showsSame = proof.subject !== null && proof.subject === old.subject;
      const overlapMs = showsSame ? 0 : overlapHours * hourMs;
      const endsAt = new Date(Math.min(old.expiresAt.getTime(), ctx.now.getTime() + overlapMs));
      await tx.credential.update({
        where: { id: credentialId },
        data: { expiresAt: endsAt },
        select: { id: true },
      });
      const { identityId, name } = old;
      if (!showsSame) await refuseTaken(tx, ctx, identityId, proof);
      const made = await insertCredential(tx, ctx, {
        identityId,
        name,
        days,
        proof,
        replacesId: credentialId,
      });
      await recordControl(tx, 'credential_rotated', {
        ...whoOf(ctx.actor),
        credential: credentialId,
        successor: made.credentialId,
        identity: identityId,
        kind: proof.kind,
        ...factsOf(proof),
        before: { expires_at: old.expiresAt.toISOString() },
        after: { expires_at: endsAt.toISOString() },
        successor_expires_at: made.expiresAt.toISOString(),
        reason,
      });
      return made;
    }),
  );
}

async function getRotatable(tx: Transaction, ctx: Ctx, id: string) {
  const live = { revokedAt: null, expiresAt: { gt: ctx.now } };
  const found = await tx.credential.findFirst({
    where: { id, ...live, identity: whereSeen(ctx) },
    select: { identityId: true },
  });
  if (found === null)
    throw new AppError('not_found', 'There is no such credential that works: it has ended before.');
  await lockActive(tx, ctx, found.identityId);
  // Read under the identity's lock: what was rotated or revoked meanwhile is seen.
  const old = await tx.credential.findFirst({ where: { id, ...live }, select: rotatable });
  if (old === null || (old.successor !== null && old.successor.revokedAt === null))
    throw new AppError(
      'conflict',
      'It has a successor already, or has ended. Load the page again.',
    );
  // One that was revoked took over from nothing in the end, and leaves the place to another.
  if (old.successor !== null)
    await tx.credential.update({
      where: { id: old.successor.id },
      data: { replacesId: null },
      select: { id: true },
    });
  // The table holds the closed list.
  const kind = old.kind as CredentialKind;
  const { identityId } = old;
  if (
    isCounted(kind) &&
    (await tx.credential.count({ where: { identityId, kind, ...live } })) >= LIVE_MAX
  )
    throw new AppError(
      'conflict',
      `This identity has ${LIVE_MAX} of this kind that work, and a third is not made. Revoke one first.`,
    );
  return { ...old, kind };
}

/** INVARIANT: the row's lock: two that register at once must not both see one credential. */
async function lockActive(tx: Transaction, ctx: Ctx, identityId: string): Promise<void> {
  const { count } = await tx.identity.updateMany({
    where: { id: identityId, state: 'active', kind: { not: 'external_api' }, ...whereSeen(ctx) },
    data: { state: 'active' },
  });
  if (count === 0)
    throw new AppError('not_found', 'There is no active identity that could hold a credential.');
}

async function add(
  tx: Transaction,
  ctx: Ctx,
  identityId: string,
  credential: ParsedCredential,
): Promise<RegisteredCredential> {
  await refuseTooMany(tx, ctx, identityId, credential.kind);
  const proof = await proofOf(tx, ctx, identityId, credential);
  await refuseTaken(tx, ctx, identityId, proof);
  const { name, days } = credential;
  const made = await insertCredential(tx, ctx, { identityId, name, days, proof, replacesId: null });
  const isBearer = classOf[proof.kind] === 'bearer';
  await recordControl(tx, isBearer ? 'credential_issued' : 'credential_registered', {
    ...whoOf(ctx.actor),
    credential: made.credentialId,
    expires_at: made.expiresAt.toISOString(),
    identity: identityId,
    kind: proof.kind,
    ...factsOf(proof),
    ...(name === '' ? {} : { name }),
    ...('reason' in credential ? { reason: credential.reason } : {}),
  });
  return made;
}

/** What an entry tells of what a proof shows; of a secret nothing. */
const factsOf = ({ subject, anchorId, issuerId, networkId }: Proof) => ({
  ...(subject === null ? {} : { subject }),
  ...(anchorId === null ? {} : { anchor: anchorId }),
  ...(issuerId === null ? {} : { issuer: issuerId }),
  ...(networkId === null ? {} : { network: networkId }),
});

async function refuseTooMany(
  tx: Transaction,
  { now }: Ctx,
  identityId: string,
  kind: ParsedCredential['kind'],
): Promise<void> {
  const live = { identityId, revokedAt: null, expiresAt: { gt: now } };
  if (isCounted(kind) && (await tx.credential.count({ where: { ...live, kind } })) >= LIVE_MAX)
    throw new AppError(
      'conflict',
      `This identity has ${LIVE_MAX} active ${kind === 'client_secret' ? 'secrets' : 'keys'} already. Revoke one first.`,
    );
  if ((await tx.credential.count({ where: live })) >= CREDENTIALS_MAX)
    throw new AppError(
      'conflict',
      `This identity has ${CREDENTIALS_MAX} active credentials already. Revoke one first.`,
    );
}

/** Writes the row; whoever calls it has refused what is unfit, and tells of it. */
async function insertCredential(
  tx: Transaction,
  { now }: Ctx,
  {
    identityId,
    name,
    days,
    proof,
    replacesId,
  }: {
    identityId: string;
    name: string;
    days: number;
    proof: Proof;
    replacesId: string | null;
  },
): Promise<RegisteredCredential> {
  const { kind, subject, rule, anchorId, issuerId, networkId } = proof;
  const secret = secretOf(kind);
  const made = {
    credentialId: newId(now.getTime()),
    kind,
    expiresAt: new Date(now.getTime() + days * dayMs),
    secret,
  };
  await tx.credential.create({
    data: {
      id: made.credentialId,
      identityId,
      kind,
      name,
      hash: secret === null ? null : new Uint8Array(secretHash(secret)),
      hint: secret === null ? '' : secret.slice(-4),
      subject,
      ...(rule === null ? {} : { rule }),
      anchorId,
      issuerId,
      networkId,
      replacesId,
      createdAt: now,
      expiresAt: made.expiresAt,
    },
    select: { id: true },
  });
  return made;
}

const prefixes: Partial<Record<ParsedCredential['kind'], string>> = {
  client_secret: 'slp_cs_',
  ingest_key: 'slp_ik_',
};

function secretOf(kind: ParsedCredential['kind']): string | null {
  const prefix = prefixes[kind];
  return prefix === undefined ? null : `${prefix}${randomBytes(32).toString('base64url')}`;
}

/** Two at once that show the same: the database lets one of them. */
async function refusingTaken<Value>(write: () => Promise<Value>): Promise<Value> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      throw new AppError('conflict', 'Another credential shows the same. Load the page again.');
    throw error;
  }
}
