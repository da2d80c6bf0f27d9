import type { PoolClient } from '@/lib/db/pool';
import type { Batch } from '@/lib/log/projection';
import { batchValues, inBatch } from '../activity/batch';
import type { Link } from './schema';

/** Both ends of an exchange arrive within this time of each other, or are not found. */
const endsMax = `interval '15 minutes'`;
/** Who reports the calling end later than that was no party to the exchange, or cannot show it. */
const lateMax = `interval '2 minutes'`;
/** How many other ends one entry is compared with, however many name it as their parent. */
const namedMax = 50;

const hashOf = (column: string) =>
  `encode(substring(sha256(i.trace || i.${column}) FOR 16), 'hex')::uuid`;

/** Kinds that may be two ends of one exchange: what serves a tool call may be an MCP request, not an inference. */
const kindOf = `CASE WHEN i.kind IN ('inference', 'data_transfer') THEN i.kind ELSE 'call' END`;

const isOtherOwner = (a: string, b: string) =>
  `(${a}.reporter <> ${b}.reporter OR ${a}.identity IS DISTINCT FROM ${b}.identity)`;

const columns = `s.received_at, s.shard, s.position, c.received_at AS other_received_at, c.shard AS other_shard,
  c.position AS other_position`;

type Row = {
  received_at: Date;
  shard: number;
  position: bigint;
  other_received_at: Date;
  other_shard: number;
  other_position: bigint;
};

/**
 * Pairs each end of an exchange that was served with the end that called, which it names as its parent. Only
 * the serving end gives way. A calling end that somebody else reports after the serving end was counted is
 * taken for what it says only of a registered identity and within two minutes: nobody but a party to the
 * exchange knows its span by then.
 */
export async function listCounterparts(client: PoolClient, batch: Batch): Promise<Link[]> {
  const values = batchValues(batch);
  await client.query(
    `INSERT INTO exchange_end (span, parent, kind, reporter, identity, received_at, shard, position)
     SELECT DISTINCT ON (1) ${hashOf('span')}, ${hashOf('parent')}, ${kindOf}, i.reporter, i.identity,
       i.received_at, i.shard, i.position
     FROM interaction i WHERE ${inBatch('i')} AND i.trace IS NOT NULL AND i.span IS NOT NULL
       AND i.kind IN ('inference', 'tool_call', 'mcp', 'agent_call', 'data_transfer')
     ORDER BY 1, i.position ON CONFLICT (span) DO NOTHING`,
    values,
  );
  const served = await client.query<Row>(
    `SELECT ${columns} FROM exchange_end s
     CROSS JOIN LATERAL (SELECT * FROM exchange_end c WHERE c.span = s.parent LIMIT 1) c
     WHERE ${inBatch('s')} AND s.kind = c.kind AND ${isOtherOwner('s', 'c')}
       AND s.received_at - c.received_at BETWEEN -${endsMax} AND ${endsMax}`,
    values,
  );
  const called = await client.query<Row>(
    `SELECT DISTINCT ON (c.position) ${columns} FROM exchange_end c
     CROSS JOIN LATERAL (SELECT * FROM exchange_end s WHERE s.parent = c.span LIMIT ${namedMax}) s
     WHERE ${inBatch('c')} AND NOT (s.shard = $1 AND s.position > $3) AND s.kind = c.kind
       AND ${isOtherOwner('s', 'c')}
       AND (c.reporter = s.reporter AND c.received_at - s.received_at <= ${endsMax}
         OR c.identity IS NOT NULL AND c.received_at - s.received_at <= ${lateMax})
     ORDER BY c.position, s.received_at, s.shard, s.position`,
    values,
  );
  // At the place of the one read later, as every link; a calling end that came late has one other end.
  return [
    ...served.rows.map((row) => linkOf(row)),
    ...called.rows.map((row) => {
      const { entry, ...link } = linkOf(row);
      return { ...link, entry: link.other, other: entry, uncounted: 'other' as const };
    }),
  ];
}

const linkOf = (row: Row): Link => ({
  entry: { receivedAt: row.received_at, shard: row.shard, position: row.position },
  relation: 'counterpart',
  other: {
    receivedAt: row.other_received_at,
    shard: row.other_shard,
    position: row.other_position,
  },
  uncounted: 'this',
});
