import { originProjection } from '@/lib/identities/external/project';
import { batchValues, inBatch } from '@/lib/inventory/activity/batch';
import { activity } from '@/lib/inventory/activity/project';
import { coverage } from '@/lib/inventory/coverage/project';
import { measured } from '@/lib/inventory/measured/project';
import { searchProjection } from '@/lib/inventory/search/project';
import { behind } from '@/lib/people/behind/project';
import { definitions } from '@/lib/resources/definitions/project';
import { resources } from '@/lib/resources/project';
import { keptSince } from './kept-since';
import type { Projection } from './projection';

/** Interactions by minute of arrival and shard. */
export const arrivals: Projection = {
  name: 'arrivals',

  async apply(client, batch) {
    // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
    await client.query('SET LOCAL enable_seqscan = off');
    await client.query(
      `INSERT INTO arrival_minute AS r (minute, shard, interactions)
       SELECT date_bin('1 minute', i.received_at, 'epoch'), i.shard, count(*)
       FROM interaction i WHERE ${inBatch('i')} GROUP BY 1, 2
       ON CONFLICT (minute, shard) DO UPDATE SET interactions = r.interactions + excluded.interactions`,
      batchValues(batch),
    );
    return undefined;
  },

  async clear(client) {
    // Minutes whose facts retention has dropped cannot be counted again, so they stay.
    const { arrival } = await keptSince(client);
    await client.query('DELETE FROM arrival_minute WHERE minute >= $1', [arrival]);
    return arrival;
  },
};

/** Everything a worker projects. */
export const projections: readonly Projection[] = [
  arrivals,
  activity,
  coverage,
  searchProjection,
  measured,
  behind,
  originProjection,
  resources,
  definitions,
];
