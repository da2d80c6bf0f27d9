import type { PoolClient } from '@/lib/db/pool';
import type { Batch } from '@/lib/log/projection';
import { changeOf, inOrder, type Reading } from './add-up';
import { runsMax } from './metrics';
import type { Point } from './points';
import type { Tally } from './tally';

/** So many of the newest readings of a run are kept, for what arrives late. */
const readingsMax = 400;
/** A run that is quiet for so long, to the hour, is forgotten. */
const quietDays = 2;

type Run = {
  series: string;
  startedNs: bigint | null;
  points: [Point, ...Point[]];
  isFollowed: boolean;
  isCut: boolean;
};

type Cumulative = Point & { series: string; amountNano: bigint };

/** Follows what only grows: adds what is new in the batch to the hours, and remembers how far each run had come. */
export async function followRuns(
  client: PoolClient,
  points: readonly Cumulative[],
  tally: Tally,
): Promise<void> {
  const runs = runsOf(points);
  if (runs.length === 0) return;
  await admit(client, runs);
  const neighbours = await readNeighbours(client, runs);
  const kept: { run: Run; readings: Reading[] }[] = [];
  runs.forEach((run, at) => {
    const known = neighbours[at] ?? [];
    const readings = run.points.flatMap((point) => {
      // Of a run that was cut nobody knows what came before its oldest reading.
      const isPlaced = !run.isCut || known.some(({ endedNs }) => endedNs <= point.endedNs);
      if (run.isFollowed && isPlaced && point.amountNano !== null)
        return { endedNs: point.endedNs, amountNano: point.amountNano };
      tally.leaveOut(point, 'unfollowed');
      return [];
    });
    if (readings.length === 0) return;
    const whose = run.points[0];
    const { less, more } = changeOf(run.startedNs, known, readings);
    for (const addition of less) tally.takeAway(whose, addition);
    for (const addition of more) tally.add(whose, addition);
    kept.push({ run, readings: inOrder(readings) });
  });
  await remember(client, kept);
}

function runsOf(points: readonly Cumulative[]): Run[] {
  const runs = new Map<string, Run>();
  for (const point of points) {
    const { series, startedNs } = point;
    const key = `${series} ${startedNs ?? 0n}`;
    const known = runs.get(key);
    if (known !== undefined) known.points.push(point);
    else runs.set(key, { series, startedNs, points: [point], isFollowed: false, isCut: false });
  }
  return [...runs.values()];
}

/** A run and the start of it, as parameters of a query. */
const keysOf = (runs: readonly Run[]) =>
  [runs.map(({ series }) => series), runs.map(({ startedNs }) => String(startedNs ?? 0n))] as const;
const unnested = `unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS k(hex, started_ns, at)
  CROSS JOIN LATERAL (SELECT decode(k.hex, 'hex') AS series) s`;

/** Says which runs are followed: those that are, and new ones in the order of the log while there is room. */
async function admit(client: PoolClient, runs: readonly Run[]): Promise<void> {
  const { rows } = await client.query<{ at: bigint; is_cut: boolean }>(
    `SELECT k.at, r.is_cut FROM ${unnested} JOIN measured_run r ON (r.series, r.started_ns) = (s.series, k.started_ns)`,
    [...keysOf(runs)],
  );
  for (const { at, is_cut } of rows) {
    const run = runs[Number(at) - 1];
    if (run !== undefined) Object.assign(run, { isFollowed: true, isCut: is_cut });
  }
  const fresh = runs.filter(({ isFollowed }) => !isFollowed);
  if (fresh.length === 0) return;
  const identities = [...new Set(fresh.map(({ points: [{ identity }] }) => identity))];
  const { rows: counts } = await client.query<{ identity: string; runs: number }>(
    `SELECT i.identity, c.runs FROM unnest($1::uuid[]) AS i(identity) CROSS JOIN LATERAL (
       SELECT count(*)::int AS runs FROM (SELECT FROM measured_run r WHERE r.identity = i.identity LIMIT ${runsMax}) f
     ) c`,
    [identities],
  );
  const followed = new Map(counts.map(({ identity, runs: of }) => [identity, of]));
  for (const run of fresh) {
    const { identity } = run.points[0];
    const of = followed.get(identity) ?? 0;
    if (of >= runsMax) continue;
    followed.set(identity, of + 1);
    run.isFollowed = true;
  }
}

