/**
 * Whose tokens are believed. Where keys are fetched, they are fetched once before anything is kept, so that nobody
 * registers an issuer whose keys cannot be had.
 */
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { type CheckedIssuer, checkIssuer } from '../proofs/check-issuer';
import type { AskIssuer } from '../proofs/fetch-keys';
import { AddIssuer, ChangeIssuer, RevokeIssuer } from './schema';

export type IssuerCtx = RegistryCtx & { readonly asking: AskIssuer };

/** Believes an issuer. Throws `invalid_input` with what is in the way, `conflict` where it is known already. */
export async function addIssuer(ctx: IssuerCtx, input: AddIssuer): Promise<string> {
  authorize(ctx.actor, 'registry.write');
  const { name, issuer, jwksUrl, jwks, reason } = parseInput(AddIssuer, input);
  const checked = await check(ctx, { issuer, jwksUrl, jwks });
  const id = newId(ctx.now.getTime());
  try {
    await ctx.db.$transaction(async (tx) => {
      await refuseTakenName(tx, name);
      await tx.tokenIssuer.create({
        data: { id, name, issuer, ...columnsOf(checked), createdAt: ctx.now, changedAt: ctx.now },
        select: { id: true },
      });
      await recordControl(tx, 'issuer_added', {
        ...whoOf(ctx.actor),
        trusted_issuer: id,
        name,
        issuer,
        ...keysOf(checked),
        reason,
      });
    });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      throw new AppError('conflict', 'This issuer is believed already. Change that one.');
    throw error;
  }
  return id;
}

/** Takes the keys of an issuer from elsewhere, or other ones that are uploaded. */
export async function changeIssuer(ctx: IssuerCtx, input: ChangeIssuer): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { issuerId, jwksUrl, jwks, reason } = parseInput(ChangeIssuer, input);
  const known = await ctx.db.tokenIssuer.findFirst({
    where: { id: issuerId, revokedAt: null },
    select: { issuer: true },
  });
  if (known === null) throw gone();
  const checked = await check(ctx, { issuer: known.issuer, jwksUrl, jwks });
  await ctx.db.$transaction(async (tx) => {
    const before = await lockIssuer(tx, ctx, issuerId);
    await tx.tokenIssuer.update({
      where: { id: issuerId },
      data: columnsOf(checked),
      select: { id: true },
    });
    await recordControl(tx, 'issuer_changed', {
      ...whoOf(ctx.actor),
      trusted_issuer: issuerId,
      name: before.name,
      before: { keys: before.jwksUrl ?? 'uploaded' },
      after: keysOf(checked),
      reason,
    });
  });
}

/** Believes an issuer no more: all that it vouched for is refused at the next request. */
export async function revokeIssuer(ctx: RegistryCtx, input: RevokeIssuer): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { issuerId, reason } = parseInput(RevokeIssuer, input);
  await ctx.db.$transaction(async (tx) => {
    const { name } = await lockIssuer(tx, ctx, issuerId);
    await tx.tokenIssuer.update({
      where: { id: issuerId },
      data: { revokedAt: ctx.now },
      select: { id: true },
    });
    const live = { issuerId, revokedAt: null, expiresAt: { gt: ctx.now } };
    await recordControl(tx, 'issuer_revoked', {
      ...whoOf(ctx.actor),
      trusted_issuer: issuerId,
      name,
      credentials: await tx.credential.count({ where: live }),
      reason,
    });
  });
}

async function check(
  { asking }: IssuerCtx,
  { issuer, jwksUrl, jwks }: { issuer: string; jwksUrl: string | null; jwks: string | null },
): Promise<CheckedIssuer> {
  let keys: unknown = null;
  try {
    keys = jwks === null ? null : JSON.parse(jwks);
  } catch {
    throw new AppError('invalid_input', 'The keys are not JSON. Give a JWK Set: {"keys": […]}.');
  }
  const checked = await checkIssuer({ issuer, jwksUrl, jwks: keys }, asking);
  if (checked.ok) return checked.value;
  throw new AppError('invalid_input', checked.message);
}

const columnsOf = ({ jwksUrl, jwks }: CheckedIssuer) => ({
  jwksUrl,
  // Keys that Node exported, which are JSON.
  jwks: jwks === null ? Prisma.DbNull : (jwks as Prisma.InputJsonObject),
});

/** What an entry tells of its keys: where they are, or which were uploaded. */
const keysOf = ({ jwksUrl, keys }: CheckedIssuer) => ({
  keys: jwksUrl ?? 'uploaded',
  ...(jwksUrl === null ? { thumbprints: keys.map(({ thumbprint }) => thumbprint) } : {}),
});

/** INVARIANT: the row's lock: what was before is what the entry says. */
async function lockIssuer(tx: Transaction, { now }: RegistryCtx, id: string) {
  const { count } = await tx.tokenIssuer.updateMany({
    where: { id, revokedAt: null },
    data: { changedAt: now },
  });
  if (count === 0) throw gone();
  return tx.tokenIssuer.findUniqueOrThrow({
    where: { id },
    select: { name: true, jwksUrl: true },
  });
}

const gone = () => new AppError('not_found', 'This issuer is not believed any more.');

async function refuseTakenName(tx: Transaction, name: string): Promise<void> {
  const taken = await tx.tokenIssuer.findFirst({
    where: { revokedAt: null, name: { equals: name, mode: 'insensitive' } },
    select: { name: true },
  });
  if (taken !== null)
    throw new AppError('conflict', `There is an issuer called ${taken.name}. Choose another name.`);
}
