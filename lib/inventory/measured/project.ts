import { keptSince } from '@/lib/log/kept-since';
import type { Projection } from '@/lib/log/projection';
import { additionOfDelta } from './add-up';
import { readPoints } from './points';
import { followRuns, forgetQuiet } from './runs';
import { Tally } from './tally';

/** What senders measured of their own usage, by the hour of which it was measured. */
export const measured: Projection = {
  name: 'measured',
  everyMs: 1000,

  async apply(client, batch) {
    // A new day's partition has no statistics yet, and a guess at a sequential scan reads the whole day.
    await client.query('SET LOCAL enable_seqscan = off');
    await client.query('SET LOCAL jit = off');
    // A neighbour is found by the order of its index; a bitmap would read and sort the whole run.
    await client.query('SET LOCAL enable_bitmapscan = off');
    const points = await readPoints(client, batch);
    const tally = new Tally();
    await followRuns(
      client,
      points.flatMap((point) => {
        const { amountNano, series } = point;
        if (amountNano === null) tally.leaveOut(point, 'implausible');
        else if (point.temporality === 'delta')
          tally.add(point, additionOfDelta(point.startedNs, { ...point, amountNano }));
        else if (series !== null) return { ...point, amountNano, series };
        else tally.leaveOut(point, 'unfollowed');
        return [];
      }),
      tally,
    );
    const { floor } = await keptSince(client);
    await tally.write(client, batch.shard, floor);
    await forgetQuiet(client, batch);
  },

  // What happened before the floor cannot be counted again, so it stays.
  async clear(client) {
    const { arrival, floor } = await keptSince(client);
    await client.query('DELETE FROM measured_reading');
    await client.query('DELETE FROM measured_run');
    await client.query('DELETE FROM measured_hour WHERE at >= $1', [floor]);
    return arrival;
  },
};