/** Of each run what is known around each of its points: the one before, the one after, and what is told again. */
async function readNeighbours(client: PoolClient, runs: readonly Run[]): Promise<Reading[][]> {
  const neighbours: Reading[][] = runs.map(() => []);
  const at = runs.flatMap(({ isFollowed, points }, index) =>
    isFollowed ? points.map(() => index + 1) : [],
  );
  const moments = runs.flatMap(({ isFollowed, points }) =>
    isFollowed ? points.map(({ endedNs }) => String(endedNs)) : [],
  );
  const ofRun = '(r.series, r.started_ns) = (s.series, k.started_ns)';
  const { rows } = await client.query<{ at: bigint; ended_ns: bigint; amount: string }>(
    `SELECT DISTINCT k.at, n.ended_ns, n.amount_nano::text AS amount
     FROM ${unnested} JOIN unnest($3::bigint[], $4::bigint[]) AS p(run, ended_ns) ON p.run = k.at
     CROSS JOIN LATERAL (
       (SELECT r.ended_ns, r.amount_nano FROM measured_reading r WHERE ${ofRun} AND r.ended_ns < p.ended_ns
        ORDER BY r.series DESC, r.started_ns DESC, r.ended_ns DESC LIMIT 1)
       UNION ALL
       (SELECT r.ended_ns, r.amount_nano FROM measured_reading r WHERE ${ofRun} AND r.ended_ns >= p.ended_ns
        ORDER BY r.series, r.started_ns, r.ended_ns LIMIT 2)
     ) n`,
    [...keysOf(runs), at, moments],
  );
  for (const { at: run, ended_ns, amount } of rows)
    neighbours[Number(run) - 1]?.push({ endedNs: ended_ns, amountNano: BigInt(amount) });
  return neighbours;
}

async function remember(
  client: PoolClient,
  kept: readonly { run: Run; readings: Reading[] }[],
): Promise<void> {
  if (kept.length === 0) return;
  const runs = kept.map(({ run }) => run);
  await client.query(
    `INSERT INTO measured_run AS r (series, started_ns, identity, received_at, is_cut)
     SELECT s.series, k.started_ns, m.identity, m.received_at, false
     FROM ${unnested} JOIN unnest($3::uuid[], $4::timestamptz[]) WITH ORDINALITY AS m(identity, received_at, at) ON m.at = k.at
     ORDER BY s.series, k.started_ns
     ON CONFLICT (series, started_ns) DO UPDATE SET received_at = excluded.received_at
       WHERE r.received_at < excluded.received_at - interval '1 hour'`,
    [
      ...keysOf(runs),
      runs.map(({ points: [{ identity }] }) => identity),
      runs.map(({ points }) => points.at(-1)?.receivedAt),
    ],
  );
  const readings = kept.flatMap(({ run, readings: of }) =>
    of.map((reading) => ({ ...reading, run })),
  );
  await client.query(
    `INSERT INTO measured_reading AS r (series, started_ns, ended_ns, amount_nano)
     SELECT s.series, k.started_ns, m.ended_ns, m.amount_nano
     FROM ${unnested} JOIN unnest($3::bigint[], $4::numeric[]) WITH ORDINALITY AS m(ended_ns, amount_nano, at) ON m.at = k.at
     ORDER BY s.series, k.started_ns, m.ended_ns
     ON CONFLICT (series, started_ns, ended_ns) DO UPDATE SET amount_nano = greatest(r.amount_nano, excluded.amount_nano)`,
    [
      ...keysOf(readings.map(({ run }) => run)),
      readings.map(({ endedNs }) => String(endedNs)),
      readings.map(({ amountNano }) => String(amountNano)),
    ],
  );
  await cut(client, runs);
}

/** Keeps the newest readings of these runs only. */
async function cut(client: PoolClient, runs: readonly Run[]): Promise<void> {
  await client.query(
    `WITH cut AS MATERIALIZED (
       SELECT s.series, k.started_ns, oldest.ended_ns FROM ${unnested} CROSS JOIN LATERAL (
         SELECT r.ended_ns FROM measured_reading r WHERE (r.series, r.started_ns) = (s.series, k.started_ns)
         ORDER BY r.series DESC, r.started_ns DESC, r.ended_ns DESC OFFSET ${readingsMax} LIMIT 1
       ) oldest
     ), gone AS (
       DELETE FROM measured_reading r USING cut c
       WHERE (r.series, r.started_ns) = (c.series, c.started_ns) AND r.ended_ns <= c.ended_ns
     )
     UPDATE measured_run r SET is_cut = true FROM cut c WHERE (r.series, r.started_ns) = (c.series, c.started_ns)`,
    [...keysOf(runs)],
  );
}

/**
 * Drops runs that went quiet. By the clock of the log, not of the machine: a rebuild reads what is old, and must
 * find what the first reading found. At most twice what a batch can bring.
 */
export async function forgetQuiet(client: PoolClient, { through, entries }: Batch): Promise<void> {
  await client.query(
    `WITH quiet AS MATERIALIZED (
       SELECT series, started_ns FROM measured_run WHERE received_at < least(
         (SELECT min(coalesce(c.received_at, 'epoch')) FROM shard s
            LEFT JOIN projection_cursor c ON c.projection = 'measured' AND c.shard = s.id
            WHERE s.kind <> 'control' AND s.next_position > coalesce(c.position, -1) + 1), $1) - interval '${quietDays} days'
       ORDER BY received_at LIMIT $2
     ), readings AS (
       DELETE FROM measured_reading r USING quiet q WHERE (r.series, r.started_ns) = (q.series, q.started_ns)
     )
     DELETE FROM measured_run r USING quiet q WHERE (r.series, r.started_ns) = (q.series, q.started_ns)`,
    [through.receivedAt, Math.max(1000, 2 * entries)],
  );
}
