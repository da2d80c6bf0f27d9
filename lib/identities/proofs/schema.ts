import type { Result } from '@/lib/core/result';
import type { KnownCredential, KnownIdentity } from '../state/schema';

/** Why a proof is not taken. Closed: it stands in the log and on pages. */
export const proofRefusals = [
  /** Nothing was shown, or nothing that can be read. */
  'missing',
  'malformed',
  /** It can be read, and nobody registered it. */
  'unknown',
  'revoked',
  'expired',
  'not_yet_valid',
  /** Its signature, chain, key usage or form does not hold. */
  'invalid',
  /** It is meant for somebody else. */
  'wrong_audience',
  /** Keys that it must be checked with cannot be had just now. */
  'keys_unavailable',
  /** Two proofs of one request, or two credentials that one proof shows, mean two identities. */
  'disagree',
  /** The headers of a proxy, from somewhere else. */
  'not_a_proxy',
  /** It may not be used from where it came. */
  'wrong_network',
  /** Its identity is not active. */
  'stopped',
] as const;
export type ProofRefusal = (typeof proofRefusals)[number];

/** One proof that held, of the credential that it shows. */
export type Proved = Result<KnownCredential, ProofRefusal>;

/** Who sent a request, and by what that is known: the strongest first. */
export type Caller = {
  readonly identity: KnownIdentity;
  readonly proofs: readonly KnownCredential[];
  /** Whence it came, as far as it can be believed. */
  readonly address: string;
};

/** What a request shows of its sender. */
export type Presented = {
  readonly authorization: string | undefined;
  /**
   * DER, the sender's own first: of the connection, or as a listed proxy tells of its own. Null where none is shown; a
   * refusal where what is shown is not to be believed, whatever it holds.
   */
  readonly certificates: Result<readonly Buffer[], ProofRefusal> | null;
  readonly address: string;
  /** The address is a proxy's own: whence it came is not known. */
  readonly isProxy: boolean;
};
