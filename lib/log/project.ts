import { activity } from '@/lib/inventory/activity/project';
import { coverage } from '@/lib/inventory/coverage/project';
import { searchProjection } from '@/lib/inventory/search/project';
import { keptSince } from './kept-since';
import type { Projection } from './projection';
import { shadowIdentity } from './schema';

// Senders are not trusted: sums saturate instead of overflowing, and a cost that is no plausible amount
// counts as unknown. An error here would stop the projection for good.
const tokens = (column: string) =>
  `least(coalesce(sum(greatest(${column}, 0)) FILTER (WHERE kind IN ('inference', 'embedding')), 0), 9223372036854775807)::bigint`;
const added = (column: string) =>
  `${column} = least(r.${column}::numeric + excluded.${column}, 9223372036854775807)::bigint`;

/** Interactions, tokens and cost by minute of arrival, shard, identity, kind and status. */
export const rollupMinute: Projection = {
  name: 'rollup_minute',

  async apply(client, { shard, after, through }) {
    // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
    await client.query('SET LOCAL enable_seqscan = off');
    await client.query(
      `INSERT INTO rollup_minute AS r
         (minute, shard, identity, kind, status, interactions, input_tokens, output_tokens, cost)
       SELECT date_bin('1 minute', received_at, 'epoch'), shard, coalesce(identity, '${shadowIdentity}'), kind, status,
         count(*), ${tokens('input_tokens')}, ${tokens('output_tokens')},
         coalesce(sum(cost) FILTER (WHERE kind IN ('inference', 'embedding') AND cost BETWEEN 0 AND 1e12), 0)
       FROM interaction
       WHERE shard = $1 AND received_at BETWEEN $2 AND $4
         AND (received_at, shard, position) > ($2, $1, $3) AND (received_at, shard, position) <= ($4, $1, $5)
       GROUP BY 1, 2, 3, 4, 5
       ON CONFLICT (minute, shard, identity, kind, status) DO UPDATE SET
         interactions = r.interactions + excluded.interactions,
         ${added('input_tokens')}, ${added('output_tokens')}, cost = r.cost + excluded.cost`,
      [
        shard,
        after.receivedAt,
        after.position.toString(),
        through.receivedAt,
        through.position.toString(),
      ],
    );
  },

  async clear(client) {
    // Minutes whose facts retention has dropped cannot be counted again, so they stay.
    const { arrival } = await keptSince(client);
    await client.query('DELETE FROM rollup_minute WHERE minute >= $1', [arrival]);
    return arrival;
  },
};

/** Everything a worker projects. */
export const projections: readonly Projection[] = [
  rollupMinute,
  activity,
  coverage,
  searchProjection,
];
