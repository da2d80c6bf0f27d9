import type { Queryable } from '@/lib/db/pool';
import {
  type FactColumn,
  type FactTable,
  type FactValue,
  factColumns,
  interactionFacts,
} from './columns';
import { factsJsonOf, leafOf, saltedDigest, unpackBodies } from './leaf';
import { measurementColumns, measurementFacts } from './measurement-columns';
import type { EntryPlace, TelemetryKind } from './schema';

const factsOf: Record<
  TelemetryKind,
  { columns: readonly FactColumn<unknown>[]; table: FactTable }
> = {
  interaction: { columns: factColumns, table: interactionFacts },
  measurement: { columns: measurementColumns, table: measurementFacts },
};

/**
 * The leaf of an interaction or a measurement, hex, computed again from its stored facts and the digests of its
 * bodies. Null when its facts have been erased or have expired: then only the leaf in the log is left.
 */
export async function leafOfStored(db: Queryable, place: EntryPlace): Promise<string | null> {
  const { receivedAt, shard, position } = place;
  for (const kind of ['interaction', 'measurement'] as const) {
    const { columns, table } = factsOf[kind];
    const names = columns.map(({ column }) => column).join(', ');
    const { rows } = await db.query<
      Record<string, FactValue | undefined> & { bodies: Buffer; salt: Buffer; reporter: string }
    >(
      `SELECT ${names}, bodies, salt FROM ${kind} WHERE received_at = $1 AND shard = $2 AND position = $3`,
      [receivedAt, shard, position],
    );
    const row = rows[0];
    if (row === undefined) continue;
    const facts = columns.map(({ column, type }) => {
      const value = row[column] ?? null;
      return type === 'count' && typeof value === 'bigint' ? Number(value) : value;
    });
    const leaf = leafOf({
      kind,
      receivedAt: receivedAt.toISOString(),
      reporter: row.reporter,
      factsDigest: saltedDigest(row.salt, factsJsonOf(facts, table)),
      bodies: unpackBodies(row.bodies),
    });
    return Buffer.from(leaf, 'latin1').toString('hex');
  }
  return null;
}
