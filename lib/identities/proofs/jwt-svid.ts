import { ok, type Result, refused } from '@/lib/core/result';
import type { RegistryState } from '../state/registry-state';
import type { KnownAnchor } from '../state/schema';
import { isSignedBy, type Jws } from './compact-jws';
import { keyOf, readVerificationKey, type VerificationKey } from './key-set';
import { soleAudienceOf, untimely } from './lifetime';
import type { ProofRefusal } from './schema';
import { parseWorkloadId } from './spiffe-id';

const algorithms = /^(?:ES|PS|RS)(?:256|384|512)$/;
const headers = ['alg', 'kid', 'typ'];
const types = [null, 'JWT', 'JOSE'];

const keysOfAnchor = new WeakMap<KnownAnchor, readonly VerificationKey[]>();

export type VerifiedSvid = { readonly subject: string; readonly anchor: KnownAnchor };

/** Whose word this is, when it may be a JWT-SVID of a trust domain that is known here. */
export function anchorOf(state: RegistryState, { claims: { sub } }: Jws): VerifiedSvid | null {
  if (typeof sub !== 'string') return null;
  const parsed = parseWorkloadId(sub);
  const anchor = parsed.ok ? state.anchorOfDomain(parsed.value.trustDomain) : undefined;
  return anchor?.kind === 'spiffe' && anchor.jwtKeys.length > 0 ? { subject: sub, anchor } : null;
}

/** The rules of JWT-SVID (SPIFFE, standards/JWT-SVID.md), for the one audience that this gateway is. */
export async function verifySvid(
  jws: Jws,
  svid: VerifiedSvid,
  { audience, nowMs }: { audience: string; nowMs: number },
): Promise<Result<VerifiedSvid, ProofRefusal>> {
  const { anchor } = svid;
  if (!algorithms.test(jws.alg))
    return refused('invalid', 'A JWT-SVID is signed with RS, ES or PS and SHA-2.');
  if (!types.includes(jws.typ) || jws.headers.some((name) => !headers.includes(name)))
    return refused(
      'invalid',
      'The header of a JWT-SVID has alg, kid and typ, which is JWT or JOSE, and nothing else.',
    );
  if (soleAudienceOf(jws.claims) !== audience)
    return refused(
      'wrong_audience',
      `The audience of a JWT-SVID must be ${audience}, and only that.`,
    );
  const late = untimely(jws.claims, nowMs);
  if (late !== null) return late;
  if (anchor.isRevoked)
    return refused(
      'revoked',
      `The trust domain of this JWT-SVID, ${anchor.name}, was revoked here.`,
    );
  const key = keyOf(keysFor(anchor), jws);
  if (!key.ok)
    return refused('invalid', `${key.message} The bundle of ${anchor.name} may be out of date.`);
  if (!(await isSignedBy(jws, key.value)))
    return refused('invalid', 'The signature of this JWT-SVID does not hold.');
  return ok(svid);
}

function keysFor(anchor: KnownAnchor): readonly VerificationKey[] {
  let keys = keysOfAnchor.get(anchor);
  if (keys === undefined) {
    keys = anchor.jwtKeys
      .map(readVerificationKey)
      .filter((key) => key !== null)
      .filter(({ use, kid }) => use === 'jwt-svid' && kid !== null);
    keysOfAnchor.set(anchor, keys);
  }
  return keys;
}
