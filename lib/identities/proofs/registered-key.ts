import { ok, type Result, refused } from '@/lib/core/result';
import { PublicKeyRule } from '../credentials/schema';
import type { RegistryState } from '../state/registry-state';
import type { KnownCredential } from '../state/schema';
import { isSignedBy, type Jws } from './compact-jws';
import { fittestOf } from './fittest';
import { readVerificationKey, type VerificationKey } from './key-set';
import { isTime, skewMs, soleAudienceOf, untimely } from './lifetime';
import type { ProofRefusal } from './schema';

const livesMsMax = 300_000;
const jtiCharsMax = 255;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const types = [null, 'JWT', 'client-authentication+jwt'];

const keyOfCredential = new WeakMap<KnownCredential, VerificationKey | null>();

/** The identity that a token says it is of, when it is one that an identity signed for itself. */
export function assertedBy({ claims: { iss, sub } }: Jws): string | null {
  return typeof iss === 'string' && iss === sub && UUID.test(iss) ? iss : null;
}

/** The newest credential of a key, by its thumbprint (RFC 7638). */
export const credentialOfKey = (
  state: RegistryState,
  thumbprint: string,
  nowMs: number,
): KnownCredential | undefined =>
  fittestOf(
    state.credentialsShowing({
      kind: 'public_key',
      subject: thumbprint,
      anchor: null,
      issuer: null,
    }),
    nowMs,
  );

/**
 * An assertion that an identity signed with a key that is registered for it (RFC 7523, section 3): `iss` and `sub` are its
 * id, `kid` is the thumbprint of the key, the gateway is the only audience, and it lives five minutes at most. Here it may
 * come again until it expires.
 */
export async function verifyAssertion(
  state: RegistryState,
  jws: Jws,
  { identity, audience, nowMs }: { identity: string; audience: string; nowMs: number },
): Promise<Result<KnownCredential, ProofRefusal>> {
  const { claims, kid, typ } = jws;
  if (!types.includes(typ))
    return refused('invalid', 'A token of this typ proves nothing here: leave it out, or say JWT.');
  if (soleAudienceOf(claims) !== audience)
    return refused(
      'wrong_audience',
      `The audience of the token must be ${audience}, and only that.`,
    );
  const late = untimely(claims, nowMs);
  if (late !== null) return late;
  const { exp, iat, jti } = claims;
  if (
    !isTime(iat) ||
    !isTime(exp) ||
    typeof jti !== 'string' ||
    jti === '' ||
    jti.length > jtiCharsMax
  )
    return refused(
      'invalid',
      `The token needs iat, exp and a jti of ${jtiCharsMax} characters at most.`,
    );
  if (exp * 1000 - skewMs > nowMs + livesMsMax)
    return refused('invalid', 'The token lives too long: exp is five minutes ahead at most.');
  const credential = kid === null ? undefined : credentialOfKey(state, kid, nowMs);
  if (credential === undefined)
    return refused(
      'unknown',
      'No key with the kid of this token is registered: it is the thumbprint (RFC 7638) of the public key.',
    );
  const key = keyFor(credential);
  if (key === null || !key.algorithms.includes(jws.alg) || !(await isSignedBy(jws, key)))
    return refused('invalid', 'The signature of the token does not hold for the registered key.');
  if (credential.identity !== identity)
    return refused('invalid', 'This key is registered for another identity than iss and sub name.');
  return ok(credential);
}

function keyFor(credential: KnownCredential): VerificationKey | null {
  let key = keyOfCredential.get(credential);
  if (key === undefined) {
    const rule = PublicKeyRule.safeParse(credential.rule);
    key = rule.success ? readVerificationKey(rule.data.jwk) : null;
    keyOfCredential.set(credential, key);
  }
  return key;
}
