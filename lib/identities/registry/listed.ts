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

/** All that the page of one identity says of what is known of it, with the names of today. */
export type IdentityDetail = Omit<ListedIdentity, 'zone'> & {
  names: string[];
  sponsor: ListedIdentity['owner'];
  zone: (Named & { environment: string }) | null;
  purpose: string;
  tags: string[];
  actsFor: 'all' | { people: Named[]; teams: Named[] };
  /** Resources that it is expected to act on. */
  expects: Named[];
  /** Whom it reports for, and who reports for it, as far as the reader is shown them. */
  reportsFor: 'all' | Named[];
  reportedBy: Named[];
  revision: number;
  createdAt: Date;
  trustAt: Date | null;
  /** Since when it is in its state, by whom (`person:ID` and the like, and the name where there is one) and why. */
  stateAt: Date | null;
  stateBy: { by: string; name: string | null } | null;
  stateReason: string | null;
};
