import { isWithinDates, verifyChain } from '@/lib/identities/proofs/x509/verify-chain';
import type { KnownAnchor } from '@/lib/identities/state/schema';
import type { Issued } from './authority';

export const anchorOf = (
  kind: KnownAnchor['kind'],
  certificates: Issued[],
  change: Partial<KnownAnchor> = {},
): KnownAnchor => ({
  id: `${kind}-anchor`,
  kind,
  name: 'The anchor',
  trustDomain: kind === 'ca' ? null : 'example.org',
  certificates: certificates.map(({ der }) => der),
  jwtKeys: [],
  isRevoked: false,
  version: '1',
  ...change,
});

/** What a chain shows by those anchors now, or why it shows nothing. */
export function verdictOf(
  chain: readonly Issued[],
  anchors: KnownAnchor[],
  nowMs = Date.now(),
): string {
  const judged = verifyChain(
    chain.map(({ der }) => der),
    anchors,
  );
  if (!judged.ok) return `${judged.reason}: ${judged.message}`;
  const [first] = judged.value;
  const dates = first && isWithinDates(first, nowMs);
  if (dates?.ok === false) return `${dates.reason}: ${dates.message}`;
  return judged.value.flatMap(({ shows }) => shows.map(({ subject }) => subject)).join(' ');
}
