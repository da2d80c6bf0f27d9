import { AppError } from '@/lib/core/errors';
import type { Result } from '@/lib/core/result';
import type { Prisma, Transaction } from '@/lib/db/prisma';
import type { RegistryCtx } from '../ctx';
import { isSubjectBound, subjectHint } from '../proofs/federated-rule';
import { whereSeen } from '../unfit';
import { readPublicKey } from './public-key';
import {
  CertificateRule,
  type CredentialKind,
  FederatedRule,
  type ParsedCredential,
} from './schema';
import { overlap, shownByCertificate, shownBySvid, shownByToken } from './shown';

type Ctx = Pick<RegistryCtx, 'actor' | 'scope' | 'now'>;

/** What a credential shows and who is believed for it, as it is stored. */
export type Proof = {
  kind: CredentialKind;
  subject: string | null;
  rule: Prisma.InputJsonObject | null;
  anchorId: string | null;
  issuerId: string | null;
  networkId: string | null;
};

const nothing = { subject: null, rule: null, anchorId: null, issuerId: null, networkId: null };

/** Throws `invalid_input` with what is wrong, and `not_found` where whom it refers to is no more. */
export async function proofOf(
  tx: Transaction,
  ctx: Ctx,
  identityId: string,
  credential: ParsedCredential,
): Promise<Proof> {
  const { kind } = credential;
  switch (kind) {
    case 'ingest_key':
    case 'client_secret':
      return { ...nothing, kind };
    case 'public_key': {
      const { jwk, thumbprint } = fitting(readPublicKey(credential.key));
      return { ...nothing, kind, subject: thumbprint, rule: { jwk } };
    }
    case 'placement':
      return placementOf(tx, ctx, identityId, credential.networkId);
    case 'certificate': {
      const { anchorId, match, value } = credential;
      await getAnchor(tx, anchorId, ['ca']);
      return { ...nothing, kind, anchorId, ...fitting(shownByCertificate(match, value)) };
    }
    case 'x509_svid':
    case 'jwt_svid':
      return svidOf(tx, identityId, credential);
    case 'federated': {
      const { issuerId, audience, claims } = credential;
      const issuer = await tx.tokenIssuer.findFirst({
        where: { id: issuerId, revokedAt: null },
        select: { issuer: true },
      });
      if (issuer === null) throw new AppError('not_found', 'This issuer is not believed any more.');
      const shown = fitting(shownByToken({ audience, claims }));
      if (!isSubjectBound(shown.rule, issuer.issuer))
        throw new AppError('invalid_input', `${unbound} ${subjectHint(issuer.issuer)}`);
      await refuseOverlap(tx, identityId, issuerId, shown.rule);
      return { ...nothing, kind, issuerId, ...shown };
    }
  }
}

/** What is read of a credential to make its successor. */
export const rotatable = {
  identityId: true,
  kind: true,
  name: true,
  subject: true,
  rule: true,
  anchorId: true,
  issuerId: true,
  networkId: true,
  expiresAt: true,
  successor: { select: { id: true, revokedAt: true } },
} as const;

type Former = Omit<Proof, 'rule'> & { identityId: string; rule: unknown };

/**
 * What the successor shows: of a key another one, of a certificate what it is told or the same, of everything else the
 * same, if whoever vouches for it is believed still.
 */
export async function successorOf(
  tx: Transaction,
  ctx: Ctx,
  former: Former,
  next: { key: string | undefined; value: string | undefined },
): Promise<Proof> {
  const { kind, subject, anchorId, issuerId, networkId, identityId } = former;
  const same = { name: '', days: 1 };
  if (kind === 'public_key') {
    if (next.key === undefined)
      throw new AppError('invalid_input', 'Give the public key of the successor.');
    const proof = await proofOf(tx, ctx, identityId, { kind, key: next.key, ...same });
    if (proof.subject === subject)
      throw new AppError(
        'invalid_input',
        'This is the key that it has. Make another pair of keys.',
      );
    return proof;
  }
  if (kind === 'certificate') {
    const { match, value } = CertificateRule.parse(former.rule);
    const shown = { match, value: next.value ?? value };
    return proofOf(tx, ctx, identityId, { kind, anchorId: anchorId ?? '', ...shown, ...same });
  }
  if (kind === 'x509_svid' || kind === 'jwt_svid')
    return proofOf(tx, ctx, identityId, {
      kind,
      anchorId: anchorId ?? '',
      spiffeId: subject ?? '',
      ...same,
    });
  if (kind === 'federated')
    return proofOf(tx, ctx, identityId, {
      kind,
      issuerId: issuerId ?? '',
      ...FederatedRule.parse(former.rule),
      ...same,
    });
  if (kind === 'placement') return { ...nothing, kind, networkId, subject };
  return { ...nothing, kind };
}

