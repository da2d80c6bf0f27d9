import type { ProofClass } from '../credentials/schema';
import type { IdentityKind, IdentityState } from '../schema';
import type { TrustLevel } from '../trust/schema';

export type Named = { id: string; name: string };

/** One row of the list of identities. */
export type ListedIdentity = Named & {
  kind: IdentityKind;
  state: IdentityState;
  trust: TrustLevel;
  team: Named | null;
  /** `hasLeft`: removed, or without a role, so that nobody answers for it. */
  owner: (Named & { hasLeft: boolean }) | null;
  zone: Named | null;
  /** Of the credentials that it could prove itself with now. */
  classes: ProofClass[];
  /** When the first of them ends; null where it has none. */
  credentialEndsAt: Date | null;
  lastSeenAt: Date | null;
};
