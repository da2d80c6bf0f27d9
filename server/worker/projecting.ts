import { availableParallelism } from 'node:os';
import { logEvent } from '@/lib/core/log';
import type { Pool, PoolClient } from '@/lib/db/pool';
import { projections } from '@/lib/log/project';
import {
  batchEntriesMax,
  listLags,
  type Projection,
  projectBatch,
  rebuildProjection,
} from '@/lib/log/projection';
import { type Attempt, afterFailure, afterSuccess } from './attempt';
import { pause, repeat } from './repeat';
import { createTurns } from './turns';

/** Held, with a projection's name, by the worker that runs it. Another one waits until it is free, as a standby. */
const projectingLock = 7_305_003;
const pollMinMs = 100;
const pollMaxMs = 1_000;
const staleCheckMs = 30_000;
/** Half of the processors are left to ingest, and what is slow or stuck keeps the next waiting this long at most. */
const takeTurn = createTurns(Math.max(1, Math.floor(availableParallelism() / 2)), 250);

/** A projection that does not get on in a shard, for the figures of the worker. */
export type Failing = { name: string; shard: number; failures: number; sinceAt: string };
export type Projecting = { readonly running: Set<string>; readonly failing: Map<string, Failing> };

/**
 * Projects until asked to stop, whenever this worker is the one that may. Each projection goes by itself, on a
 * connection of its own, and batches take turns, which one that is slow or stuck holds up for a moment only.
 */
export async function runProjecting(
  pool: Pool,
  due: readonly string[],
  state: Projecting,
  stop: AbortSignal,
): Promise<void> {
  await Promise.all(
    projections.map((projection) =>
      runProjection(pool, projection, { isDue: due.includes(projection.name) }, state, stop),
    ),
  );
}

async function runProjection(
  pool: Pool,
  projection: Projection,
  asked: { isDue: boolean },
  state: Projecting,
  stop: AbortSignal,
): Promise<void> {
  const { name } = projection;
  await repeat(`projecting ${name}`, stop, async () => {
    // INVARIANT: a projection goes through the connection that holds its lock, so losing one loses both.
    const client = await pool.connect();
    client.on('error', ignoreHere);
    try {
      while (!(await isLockTaken(client, name))) {
        await pause(pollMaxMs, stop);
        if (stop.aborted) return 0;
      }
      state.running.add(name);
      if (asked.isDue) {
        await rebuild(client, projection);
        asked.isDue = false;
      }
      await follow(client, projection, state, stop);
      return 0;
    } finally {
      state.running.delete(name);
      client.release(true);
    }
  });
}

async function rebuild(client: PoolClient, projection: Projection): Promise<void> {
  await rebuildProjection(client, projection);
  logEvent('projection_rebuilding', { projection: projection.name });
}

async function isLockTaken(client: PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_lock($1, hashtext($2)) AS taken',
    [projectingLock, name],
  );
  return rows[0]?.taken === true;
}

/** Polls the heads: ten times a second while there is something to do, less and less while there is not. */
async function follow(
  client: PoolClient,
  projection: Projection,
  state: Projecting,
  stop: AbortSignal,
): Promise<void> {
  const attempts = new Map<number, Attempt>();
  let waitMs = pollMinMs;
  let checkedMs = Number.NEGATIVE_INFINITY;
  while (!stop.aborted) {
    if (projection.isStale !== undefined && performance.now() - checkedMs > staleCheckMs) {
      checkedMs = performance.now();
      if (await projection.isStale(client)) await rebuild(client, projection);
    }
    const behind = await projectBehind(client, projection, { attempts, state }, stop);
    if (behind === 'more') waitMs = 0;
    else
      waitMs = behind === 'some' ? pollMinMs : Math.min(Math.max(waitMs, pollMinMs) * 2, pollMaxMs);
    await pause(waitMs, stop);
  }
}

type Behind = 'none' | 'some' | 'more';

/** One batch for each shard that is behind: there was none, some, or one that has more to come. */
async function projectBehind(
  client: PoolClient,
  projection: Projection,
  { attempts, state }: { attempts: Map<number, Attempt>; state: Projecting },
  stop: AbortSignal,
): Promise<Behind> {
  const entriesMax = projection.batchEntriesMax ?? batchEntriesMax;
  let found: Behind = 'none';
  for (const { shard, entries: lag } of await listLags(client, [projection])) {
    if (lag === 0 || stop.aborted) continue;
    const attempt = attempts.get(shard) ?? { entriesMax, failures: 0, notBeforeMs: 0 };
    const isFull = lag >= batchEntriesMax && attempt.failures === 0;
    if (!isFull && performance.now() < attempt.notBeforeMs) {
      if (found === 'none') found = 'some';
      continue;
    }
    let notBeforeMs = 0;
    const entries = await takeTurn(async () => {
      if (stop.aborted) return null;
      notBeforeMs = performance.now() + (projection.everyMs ?? 0);
      return await projectBatch(client, projection, shard, attempt.entriesMax);
    }).catch(async (error: unknown) => {
      // Without its connection it is not the batch that failed.
      await client.query('SELECT 1').catch(() => {
        throw error;
      });
      attempts.set(shard, afterFailure(attempt, performance.now()));
      tellFailure(state, projection.name, shard, error);
      return null;
    });
    if (entries === null) continue;
    attempts.set(shard, { ...afterSuccess(attempt, entriesMax), notBeforeMs });
    tellSuccess(state, projection.name, shard);
    // What arrived meanwhile is not worth another round at once.
    if (entries > 0 && entries < lag) found = 'more';
    else if (entries > 0 && found === 'none') found = 'some';
  }
  return found;
}

function tellFailure({ failing }: Projecting, name: string, shard: number, error: unknown): void {
  const key = `${name} ${shard}`;
  const before = failing.get(key);
  if (before === undefined) logEvent('projection_failed', { projection: name, shard, error });
  failing.set(key, {
    name,
    shard,
    failures: (before?.failures ?? 0) + 1,
    sinceAt: before?.sinceAt ?? new Date().toISOString(),
  });
}

function tellSuccess({ failing }: Projecting, name: string, shard: number): void {
  if (failing.delete(`${name} ${shard}`))
    logEvent('projection_recovered', { projection: name, shard });
}

/** The query under way rejects too, and is where the loss is told. */
function ignoreHere(): void {}
