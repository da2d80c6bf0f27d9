import { setTimeout as sleep } from 'node:timers/promises';
import { logEvent } from '@/lib/core/log';

/** Waits, or returns at once when the process is asked to stop. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined);
}

/**
 * Runs a job until the process is asked to stop; `job` returns how long to wait before the next time.
 * A failure is logged when it begins or changes, not each time, and when it is over.
 */
export async function repeat(
  name: string,
  stop: AbortSignal,
  job: () => Promise<number>,
  retryMs = 1_000,
): Promise<void> {
  let failure: string | null = null;
  while (!stop.aborted) {
    let waitMs = retryMs;
    try {
      waitMs = await job();
      if (failure !== null) logEvent('worker_job_recovered', { job: name });
      failure = null;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== failure && !stop.aborted) logEvent('worker_job_failed', { job: name, error });
      failure = message;
    }
    await pause(waitMs, stop);
  }
}
