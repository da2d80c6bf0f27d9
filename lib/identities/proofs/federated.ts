import { ok, type Result, refused } from '@/lib/core/result';
import { FederatedRule } from '../credentials/schema';
import type { RegistryState } from '../state/registry-state';
import type { KnownCredential, KnownIssuer } from '../state/schema';
import { isSignedBy, type Jws } from './compact-jws';
import { isSubjectBound, matchesRule } from './federated-rule';
import { fittestOf } from './fittest';
import type { IssuerKeys } from './issuer-keys';
import { soleAudienceOf, untimely } from './lifetime';
import type { ProofRefusal, Proved } from './schema';

/** Of ID tokens, access tokens (RFC 9068) and service accounts: no logout, event or key-binding token is a proof. */
const types = [null, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'];
const subjectCharsMax = 2048;

const ruleOfCredential = new WeakMap<KnownCredential, FederatedRule | null>();

/** Whether an issuer that is believed says this, to us or to somebody else: whom it means is for `shownBy`. */
export async function verifyFederated(
  jws: Jws,
  issuer: KnownIssuer,
  { keys, nowMs }: { keys: IssuerKeys; nowMs: number },
): Promise<Result<Jws, ProofRefusal>> {
  const { claims } = jws;
  if (issuer.isRevoked)
    return refused('revoked', `The issuer of this token, ${issuer.name}, was revoked here.`);
  if (!types.includes(jws.typ))
    return refused(
      'invalid',
      'A token of this typ proves nothing here: send an ID or access token.',
    );
  const { sub } = claims;
  if (typeof sub !== 'string' || sub === '' || sub.length > subjectCharsMax)
    return refused('invalid', 'The token has no sub: nobody knows whom it means.');
  if (soleAudienceOf(claims) === null)
    return refused(
      'wrong_audience',
      'The token has no audience or several: ask its issuer for one with exactly one.',
    );
  const late = untimely(claims, nowMs);
  if (late !== null) return late;
  const key = await keys.find(issuer, jws, nowMs);
  if (!key.ok) return key;
  if (!(await isSignedBy(jws, key.value)))
    return refused(
      'invalid',
      `The signature of the token does not hold for the keys of ${issuer.name}.`,
    );
  return ok(jws);
}

/** The credential that a verified token shows. Several that mean one identity are one; else nobody knows which is meant. */
export function shownBy(
  state: RegistryState,
  issuer: KnownIssuer,
  { claims }: Jws,
  nowMs: number,
): Proved {
  const audience = soleAudienceOf(claims);
  let isForOthers = false;
  const shown = state.credentialsOfIssuer(issuer.id).filter((credential) => {
    const rule = ruleOf(credential, issuer);
    if (rule === null || !matchesRule(rule, claims)) return false;
    isForOthers ||= rule.audience !== audience;
    return rule.audience === audience;
  });
  const live = shown.filter(({ isRevoked, expiresAtMs }) => !isRevoked && expiresAtMs > nowMs);
  if (new Set(live.map(({ identity }) => identity)).size > 1)
    return refused(
      'disagree',
      'This token matches the rules of several identities. Their rules must tell them apart.',
    );
  const credential = fittestOf(shown, nowMs);
  if (credential !== undefined) return ok(credential);
  if (isForOthers)
    return refused(
      'wrong_audience',
      'The audience of the token is another than its rule asks for. Ask its issuer for one with that audience.',
    );
  return refused(
    'unknown',
    `No identity is registered for what this token of ${issuer.name} says. Its subject, and every other claim that a rule names, must match to the letter.`,
  );
}

/** Null for a rule that cannot be read or means nobody in particular: it never matches, however it came to be stored. */
function ruleOf(credential: KnownCredential, { issuer }: KnownIssuer): FederatedRule | null {
  let rule = ruleOfCredential.get(credential);
  if (rule === undefined) {
    const parsed = FederatedRule.safeParse(credential.rule);
    rule = parsed.success && isSubjectBound(parsed.data, issuer) ? parsed.data : null;
    ruleOfCredential.set(credential, rule);
  }
  return rule;
}
