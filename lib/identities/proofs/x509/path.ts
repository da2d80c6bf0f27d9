import { X509Certificate } from 'node:crypto';
import type { KnownAnchor } from '../../state/schema';
import { weaknessOfKey } from './certificate';

/** From the sender's own certificate to one that is believed by itself, each signed by the next. */
export type Path = {
  readonly anchor: KnownAnchor;
  readonly certificates: readonly X509Certificate[];
};

/** What a chain made to be costly may cost: it has many that could be the next, or verify in circles. */
const SIGNATURES_MAX = 24;
const STEPS_MAX = 64;
const PATHS_MAX = 8;

/**
 * Every way, up to a bound, in which a chain leads to an anchor that is believed: of names and signatures alone. Where it
 * leads to none, to those that are believed no more: however many there are, they use up nothing of the bound before.
 */
export function pathsOf(
  chain: readonly X509Certificate[],
  anchors: readonly KnownAnchor[],
): readonly Path[] {
  const isSignedBy = signatureCheck();
  const believed = anchors.filter(({ isRevoked }) => !isRevoked);
  const paths = pathsTo(believed, chain, isSignedBy);
  if (paths.length > 0) return paths;
  return pathsTo(
    anchors.filter(({ isRevoked }) => isRevoked),
    chain,
    isSignedBy,
  );
}

function pathsTo(
  anchors: readonly KnownAnchor[],
  chain: readonly X509Certificate[],
  isSignedBy: ReturnType<typeof signatureCheck>,
): readonly Path[] {
  const [leaf, ...intermediates] = chain;
  if (leaf === undefined) return [];
  const paths: Path[] = [];
  let steps = 0;
  const extend = (certificates: readonly X509Certificate[], last: X509Certificate): void => {
    steps += 1;
    // A name that is empty chains to anything.
    if (steps > STEPS_MAX || !last.issuer) return;
    for (const anchor of anchors)
      for (const root of certificatesOf(anchor)) {
        if (paths.length >= PATHS_MAX) return;
        // A root that was sent too is signed by itself: that is no further step.
        const isSent = certificates.length > 1 && root.raw.equals(last.raw);
        if (!isSent && root.subject === last.issuer && isSignedBy(last, root))
          paths.push({ anchor, certificates: [...certificates, root] });
      }
    for (const next of intermediates)
      if (next.subject === last.issuer && !certificates.includes(next) && isSignedBy(last, next))
        extend([...certificates, next], next);
  };
  extend([leaf], leaf);
  return paths;
}

function signatureCheck() {
  const known = new Map<X509Certificate, Map<X509Certificate, boolean>>();
  let checked = 0;
  return (signed: X509Certificate, by: X509Certificate): boolean => {
    const ofSigned = known.get(signed) ?? new Map<X509Certificate, boolean>();
    known.set(signed, ofSigned);
    const before = ofSigned.get(by);
    if (before !== undefined) return before;
    checked += 1;
    const isSigned = checked <= SIGNATURES_MAX && verify(signed, by);
    ofSigned.set(by, isSigned);
    return isSigned;
  };
}

function verify(signed: X509Certificate, by: X509Certificate): boolean {
  try {
    // Judged before it is used: what a signature costs is up to whoever made the key.
    return weaknessOfKey(by.publicKey) === null && signed.verify(by.publicKey);
  } catch {
    // A key of a kind that signs nothing.
    return false;
  }
}

const parsed = new WeakMap<KnownAnchor, readonly X509Certificate[]>();

/** Parsed once for each version of an anchor, which is an object of its own. */
function certificatesOf(anchor: KnownAnchor): readonly X509Certificate[] {
  let certificates = parsed.get(anchor);
  if (certificates === undefined) {
    certificates = anchor.certificates.flatMap((der) => parseDer(der) ?? []);
    parsed.set(anchor, certificates);
  }
  return certificates;
}

/** Null for what is no certificate, or not one exactly: what follows it would give it another digest. */
export function parseDer(der: Buffer): X509Certificate | null {
  try {
    const certificate = new X509Certificate(der);
    return certificate.raw.equals(der) ? certificate : null;
  } catch {
    return null;
  }
}
