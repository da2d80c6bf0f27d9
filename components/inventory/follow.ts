import { z } from 'zod';
import type { InteractionRow } from '@/lib/inventory/schema';
import { readEvents } from '@/lib/inventory/tail/read-events';
import { tailEvents } from '@/lib/inventory/tail/schema';

type Told =
  | { type: 'connected' }
  | { type: 'rows'; rows: readonly InteractionRow[] }
  | { type: 'sampled'; leftOut: number }
  | { type: 'ended'; message: string };

const Problem = z.object({ title: z.string() });
const retryMs = 2000;
const triesMax = 5;

/**
 * Follows a live stream until `signal` aborts or the stream says that it ended. A connection that breaks is
 * made again from the newest row known by then; five in a row that cannot be made end it.
 */
export async function follow(
  url: () => string,
  tell: (told: Told) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; tries < triesMax && !signal.aborted; tries += 1) {
    try {
      const response = await fetch(url(), { signal, headers: { accept: 'text/event-stream' } });
      if (!response.ok || response.body === null) {
        const problem = Problem.safeParse(await response.json().catch(() => null));
        // What was refused with a reason is refused again.
        if (problem.success && response.status < 500)
          return tell({ type: 'ended', message: problem.data.title });
        throw new Error(`status ${response.status}`);
      }
      tries = 0;
      tell({ type: 'connected' });
      if (await readAll(response.body, tell)) return;
    } catch {
      // Told below, if it stays so.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  if (!signal.aborted) tell({ type: 'ended', message: 'The console did not answer.' });
}

/** Whether the stream said that it ended, instead of breaking. */
async function readAll(
  body: ReadableStream<Uint8Array>,
  tell: (told: Told) => void,
): Promise<boolean> {
  for await (const { name, data } of readEvents(body)) {
    const json: unknown = JSON.parse(data);
    if (name === 'rows') tell({ type: 'rows', ...tailEvents.rows.parse(json) });
    else if (name === 'sampled') tell({ type: 'sampled', ...tailEvents.sampled.parse(json) });
    else if (name === 'ended') {
      tell({ type: 'ended', ...tailEvents.ended.parse(json) });
      return true;
    }
  }
  return false;
}
