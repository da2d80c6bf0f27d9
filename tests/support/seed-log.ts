import type { Queryable } from '@/lib/db/pool';

export type Seed = {
  shard: number;
  count: number;
  /** Arrival of the first; the others follow `stepMs` later each. */
  firstAt: Date;
  stepMs?: number;
  /** Whether each happened when it arrived, and not at the beginning of 1970. */
  isTimely?: boolean;
};

/** Registers a telemetry shard, as a gateway does when it leases one. */
export async function seedShard(migrator: Queryable, shard: number): Promise<void> {
  await migrator.query(
    `INSERT INTO shard (id, kind, created_at) VALUES ($1, 'telemetry', now()) ON CONFLICT DO NOTHING`,
    [shard],
  );
}

/**
 * Appends entries and facts as a gateway would, in one transaction with the shard's head. Identities (one in
 * four is shadow), kinds, statuses, tokens and costs vary with the position.
 */
export async function seedInteractions(
  migrator: Queryable,
  { shard, count, firstAt, stepMs = 1, isTimely = false }: Seed,
): Promise<void> {
  await migrator.query(
    `WITH head AS (
       UPDATE shard SET next_position = next_position + $2, last_received_at = $3::timestamptz + ($2 - 1) * make_interval(secs => $4 / 1000.0)
       WHERE id = $1 RETURNING next_position - $2 AS first
     ), item AS (
       SELECT $3::timestamptz + n * make_interval(secs => $4 / 1000.0) AS at, head.first + n AS position, n
       FROM head, generate_series(0, $2 - 1) AS n
     ), entry AS (
       INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
       SELECT at, $1, position, 'interaction', '00000000-0000-7000-8000-000000000001', sha256(int8send(position)) FROM item
     )
     INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, session, dialect, kind, name,
       status, started_ns, ended_ns, input_tokens, output_tokens, cost, marks, bodies, salt)
     SELECT at, $1, position, '00000000-0000-7000-8000-000000000001',
       CASE WHEN n % 4 > 0 THEN ('00000000-0000-7000-8000-00000000000' || n % 4)::uuid END, 'self', gen_random_uuid(), 'genai',
       (ARRAY['inference', 'tool_call', 'embedding', 'event', 'step'])[n % 5 + 1], 'item', (ARRAY['ok', 'error', 'unset'])[n % 3 + 1],
       happened, happened, CASE WHEN n % 7 > 0 THEN n END, n % 11, CASE WHEN n % 2 > 0 THEN n / 1000.0 END, 0, '', ''
     FROM item CROSS JOIN LATERAL (
       SELECT CASE WHEN $5 THEN (extract(epoch FROM at) * 1000)::bigint * 1000000 ELSE 0 END AS happened
     ) h`,
    [shard, count, firstAt, stepMs, isTimely],
  );
}

/** What the minutes of arrival must say, counted one by one and in other words than the projection's. */
export async function recountArrivals(client: Queryable): Promise<unknown[]> {
  const { rows } = await client.query(
    `SELECT to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS minute, shard, count(*)::int AS interactions
     FROM interaction GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  return rows;
}

export async function readArrivals(client: Queryable): Promise<unknown[]> {
  const { rows } = await client.query(
    `SELECT to_char(minute AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS minute, shard, interactions::int
     FROM arrival_minute ORDER BY 1, 2`,
  );
  return rows;
}
