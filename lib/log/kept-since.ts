import type { Queryable } from '@/lib/db/pool';

const firstDay = (table: string) =>
  `(SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD'))::timestamp AT TIME ZONE 'UTC'
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE h.inhparent = '${table}'::regclass)`;

/**
 * From which arrival facts are kept, and before which moment nothing can be counted again: the epoch while no
 * day has expired, since what arrived on the first day may have happened long before.
 */
export async function keptSince(client: Queryable): Promise<{ arrival: Date; floor: Date }> {
  const { rows } = await client.query<{ facts: Date | null; entries: Date | null }>(
    `SELECT ${firstDay('interaction')} AS facts, ${firstDay('log_entry')} AS entries`,
  );
  const arrival = rows[0]?.facts ?? new Date(0);
  const hasExpired = arrival > (rows[0]?.entries ?? arrival);
  return { arrival, floor: hasExpired ? arrival : new Date(0) };
}
