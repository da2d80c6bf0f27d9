import { logEvent } from '@/lib/core/log';
import type { Pool, PoolClient } from '@/lib/db/pool';
import { projections } from '@/lib/log/project';
import { batchEntriesMax, listLags, projectBatch, rebuildProjection } from '@/lib/log/projection';
import { pause, repeat } from './repeat';

/** Held by the worker that projects. Another one waits until it is free, as a standby. */
const projectingLock = 7_305_003;
const pollMinMs = 100;
const pollMaxMs = 1_000;

export type Projecting = { standby: boolean };

/** Projects until asked to stop, whenever this worker is the one that may. */
export async function runProjecting(
  pool: Pool,
  rebuild: readonly string[],
  state: Projecting,
  stop: AbortSignal,
): Promise<void> {
  const due = new Set(rebuild);
  await repeat('projecting', stop, async () => {
    // INVARIANT: all projecting goes through the connection that holds the lock, so losing one loses both.
    const client = await pool.connect();
    client.on('error', ignoreHere);
    try {
      while (!(await isLockTaken(client))) {
        await pause(pollMaxMs, stop);
        if (stop.aborted) return 0;
      }
      state.standby = false;
      for (const projection of projections.filter(({ name }) => due.has(name))) {
        await rebuildProjection(client, projection);
        due.delete(projection.name);
        logEvent('projection_rebuilding', { projection: projection.name });
      }
      await follow(client, stop);
      return 0;
    } finally {
      state.standby = true;
      client.release(true);
    }
  });
}

async function isLockTaken(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS taken',
    [projectingLock],
  );
  return rows[0]?.taken === true;
}

/** Polls the heads: ten times a second while there is something to do, less and less while there is not. */
async function follow(client: PoolClient, stop: AbortSignal): Promise<void> {
  let waitMs = pollMinMs;
  const rested: Rested = new Map();
  while (!stop.aborted) {
    const behind = await projectBehind(client, rested, stop);
    if (behind === 'more') waitMs = 0;
    else
      waitMs = behind === 'some' ? pollMinMs : Math.min(Math.max(waitMs, pollMinMs) * 2, pollMaxMs);
    await pause(waitMs, stop);
  }
}

/** When a projection may read a shard again, in milliseconds of this process. */
type Rested = Map<string, number>;

/** One batch for each projection and shard that is behind: there was none, some, or one that has more to come. */
async function projectBehind(
  client: PoolClient,
  rested: Rested,
  stop: AbortSignal,
): Promise<'none' | 'some' | 'more'> {
  const failures: unknown[] = [];
  let found: 'none' | 'some' | 'more' = 'none';
  for (const lag of await listLags(client, projections)) {
    const projection = projections.find(({ name }) => name === lag.projection);
    if (projection === undefined || lag.entries === 0 || stop.aborted) continue;
    const reading = `${lag.projection} ${lag.shard}`;
    if (lag.entries < batchEntriesMax && performance.now() < (rested.get(reading) ?? 0)) {
      if (found === 'none') found = 'some';
      continue;
    }
    rested.set(reading, performance.now() + (projection.everyMs ?? 0));
    // A batch that fails holds up its own shard, not the others.
    await projectBatch(client, projection, lag.shard).then(
      (entries) => {
        // What arrived meanwhile is not worth another round at once.
        if (entries > 0 && entries < lag.entries) found = 'more';
        else if (entries > 0 && found === 'none') found = 'some';
      },
      (error: unknown) => failures.push(error),
    );
  }
  if (failures.length > 0) throw failures[0];
  return found;
}

/** The query under way rejects too, and is where the loss is told. */
function ignoreHere(): void {}
