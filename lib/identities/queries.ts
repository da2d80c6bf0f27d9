import type { Queryable } from '@/lib/db/pool';
import type { ReporterRights } from './attribute';

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
