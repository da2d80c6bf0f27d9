import { randomBytes } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { secretHash } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type Actor, type PersonActor, whoOf } from '../actor';
import { lockNetworks } from '../networks/mutations';
import { authorize } from '../permissions';
import { orphanedBy, readsAllTeams } from './authority';
import {
  type ApiScope,
  apiKeysMax,
  IssueApiKey,
  type IssuedApiKey,
  RevokeApiKey,
  RotateApiKey,
} from './schema';

/** Only a person makes keys: somebody has to answer for each. */
export type ApiKeyCtx = {
  readonly db: PrismaClient;
  readonly actor: PersonActor;
  readonly now: Date;
};

const dayMs = 86_400_000;
const hourMs = 3_600_000;

type NewKey = {
  name: string;
  scopes: readonly ApiScope[];
  days: number;
  networks: readonly string[];
  isNetworkBound: boolean;
  replacesId: string | null;
};

/** Makes a key for `/api/v1`. Throws `conflict` where a key that works has this name, or there are too many. */
export async function issueApiKey(ctx: ApiKeyCtx, input: IssueApiKey): Promise<IssuedApiKey> {
  authorize(ctx.actor, 'api_keys.write');
  const { name, scopes, days, networks, reason } = parseInput(IssueApiKey, input);
  return ctx.db.$transaction(async (tx) => {
    await lockNetworks(tx);
    await refuseNarrowReach(tx, ctx.actor, scopes);
    const live = { revokedAt: null, expiresAt: { gt: ctx.now } };
    if ((await tx.apiKey.count({ where: live })) >= apiKeysMax)
      throw new AppError(
        'conflict',
        `There are ${apiKeysMax} keys at most that work. Revoke one first.`,
      );
    const taken = await tx.apiKey.findFirst({
      where: { ...live, name: { equals: name, mode: 'insensitive' } },
      select: { name: true },
    });
    if (taken !== null)
      throw new AppError(
        'conflict',
        `There is a key called ${taken.name} that works. Rotate that one, or choose another name.`,
      );
    const found = await tx.network.findMany({
      where: { id: { in: networks } },
      select: { name: true },
    });
    if (found.length < networks.length)
      throw new AppError('conflict', 'One of these networks is gone. Load the page again.');
    const isNetworkBound = networks.length > 0;
    const key = { name, scopes, days, networks, isNetworkBound, replacesId: null };
    const issued = await addKey(tx, ctx, key);
    await recordControl(tx, 'api_key_issued', {
      ...whoOf(ctx.actor),
      key: issued.id,
      name,
      scopes,
      networks: isNetworkBound ? found.map((network) => network.name).sort() : 'any',
      expires_at: issued.expiresAt.toISOString(),
      reason,
    });
    return issued;
  });
}

/**
 * Makes the successor of a key, with its name, scopes and networks; the key itself lapses after the overlap, so that
 * whoever uses it changes over without a gap. Throws `conflict` where it has a successor already.
 */
export async function rotateApiKey(ctx: ApiKeyCtx, input: RotateApiKey): Promise<IssuedApiKey> {
  authorize(ctx.actor, 'api_keys.write');
  const { id, days, overlapHours, reason } = parseInput(RotateApiKey, input);
  return ctx.db.$transaction(async (tx) => {
    await lockNetworks(tx);
    const old = await tx.apiKey.findFirst({
      where: { id, revokedAt: null, expiresAt: { gt: ctx.now } },
      select: {
        maker: { select: { disabledAt: true, roles: true, reach: true } },
        name: true,
        scopes: true,
        expiresAt: true,
        isNetworkBound: true,
        networks: { select: { networkId: true } },
        successor: { select: { id: true } },
      },
    });
    // The table holds the closed list.
    const scopes = (old?.scopes ?? []) as ApiScope[];
    if (old === null || isOrphaned(old.maker, scopes))
      throw new AppError('not_found', 'There is no such key that works. Make a new one.');
    if (old.successor !== null)
      throw new AppError(
        'conflict',
        'This key was rotated already. Rotate its successor, or make a new key.',
      );
    await refuseNarrowReach(tx, ctx.actor, scopes);
    const issued = await addKey(tx, ctx, {
      name: old.name,
      scopes,
      days,
      networks: old.networks.map(({ networkId }) => networkId),
      isNetworkBound: old.isNetworkBound,
      replacesId: id,
    });
    const lapsesAt = new Date(
      Math.min(old.expiresAt.getTime(), ctx.now.getTime() + overlapHours * hourMs),
    );
    await tx.apiKey.updateMany({ where: { id }, data: { expiresAt: lapsesAt } });
    await recordControl(tx, 'api_key_rotated', {
      ...whoOf(ctx.actor),
      key: id,
      successor: issued.id,
      name: old.name,
      before: { expires_at: old.expiresAt.toISOString() },
      after: { expires_at: lapsesAt.toISOString() },
      successor_expires_at: issued.expiresAt.toISOString(),
      reason,
    });
    return issued;
  });
}

