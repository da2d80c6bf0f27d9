import { randomBytes } from 'node:crypto';
import type { Queryable } from '@/lib/db/pool';
import { type CanonicalValue, canonicalJson } from '@/lib/log/canonical';
import { leafOf, saltedDigest } from '@/lib/log/leaf';

export type ToldEntry = { at: Date; kind: string; facts: Record<string, CanonicalValue> };

/** Puts entries into the control shard as if they had been written when they say, positions from `first`. */
export async function seedControl(
  migrator: Queryable,
  entries: readonly ToldEntry[],
  first = 1_000_000,
): Promise<void> {
  const rows = entries.map(({ at, kind, facts }, index) => {
    const [text, salt] = [canonicalJson(facts), randomBytes(32)];
    const leaf = leafOf({
      kind,
      receivedAt: at.toISOString(),
      reporter: null,
      factsDigest: saltedDigest(salt, text),
      bodies: [],
    });
    return { at, position: first + index, kind, text, salt, leaf: Buffer.from(leaf, 'latin1') };
  });
  const days = rows.map(({ at }) => at.toISOString().slice(0, 10)).sort();
  await migrator.query('SELECT ensure_partitions($1, $2)', [days[0], days.at(-1)]);
  const columns = [
    rows.map(({ at }) => at),
    rows.map(({ position }) => position),
    rows.map(({ kind }) => kind),
  ];
  await migrator.query(
    `INSERT INTO control_event (received_at, shard, position, kind, facts, salt)
     SELECT at, 0, position, kind, facts, salt
     FROM unnest($1::timestamptz[], $2::bigint[], $3::text[], $4::text[], $5::bytea[]) AS t (at, position, kind, facts, salt)`,
    [...columns, rows.map(({ text }) => text), rows.map(({ salt }) => salt)],
  );
  await migrator.query(
    `INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
     SELECT at, 0, position, kind, NULL, leaf
     FROM unnest($1::timestamptz[], $2::bigint[], $3::text[], $4::bytea[]) AS t (at, position, kind, leaf)`,
    [...columns, rows.map(({ leaf }) => leaf)],
  );
}
