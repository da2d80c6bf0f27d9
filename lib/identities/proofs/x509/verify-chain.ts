import { createHash } from 'node:crypto';
import { ok, type Result, refused } from '@/lib/core/result';
import type { KnownAnchor, KnownCredential } from '../../state/schema';
import type { ProofRefusal } from '../schema';
import { type Certificate, readCertificate } from './certificate';
import { checkPath, named } from './check-path';
import { type Path, parseDer, pathsOf } from './path';
import { shownByCertificate, shownBySvid } from './shown';

/** What a proof shows, whoever vouches for it. */
export type Shown = Pick<KnownCredential, 'kind' | 'subject' | 'anchor' | 'issuer'>;

/** What of a chain holds whenever it is asked, by one anchor; its dates are for whoever asks. */
export type Verified = {
  readonly anchor: KnownAnchor;
  /** Of one, any means its holder: the narrowest first. */
  readonly shows: readonly Shown[];
  readonly periods: readonly { of: string; fromMs: number; untilMs: number }[];
};

const INTERMEDIATES_MAX = 10;
const CERTIFICATE_BYTES_MAX = 8192;

export const thumbprintOf = (der: Buffer): string =>
  createHash('sha256').update(der).digest('base64url');

/**
 * What a chain of certificates (DER, the sender's own first) shows, by each anchor that it leads to. The order of the
 * others does not matter. Costs a bounded number of signatures, whatever is sent.
 */
export function verifyChain(
  chain: readonly Buffer[],
  anchors: readonly KnownAnchor[],
): Result<readonly Verified[], ProofRefusal> {
  const [leaf] = chain;
  if (leaf === undefined) return refused('malformed', 'There is no certificate in the chain.');
  if (chain.length > INTERMEDIATES_MAX + 1)
    return refused(
      'invalid',
      `The chain has ${chain.length} certificates: the sender's own and ${INTERMEDIATES_MAX} authorities at most are taken.`,
    );
  if (chain.some(({ length }) => length > CERTIFICATE_BYTES_MAX))
    return refused(
      'invalid',
      `A certificate of the chain is larger than ${CERTIFICATE_BYTES_MAX} bytes.`,
    );
  const parsed = chain.map(parseDer);
  const certificates = parsed.filter((each) => each !== null);
  if (certificates.length < parsed.length)
    return refused('malformed', 'A certificate of the chain cannot be read: it is not DER.');

  const paths = pathsOf(certificates, anchors);
  const judged = paths.map(judge);
  const held = judged.flatMap((each) => (each.ok ? [each.value] : []));
  if (held.length > 0) return ok(held);
  // What is wrong with one that is believed says more than that another is believed no more.
  const why = judged.find((each) => !each.ok && each.reason !== 'revoked') ?? judged[0];
  if (why !== undefined && !why.ok) return why;
  return refused('unknown', unknownSays(certificates[0]?.subject === certificates[0]?.issuer));
}

function judge({ anchor, certificates }: Path): Result<Verified, ProofRefusal> {
  if (anchor.isRevoked)
    return refused(
      'revoked',
      `The authority ${anchor.name}, which the certificate leads to, is believed no more.`,
    );
  const read: Certificate[] = [];
  for (const [index, each] of certificates.entries()) {
    const certificate = readCertificate(each);
    if (!certificate.ok)
      return refused(
        'invalid',
        `${index === 0 ? 'The certificate' : 'An authority that the certificate leads to'} ${certificate.message}`,
      );
    read.push(certificate.value);
  }
  const [leaf, ...issuers] = read;
  if (leaf === undefined) return refused('malformed', 'There is no certificate in the chain.');
  const checked = checkPath([leaf, ...issuers], { isStrict: anchor.kind !== 'ca' });
  if (!checked.ok) return checked;
  const shows = anchor.kind === 'ca' ? shownByCertificate(leaf, anchor) : shownBySvid(leaf, anchor);
  if (!shows.ok) return shows;
  const periods = read.map((each, index) => ({
    of: index === 0 ? 'The certificate' : `The authority ${named(each)}`,
    fromMs: each.notBeforeMs,
    untilMs: each.notAfterMs,
  }));
  return ok({ anchor, shows: shows.value, periods });
}

/** Asked of each request: every certificate of the path is within its dates. */
export function isWithinDates({ periods }: Verified, nowMs: number): Result<null, ProofRefusal> {
  for (const { of, fromMs, untilMs } of periods) {
    if (nowMs > untilMs) return refused('expired', `${of} expired at ${timeOf(untilMs)}.`);
    if (nowMs < fromMs)
      return refused('not_yet_valid', `${of} is not valid before ${timeOf(fromMs)}.`);
  }
  return ok(null);
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

const unknownSays = (isSelfSigned: boolean): string =>
  isSelfSigned
    ? 'The certificate is signed by itself. Show one that an authority issued which is believed here.'
    : 'The certificate leads to no authority that is believed here. Send the authorities between with it, and have its root registered.';
