import { z } from 'zod';
import type { InteractionRow } from '@/lib/inventory/schema';
import { readEvents } from '@/lib/inventory/tail/read-events';
import { heartbeatMs, tailEvents } from '@/lib/inventory/tail/schema';

type Told =
  /** `lost` until the next `connected`: what is shown may be old by now. */
  | { type: 'connected' | 'lost' }
  | { type: 'rows'; rows: readonly InteractionRow[] }
  | { type: 'sampled'; leftOut: number }
  | { type: 'ended'; message: string };

const Problem = z.object({ title: z.string() });
const retryMs = 2000;
const triesMax = 5;
/** Two heartbeats missed: a connection can be dead for hours without anybody being told. */
const silenceMaxMs = heartbeatMs * 2 + 2000;

/**
 * Follows a live stream until `signal` aborts or the stream says that it ended. A connection that breaks or falls
 * silent is made again from the newest row known by then; five in a row that cannot be made end it.
 */
export async function follow(
  url: () => string,
  tell: (told: Told) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; tries < triesMax && !signal.aborted; tries += 1) {
    const silence = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMaxMs);
    };
    try {
      heard();
      const response = await fetch(url(), {
        signal: AbortSignal.any([signal, silence.signal]),
        headers: { accept: 'text/event-stream' },
      });
      if (!response.ok || response.body === null) {
        const problem = Problem.safeParse(await response.json().catch(() => null));
        // What was refused with a reason is refused again.
        if (problem.success && response.status < 500)
          return tell({ type: 'ended', message: problem.data.title });
        throw new Error(`status ${response.status}`);
      }
      tries = 0;
      tell({ type: 'connected' });
      if (await readAll(response.body, heard, tell)) return;
    } catch {
      // Told below, if it stays so.
    } finally {
      clearTimeout(timer);
    }
    if (signal.aborted) return;
    tell({ type: 'lost' });
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  if (!signal.aborted) tell({ type: 'ended', message: 'The console did not answer.' });
}

/** Whether the stream said that it ended, instead of breaking. */
async function readAll(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
  tell: (told: Told) => void,
): Promise<boolean> {
  for await (const { name, data } of readEvents(body, heard)) {
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
