import { AppError } from '@/lib/core/errors';
import { parseInput } from '@/lib/core/parse-input';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { nameOfActor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { addIngestKey } from '../credentials/mutations';
import type { IssuedKey } from '../credentials/schema';
import type { RegistryCtx } from '../ctx';
import {
  refuseLostPlaces,
  refuseLostPrincipals,
  refuseLostResources,
  refuseUnfitPerson,
} from '../fit';
import type { IdentityKind } from '../schema';
import { refuseUnfitMove, refuseUnlessAllSeen, whereSeen } from '../unfit';
import { changeFacts } from '../versions/changed-parts';
import { readAttributes, writeVersion } from '../versions/write-version';
import { joinShadow, letReport } from './join-shadow';
import { refusingTaken } from './names';
import { registerIdentity } from './register-identity';
import { AcceptIdentity, CreateIdentity, RefuseIdentity, RegisterIdentity } from './schema';

export type CreatedIdentity = {
  identity: { id: string; name: string; kind: IdentityKind };
  /** Null for one that proves itself in another way, as each `external_api` does. */
  key: IssuedKey | null;
};

/** Registers an identity and issues its first ingest key. Throws `conflict` when a name is taken. */
export async function createIdentity(
  ctx: RegistryCtx,
  input: CreateIdentity,
): Promise<CreatedIdentity> {
  authorize(ctx.actor, 'registry.write');
  const { days, issuesKey, fingerprint, reportedBy, ...attributes } = parseInput(
    CreateIdentity,
    input,
  );
  const { kind, name } = attributes;
  if (fingerprint !== null) refuseUnlessAllSeen(ctx);
  return refusingTaken(name, () =>
    ctx.db.$transaction(async (tx) => {
      const { id, facts } = await registerIdentity(tx, ctx, attributes, { state: 'active' });
      if (fingerprint !== null) await joinShadow(tx, ctx, id, fingerprint);
      const reporters = await letReport(tx, ctx, id, [...new Set(reportedBy)]);
      const hasKey = issuesKey && kind !== 'external_api';
      await recordControl(tx, 'identity_created', {
        ...whoOf(ctx.actor),
        ...facts,
        ...(fingerprint === null ? {} : { fingerprint }),
        ...(reporters.length === 0 ? {} : { reported_by: reporters }),
      });
      const key = hasKey ? await addIngestKey(tx, ctx, id, days) : null;
      return { identity: { id, name, kind }, key };
    }),
  );
}

/** How many proposals wait at most, so that a machine fills no one's list without end. */
export const proposalsMax = 10_000;

/**
 * Proposes an identity: nothing is issued to it and nothing it sends is taken until a person accepts it. Throws
 * `conflict` when a name is taken or too many wait.
 */
export async function proposeIdentity(
  ctx: RegistryCtx,
  input: RegisterIdentity,
): Promise<{ id: string; name: string; kind: IdentityKind }> {
  authorize(ctx.actor, 'registry.propose');
  const attributes = parseInput(RegisterIdentity, input);
  const { kind, name } = attributes;
  return refusingTaken(name, () =>
    ctx.db.$transaction(async (tx) => {
      await refuseCrowd(tx, 1);
      const { id, facts } = await registerIdentity(tx, ctx, attributes, { state: 'proposed' });
      await recordControl(tx, 'identity_proposed', { ...whoOf(ctx.actor), ...facts });
      return { id, name, kind };
    }),
  );
}

/** Held by whoever proposes, so that those who do at once are counted one after the other. */
const proposingLock = 7_305_111;

/** Throws `conflict` when more than may be would wait. */
export async function refuseCrowd(tx: Transaction, more: number): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${proposingLock}::bigint)`;
  const waiting = await tx.identity.count({ where: { state: 'proposed' } });
  if (waiting + more > proposalsMax)
    throw new AppError(
      'conflict',
      `${waiting.toLocaleString('en')} proposals wait for a person, and ${proposalsMax.toLocaleString('en')} may. Have some decided first.`,
    );
}

/**
 * Makes a proposed identity active. Somebody has to answer for it and somebody to want it; both may be named here.
 * Throws `conflict` when it was changed since it was looked at, or decided, and `not_found` when somebody whom it is to act
 * for, or something that it is expected to act on, is no more.
 */
export async function acceptIdentity(ctx: RegistryCtx, input: AcceptIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, seenRevision, reason, ...instead } = parseInput(AcceptIdentity, input);
  await ctx.db.$transaction(async (tx) => {
    // The row's lock first: what is decided on is what was looked at.
    const { count } = await tx.identity.updateMany({
      where: { id: identityId, state: 'proposed', revision: seenRevision, ...whereSeen(ctx) },
      data: { revision: { increment: 1 } },
    });
    if (count === 0) await refuseUndecidable(tx, ctx, identityId);
    const { attributes: before } = await readAttributes(tx, identityId);
    const {
      ownerId = before.owner,
      sponsorId = before.sponsor ?? ownerId,
      teamId = before.team,
      zoneId = before.zone,
    } = instead;
    if (ownerId === null || sponsorId === null)
      throw new AppError(
        'invalid_input',
        'Say who answers for it and who wants it: nothing acts that nobody answers for.',
      );
    await refuseUnfitPerson(tx, ctx.actor, ownerId);
    if (sponsorId !== ownerId) await refuseUnfitPerson(tx, ctx.actor, sponsorId);
    await refuseLostPlaces(tx, { teamId, zoneId });
    // What it asks for may be gone since it asked.
    await refuseLostPrincipals(tx, before.actsFor);
    await refuseLostResources(tx, before.expects);
    if (teamId !== null)
      await refuseUnfitMove(tx, ctx, { identity: identityId, team: teamId, reason });
    await tx.identity.update({
      where: { id: identityId },
      data: {
        ...{ ownerId, sponsorId, teamId, zoneId, state: 'active' },
        ...{ stateAt: ctx.now, stateReason: null, trustAt: ctx.now },
      },
      select: { id: true },
    });
    const by = nameOfActor(ctx.actor);
    const { attributes } = await writeVersion(tx, { id: identityId, by, at: ctx.now, reason });
    await recordControl(tx, 'identity_accepted', {
      ...whoOf(ctx.actor),
      identity: identityId,
      ...changeFacts(before, attributes),
      reason,
    });
  });
}

/** Refuses a proposed identity for good, which frees its names. Throws `conflict` when it was decided before. */
export async function refuseIdentity(ctx: RegistryCtx, input: RefuseIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, reason } = parseInput(RefuseIdentity, input);
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.identity.updateMany({
      where: { id: identityId, state: 'proposed', ...whereSeen(ctx) },
      data: {
        ...{ state: 'decommissioned', stateAt: ctx.now, stateReason: reason },
        revision: { increment: 1 },
      },
    });
    if (count === 0) await refuseUndecidable(tx, ctx, identityId);
    const by = nameOfActor(ctx.actor);
    const { attributes } = await writeVersion(tx, { id: identityId, by, at: ctx.now, reason });
    await recordControl(tx, 'identity_refused', {
      ...whoOf(ctx.actor),
      identity: identityId,
      name: attributes.name,
      reason,
    });
  });
}

async function refuseUndecidable(tx: Transaction, ctx: RegistryCtx, id: string): Promise<never> {
  const found = await tx.identity.findFirst({
    where: { id, ...whereSeen(ctx) },
    select: { state: true },
  });
  if (found === null) throw new AppError('not_found', 'There is no such proposal.');
  if (found.state !== 'proposed')
    throw new AppError('conflict', `This proposal was decided: the identity is ${found.state}.`);
  throw new AppError('conflict', 'This proposal was changed since you looked. Look at it again.');
}
