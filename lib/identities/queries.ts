import type { Queryable } from '@/lib/db/pool';
import type { ReporterRights } from './attribute';
import { furtherNetworks, networksNotedMax } from './credentials/used-from';

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

/**
 * Notes that a credential was used, to the minute, and from which network. The networks of one are bounded, or whoever
 * has it could write without end: those beyond are told under one name.
 */
export async function noteCredentialUsed(
  db: Queryable,
  credential: string,
  network: string,
): Promise<void> {
  await db.query(
    `WITH used AS (
       UPDATE credential SET last_used_at = now()
       WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
     ), noted AS (SELECT u.network FROM credential_use u WHERE u.credential_id = $1)
     INSERT INTO credential_use (credential_id, network, first_at, last_at)
     SELECT $1, CASE WHEN $2 IN (SELECT n.network FROM noted n) OR (SELECT count(*) FROM noted) < $3 THEN $2 ELSE $4 END,
       now(), now()
     ON CONFLICT (credential_id, network) DO UPDATE SET last_at = greatest(credential_use.last_at, EXCLUDED.last_at)`,
    [credential, network, networksNotedMax, furtherNetworks],
  );
}
