import { type Result, refused } from '@/lib/core/result';
import type { RegistryState } from '../state/registry-state';
import type { KnownAnchor, KnownCredential } from '../state/schema';
import type { ProofRefusal, Proved } from './schema';
import { stillHolds } from './still-holds';

type Refused = Extract<Result<never, ProofRefusal>, { ok: false }>;

/** The development authority vouches for nobody who does real work. */
export const mayVouch = (state: RegistryState, anchor: KnownAnchor, identity: string): boolean =>
  anchor.kind !== 'development' || state.identity(identity)?.zone?.environment === 'development';

export const developmentOnly: Refused = refused(
  'invalid',
  'The development authority is believed for identities in a zone of development only.',
);

/**
 * What a credential proves by now, which may have been found a while ago: as it is registered at present, and only while
 * whoever vouches for it is believed.
 */
export function stillProves(state: RegistryState, { id }: KnownCredential, nowMs: number): Proved {
  const credential = state.credential(id);
  if (credential === undefined)
    return refused('unknown', 'This credential is registered no more. Create another one.');
  const held = stillHolds(credential, nowMs);
  return held.ok ? (unbelieved(state, credential) ?? held) : held;
}

function unbelieved(
  state: RegistryState,
  { anchor: anchorId, issuer: issuerId, identity }: KnownCredential,
): Refused | null {
  const anchor = anchorId === null ? null : state.anchor(anchorId);
  if (anchor === undefined || anchor?.isRevoked) return believedNoMore('authority', anchor?.name);
  if (anchor !== null && !mayVouch(state, anchor, identity)) return developmentOnly;
  const issuer = issuerId === null ? null : state.issuer(issuerId);
  if (issuer === undefined || issuer?.isRevoked) return believedNoMore('issuer', issuer?.name);
  return null;
}

const believedNoMore = (what: string, name = 'of this credential'): Refused =>
  refused('revoked', `The ${what} ${name}, which vouches for the sender, is believed no more.`);
