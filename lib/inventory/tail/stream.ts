import type { z } from 'zod';
import type { Listener } from './hub';
import { type Batch, heartbeatMs, type TailEvent, type tailEvents } from './schema';

const encoder = new TextEncoder();

/** One event of a stream, as the HTML standard's event stream has it. */
export const eventText = <Name extends TailEvent>(
  name: Name,
  data: z.input<(typeof tailEvents)[Name]>,
): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export type Timing = { heartbeatMs: number; checkMs: number; aheadBytes: number };
const standard: Timing = { heartbeatMs, checkMs: 3000, aheadBytes: 256 * 1024 };

export type Watch = {
  /** Joins the view; returns how to leave, once nothing that arrives from now on can be missed. */
  join: (listener: Listener) => Promise<() => void>;
  /** What the view holds since the page was loaded, for the gap between the two. */
  first: () => Promise<Batch>;
  /** Null while this person may still watch; else the sentence that says why not. */
  refusal: () => Promise<string | null>;
  /** Gives back whatever the stream holds. */
  release: () => void;
  timing?: Timing;
};

const unreadable = 'The list could not be read live. Try again.';

/**
 * A live list as text. A client that reads slower than rows arrive gets fewer rows and their number, never
 * more memory of this process; one that lost its sign-in is told so, and nothing follows.
 */
export function streamTail({ join, first, refusal, release, timing = standard }: Watch) {
  const timers: NodeJS.Timeout[] = [];
  let leave: (() => void) | undefined;
  let isOver = false;
  let leftOut = 0;
  const stop = () => {
    isOver = true;
    for (const timer of timers) clearInterval(timer);
    leave?.();
    release();
  };
  return new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        const write = (text: string) => {
          if (!isOver) controller.enqueue(encoder.encode(text));
        };
        const hasRoom = () => (controller.desiredSize ?? 0) > 0;
        const tell = (batch: Batch) => {
          leftOut += batch.leftOut;
          if (!hasRoom()) leftOut += batch.rows.length;
          else if (batch.rows.length > 0) write(eventText('rows', { rows: batch.rows }));
          if (leftOut > 0 && hasRoom()) {
            write(eventText('sampled', { leftOut }));
            leftOut = 0;
          }
        };
        const end = (message: string) => {
          if (isOver) return;
          write(eventText('ended', { message }));
          stop();
          controller.close();
        };
        const check = async () => {
          const why = await refusal().catch(() => 'Your sign-in could not be confirmed.');
          if (why !== null) end(why);
        };
        timers.push(
          setInterval(() => void check(), timing.checkMs),
          setInterval(() => {
            if (hasRoom()) write(': heartbeat\n\n');
            tell({ rows: [], leftOut: 0 });
          }, timing.heartbeatMs),
        );
        // Headers leave with the first byte.
        write(': live\n\n');
        try {
          const lose = () => end(unreadable);
          leave = await join({ tell, lose });
          if (isOver) leave();
          else tell(await first());
        } catch {
          end(unreadable);
        }
      },
      cancel: stop,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: timing.aheadBytes }),
  );
}
