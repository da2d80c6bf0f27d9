import type { Queryable } from '@/lib/db/pool';
import type { ReporterRights } from './attribute';
import type { IdentityKind, IdentityState } from './schema';

/** Who holds an ingest key, and whether it may be used. */
export type IngestKeyHolder = {
  credential: string;
  hash: Buffer;
  expiresAt: Date;
  revokedAt: Date | null;
  state: IdentityState;
  kind: IdentityKind;
  reporter: ReporterRights;
};

export async function findIngestKeyHolder(
  db: Queryable,
  hash: Buffer,
): Promise<IngestKeyHolder | null> {
  const { rows } = await db.query<{
    credential: string;
    hash: Buffer;
    expires_at: Date;
    revoked_at: Date | null;
    identity: string;
    kind: IdentityKind;
    state: IdentityState;
    name: string;
    names: string[];
    reports_for_all: boolean;
    reports_for: string[];
  }>(
    `SELECT c.id AS credential, c.hash, c.expires_at, c.revoked_at, i.id AS identity, i.kind, i.state, i.name, i.names,
       i.reports_for_all, array(SELECT identity_id::text FROM identity_reports_for r WHERE r.reporter_id = i.id) AS reports_for
     FROM credential c JOIN identity i ON i.id = c.identity_id
     WHERE c.hash = $1 AND c.kind = 'ingest_key'`,
    [hash],
  );
  const row = rows[0];
  if (row === undefined) return null;
  return {
    credential: row.credential,
    hash: row.hash,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    state: row.state,
    kind: row.kind,
    reporter: rightsOf({ ...row, id: row.identity }),
  };
}

/** What a reporter may speak for, from its row and the identities it reports for. */
export function rightsOf(row: {
  id: string;
  name: string;
  names: string[];
  reports_for_all: boolean;
  reports_for: string[];
}): ReporterRights {
  const named = row.reports_for.length > 0 ? new Set(row.reports_for) : null;
  return {
    id: row.id,
    names: new Set([row.name, ...row.names]),
    reportsFor: row.reports_for_all ? 'all' : named,
  };
}

/** Notes that a credential was used, to the minute. */
export async function noteCredentialUsed(db: Queryable, credential: string): Promise<void> {
  await db.query(
    `UPDATE credential SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    [credential],
  );
}

/** Every name of every active identity → the identity it means; a name that several claim means none. */
export async function loadNames(db: Queryable): Promise<Map<string, string | null>> {
  const { rows } = await db.query<{ id: string; name: string; names: string[] }>(
    `SELECT id, name, names FROM identity WHERE state = 'active'`,
  );
  const byName = new Map<string, string | null>();
  for (const { id, name, names } of rows) {
    for (const each of new Set([name, ...names])) byName.set(each, byName.has(each) ? null : id);
  }
  return byName;
}
