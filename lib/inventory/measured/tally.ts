import type { PoolClient } from '@/lib/db/pool';
import { type Addition, spread } from './add-up';
import type { Point } from './points';

type Whose = Pick<Point, 'identity' | 'metric' | 'figure'>;

type Hour = Whose & {
  hourMs: number;
  amountNano: bigint;
  begunMs: number | null;
  endedMs: number | null;
  implausible: number;
  unfollowed: number;
};

const HOUR_MS = 3_600_000;

/** What a batch changes in the hours of what was measured. */
export class Tally {
  private readonly hours = new Map<string, Hour>();

  add(whose: Whose, addition: Addition): void {
    for (const { hourMs, begunMs, endedMs, amountNano } of spread(addition)) {
      const hour = this.hourOf(whose, hourMs);
      hour.amountNano += amountNano;
      hour.begunMs = Math.min(hour.begunMs ?? begunMs, begunMs);
      hour.endedMs = Math.max(hour.endedMs ?? endedMs, endedMs);
    }
  }

  /** Takes away what was added before. From when to when it was measured stays true. */
  takeAway(whose: Whose, addition: Addition): void {
    for (const { hourMs, amountNano } of spread(addition))
      this.hourOf(whose, hourMs).amountNano -= amountNano;
  }

  /** Notes a point that adds nothing, in the hour of its arrival. */
  leaveOut(point: Point, why: 'implausible' | 'unfollowed'): void {
    const atMs = point.receivedAt.getTime();
    this.hourOf(point, atMs - (atMs % HOUR_MS))[why] += 1;
  }

  async write(client: PoolClient, shard: number, floor: Date): Promise<void> {
    const rows = [...this.hours.values()];
    if (rows.length === 0) return;
    const date = (ms: number | null) => (ms === null ? null : new Date(ms));
    await client.query(
      `INSERT INTO measured_hour AS h (at, shard, identity, metric, figure, amount_nano, begun_at, ended_at, implausible, unfollowed)
       SELECT at, $1, identity, metric, figure, amount_nano, begun_at, ended_at, implausible, unfollowed
       FROM unnest($2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::numeric[], $7::timestamptz[], $8::timestamptz[],
         $9::bigint[], $10::bigint[])
         AS t(at, identity, metric, figure, amount_nano, begun_at, ended_at, implausible, unfollowed)
       WHERE at >= $11 ORDER BY at, identity, metric, figure
       ON CONFLICT (at, shard, identity, metric, figure) DO UPDATE SET
         amount_nano = h.amount_nano + excluded.amount_nano,
         begun_at = least(h.begun_at, excluded.begun_at), ended_at = greatest(h.ended_at, excluded.ended_at),
         implausible = h.implausible + excluded.implausible, unfollowed = h.unfollowed + excluded.unfollowed`,
      [
        shard,
        rows.map(({ hourMs }) => new Date(hourMs)),
        rows.map(({ identity }) => identity),
        rows.map(({ metric }) => metric),
        rows.map(({ figure }) => figure),
        rows.map(({ amountNano }) => String(amountNano)),
        rows.map(({ begunMs }) => date(begunMs)),
        rows.map(({ endedMs }) => date(endedMs)),
        rows.map(({ implausible }) => implausible),
        rows.map(({ unfollowed }) => unfollowed),
        floor,
      ],
    );
  }

  private hourOf({ identity, metric, figure }: Whose, hourMs: number): Hour {
    const key = `${hourMs} ${identity} ${metric} ${figure}`;
    let hour = this.hours.get(key);
    if (hour === undefined) {
      hour = {
        identity,
        metric,
        figure,
        hourMs,
        amountNano: 0n,
        begunMs: null,
        endedMs: null,
        implausible: 0,
        unfollowed: 0,
      };
      this.hours.set(key, hour);
    }
    return hour;
  }
}
