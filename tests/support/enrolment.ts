import { createHash, randomUUID } from 'node:crypto';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';
import { newId } from '@/lib/core/ids';
import type { Queryable } from '@/lib/db/pool';

export type WorkloadKey = {
  privateKey: CryptoKey;
  jwk: JWK;
  thumbprint: string;
  alg: string;
};

export async function makeKey(alg = 'ES256'): Promise<WorkloadKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk), alg };
}

/** What an accepted key proves its identity with, as the gateway's answer says. */
export const assertionOf = (
  { privateKey, alg, thumbprint }: WorkloadKey,
  identity: string,
  audience: string,
): Promise<string> =>
  new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg, kid: thumbprint })
    .setIssuer(identity)
    .setSubject(identity)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(privateKey);

type Signed = {
  /** Instead of, or besides, what a well-made request says. Undefined leaves a claim out. */
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  iat?: number;
};

/** What a workload signs, well made but for what is said otherwise. */
export async function signRequest(
  key: WorkloadKey,
  audience: string,
  { claims = {}, header = {}, iat = Math.floor(Date.now() / 1000) }: Signed = {},
): Promise<string> {
  const payload = { aud: audience, jti: randomUUID(), kind: 'agent', name: 'billing', ...claims };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.alg, typ: 'sallyport-enrolment+jwt', jwk: key.jwk, ...header })
    .setIssuedAt(iat)
    .sign(key.privateKey);
}

export type EnrolAnswer = {
  status: number;
  retryAfter: string | null;
  body: Record<string, unknown>;
};

/** Posts to `/v1/enrolments`, as from `from` where the gateway believes this machine as a proxy. */
export async function postEnrolment(
  url: string,
  body: string | Record<string, unknown>,
  { from, type = 'application/json' }: { from?: string; type?: string } = {},
): Promise<EnrolAnswer> {
  const response = await fetch(`${url}/v1/enrolments`, {
    method: 'POST',
    headers: {
      'content-type': type,
      ...(from === undefined ? {} : { 'x-forwarded-for': from }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: await response.json(),
  };
}

export const switchEnrolment = (owner: Queryable, on: boolean) =>
  owner.query('UPDATE setting SET enrolment = $1', [on]);

/** A team and a zone, written as the migrator. */
export async function addPlaces(owner: Queryable, name = 'Research') {
  const [team, zone] = [newId(), newId()];
  await owner.query('INSERT INTO team (id, name, created_at) VALUES ($1, $2, now())', [team, name]);
  await owner.query(
    `INSERT INTO zone (id, name, kind, environment, created_at, changed_at) VALUES ($1, $2, 'workload', 'development', now(), now())`,
    [zone, name],
  );
  return { team, zone };
}

/** A code, written as the migrator. */
export async function addCode(
  owner: Queryable,
  {
    person,
    team,
    zone,
    uses = 100,
    expiresAt = new Date(Date.now() + 86_400_000),
    revoked = false,
  }: {
    person: string;
    team: string;
    zone: string;
    uses?: number;
    expiresAt?: Date;
    revoked?: boolean;
  },
): Promise<string> {
  const code = `slp_ec_${randomUUID()}`;
  const createdAt = new Date(Math.min(Date.now(), expiresAt.getTime() - 3_600_000));
  await owner.query(
    `INSERT INTO enrolment_code (id, name, hash, hint, team_id, zone_id, uses_max, made_by, created_at, expires_at, revoked_at)
     VALUES ($1, 'Cluster', $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      newId(),
      createHash('sha256').update(code).digest(),
      code.slice(-4),
      team,
      zone,
      uses,
      person,
      createdAt,
      expiresAt,
      revoked ? new Date() : null,
    ],
  );
  return code;
}
