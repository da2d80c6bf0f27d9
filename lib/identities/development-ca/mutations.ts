/**
 * An authority of one's own for trying things out: whoever runs the command line gets certificates for identities of
 * development zones, and gateways take them for those alone. Keys of workloads are made where they are used; only its own
 * is kept, sealed.
 */
import type { webcrypto } from 'node:crypto';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { sealSecret } from '@/lib/log/record-secrets';
import { whoOf } from '@/lib/people/actor';
import { authorize } from '@/lib/people/permissions';
import { createZone } from '@/lib/zones/mutations';
import { addCredential } from '../credentials/mutations';
import type { RegistryCtx } from '../ctx';
import { changeIdentity } from '../versions/mutations';
import { type Authority, type Issued, issueSvid, makeAuthority } from './certificates';
import { findAuthority } from './queries';
import { certificateAssociated, developmentDomain, developmentName, spiffeIdOf } from './schema';

export type CaCtx = RegistryCtx & { readonly kek: KeyEncryptionKey };

const lock = 7_305_022;
const credentialDays = 90;

/** The development authority, which is made at its first use. */
export async function ensureAuthority(ctx: CaCtx): Promise<Authority & { id: string }> {
  authorize(ctx.actor, 'registry.write');
  return ctx.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lock}::bigint)`;
    return (await findAuthority(tx, ctx.kek)) ?? addAuthority(tx, ctx);
  });
}

async function addAuthority(
  tx: Transaction,
  { actor, kek, now }: CaCtx,
): Promise<Authority & { id: string }> {
  const id = newId(now.getTime());
  const { certificate, key } = await makeAuthority(now);
  const { keyId, sealed } = await sealSecret(tx, kek, {
    secret: key,
    associated: certificateAssociated(id),
    purpose: 'authority',
    now,
  });
  await tx.trustAnchor.create({
    data: {
      id,
      kind: 'development',
      name: developmentName,
      trustDomain: developmentDomain,
      certificates: [new Uint8Array(certificate)],
      sealedKey: sealed,
      keyId,
      createdAt: now,
      changedAt: now,
    },
    select: { id: true },
  });
  await recordControl(tx, 'anchor_added', {
    ...whoOf(actor),
    anchor: id,
    kind: 'development',
    name: developmentName,
    trust_domain: developmentDomain,
  });
  return { id, certificate, key };
}

export type DevelopmentCertificate = Issued & {
  identity: { id: string; name: string };
  spiffeId: string;
  authority: Uint8Array;
};

/**
 * Certifies a public key for an active identity of a development zone, for a day, and registers what it shows where that
 * is not registered. `joinsZone`: one that is in no zone is put into a development zone, which is made where there is
 * none. Throws `not_found`, or `conflict` with what is in the way.
 */
export async function issueDevelopmentCertificate(
  ctx: CaCtx,
  {
    name,
    publicKey,
    joinsZone,
  }: { name: string; publicKey: webcrypto.CryptoKey; joinsZone: boolean },
): Promise<DevelopmentCertificate> {
  authorize(ctx.actor, 'registry.write');
  const identity = await findFit(ctx, name, joinsZone);
  const authority = await ensureAuthority(ctx);
  const spiffeId = spiffeIdOf(identity.name);
  const issued = await issueSvid(authority, { spiffeId, publicKey, now: ctx.now });
  await ctx.db.$transaction(async (tx) => {
    // The identity's row is held: one that is suspended meanwhile gets none.
    const { count } = await tx.identity.updateMany({
      where: { id: identity.id, state: 'active' },
      data: { state: 'active' },
    });
    if (count === 0) throw notActive(name, 'not active any more');
    const registered = await tx.credential.count({
      where: {
        identityId: identity.id,
        kind: 'x509_svid',
        anchorId: authority.id,
        subject: spiffeId,
        revokedAt: null,
        expiresAt: { gt: ctx.now },
      },
    });
    if (registered === 0)
      await addCredential(tx, ctx, {
        identityId: identity.id,
        credential: {
          kind: 'x509_svid',
          name: 'Development certificate',
          days: credentialDays,
          anchorId: authority.id,
          spiffeId,
        },
      });
    await recordControl(tx, 'certificate_issued', {
      ...whoOf(ctx.actor),
      identity: identity.id,
      subject: spiffeId,
      expires_at: issued.expiresAt.toISOString(),
    });
  });
  const { id, name: called } = identity;
  return { ...issued, identity: { id, name: called }, spiffeId, authority: authority.certificate };
}

async function findFit(ctx: CaCtx, name: string, joinsZone: boolean) {
  const find = () =>
    ctx.db.identity.findFirst({
      where: { name, state: { not: 'decommissioned' } },
      select: {
        id: true,
        name: true,
        kind: true,
        state: true,
        revision: true,
        zone: { select: { name: true, environment: true } },
      },
    });
  const found = await find();
  if (found === null)
    throw new AppError(
      'not_found',
      `No identity is called ${name}. \`identities create\` registers one.`,
    );
  if (found.state !== 'active') throw notActive(name, found.state);
  if (found.kind === 'external_api')
    throw new AppError(
      'conflict',
      'An external API proves itself the other way round: it gets no certificate.',
    );
  if (found.zone?.environment === 'development') return found;
  if (found.zone !== null)
    throw new AppError(
      'conflict',
      `${name} is in the zone ${found.zone.name}, which is ${found.zone.environment}: certificates of the development authority are taken in development zones only. Use another authority there.`,
    );
  if (!joinsZone)
    throw new AppError(
      'conflict',
      `${name} is in no zone, and certificates of the development authority are taken in development zones only. With --zone it is put into one.`,
    );
  await changeIdentity(ctx, {
    identityId: found.id,
    seenRevision: found.revision,
    zoneId: await findOrMakeZone(ctx),
    reason: 'certs issue --zone',
  });
  return found;
}

const notActive = (name: string, state: string) =>
  new AppError('conflict', `The identity ${name} is ${state}: it gets no certificate.`);

async function findOrMakeZone(ctx: CaCtx): Promise<string> {
  const zone = await ctx.db.zone.findFirst({
    where: { environment: 'development', kind: 'workload' },
    orderBy: { createdAt: 'asc' },
    select: { id: true },
  });
  if (zone !== null) return zone.id;
  return createZone(ctx, {
    name: 'Development',
    kind: 'workload',
    environment: 'development',
    reason: 'certs issue --zone',
  });
}
