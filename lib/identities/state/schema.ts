import type { BlockList } from 'node:net';
import type { ReporterRights } from '../attribute';
import type { CredentialKind } from '../credentials/schema';
import type { IdentityKind, IdentityState } from '../schema';
import type { TrustLevel } from '../trust/schema';

/** What gateways know of an identity. */
export type KnownIdentity = {
  id: string;
  name: string;
  kind: IdentityKind;
  state: IdentityState;
  stateReason: string | null;
  trust: TrustLevel;
  team: string | null;
  zone: { id: string; name: string; environment: string } | null;
  revision: number;
  /** What it may speak for, as attribution reads it. */
  reporter: ReporterRights;
};

export type KnownCredential = {
  id: string;
  identity: string;
  kind: CredentialKind;
  /** Of bearer secrets: SHA-256. */
  hash: Buffer | null;
  subject: string | null;
  anchor: string | null;
  issuer: string | null;
  network: string | null;
  /** As stored; whoever reads it parses it by its kind. */
  rule: unknown;
  expiresAtMs: number;
  isRevoked: boolean;
};

export type KnownAnchor = {
  id: string;
  kind: 'ca' | 'spiffe' | 'development';
  name: string;
  trustDomain: string | null;
  /** DER. */
  certificates: readonly Buffer[];
  jwtKeys: readonly Record<string, unknown>[];
  isRevoked: boolean;
  /** Another one means that what was verified by it has to be verified again. */
  version: string;
};

export type KnownIssuer = {
  id: string;
  name: string;
  issuer: string;
  jwksUrl: string | null;
  jwks: unknown;
  isRevoked: boolean;
  version: string;
};

export type KnownNetwork = { id: string; name: string; blocks: BlockList };
