import { newId } from '@/lib/core/ids';
import { sourceOf } from '@/lib/core/network';
import { ok, type Result, refused } from '@/lib/core/result';
import { secretHash } from '@/lib/core/secrets';
import { Prisma, type PrismaClient, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { networkOf } from '@/lib/people/networks/network-of';
import { keyRevokedSays, wasRevoked } from '../credentials/was-revoked';
import { type EnrolmentRequest, readEnrolmentRequest } from './read-request';
import { type EnrolmentRefusal, enrolmentBounds } from './schema';
import { skeletonOf, skeletonsOf } from './skeleton';

export type AskCtx = {
  readonly db: PrismaClient;
  /** Whence it came, as far as it can be believed. */
  readonly address: string;
  /** It is that of a proxy, which did not say for whom it asks: no network of workloads. */
  readonly isProxy: boolean;
  /** What this gateway is called. */
  readonly audiences: readonly string[];
  readonly now: Date;
};

export type Asked = { id: string; thumbprint: string; expiresAt: Date };
/** `retryAfterSeconds` comes with what waiting mends. */
export type AskResult = Result<Asked, EnrolmentRefusal> & { readonly retryAfterSeconds?: number };

const lock = 7_305_020;
const hourMs = 3_600_000;
/** Those that come at once are taken one after the other. */
const waitMs = 10_000;

/**
 * Notes that a workload asks to be registered with its key. It is nobody by that: a person accepts it, or it dies after a
 * day. Nobody vouches for whoever asks, so each bound is looked at under one lock, which all gateways share; and what is
 * told of names is told to those alone who have a code or come from a listed network.
 */
export async function askEnrolment(ctx: AskCtx, jws: unknown): Promise<AskResult> {
  const setting = await ctx.db.setting.findFirst({ select: { enrolment: true } });
  if (setting?.enrolment !== true)
    return refused(
      'off',
      'Workloads do not register themselves here. Ask an administrator to register this one, or to switch enrolment on under Settings, Enrolment.',
    );
  const read = await readEnrolmentRequest(jws, ctx);
  if (!read.ok) return read;
  try {
    return await ctx.db.$transaction((tx) => ask(tx, ctx, read.value), {
      maxWait: waitMs,
      timeout: waitMs,
    });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      return refused('replayed', replayedSays);
    throw error;
  }
}

const replayedSays = 'This proof was used before: sign another one, with a jti of its own.';

async function ask(tx: Transaction, ctx: AskCtx, request: EnrolmentRequest): Promise<AskResult> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lock}::bigint)`;
  const { now, address } = ctx;
  const invited = await findInvitation(tx, ctx, request.code);
  if (!invited.ok) return invited;
  const { name, names, kind, purpose, jwk, thumbprint, jti } = request;
  if ((await tx.enrolment.count({ where: { thumbprint, jti } })) > 0)
    return refused('replayed', replayedSays);
  const refusal =
    (await refuseKnownKey(tx, ctx, thumbprint)) ??
    (await refuseMany(tx, ctx)) ??
    (await refuseAlike(tx, ctx, [name, ...names]));
  if (refusal !== null) return refusal;
  const { code, network, teamId, zoneId } = invited.value;
  if (code !== null)
    await tx.enrolmentCode.updateMany({ where: { id: code }, data: { uses: { increment: 1 } } });
  const id = newId(now.getTime());
  const expiresAt = new Date(now.getTime() + enrolmentBounds.livesMs);
  await tx.enrolment.createMany({
    data: [
      {
        id,
        kind,
        name,
        names,
        skeletons: skeletonsOf([name, ...names]),
        purpose,
        jwk,
        thumbprint,
        jti,
        address,
        source: sourceOf(address),
        network,
        codeId: code,
        teamId,
        zoneId,
        askedAt: now,
        expiresAt,
      },
    ],
  });
  await recordControl(tx, 'enrolment_asked', {
    address,
    enrolment: id,
    kind,
    name,
    names,
    thumbprint,
    expires_at: expiresAt.toISOString(),
    ...(code === null ? {} : { code }),
    ...(network === null ? {} : { network }),
  });
  return ok({ id, thumbprint, expiresAt });
}

type Invitation = {
  code: string | null;
  network: string | null;
  teamId: string | null;
  zoneId: string | null;
};

/** By which code, or from which listed network: one that gives a code is judged by that alone. */
async function findInvitation(
  tx: Transaction,
  { address, isProxy, now }: AskCtx,
  code: string | undefined,
): Promise<Result<Invitation, EnrolmentRefusal>> {
  const networks = await tx.network.findMany({
    select: {
      id: true,
      name: true,
      cidrs: true,
      enrolment: { select: { teamId: true, zoneId: true } },
    },
  });
  const named = networkOf(address, networks)?.name ?? null;
  if (code === undefined) {
    const listed = networkOf(
      address,
      networks.filter(({ enrolment }) => enrolment !== null && !isProxy),
    );
    if (listed?.enrolment == null)
      return refused(
        'not_invited',
        'This needs an enrolment code, as the claim "code": this address is in no network that may ask without one. An administrator makes codes under Settings, Enrolment.',
      );
    return ok({ code: null, network: listed.name, ...listed.enrolment });
  }
  const found = await tx.enrolmentCode.findUnique({
    where: { hash: new Uint8Array(secretHash(code)) },
    select: {
      id: true,
      teamId: true,
      zoneId: true,
      uses: true,
      usesMax: true,
      expiresAt: true,
      revokedAt: true,
    },
  });
  const another = 'Ask an administrator for another one.';
  if (found === null)
    return refused(
      'code_unknown',
      `This enrolment code is unknown. Check it, or ${lower(another)}`,
    );
  if (found.revokedAt !== null || found.expiresAt <= now)
    return refused('code_ended', `This enrolment code has ended. ${another}`);
  if (found.uses >= found.usesMax)
    return refused('code_used_up', `This enrolment code is used up. ${another}`);
  const { id, teamId, zoneId } = found;
  return ok({ code: id, network: named, teamId, zoneId });
}

const lower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);

async function refuseKnownKey(
  tx: Transaction,
  { now }: AskCtx,
  thumbprint: string,
): Promise<AskResult | null> {
  const open = await tx.enrolment.findFirst({
    where: { thumbprint, state: 'open', expiresAt: { gt: now } },
    select: { id: true },
  });
  if (open !== null)
    return refused(
      'key_asks_already',
      `This key asks already and waits for a person: look at GET /v1/enrolments/${open.id}.`,
    );
  const registered = await tx.credential.count({
    where: { kind: 'public_key', subject: thumbprint, revokedAt: null, expiresAt: { gt: now } },
  });
  if (registered > 0)
    return refused(
      'key_registered',
      'This key is registered already: use it, or make another pair.',
    );
  return (await wasRevoked(tx, thumbprint)) ? refused('key_revoked', keyRevokedSays) : null;
}

async function refuseMany(tx: Transaction, { address, now }: AskCtx): Promise<AskResult | null> {
  const { openMax, perAddressMax } = enrolmentBounds;
  const recent = await tx.enrolment.findMany({
    where: { source: sourceOf(address), askedAt: { gt: new Date(now.getTime() - hourMs) } },
    select: { askedAt: true },
    orderBy: { askedAt: 'asc' },
  });
  const [first] = recent;
  if (recent.length >= perAddressMax && first !== undefined)
    return {
      ...refused(
        'too_many_from_address',
        `From one address ${perAddressMax} may ask within an hour. Send this again after the time in Retry-After.`,
      ),
      retryAfterSeconds: Math.ceil((first.askedAt.getTime() + hourMs - now.getTime()) / 1000),
    };
  const open = await tx.enrolment.count({ where: { state: 'open', expiresAt: { gt: now } } });
  if (open < openMax) return null;
  return {
    ...refused(
      'too_many_open',
      `${openMax} workloads wait to be accepted already. An administrator has to decide about them first.`,
    ),
    retryAfterSeconds: 600,
  };
}

/** Names of the decommissioned count too: what they did is still read. */
async function refuseAlike(
  tx: Transaction,
  { now }: AskCtx,
  names: readonly string[],
): Promise<AskResult | null> {
  const skeletons = new Map(names.map((name) => [skeletonOf(name), name]));
  const taken = (name: string) =>
    refused(
      'name_taken',
      `The name ${name} is taken, or looks like one that is. Choose another one.`,
    );
  const open = await tx.enrolment.findFirst({
    where: {
      state: 'open',
      expiresAt: { gt: now },
      skeletons: { hasSome: [...skeletons.keys()] },
    },
    select: { skeletons: true },
  });
  const shared = open?.skeletons.map((each) => skeletons.get(each)).find(Boolean);
  if (shared !== undefined) return taken(shared);
  const identities = await tx.identity.findMany({ select: { name: true, names: true } });
  for (const identity of identities)
    for (const name of [identity.name, ...identity.names]) {
      const mine = skeletons.get(skeletonOf(name));
      if (mine !== undefined) return taken(mine);
    }
  return null;
}
