import type { ReadScope } from '@/lib/auth/scope';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import { Prisma, type PrismaClient, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { type Actor, whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { manyNamesHex } from './attribute';
import { addIngestKey } from './credentials/mutations';
import { AssignIdentity, CreateIdentity, type IdentityKind } from './schema';
import { refuseUnfitMove, refuseUnlessAllSeen, whereSeen } from './unfit';

/** Who changes the registry: a signed-in person, or whoever runs the command line beside the database. */
export type RegistryCtx = {
  readonly db: PrismaClient;
  readonly actor: Actor;
  /** Whose identities a person reaches: without one, none. Operators reach all. */
  readonly scope?: ReadScope;
  readonly now: Date;
};

/** A secret that is shown here and never again. */
export type IssuedKey = { credentialId: string; ingestKey: string; expiresAt: Date };
export type CreatedIdentity = {
  identity: { id: string; name: string; kind: IdentityKind };
  /** Null for an `external_api`, which proves itself the other way round. */
  key: IssuedKey | null;
};

/** Registers an identity and issues its first ingest key. Throws `conflict` when a name is taken. */
export async function createIdentity(
  ctx: RegistryCtx,
  input: CreateIdentity,
): Promise<CreatedIdentity> {
  authorize(ctx.actor, 'registry.write');
  const { kind, name, names, reportsFor, days, fingerprint, reportedBy } = parseInput(
    CreateIdentity,
    input,
  );
  if (fingerprint !== null) refuseUnlessAllSeen(ctx);
  return refusingTaken(name, () =>
    ctx.db.$transaction(async (tx) => {
      const further = [...new Set(names)].filter((each) => each !== name);
      await refuseTakenNames(tx, [name, ...further]);
      const reported = reportsFor === 'all' ? [] : await findByNames(tx, [...new Set(reportsFor)]);
      const id = newId(ctx.now.getTime());
      const owner = ctx.actor.kind === 'person' ? ctx.actor.id : null;
      await tx.identity.create({
        data: {
          id,
          kind,
          name,
          names: further,
          state: 'active',
          reportsForAll: reportsFor === 'all',
          // Whoever registers it answers for it; what operators register waits for somebody who does.
          ownerId: owner,
          createdAt: ctx.now,
          reportsFor: { create: reported.map((identityId) => ({ identityId })) },
        },
        select: { id: true },
      });
      if (fingerprint !== null) await joinShadow(tx, ctx, id, fingerprint);
      const reporters = await letReport(tx, ctx, id, [...new Set(reportedBy)]);
      await recordControl(tx, 'identity_created', {
        ...whoOf(ctx.actor),
        identity: id,
        kind,
        name,
        names: further,
        reports_for: reportsFor === 'all' ? 'all' : reported,
        ...(fingerprint === null ? {} : { fingerprint }),
        ...(reporters.length === 0 ? {} : { reported_by: reporters }),
        ...(owner === null ? {} : { owner }),
      });
      const issued = kind === 'external_api' ? null : await addIngestKey(tx, ctx, id, days);
      return { identity: { id, name, kind }, key: issued };
    }),
  );
}

/**
 * Says who answers for an identity and which team it is of. Throws `not_found` when one of the three is no more, or the
 * identity is none that whoever acts is shown; nobody who was removed answers for anything.
 */
export async function assignIdentity(ctx: RegistryCtx, input: AssignIdentity): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { identityId, ownerId, teamId, reason } = parseInput(AssignIdentity, input);
  await ctx.db.$transaction(async (tx) => {
    // The row's lock: what was before is what the entry says.
    const { count } = await tx.identity.updateMany({
      where: { id: identityId, state: { not: 'decommissioned' }, ...whereSeen(ctx) },
      data: { id: identityId },
    });
    if (count === 0) throw new AppError('not_found', 'There is no such identity in use.');
    const before = await tx.identity.findUniqueOrThrow({
      where: { id: identityId },
      select: { ownerId: true, teamId: true },
    });
    await refuseUnfitOwner(tx, ownerId);
    if (teamId !== null && (await tx.team.count({ where: { id: teamId } })) === 0)
      throw new AppError('not_found', 'There is no such team any more.');
    if (teamId !== null && teamId !== before.teamId)
      await refuseUnfitMove(tx, ctx, { identity: identityId, team: teamId, reason });
    await tx.identity.update({
      where: { id: identityId },
      data: { ownerId, teamId },
      select: { id: true },
    });
    await recordControl(tx, 'identity_assigned', {
      ...whoOf(ctx.actor),
      identity: identityId,
      before: { owner: before.ownerId, team: before.teamId },
      after: { owner: ownerId, team: teamId },
      reason,
    });
  });
}

async function refuseUnfitOwner(tx: Transaction, ownerId: string | null): Promise<void> {
  if (ownerId === null) return;
  // The row's lock, so that nobody is made responsible who is being removed.
  const { count } = await tx.person.updateMany({
    where: { id: ownerId, disabledAt: null, roles: { isEmpty: false } },
    data: { id: ownerId },
  });
  if (count === 0) throw new AppError('not_found', 'There is no such person any more.');
}

/** A name that two identities had would mean neither, and what it sends would turn into shadow activity. */
async function refuseTakenNames(tx: Transaction, names: string[]): Promise<void> {
  const taken = await tx.identity.findFirst({
    where: { OR: [{ name: { in: names } }, { names: { hasSome: names } }] },
    select: { name: true },
  });
  if (taken !== null)
    throw new AppError('conflict', `The identity ${taken.name} has this name already.`);
}

async function refusingTaken<Value>(name: string, write: () => Promise<Value>): Promise<Value> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      throw new AppError('conflict', `The identity ${name} has this name already.`);
    throw error;
  }
}

async function findByNames(tx: Transaction, names: string[]): Promise<string[]> {
  const found = await tx.identity.findMany({
    where: { name: { in: names } },
    select: { id: true, name: true },
  });
  const missing = names.filter((name) => !found.some((each) => each.name === name));
  if (missing.length > 0)
    throw new AppError('not_found', `There is no identity named ${missing.join(', ')}.`);
  return found.map(({ id }) => id).sort();
}

/** Notes which unregistered actor this was. What it did stays as it is: nothing is merged into an entry. */
async function joinShadow(
  tx: Transaction,
  { now }: RegistryCtx,
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
async function letReport(
  tx: Transaction,
  ctx: RegistryCtx,
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
  return reporters.map(({ id }) => id).sort();
}
