import { randomBytes } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { secretHash } from '@/lib/core/secrets';
import type { PrismaClient, Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type PersonActor, whoOf } from '@/lib/people/actor';
import { lockNetworks } from '@/lib/people/networks/mutations';
import { authorize } from '@/lib/people/permissions';
import {
  codesMax,
  ListEnrolmentNetwork,
  type MadeEnrolmentCode,
  MakeEnrolmentCode,
  RevokeEnrolmentCode,
  SwitchEnrolment,
  UnlistEnrolmentNetwork,
} from '../schema';

/** Who says which workloads may ask: always a person. */
export type OpeningCtx = {
  readonly db: PrismaClient;
  readonly actor: PersonActor;
  readonly now: Date;
};

const hourMs = 3_600_000;

/** Lets workloads ask to be registered, or no more. What was asked before goes on waiting. */
export async function switchEnrolment(ctx: OpeningCtx, input: SwitchEnrolment): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { on, reason } = parseInput(SwitchEnrolment, input);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.setting.updateMany({
      where: { id: 1, enrolment: !on },
      data: { enrolment: on },
    });
    if (count === 0) throw new AppError('conflict', `Enrolment is ${on ? 'on' : 'off'} already.`);
    await recordControl(tx, 'enrolment_switched', {
      ...whoOf(ctx.actor),
      enrolment: on ? 'on' : 'off',
      before: { enrolment: !on },
      after: { enrolment: on },
      reason,
    });
  });
}

/** Makes a code that lets workloads ask, for a team and a zone. It is shown here and never again. */
export async function makeEnrolmentCode(
  ctx: OpeningCtx,
  input: MakeEnrolmentCode,
): Promise<MadeEnrolmentCode> {
  authorize(ctx.actor, 'registry.write');
  const { name, teamId, zoneId, uses, hours, reason } = parseInput(MakeEnrolmentCode, input);
  return ctx.db.$transaction(async (tx) => {
    // The row of the settings is held until commit, so that the bound holds for two at once.
    await lockNetworks(tx);
    const places = await readPlaces(tx, { teamId, zoneId });
    const live = { revokedAt: null, expiresAt: { gt: ctx.now } };
    if ((await tx.enrolmentCode.count({ where: live })) >= codesMax)
      throw new AppError(
        'conflict',
        `There are ${codesMax} codes at most that work. Revoke one first.`,
      );
    const code = `slp_ec_${randomBytes(24).toString('base64url')}`;
    const id = newId(ctx.now.getTime());
    const expiresAt = new Date(ctx.now.getTime() + hours * hourMs);
    await tx.enrolmentCode.create({
      data: {
        id,
        name,
        hash: new Uint8Array(secretHash(code)),
        hint: code.slice(-4),
        teamId,
        zoneId,
        usesMax: uses,
        madeBy: ctx.actor.id,
        createdAt: ctx.now,
        expiresAt,
      },
      select: { id: true },
    });
    await recordControl(tx, 'enrolment_code_made', {
      ...whoOf(ctx.actor),
      code: id,
      name,
      ...places,
      uses,
      expires_at: expiresAt.toISOString(),
      reason,
    });
    return { id, name, code, expiresAt };
  });
}

/** Nobody asks by it from now on. Throws `not_found` when nobody could anyway. */
export async function revokeEnrolmentCode(
  ctx: OpeningCtx,
  input: RevokeEnrolmentCode,
): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, reason } = parseInput(RevokeEnrolmentCode, input);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.enrolmentCode.updateMany({
      where: { id, revokedAt: null, expiresAt: { gt: ctx.now } },
      data: { revokedAt: ctx.now },
    });
    if (count === 0)
      throw new AppError('not_found', 'There is no such code that works: it has ended before.');
    const { name } = await tx.enrolmentCode.findUniqueOrThrow({
      where: { id },
      select: { name: true },
    });
    await recordControl(tx, 'enrolment_code_revoked', {
      ...whoOf(ctx.actor),
      code: id,
      name,
      reason,
    });
  });
}

/** Lets workloads of a named network ask without a code. Throws `conflict` where they may already. */
export async function listEnrolmentNetwork(
  ctx: OpeningCtx,
  input: ListEnrolmentNetwork,
): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { networkId, teamId, zoneId, reason } = parseInput(ListEnrolmentNetwork, input);
  await ctx.db.$transaction(async (tx) => {
    await lockNetworks(tx);
    const network = await tx.network.findUnique({
      where: { id: networkId },
      select: { name: true, enrolment: { select: { networkId: true } } },
    });
    if (network === null) throw new AppError('not_found', 'There is no such network any more.');
    if (network.enrolment !== null)
      throw new AppError('conflict', 'Workloads of this network may ask without a code already.');
    const places = await readPlaces(tx, { teamId, zoneId });
    await tx.enrolmentNetwork.create({
      data: { networkId, teamId, zoneId, addedBy: ctx.actor.id, createdAt: ctx.now },
      select: { networkId: true },
    });
    await recordControl(tx, 'enrolment_network_listed', {
      ...whoOf(ctx.actor),
      network: networkId,
      name: network.name,
      ...places,
      reason,
    });
  });
}

/** Workloads of that network need a code from now on. */
export async function unlistEnrolmentNetwork(
  ctx: OpeningCtx,
  input: UnlistEnrolmentNetwork,
): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { id, reason } = parseInput(UnlistEnrolmentNetwork, input);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.enrolmentNetwork.deleteMany({ where: { networkId: id } });
    if (count === 0)
      throw new AppError('not_found', 'Workloads of this network need a code already.');
    const { name } = await tx.network.findUniqueOrThrow({ where: { id }, select: { name: true } });
    await recordControl(tx, 'enrolment_network_unlisted', {
      ...whoOf(ctx.actor),
      network: id,
      name,
      reason,
    });
  });
}

async function readPlaces(
  tx: Transaction,
  { teamId, zoneId }: { teamId: string; zoneId: string },
): Promise<{ team: string; zone: string }> {
  const [teams, zones] = await Promise.all([
    tx.team.count({ where: { id: teamId } }),
    tx.zone.count({ where: { id: zoneId } }),
  ]);
  if (teams === 0) throw new AppError('not_found', 'There is no such team any more.');
  if (zones === 0) throw new AppError('not_found', 'There is no such zone any more.');
  return { team: teamId, zone: zoneId };
}
