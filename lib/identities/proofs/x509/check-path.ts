import { ok, type Result, refused } from '@/lib/core/result';
import { type Certificate, mayUse } from './certificate';
import { breachOf } from './name-constraints';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_USAGE = '2.5.29.37.0';

/**
 * Whether each certificate of a path may do what it does in it (RFC 5280, section 6), its dates aside: the sender's own
 * first, the anchor's last. `isStrict`: authorities say by their key usage that they sign certificates, as SPIFFE
 * demands; where they say nothing, others may.
 */
export function checkPath(
  [leaf, ...issuers]: readonly [Certificate, ...Certificate[]],
  { isStrict }: { isStrict: boolean },
): Result<Certificate, 'invalid'> {
  const wrong = whatIsWrongWithLeaf(leaf);
  if (wrong !== null) return refused('invalid', `The certificate ${wrong}`);
  const below = [leaf];
  for (const issuer of issuers) {
    const what = whatIsWrongWithIssuer(issuer, below, isStrict);
    if (what !== null)
      return refused(
        'invalid',
        `The authority ${named(issuer)}, which the certificate leads to, ${what}.`,
      );
    below.push(issuer);
  }
  return ok(leaf);
}

function whatIsWrongWithLeaf(leaf: Certificate): string | null {
  if (leaf.isCa) return 'is one of an authority (CA=true), which identifies no workload.';
  if (leaf.keyUsage !== null && !mayUse(leaf, 'digitalSignature'))
    return 'may not sign: its key usage lacks digitalSignature.';
  if (leaf.extendedKeyUsage?.includes(CLIENT_AUTH) === false)
    return 'is not for clients: its extended key usage lacks clientAuth.';
  return null;
}

function whatIsWrongWithIssuer(
  issuer: Certificate,
  below: readonly Certificate[],
  isStrict: boolean,
): string | null {
  if (!issuer.isCa) return 'is none (its basic constraints lack CA=true)';
  if (!mayUse(issuer, 'keyCertSign') && (isStrict || issuer.keyUsage !== null))
    return 'may not sign certificates: its key usage lacks keyCertSign';
  const usages = issuer.extendedKeyUsage;
  if (usages !== null && !usages.includes(CLIENT_AUTH) && !usages.includes(ANY_USAGE))
    return 'is not for clients: its extended key usage lacks clientAuth';
  // The sender's own does not count, nor do authorities that certify themselves anew.
  const between = below.slice(1).filter(({ subject, issuer: by }) => subject !== by).length;
  if (issuer.pathLen !== null && between > issuer.pathLen)
    return `allows ${issuer.pathLen} authorities below it, and there are ${between}`;
  if (issuer.constraints === null) return null;
  for (const certificate of below) {
    const breach = breachOf(certificate, issuer.constraints);
    if (breach !== null) return `${breach} (name constraints)`;
  }
  return null;
}

const NAME_MAX = 100;
/** A name that others wrote, as one short line of plain characters. */
export const named = ({ subject }: Certificate): string =>
  `"${subject.slice(0, NAME_MAX).replace(/[^\x20-\x7e]/g, '?')}"`;
