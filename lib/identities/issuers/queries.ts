import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';

export type ListedIssuer = {
  id: string;
  name: string;
  issuer: string;
  /** Where its keys are; null where they were uploaded. */
  jwksUrl: string | null;
  /** Ids of uploaded keys. */
  kids: string[];
  createdAt: Date;
  changedAt: Date;
  revokedAt: Date | null;
  credentials: number;
  identities: number;
};

/**
 * Every issuer, those that are believed first. They are of the organisation, so whoever is signed in sees them; whom they
 * vouch for is counted as far as the scope sees.
 */
export async function listIssuers(
  { sees }: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<ListedIssuer[]> {
  const { rows } = await db.query<ListedIssuer>(
    `SELECT o.id, o.name, o.issuer, o.jwks_url AS "jwksUrl", o.created_at AS "createdAt", o.changed_at AS "changedAt",
       o.revoked_at AS "revokedAt",
       array(SELECT coalesce(k ->> 'kid', 'without an id') FROM jsonb_array_elements(o.jwks -> 'keys') k) AS kids,
       count(c.id)::int AS credentials, count(DISTINCT c.identity_id)::int AS identities
     FROM token_issuer o LEFT JOIN (credential c JOIN identity i ON i.id = c.identity_id
         AND ($2::uuid[] IS NULL OR i.team_id = ANY ($2)))
       ON c.issuer_id = o.id AND c.revoked_at IS NULL AND c.expires_at > $1
     GROUP BY o.id ORDER BY o.revoked_at IS NOT NULL, lower(o.name), o.id LIMIT 200`,
    [now, sees === 'all' ? null : sees],
  );
  return rows;
}