const unbound = 'This rule binds no subject: every workload of that issuer could be this identity.';

function fitting<Value>(read: Result<Value, string>): Value {
  if (read.ok) return read.value;
  throw new AppError('invalid_input', read.message);
}

async function getAnchor(tx: Transaction, id: string, kinds: readonly string[]) {
  const anchor = await tx.trustAnchor.findFirst({
    where: { id, revokedAt: null, kind: { in: [...kinds] } },
    select: { kind: true, name: true, trustDomain: true, certificates: true, jwtKeys: true },
  });
  if (anchor === null)
    throw new AppError('not_found', 'This authority is not believed for that, or not any more.');
  return anchor;
}

async function svidOf(
  tx: Transaction,
  identityId: string,
  { kind, anchorId, spiffeId }: Extract<ParsedCredential, { spiffeId: string }>,
): Promise<Proof> {
  const kinds = kind === 'x509_svid' ? ['spiffe', 'development'] : ['spiffe'];
  const anchor = await getAnchor(tx, anchorId, kinds);
  const shown = fitting(shownBySvid(spiffeId, anchor.trustDomain ?? ''));
  const keys = kind === 'x509_svid' ? anchor.certificates : anchor.jwtKeys;
  if (Array.isArray(keys) && keys.length === 0)
    throw new AppError(
      'invalid_input',
      `The bundle of ${anchor.name} has nothing in it that checks ${kind === 'x509_svid' ? 'certificates' : 'tokens'}, so none would be taken.`,
    );
  if (anchor.kind === 'development') await refuseOutsideDevelopment(tx, identityId);
  return { ...nothing, kind, anchorId, ...shown };
}

async function refuseOutsideDevelopment(tx: Transaction, identityId: string): Promise<void> {
  const { zone } = await tx.identity.findUniqueOrThrow({
    where: { id: identityId },
    select: { zone: { select: { environment: true } } },
  });
  if (zone?.environment !== 'development')
    throw new AppError(
      'invalid_input',
      'Certificates of the development authority are taken in zones of development only. Put the identity into one, or choose another authority.',
    );
}

async function placementOf(
  tx: Transaction,
  { now }: Ctx,
  identityId: string,
  networkId: string,
): Promise<Proof> {
  const network = await tx.network.findUnique({ where: { id: networkId }, select: { id: true } });
  if (network === null) throw new AppError('not_found', 'There is no such network any more.');
  const placed = await tx.credential.count({
    where: { identityId, kind: 'placement', networkId, revokedAt: null, expiresAt: { gt: now } },
  });
  if (placed > 0)
    throw new AppError('conflict', 'This identity is placed in that network already.');
  return { ...nothing, kind: 'placement', networkId, subject: networkId };
}

/** INVARIANT: no token fits the rules of two identities. */
async function refuseOverlap(
  tx: Transaction,
  identityId: string,
  issuerId: string,
  rule: FederatedRule,
): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(7305007)`;
  const others = await tx.credential.findMany({
    where: { issuerId, kind: 'federated', revokedAt: null, identityId: { not: identityId } },
    select: { rule: true, identity: { select: { name: true } } },
  });
  for (const other of others) {
    const known = FederatedRule.safeParse(other.rule);
    if (known.success && overlap(known.data, rule))
      throw new AppError(
        'conflict',
        'A token that fits this rule could fit that of another identity too. Make the two tell apart, by another audience or by a value of a claim.',
      );
  }
}

/** Throws `conflict` where another shows the same; its identity is named to whoever is shown it. */
export async function refuseTaken(
  tx: Transaction,
  ctx: Ctx,
  identityId: string,
  { kind, subject, anchorId, issuerId }: Proof,
): Promise<void> {
  if (subject === null || kind === 'placement') return;
  const showing = { kind, subject, anchorId, issuerId, revokedAt: null };
  const own = await tx.credential.findFirst({
    where: { ...showing, identityId, expiresAt: { gt: ctx.now } },
    select: { id: true },
  });
  if (own !== null)
    throw new AppError('conflict', 'This identity has a credential that shows the same already.');
  const other = { ...showing, identityId: { not: identityId } };
  const taken = await tx.credential.findFirst({ where: other, select: { id: true } });
  if (taken === null) return;
  const seen = await tx.credential.findFirst({
    where: { ...other, identity: whereSeen(ctx) },
    select: { identity: { select: { name: true } } },
  });
  const whose = seen === null ? 'Another identity' : `The identity ${seen.identity.name}`;
  throw new AppError(
    'conflict',
    `${whose} has a credential that shows the same, and a proof means one identity. Revoke that one first, even where it has expired.`,
  );
}
