import type { PoolClient, Queryable } from '@/lib/db/pool';

/**
 * A projection reads each shard of the log in order and derives something from it. What it derives is
 * written in the transaction that moves its cursor, so that every entry counts exactly once whatever dies.
 * INVARIANT: one connection at a time appends to a shard and arrival never goes back there, so nothing can
 * become visible behind a cursor. Across shards there is no order.
 */
export type Projection = {
  readonly name: string;
  /** A small batch waits until this long after the one before: most of what one costs is not of its entries. */
  readonly everyMs?: number;
  /** Entries of one batch, where `batchEntriesMax` would hold up the others for too long. */
  readonly batchEntriesMax?: number;
  /**
   * Writes what the batch's entries add. Entries whose facts were erased are simply not found. Where those were too
   * much for one batch, returns the last of which it wrote.
   */
  apply(client: PoolClient, batch: Batch): Promise<Cursor | undefined>;
  /** Whether what was derived rests on what no longer holds, so that it must be derived anew. */
  isStale?(client: PoolClient): Promise<boolean>;
  /** Removes what can be derived again, and returns the arrival from which it must be. */
  clear(client: PoolClient): Promise<Date>;
};

/** The entries of one shard behind `after`, up to and with `through`. */
export type Batch = { shard: number; after: Cursor; through: Cursor; entries: number };
export type Cursor = { receivedAt: Date; position: bigint };

export type Lag = { projection: string; shard: number; entries: number; oldestAt: Date | null };

export const batchEntriesMax = 20_000;

/** How far each projection is behind in each shard. Cheap enough to ask ten times a second. */
export async function listLags(
  client: Queryable,
  projections: readonly Projection[],
): Promise<Lag[]> {
  const { rows } = await client.query<Lag>(
    `SELECT p.name AS projection, s.id AS shard, b.entries, next.received_at AS "oldestAt"
     FROM unnest($1::text[]) AS p(name) CROSS JOIN shard s
     LEFT JOIN projection_cursor pc ON pc.projection = p.name AND pc.shard = s.id
     CROSS JOIN LATERAL (SELECT coalesce(pc.received_at, 'epoch') AS received_at, coalesce(pc.position, -1) AS position) c
     CROSS JOIN LATERAL (SELECT greatest(s.next_position - 1 - c.position, 0)::float8 AS entries) b
     LEFT JOIN LATERAL (
       SELECT l.received_at FROM log_entry l
       WHERE b.entries > 0 AND l.received_at >= c.received_at AND l.shard = s.id
         AND (l.received_at, l.shard, l.position) > (c.received_at, s.id, c.position)
       ORDER BY l.received_at, l.shard, l.position LIMIT 1
     ) next ON true
     ORDER BY p.name, s.id`,
    [projections.map(({ name }) => name)],
  );
  return rows;
}

/**
 * Reads the next entries of one shard and moves the cursor past them. Returns how many there were.
 * Two that try the same shard at once take turns.
 */
export async function projectBatch(
  client: PoolClient,
  projection: Projection,
  shard: number,
  entriesMax = projection.batchEntriesMax ?? batchEntriesMax,
): Promise<number> {
  return await inTransaction(client, async () => {
    const after = await lockCursor(client, projection.name, shard);
    const batch = await nextBatch(client, shard, after, entriesMax);
    if (batch === null) return 0;
    const reached = await projection.apply(client, batch);
    const through = reached ?? batch.through;
    await client.query(
      `UPDATE projection_cursor SET received_at = $3, position = $4, moved_at = now()
       WHERE projection = $1 AND shard = $2`,
      [projection.name, shard, through.receivedAt, through.position.toString()],
    );
    return reached === undefined
      ? batch.entries
      : batch.entries - (await countBetween(client, shard, through, batch.through));
  });
}

