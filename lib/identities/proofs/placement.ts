import { isListed } from '@/lib/core/network';
import type { CredentialKind } from '../credentials/schema';
import type { RegistryState } from '../state/registry-state';
import type { KnownCredential } from '../state/schema';
import { stillHolds } from './still-holds';

const byCertificate: readonly CredentialKind[] = ['x509_svid', 'certificate'];

/**
 * The placements that hold beside a certificate: it is shown from a network where its identity is registered to run. By
 * itself an address proves nothing, so no other proof is asked for its network.
 */
export function placementsOf(
  state: RegistryState,
  proofs: readonly KnownCredential[],
  address: string,
  nowMs: number,
): KnownCredential[] {
  const held = proofs.find(({ kind }) => byCertificate.includes(kind));
  if (held === undefined) return [];
  return state
    .credentialsOf(held.identity)
    .filter(
      (each) =>
        each.kind === 'placement' &&
        stillHolds(each, nowMs).ok &&
        isIn(state, each.network, address),
    );
}

function isIn(state: RegistryState, network: string | null, address: string): boolean {
  const known = network === null ? undefined : state.network(network);
  return known !== undefined && isListed(address, known.blocks);
}
