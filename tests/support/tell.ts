import type { Pool, PoolClient } from '@/lib/db/pool';
import { batchValues, inBatch } from '@/lib/inventory/activity/batch';
import type { Uncounted } from '@/lib/inventory/links/schema';
import { clearSessions, gatherSessions } from '@/lib/inventory/sessions/project';
import { keptSince } from '@/lib/log/kept-since';
import { type Batch, listLags, type Projection, projectBatch } from '@/lib/log/projection';
import type { EntryPlace } from '@/lib/log/schema';

/** An identity that the tests register. */
export const agent = '00000000-0000-7000-8000-000000000001';

export type Place = { receivedAt: Date; shard: number; position: number };
export type Told = {
  session: string;
  at: Date;
  kind?: string;
  status?: string;
  tokens?: number;
  cost?: number | null;
  identity?: string | null;
  startedMs?: number;
  tookMs?: number;
  marks?: number;
  span?: string;
  parent?: string;
};

/** Appends one entry at the head of a shard. Returns its place. */
export async function tell(db: Pool, shard: number, told: Told): Promise<Place> {
  const receivedAt = told.at;
  const startedNs = BigInt(told.startedMs ?? receivedAt.getTime()) * 1_000_000n;
  const { rows } = await db.query<{ position: bigint }>(
    'UPDATE shard SET next_position = next_position + 1, last_received_at = $2 WHERE id = $1 RETURNING next_position - 1 AS position',
    [shard, receivedAt],
  );
  const position = Number(rows[0]?.position);
  await db.query(
    `WITH entry AS (INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
       VALUES ($1, $2, $3, 'interaction', '${agent}', sha256('leaf')))
     INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, session, dialect, kind, name,
       status, started_ns, ended_ns, input_tokens, output_tokens, cost, marks, bodies, salt, declared_name, trace, span, parent)
     VALUES ($1, $2, $3, '${agent}', $4, 'self', $5, 'genai', $6, 'item', $7, $8, $9, $10, 1, $11, $12, '', '', 'it-says-so',
       decode('0a', 'hex'), decode($13, 'hex'), decode($14, 'hex'))`,
    [
      receivedAt,
      shard,
      position,
      told.identity === undefined ? agent : told.identity,
      told.session,
      told.kind ?? 'inference',
      told.status ?? 'ok',
      startedNs.toString(),
      (startedNs + BigInt(told.tookMs ?? 100) * 1_000_000n).toString(),
      told.tokens ?? 10,
      told.cost === undefined ? 0.5 : told.cost,
      told.marks ?? 0,
      told.span ?? null,
      told.parent ?? null,
    ],
  );
  return { receivedAt, shard, position };
}

/** Writes that two entries tell of one call, as the projection that counts does: `this` gives way. */
export const link = (
  db: Pool,
  at: Place,
  other: Place,
  relation: string,
  uncounted: 'this' | 'other',
) => {
  const [entry, counted] = uncounted === 'this' ? [at, other] : [other, at];
  return db.query(
    `INSERT INTO entry_link (received_at, shard, position, relation, other_received_at, other_shard, other_position, uncounted, key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'this', gen_random_uuid())`,
    [
      entry.receivedAt,
      entry.shard,
      entry.position,
      relation,
      counted.receivedAt,
      counted.shard,
      counted.position,
    ],
  );
};

/** What a batch changed by links that tests wrote: the entry read later brought the link with it. */
async function uncountedBy(client: PoolClient, batch: Batch): Promise<Uncounted> {
  const { rows } = await client.query<{ received_at: Date; shard: number; position: bigint }>(
    `WITH read AS (SELECT i.shard, i.position FROM interaction i WHERE ${inBatch('i')})
     SELECT l.received_at, l.shard, l.position FROM entry_link l
     GROUP BY 1, 2, 3 HAVING bool_or((l.shard, l.position) IN (SELECT * FROM read))
       OR bool_and((l.other_shard, l.other_position) IN (SELECT * FROM read))`,
    batchValues(batch),
  );
  const places = rows.map(({ received_at: receivedAt, shard, position }) => ({
    receivedAt,
    shard,
    position,
  }));
  const isRead = ({ shard, position }: EntryPlace) =>
    shard === batch.shard && position > batch.after.position && position <= batch.through.position;
  return {
    within: places.filter(isRead).map(({ position }) => position),
    before: places.filter((place) => !isRead(place)),
    again: [],
  };
}

/** The step of counting that gathers sessions, by itself: what links there are, the test says. */
export const sessions: Projection = {
  name: 'sessions',
  async apply(client, batch) {
    await gatherSessions(client, batch, await uncountedBy(client, batch));
    return undefined;
  },
  async clear(client) {
    const { arrival } = await keptSince(client);
    await clearSessions(client, arrival);
    return arrival;
  },
};

/** Gathers whatever is behind, as a worker does. */
export async function gatherAll(client: PoolClient, entriesMax?: number): Promise<void> {
  for (;;) {
    const behind = (await listLags(client, [sessions])).filter(({ entries }) => entries > 0);
    if (behind.length === 0) return;
    for (const lag of behind) await projectBatch(client, sessions, lag.shard, entriesMax);
  }
}
