import { X509Certificate } from 'node:crypto';
import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { shownCertificate } from './read-authorities';
import type { AnchorKind, ShownCertificate, ShownKey } from './schema';

export type ListedAnchor = {
  id: string;
  kind: AnchorKind;
  name: string;
  trustDomain: string | null;
  certificates: ShownCertificate[];
  keys: ShownKey[];
  sequence: number | null;
  createdAt: Date;
  changedAt: Date;
  revokedAt: Date | null;
  /** Live credentials that it vouches for, and of how many identities: of those that the scope sees. */
  credentials: number;
  identities: number;
};

/** Of identities that the scope sees: what would stop with whoever vouches for it. */
export type Stopping = { id: string; name: string; credentials: number };
export const stoppingMax = 20;

type Row = Omit<ListedAnchor, 'certificates' | 'sequence'> & {
  certificates: Buffer[];
  sequence: bigint | null;
};

/**
 * Every authority, those that are believed first. They are of the organisation, so whoever is signed in sees them; whom
 * they vouch for is counted as far as the scope sees.
 */
export async function listAnchors(
  { sees }: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<ListedAnchor[]> {
  const { rows } = await db.query<Row>(
    `SELECT a.id, a.kind, a.name, a.trust_domain AS "trustDomain", a.certificates, a.sequence,
       a.created_at AS "createdAt", a.changed_at AS "changedAt", a.revoked_at AS "revokedAt",
       (SELECT coalesce(json_agg(json_build_object('kid', k ->> 'kid', 'what', concat_ws(' ', k ->> 'kty', k ->> 'crv'))), '[]')
          FROM jsonb_array_elements(a.jwt_keys) k) AS keys,
       count(c.id)::int AS credentials, count(DISTINCT c.identity_id)::int AS identities
     FROM trust_anchor a LEFT JOIN (credential c JOIN identity i ON i.id = c.identity_id
         AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2)))
       ON c.anchor_id = a.id AND c.revoked_at IS NULL AND c.expires_at > $1
     GROUP BY a.id ORDER BY a.revoked_at IS NOT NULL, lower(a.name), a.id LIMIT 200`,
    [now, sees === 'all' ? null : sees],
  );
  return rows.map(({ certificates, sequence, ...row }) => ({
    ...row,
    sequence: sequence === null ? null : Number(sequence),
    certificates: certificates.flatMap(readable),
  }));
}

/** What is no certificate is not shown; nothing else gets there by this console. */
function readable(der: Buffer): ShownCertificate[] {
  try {
    return [shownCertificate(new X509Certificate(der))];
  } catch {
    return [];
  }
}

/** Whose credentials an authority, or an issuer, vouches for, the most first: what would stop with it. */
export async function listStopping(
  { sees }: ReadScope,
  { by, id, now }: { by: 'anchor' | 'issuer'; id: string; now: Date },
  db: Queryable = pool(),
): Promise<Stopping[]> {
  const { rows } = await db.query<Stopping>(
    `SELECT i.id, i.name, count(*)::int AS credentials FROM credential c JOIN identity i ON i.id = c.identity_id
     WHERE (CASE WHEN $1 = 'anchor' THEN c.anchor_id ELSE c.issuer_id END) = $2
       AND c.revoked_at IS NULL AND c.expires_at > $3 AND ($4::uuid[] IS NULL OR i.team_id = ANY ($4))
     GROUP BY i.id ORDER BY count(*) DESC, i.name LIMIT $5`,
    [by, id, now, sees === 'all' ? null : sees, stoppingMax],
  );
  return rows;
}
