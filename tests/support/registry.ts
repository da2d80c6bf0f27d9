import { newId } from '@/lib/core/ids';
import type { Queryable } from '@/lib/db/pool';

/** An authority that is believed, written as the migrator; its certificates check nothing. */
export async function believeAnchor(
  db: Queryable,
  {
    kind = 'ca',
    name = 'Workloads',
    trustDomain = null,
    certificates = [Buffer.from('der')],
    jwtKeys = [],
  }: {
    kind?: 'ca' | 'spiffe';
    name?: string;
    trustDomain?: string | null;
    certificates?: Buffer[];
    jwtKeys?: unknown[];
  } = {},
): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO trust_anchor (id, kind, name, trust_domain, certificates, jwt_keys, created_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, now(), now())`,
    [id, kind, name, trustDomain, certificates, JSON.stringify(jwtKeys)],
  );
  return id;
}

/** An issuer that is believed, with keys that check nothing. */
export async function believeIssuer(
  db: Queryable,
  { name = 'Cluster', issuer = `https://${newId()}.example.org` } = {},
): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO token_issuer (id, name, issuer, jwks, created_at, changed_at) VALUES ($1, $2, $3, '{"keys":[]}', now(), now())`,
    [id, name, issuer],
  );
  return id;
}