/** Forgets what a projection derived, so that it reads the log again from where facts still exist. */
export async function rebuildProjection(client: PoolClient, projection: Projection): Promise<void> {
  await inTransaction(client, async () => {
    // All that it derived may be more than a statement has time for; and it is one transaction anyway.
    await client.query('SET LOCAL statement_timeout = 0');
    // Held to the end: a batch under way elsewhere ends before, the next begins after. Others go on.
    await client.query(
      `INSERT INTO projection_cursor (projection, shard, received_at, position, moved_at)
       SELECT $1, id, 'epoch', -1, now() FROM shard ORDER BY id ON CONFLICT DO NOTHING`,
      [projection.name],
    );
    await client.query(
      'SELECT FROM projection_cursor WHERE projection = $1 ORDER BY shard FOR UPDATE',
      [projection.name],
    );
    const from = await projection.clear(client);
    await client.query(
      `INSERT INTO projection_cursor (projection, shard, received_at, position, moved_at)
       SELECT $1, s.id, $2, coalesce((
         SELECT l.position - 1 FROM log_entry l WHERE l.received_at >= $2 AND l.shard = s.id
         ORDER BY l.received_at, l.shard, l.position LIMIT 1), s.next_position - 1), now()
       FROM shard s
       ON CONFLICT (projection, shard) DO UPDATE SET received_at = excluded.received_at,
         position = excluded.position, moved_at = excluded.moved_at`,
      [projection.name, from],
    );
  });
}

async function lockCursor(client: PoolClient, projection: string, shard: number): Promise<Cursor> {
  const select = `SELECT received_at AS "receivedAt", position FROM projection_cursor
    WHERE projection = $1 AND shard = $2 FOR UPDATE`;
  const found = await client.query<Cursor>(select, [projection, shard]);
  if (found.rows[0] !== undefined) return found.rows[0];
  await client.query(
    `INSERT INTO projection_cursor (projection, shard, received_at, position, moved_at)
     VALUES ($1, $2, 'epoch', -1, now()) ON CONFLICT DO NOTHING`,
    [projection, shard],
  );
  const made = await client.query<Cursor>(select, [projection, shard]);
  if (made.rows[0] === undefined)
    throw new Error(`The cursor of ${projection} in shard ${shard} is gone.`);
  return made.rows[0];
}

async function nextBatch(
  client: PoolClient,
  shard: number,
  after: Cursor,
  entriesMax: number,
): Promise<Batch | null> {
  const { rows } = await client.query<{ entries: number; receivedAt: Date; position: bigint }>(
    `SELECT count(*)::int4 AS entries, max(received_at) AS "receivedAt", max(position) AS position FROM (
       SELECT received_at, position FROM log_entry
       WHERE received_at >= $2 AND shard = $1 AND (received_at, shard, position) > ($2, $1, $3)
       ORDER BY received_at, shard, position LIMIT $4
     ) AS batch`,
    [shard, after.receivedAt, after.position.toString(), entriesMax],
  );
  const end = rows[0];
  if (end === undefined || end.entries === 0) return null;
  const through = { receivedAt: end.receivedAt, position: BigInt(end.position) };
  return { shard, after, through, entries: end.entries };
}

async function countBetween(
  client: PoolClient,
  shard: number,
  after: Cursor,
  through: Cursor,
): Promise<number> {
  const { rows } = await client.query<{ entries: number }>(
    `SELECT count(*)::int4 AS entries FROM log_entry WHERE received_at BETWEEN $2 AND $4 AND shard = $1
       AND (received_at, shard, position) > ($2, $1, $3) AND (received_at, shard, position) <= ($4, $1, $5)`,
    [
      shard,
      after.receivedAt,
      after.position.toString(),
      through.receivedAt,
      through.position.toString(),
    ],
  );
  return rows[0]?.entries ?? 0;
}

async function inTransaction<Value>(
  client: PoolClient,
  work: () => Promise<Value>,
): Promise<Value> {
  await client.query('BEGIN');
  try {
    const value = await work();
    await client.query('COMMIT');
    return value;
  } catch (error) {
    // The first error is the one to tell of; a broken connection cannot roll back and need not.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
