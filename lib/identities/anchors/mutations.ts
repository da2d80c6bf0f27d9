/**
 * Whose certificates and SVIDs are believed. What is uploaded is read and refused before a line of it is kept; rotating
 * keeps the former beside the new until somebody takes it away. The development authority is made elsewhere and not
 * changed here.
 */
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { parseInput } from '@/lib/core/parse-input';
import type { Result } from '@/lib/core/result';
import { Prisma, type Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import type { RegistryCtx } from '../ctx';
import { anchorPreview, digestsOf, storedRead } from './preview';
import { readAuthorities } from './read-authorities';
import { readBundle } from './read-bundle';
import { refuseDevelopment } from './refuse-development';
import {
  AddAnchor,
  type AnchorPreview,
  ChangeAnchor,
  certificatesMax,
  jwtKeysMax,
  type ReadAnchor,
  RevokeAnchor,
  TrimAnchor,
} from './schema';

/** Believes an authority. Throws `invalid_input` with what of it is unfit, `conflict` where its trust domain is known. */
export async function addAnchor(ctx: RegistryCtx, input: AddAnchor): Promise<string> {
  authorize(ctx.actor, 'registry.write');
  const added = parseInput(AddAnchor, input);
  const { kind, name, text, reason } = added;
  const trustDomain = added.kind === 'spiffe' ? added.trustDomain : null;
  const read = readText({ kind, trustDomain, text, now: ctx.now });
  const id = newId(ctx.now.getTime());
  await refusingTaken(() =>
    ctx.db.$transaction(async (tx) => {
      await refuseTakenName(tx, name, id);
      await refuseDevelopment(tx, read);
      await tx.trustAnchor.create({
        data: {
          id,
          kind,
          name,
          trustDomain,
          ...columnsOf(read),
          createdAt: ctx.now,
          changedAt: ctx.now,
        },
        select: { id: true },
      });
      await recordControl(tx, 'anchor_added', {
        ...whoOf(ctx.actor),
        anchor: id,
        kind,
        name,
        ...(trustDomain === null ? {} : { trust_domain: trustDomain }),
        ...digestsOf(read),
        reason,
      });
    }),
  );
  return id;
}

/** What would be believed, before anybody does. */
export function previewAnchor(
  ctx: Pick<RegistryCtx, 'actor' | 'now'>,
  given: { kind: 'ca' | 'spiffe'; trustDomain: string | null; text: string },
): AnchorPreview {
  authorize(ctx.actor, 'registry.write');
  return anchorPreview(readText({ ...given, now: ctx.now }));
}

/** Believes other certificates or keys of an authority; with `keepsFormer` those of before too, until they are taken away. */
export async function changeAnchor(ctx: RegistryCtx, input: ChangeAnchor): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { anchorId, text, keepsFormer, reason } = parseInput(ChangeAnchor, input);
  await ctx.db.$transaction(async (tx) => {
    const before = await lockAnchor(tx, ctx, anchorId);
    const read = readText({ ...before, text, now: ctx.now });
    await refuseDevelopment(tx, read);
    if (
      read.sequence !== null &&
      before.sequence !== null &&
      BigInt(read.sequence) < before.sequence
    )
      throw new AppError(
        'conflict',
        `This bundle is older than what is believed: its sequence is ${read.sequence}, and ${before.sequence} is known.`,
      );
    await write(tx, ctx, {
      anchorId,
      before,
      read: keepsFormer ? both(before, read) : read,
      reason,
    });
  });
}

/** Takes single certificates and keys of an authority away, as after a rotation. One at least stays. */
export async function trimAnchor(ctx: RegistryCtx, input: TrimAnchor): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { anchorId, certificates, keys, reason } = parseInput(TrimAnchor, input);
  await ctx.db.$transaction(async (tx) => {
    const before = await lockAnchor(tx, ctx, anchorId);
    const left = {
      ...before.read,
      certificates: before.read.certificates.filter(
        ({ shown }) => !certificates.includes(shown.fingerprint),
      ),
      jwtKeys: before.read.jwtKeys.filter(({ kid = '' }) => !keys.includes(kid)),
    };
    if (left.certificates.length + left.jwtKeys.length === 0)
      throw new AppError(
        'conflict',
        'Nothing would be left. Believe the authority no more instead.',
      );
    await write(tx, ctx, { anchorId, before, read: left, reason });
  });
}

/** Believes an authority no more: all that it vouched for is refused at the next request. */
export async function revokeAnchor(ctx: RegistryCtx, input: RevokeAnchor): Promise<void> {
  authorize(ctx.actor, 'registry.write');
  const { anchorId, reason } = parseInput(RevokeAnchor, input);
  await ctx.db.$transaction(async (tx) => {
    const { name } = await lockAnchor(tx, ctx, anchorId);
    await tx.trustAnchor.update({
      where: { id: anchorId },
      data: { revokedAt: ctx.now, changedAt: ctx.now },
      select: { id: true },
    });
    // What was verified by it is looked at again at once.
    await tx.externalApi.updateMany({ where: { anchorId }, data: { probeDueAt: ctx.now } });
    const live = { anchorId, revokedAt: null, expiresAt: { gt: ctx.now } };
    await recordControl(tx, 'anchor_revoked', {
      ...whoOf(ctx.actor),
      anchor: anchorId,
      name,
      credentials: await tx.credential.count({ where: live }),
      reason,
    });
  });
}

