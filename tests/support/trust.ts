import { newId } from '@/lib/core/ids';
import type { Queryable } from '@/lib/db/pool';
import type { Issued } from './authority';

/** An authority that is believed, written as the migrator. Returns its id. */
export async function addAnchor(
  db: Queryable,
  kind: 'ca' | 'spiffe',
  certificates: readonly Issued[],
  trustDomain: string | null = kind === 'spiffe' ? 'example.org' : null,
): Promise<string> {
  const id = newId();
  await db.query(
    `INSERT INTO trust_anchor (id, kind, name, trust_domain, certificates, created_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, now(), now())`,
    [id, kind, `${kind} of tests`, trustDomain, certificates.map(({ der }) => der)],
  );
  return id;
}

/** What an identity shows by a certificate, written as the migrator. Returns its id. */
export async function addCertificate(
  db: Queryable,
  identity: string,
  anchor: string,
  subject: string,
): Promise<string> {
  const id = newId();
  const isSvid = subject.startsWith('spiffe://');
  const [match, value] = subject.split(/:(.*)/s);
  await db.query(
    `INSERT INTO credential (id, identity_id, kind, hint, subject, anchor_id, rule, created_at, expires_at)
     VALUES ($1, $2, $3, '', $4, $5, $6, now(), now() + interval '1 day')`,
    [
      id,
      identity,
      isSvid ? 'x509_svid' : 'certificate',
      subject,
      anchor,
      isSvid ? null : JSON.stringify({ match, value }),
    ],
  );
  return id;
}

/** The network that an identity runs in, written as the migrator. Returns the credential's id. */
export async function addPlacement(
  db: Queryable,
  identity: string,
  cidrs: readonly string[],
): Promise<string> {
  const [id, network] = [newId(), newId()];
  await db.query(`INSERT INTO network (id, name, cidrs, changed_at) VALUES ($1, $2, $3, now())`, [
    network,
    `network ${network}`,
    cidrs,
  ]);
  await db.query(
    `INSERT INTO credential (id, identity_id, kind, hint, subject, network_id, created_at, expires_at)
     VALUES ($1, $2, 'placement', '', $3, $4, now(), now() + interval '1 day')`,
    [id, identity, network, network],
  );
  return id;
}
