import { hash } from 'node:crypto';
import { ok, refused } from '@/lib/core/result';
import type { RegistryState } from '../state/registry-state';
import { type Jws, readJws } from './compact-jws';
import { shownBy, verifyFederated } from './federated';
import { fittestOf } from './fittest';
import type { IssuerKeys } from './issuer-keys';
import { anchorOf, verifySvid } from './jwt-svid';
import { untilMsOf } from './lifetime';
import { assertedBy, credentialOfKey, verifyAssertion } from './registered-key';
import type { Proved } from './schema';
import { type Verified, VerifiedTokens } from './verified-tokens';

/** What others vouch for is checked by their keys again, of which one may have been withdrawn. */
const VOUCHED_MS_MAX = 600_000;

/**
 * Proofs by token: an assertion by a registered key, a JWT-SVID, or the token of an issuer that is believed. Which of them
 * it is follows from its own `iss` and `sub` before anything is computed, and each kind is checked by the keys of nobody
 * else. A signature that held is not checked again until the token expires, its authority or issuer changes, or ten
 * minutes have passed; whose credential it shows is looked up on each request.
 */
export class TokenProver {
  private readonly verified = new VerifiedTokens();
  private readonly keys: IssuerKeys;
  private readonly audience: string;

  /** `audience` is how this gateway is named in `aud`. */
  constructor({ keys, audience }: { keys: IssuerKeys; audience: string }) {
    this.keys = keys;
    this.audience = audience;
  }

  async prove(state: RegistryState, token: string, nowMs: number): Promise<Proved> {
    const digest = hash('sha256', token, 'base64');
    const known = this.verified.find(digest, nowMs);
    const shown = known && credentialOf(state, known, token, nowMs);
    if (shown !== undefined) return shown;
    this.verified.drop(digest);
    const jws = readJws(token);
    if (!jws.ok) return jws;
    return this.verify(state, jws.value, nowMs, (verified) => this.verified.keep(digest, verified));
  }

  private async verify(
    state: RegistryState,
    jws: Jws,
    nowMs: number,
    keep: (verified: Verified) => void,
  ): Promise<Proved> {
    const { audience } = this;
    const untilMs = untilMsOf(jws.claims);
    const vouchedUntilMs = Math.min(untilMs, nowMs + VOUCHED_MS_MAX);
    const identity = assertedBy(jws);
    if (identity !== null) {
      const proved = await verifyAssertion(state, jws, { identity, audience, nowMs });
      if (proved.ok && jws.kid !== null)
        keep({ kind: 'public_key', untilMs, thumbprint: jws.kid, identity });
      return proved;
    }
    const svid = anchorOf(state, jws);
    if (svid !== null) {
      const proved = await verifySvid(jws, svid, { audience, nowMs });
      if (!proved.ok) return proved;
      const { anchor, subject } = proved.value;
      const shown = { subject, anchor: anchor.id, version: anchor.version };
      keep({ kind: 'jwt_svid', untilMs: vouchedUntilMs, ...shown });
      return credentialOfSvid(state, shown, nowMs);
    }
    const { iss } = jws.claims;
    const issuer = typeof iss === 'string' ? state.issuerNamed(iss) : undefined;
    if (issuer === undefined)
      return refused(
        'unknown',
        'Nobody here takes the word of whoever issued this token: its iss is no issuer that was registered, to the letter, and its sub no SPIFFE id of a trust domain with keys for JWT-SVIDs.',
      );
    const held = await verifyFederated(jws, issuer, { keys: this.keys, nowMs });
    if (!held.ok) return held;
    const proved = shownBy(state, issuer, jws, nowMs);
    if (proved.ok)
      keep({
        kind: 'federated',
        untilMs: vouchedUntilMs,
        issuer: issuer.id,
        version: issuer.version,
        revision: state.issuerRevision(issuer.id),
        credential: proved.value.id,
      });
    return proved;
  }
}

/** What a token shows whose signature held before; undefined when it has to be checked again. */
function credentialOf(
  state: RegistryState,
  known: Verified,
  token: string,
  nowMs: number,
): Proved | undefined {
  switch (known.kind) {
    case 'public_key': {
      const credential = credentialOfKey(state, known.thumbprint, nowMs);
      // One of another identity by now, or of a key that is no more: what the token says is read again.
      return credential?.identity === known.identity ? ok(credential) : undefined;
    }
    case 'jwt_svid': {
      const anchor = state.anchor(known.anchor);
      if (anchor === undefined || anchor.isRevoked || anchor.version !== known.version)
        return undefined;
      return credentialOfSvid(state, known, nowMs);
    }
    case 'federated': {
      const issuer = state.issuer(known.issuer);
      if (issuer === undefined || issuer.isRevoked || issuer.version !== known.version)
        return undefined;
      const revision = state.issuerRevision(issuer.id);
      const credential = state.credential(known.credential);
      // One that has ended may have a successor that matches as well.
      const isLive = credential !== undefined && credential.expiresAtMs > nowMs;
      if (isLive && revision === known.revision) return ok(credential);
      const jws = readJws(token);
      const shown = jws.ok ? shownBy(state, issuer, jws.value, nowMs) : jws;
      if (shown.ok) {
        known.revision = revision;
        known.credential = shown.value.id;
      }
      return shown;
    }
  }
}

function credentialOfSvid(
  state: RegistryState,
  { subject, anchor }: { subject: string; anchor: string },
  nowMs: number,
): Proved {
  const credential = fittestOf(
    state.credentialsShowing({ kind: 'jwt_svid', subject, anchor, issuer: null }),
    nowMs,
  );
  if (credential !== undefined) return ok(credential);
  return refused(
    'unknown',
    'This JWT-SVID holds, but no identity is registered with its SPIFFE id as a JWT-SVID.',
  );
}
