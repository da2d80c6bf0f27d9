import { ok, type Result, refused } from '@/lib/core/result';
import type { certificateMatches } from '../../credentials/schema';
import type { KnownAnchor } from '../../state/schema';
import { parseWorkloadId } from '../spiffe-id';
import { type Certificate, mayUse } from './certificate';
import { type Shown, thumbprintOf } from './verify-chain';

/** What an X.509-SVID shows: its SPIFFE id, and that it is one (X509-SVID, sections 2 to 5). */
export function shownBySvid(
  leaf: Certificate,
  anchor: KnownAnchor,
): Result<readonly Shown[], 'invalid'> {
  const [uri, ...more] = leaf.names.uris;
  if (uri === undefined)
    return refused('invalid', 'The certificate has no URI name, so it has no SPIFFE id.');
  if (more.length > 0)
    return refused(
      'invalid',
      `The certificate has ${more.length + 1} URI names: an SVID has exactly one.`,
    );
  const parsed = parseWorkloadId(uri);
  if (!parsed.ok) return parsed;
  const { id, trustDomain } = parsed.value;
  if (trustDomain !== anchor.trustDomain)
    return refused(
      'invalid',
      `The authority ${anchor.name} vouches for the trust domain ${anchor.trustDomain} alone, and the certificate is of ${trustDomain}.`,
    );
  if (leaf.keyUsage?.isCritical !== true)
    return refused('invalid', 'The certificate has no critical key usage, which an SVID has.');
  if (mayUse(leaf, 'keyCertSign') || mayUse(leaf, 'cRLSign'))
    return refused(
      'invalid',
      'The certificate may sign certificates or revocation lists, which no workload does.',
    );
  return ok([{ kind: 'x509_svid', subject: id, anchor: anchor.id, issuer: null }]);
}

/** All that can name the holder of a certificate of an uploaded authority (RFC 8705, section 2.1.2). */
export function shownByCertificate(
  leaf: Certificate,
  anchor: KnownAnchor,
): Result<readonly Shown[], 'invalid'> {
  const { uris, dns, emails } = leaf.names;
  const shown: [(typeof certificateMatches)[number], readonly string[]][] = [
    ['thumbprint', [thumbprintOf(leaf.raw)]],
    ['san_uri', uris],
    ['san_dns', dns],
    ['san_email', emails],
    ['subject', leaf.subject === '' ? [] : [leaf.subject]],
  ];
  return ok(
    shown.flatMap(([match, values]) =>
      values.map((value) => ({
        kind: 'certificate' as const,
        subject: `${match}:${value}`,
        anchor: anchor.id,
        issuer: null,
      })),
    ),
  );
}