/** Ends a key for good: it is refused at its next request. Throws `not_found` when it is no more. */
export async function revokeApiKey(
  ctx: { db: PrismaClient; actor: Actor; now: Date },
  input: RevokeApiKey,
): Promise<void> {
  authorize(ctx.actor, 'api_keys.write');
  const { id, reason } = parseInput(RevokeApiKey, input);
  await ctx.db.$transaction(async (tx) => {
    const found = await tx.apiKey.findUnique({ where: { id }, select: { name: true } });
    const { count } = await tx.apiKey.updateMany({
      where: { id, revokedAt: null, expiresAt: { gt: ctx.now } },
      data: { revokedAt: ctx.now },
    });
    if (found === null || count === 0)
      throw new AppError('not_found', 'There is no such key that works: it has ended before.');
    await recordControl(tx, 'api_key_revoked', {
      ...whoOf(ctx.actor),
      key: id,
      name: found.name,
      reason,
    });
  });
}

/**
 * Ends all keys that somebody made, in the transaction that removes that person: nobody would answer for them any
 * more. One entry for each. The caller has authorized the removal. Returns how many were ended.
 */
export async function revokeKeysOf(
  tx: Transaction,
  personId: string,
  { actor, now, reason }: { actor: Actor; now: Date; reason: string },
): Promise<number> {
  const keys = await tx.apiKey.findMany({
    where: { madeBy: personId, revokedAt: null, expiresAt: { gt: now } },
    select: { id: true, name: true },
    orderBy: { id: 'asc' },
  });
  for (const { id, name } of keys) {
    await tx.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now } });
    await recordControl(tx, 'api_key_revoked', { ...whoOf(actor), key: id, name, reason });
  }
  return keys.length;
}

const isOrphaned = (
  { disabledAt, ...maker }: { disabledAt: Date | null; roles: string[]; reach: string },
  scopes: readonly ApiScope[],
): boolean => orphanedBy({ ...maker, hasLeft: disabledAt !== null }, scopes) !== null;

/** A key sees all activity, so nobody makes one who is shown their teams' alone. */
async function refuseNarrowReach(
  tx: Transaction,
  actor: PersonActor,
  scopes: readonly ApiScope[],
): Promise<void> {
  if (!readsAllTeams(scopes)) return;
  const maker = await tx.person.findUnique({ where: { id: actor.id }, select: { reach: true } });
  if (maker?.reach !== 'all')
    throw new AppError(
      'forbidden',
      'A key reads what all teams do, and you see what your teams do. Somebody who sees all has to make it.',
    );
}

async function addKey(
  tx: Transaction,
  { actor, now }: ApiKeyCtx,
  { name, scopes, days, networks, isNetworkBound, replacesId }: NewKey,
): Promise<IssuedApiKey> {
  const secret = `slp_ak_${randomBytes(32).toString('base64url')}`;
  const id = newId(now.getTime());
  const expiresAt = new Date(now.getTime() + days * dayMs);
  await tx.apiKey.create({
    data: {
      id,
      name,
      scopes: [...scopes],
      hash: new Uint8Array(secretHash(secret)),
      hint: secret.slice(-4),
      isNetworkBound,
      madeBy: actor.id,
      replacesId,
      createdAt: now,
      expiresAt,
      networks: { create: networks.map((networkId) => ({ networkId })) },
    },
    select: { id: true },
  });
  return { id, name, secret, expiresAt };
}