type Former = {
  kind: 'ca' | 'spiffe';
  name: string;
  trustDomain: string | null;
  sequence: bigint | null;
  read: ReadAnchor;
};

/** INVARIANT: the row's lock: what was before is what the entry says. */
async function lockAnchor(tx: Transaction, { now }: RegistryCtx, id: string): Promise<Former> {
  const { count } = await tx.trustAnchor.updateMany({
    where: { id, revokedAt: null, kind: { not: 'development' } },
    data: { changedAt: now },
  });
  if (count === 0)
    throw new AppError(
      'not_found',
      'There is no such authority that can be changed: it is believed no more, or is that of development.',
    );
  const row = await tx.trustAnchor.findUniqueOrThrow({
    where: { id },
    select: {
      kind: true,
      name: true,
      trustDomain: true,
      certificates: true,
      jwtKeys: true,
      sequence: true,
      refreshHintSeconds: true,
    },
  });
  return {
    // `updateMany` has just left the third kind out.
    kind: row.kind as 'ca' | 'spiffe',
    name: row.name,
    trustDomain: row.trustDomain,
    sequence: row.sequence,
    read: storedRead(row),
  };
}

async function write(
  tx: Transaction,
  ctx: RegistryCtx,
  {
    anchorId,
    before,
    read,
    reason,
  }: { anchorId: string; before: Former; read: ReadAnchor; reason: string },
): Promise<void> {
  const [was, is] = [digestsOf(before.read), digestsOf(read)];
  if (JSON.stringify(was) === JSON.stringify(is))
    throw new AppError('invalid_input', 'Nothing is different from what is believed.');
  await tx.trustAnchor.update({
    where: { id: anchorId },
    data: columnsOf(read),
    select: { id: true },
  });
  await recordControl(tx, 'anchor_changed', {
    ...whoOf(ctx.actor),
    anchor: anchorId,
    name: before.name,
    before: was,
    after: is,
    reason,
  });
}

/** The new ones first; of keys with one id the new one. */
function both({ read: former }: Former, read: ReadAnchor): ReadAnchor {
  const prints = new Set(read.certificates.map(({ shown }) => shown.fingerprint));
  const kids = new Set(read.jwtKeys.map(({ kid }) => kid));
  const certificates = [
    ...read.certificates,
    ...former.certificates.filter(({ shown }) => !prints.has(shown.fingerprint)),
  ];
  const jwtKeys = [...read.jwtKeys, ...former.jwtKeys.filter(({ kid }) => !kids.has(kid))];
  if (certificates.length > certificatesMax || jwtKeys.length > jwtKeysMax)
    throw new AppError(
      'conflict',
      'With those of before that is too much. Take away what is not needed any more first.',
    );
  return { ...read, certificates, jwtKeys };
}

function readText({
  kind,
  trustDomain,
  text,
  now,
}: {
  kind: 'ca' | 'spiffe';
  trustDomain: string | null;
  text: string;
  now: Date;
}): ReadAnchor {
  const read: Result<ReadAnchor, 'unfit'> =
    kind === 'spiffe'
      ? readBundle(text, { trustDomain: trustDomain ?? '', now })
      : withoutKeys(readAuthorities(text, now));
  if (read.ok) return read.value;
  throw new AppError('invalid_input', read.message);
}

const withoutKeys = (read: ReturnType<typeof readAuthorities>): Result<ReadAnchor, 'unfit'> =>
  read.ok
    ? {
        ok: true,
        value: { ...read.value, jwtKeys: [], sequence: null, refreshHintSeconds: null, notes: [] },
      }
    : read;

const columnsOf = ({ certificates, jwtKeys, sequence, refreshHintSeconds }: ReadAnchor) => ({
  certificates: certificates.map(({ der }) => der),
  jwtKeys,
  sequence: sequence === null ? null : BigInt(sequence),
  refreshHintSeconds,
});

async function refuseTakenName(tx: Transaction, name: string, id: string): Promise<void> {
  const taken = await tx.trustAnchor.findFirst({
    where: { id: { not: id }, revokedAt: null, name: { equals: name, mode: 'insensitive' } },
    select: { name: true },
  });
  if (taken !== null)
    throw new AppError(
      'conflict',
      `There is an authority called ${taken.name}. Choose another name.`,
    );
}

async function refusingTaken<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002')
      throw new AppError(
        'conflict',
        'This trust domain has a bundle already. Change that one: one trust domain has one set of keys.',
      );
    throw error;
  }
}
