import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { newId } from '@/lib/core/ids';
import type { Queryable } from '@/lib/db/pool';

/** How the gateway of a test is named in `aud`. */
export const gatewayName = 'http://localhost:4318';
export const secondsNow = () => Math.floor(Date.now() / 1000);

export async function newKey(alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const thumbprint = await calculateJwkThumbprint(jwk);
  return {
    jwk,
    thumbprint,
    publicKey,
    /** What a header says otherwise is said; `undefined` leaves it out. */
    sign: (claims: JWTPayload, header: object = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid: thumbprint, ...header }).sign(privateKey),
  };
}
export type TestKey = Awaited<ReturnType<typeof newKey>>;

/** What an identity signs of itself, but for what is said otherwise; `undefined` leaves a claim out. */
export const assertionOf = (identity: string, over: Record<string, unknown> = {}): JWTPayload => ({
  iss: identity,
  sub: identity,
  aud: gatewayName,
  iat: secondsNow(),
  exp: secondsNow() + 300,
  jti: randomUUID(),
  ...over,
});

export type CredentialRow = {
  identity: string;
  kind: string;
  subject?: string;
  hash?: Buffer;
  anchor?: string;
  issuer?: string;
  rule?: unknown;
  createdAt?: Date;
  expiresAt?: Date;
};

/** Written as the migrator; returns its id. */
export async function addCredential(db: Queryable, row: CredentialRow): Promise<string> {
  const id = newId();
  const { identity, kind, subject = null, hash = null, anchor = null, issuer = null } = row;
  await db.query(
    `INSERT INTO credential (id, identity_id, kind, hash, hint, subject, anchor_id, issuer_id, rule, created_at, expires_at)
     VALUES ($1, $2, $3, $4, 'test', $5, $6, $7, $8, $9, $10)`,
    [
      id,
      identity,
      kind,
      hash,
      subject,
      anchor,
      issuer,
      row.rule === undefined ? null : JSON.stringify(row.rule),
      row.createdAt ?? new Date(Date.now() - 60_000),
      row.expiresAt ?? new Date(Date.now() + 86_400_000),
    ],
  );
  return id;
}

export const addPublicKey = (db: Queryable, identity: string, { jwk, thumbprint }: TestKey) =>
  addCredential(db, { identity, kind: 'public_key', subject: thumbprint, rule: { jwk } });

/** The bundle of a trust domain, with keys for JWT-SVIDs and DER of authorities. */
export async function addBundle(
  db: Queryable,
  trustDomain: string,
  keys: readonly object[],
  certificates: readonly Buffer[] = [],
): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO trust_anchor (id, kind, name, trust_domain, certificates, jwt_keys, created_at, changed_at)
     VALUES ($1, 'spiffe', $2, $2, $3, $4, now(), now())`,
    [id, trustDomain, certificates, JSON.stringify(keys)],
  );
  return id;
}

export async function addIssuer(
  db: Queryable,
  {
    issuer,
    jwksUrl = null,
    jwks = null,
  }: { issuer: string; jwksUrl?: string | null; jwks?: unknown },
): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO token_issuer (id, name, issuer, jwks_url, jwks, created_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, now(), now())`,
    [id, `issuer ${id.slice(-6)}`, issuer, jwksUrl, jwks === null ? null : JSON.stringify(jwks)],
  );
  return id;
}

/** A rule of an issuer: this audience, and each claim with this value. */
export const addFederated = (
  db: Queryable,
  {
    identity,
    issuer,
    audience = gatewayName,
    claims,
  }: { identity: string; issuer: string; audience?: string; claims: Record<string, string> },
): Promise<string> => {
  const rule = {
    audience,
    claims: Object.entries(claims).map(([name, value]) => ({ name, values: [value] })),
  };
  return addCredential(db, {
    identity,
    kind: 'federated',
    issuer,
    rule,
    subject: JSON.stringify(rule),
  });
};
