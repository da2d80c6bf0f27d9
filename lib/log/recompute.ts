import type { Queryable } from '@/lib/db/pool';
import { factColumns } from './columns';
import { factsJson, leafOf, saltedDigest, unpackBodies } from './leaf';
import type { AttributedInteraction, EntryPlace } from './schema';

/**
 * The leaf of an interaction, hex, computed again from its stored facts and the digests of its bodies.
 * Null when its facts have been erased or have expired: then only the leaf in the log is left.
 */
export async function leafOfStored(
  db: Queryable,
  { receivedAt, shard, position }: EntryPlace,
): Promise<string | null> {
  const columns = factColumns.map(({ column }) => column).join(', ');
  const { rows } = await db.query<
    Record<string, unknown> & { bodies: Buffer; salt: Buffer; reporter: string }
  >(
    `SELECT ${columns}, bodies, salt FROM interaction WHERE received_at = $1 AND shard = $2 AND position = $3`,
    [receivedAt, shard, position],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const facts = Object.fromEntries(
    factColumns.map(({ column, key, type }) => [
      key,
      type === 'count' && typeof row[column] === 'bigint' ? Number(row[column]) : row[column],
    ]),
  );
  const leaf = leafOf({
    kind: 'interaction',
    receivedAt: receivedAt.toISOString(),
    reporter: row.reporter,
    // The columns are the facts, by the table above; nothing else of an interaction is read.
    factsDigest: saltedDigest(row.salt, factsJson(facts as unknown as AttributedInteraction)),
    bodies: unpackBodies(row.bodies),
  });
  return Buffer.from(leaf, 'latin1').toString('hex');
}
