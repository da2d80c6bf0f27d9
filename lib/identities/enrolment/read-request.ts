import { decodeJwt, decodeProtectedHeader, errors, importJWK, jwtVerify } from 'jose';
import { ok, type Result, refused } from '@/lib/core/result';
import { readJwk } from '../credentials/public-key';
import {
  EnrolmentClaims,
  type EnrolmentRefusal,
  enrolmentAlgorithms,
  enrolmentType,
  proofAgeMax,
} from './schema';

export type EnrolmentRequest = EnrolmentClaims & {
  jwk: Record<string, string>;
  thumbprint: string;
};

const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const form = `Send {"request": "…"}: a JWS in compact form, typ ${enrolmentType}, with your public key as jwk in its header.`;

const invalid = (message: string) => refused('invalid_proof', message);

/**
 * What a workload asks, and that it holds the key it asks for: one JWS (RFC 7515) by that key over the whole request, so
 * that nothing of it can be exchanged. A certificate signing request would show as much of the key and less else: it
 * names no audience and no time, and can be sent again by whoever saw it. `audiences`: what this gateway is called.
 */
export async function readEnrolmentRequest(
  jws: unknown,
  { audiences, now }: { audiences: readonly string[]; now: Date },
): Promise<Result<EnrolmentRequest, EnrolmentRefusal>> {
  if (typeof jws !== 'string' || !compact.test(jws)) return refused('malformed', form);
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(jws);
    decodeJwt(jws);
  } catch {
    return refused('malformed', form);
  }
  const { alg = '', typ } = header;
  if (typ !== enrolmentType) return invalid(`The typ of the JWS is not ${enrolmentType}.`);
  if (!enrolmentAlgorithms.includes(alg))
    return invalid(`Sign with one of ${enrolmentAlgorithms.join(', ')}; alg is something else.`);
  const key = readJwk(header.jwk);
  if (!key.ok) return invalid(key.message);
  const payload = await verify(jws, { jwk: key.value.jwk, alg, audiences, now });
  if (!payload.ok) return payload;
  const parsed = EnrolmentClaims.safeParse(payload.value);
  if (!parsed.success) {
    const sentences = new Set(parsed.error.issues.map(({ message }) => message));
    return refused('malformed', [...sentences].slice(0, 5).join(' '));
  }
  const names = [...new Set(parsed.data.names)].filter((name) => name !== parsed.data.name);
  return ok({ ...parsed.data, names, ...key.value });
}

async function verify(
  jws: string,
  {
    jwk,
    alg,
    audiences,
    now,
  }: { jwk: Record<string, string>; alg: string; audiences: readonly string[]; now: Date },
): Promise<Result<Record<string, unknown>, EnrolmentRefusal>> {
  let payload: Record<string, unknown>;
  try {
    const key = await importJWK(jwk, alg);
    ({ payload } = await jwtVerify(jws, key, {
      algorithms: [alg],
      typ: enrolmentType,
      currentDate: now,
      clockTolerance: proofAgeMax,
    }));
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
      return refused('stale', staleSays);
    return invalid(
      'The signature does not hold: sign the request with the private key of its jwk.',
    );
  }
  const { aud, iat } = payload;
  const audience = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (typeof audience !== 'string' || !audiences.includes(audience.replace(/\/$/, '')))
    return refused(
      'wrong_audience',
      `aud is not this gateway: it is ${audiences.join(' or ')}, and nothing besides.`,
    );
  if (typeof iat !== 'number' || Math.abs(now.getTime() / 1000 - iat) > proofAgeMax)
    return refused('stale', staleSays);
  return ok(payload);
}

const staleSays = `The proof was not made just now: iat is seconds since 1970, ${proofAgeMax} off at most. Check the clock and sign again.`;
