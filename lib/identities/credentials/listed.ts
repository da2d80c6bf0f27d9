import type { IdentityState } from '../schema';
import type { CredentialKind } from './schema';

/**
 * `lapsing`: it has a successor and ends as it should. `unbelieved`: whoever vouches for it is believed no more, so it
 * proves nothing.
 */
export const credentialStates = ['active', 'lapsing', 'unbelieved', 'expired', 'revoked'] as const;
export type CredentialState = (typeof credentialStates)[number];

type Named = { id: string; name: string };

/** A credential as lists show it. */
export type ListedCredential = {
  id: string;
  identity: Named & { state: IdentityState };
  kind: CredentialKind;
  /** What people call it; may be empty. */
  name: string;
  /** What its proof shows, as people read it; of a secret its last characters. */
  shows: string;
  /** The authority, issuer or network that it goes by. */
  by: (Named & { what: 'anchor' | 'issuer' | 'network' }) | null;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  revokedReason: string | null;
  /** Its successor, where it was rotated. */
  successor: string | null;
  lastUsedAt: Date | null;
  /** The network that it was used from last. */
  lastNetwork: string | null;
  state: CredentialState;
};

export type CredentialUse = {
  network: string;
  firstAt: Date;
  lastAt: Date;
  /** Seen for the first time lately, of a credential that was used elsewhere before. */
  isNew: boolean;
};

/** One credential with all that is known of it. */
export type CredentialDetail = ListedCredential & {
  /** The certificate's match, the key, or the claims. */
  rule: unknown;
  replaces: string | null;
  uses: CredentialUse[];
  /** What its identity could still prove itself with, were this one revoked. */
  others: number;
};

/** How many live credentials want attention, and why. */
export type CredentialBoard = {
  /** That end within so many days, and how many of those have a successor. */
  ends: Record<'7' | '30' | '90', { all: number; replaced: number }>;
  /** Not used for 90 days. */
  unused: number;
  /** Used from a network that was first seen in the last 7 days. */
  newNetwork: number;
  bearer: number;
};
