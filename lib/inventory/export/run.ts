import type { ReadScope } from '@/lib/auth/scope';
import { type Clock, systemClock } from '@/lib/core/clock';
import { logEvent } from '@/lib/core/log';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import { type Pool, pool } from '@/lib/db/pool';
import { type PrismaClient, prisma } from '@/lib/db/prisma';
import { finishExport, moveExport, type TakenExport } from './mutations';
import { listExported, readContents } from './queries';
import { headOf, lineOf } from './record';

/** Read ahead of the network at most, beside one page. */
const aheadBytes = 256 * 1024;
const moveEveryMs = 1000;
const checkEveryMs = 3000;
/** A database that does not answer for a moment is no reason to break a download; nor is it leave to go on. */
const unconfirmedMaxMs = 15_000;

export type Running = {
  readonly scope: ReadScope;
  /** Asked every 3 s: whether this person is still signed in and may still have this. Unanswered for 15 s is no. */
  readonly isAllowed: () => Promise<boolean>;
  readonly clock?: Clock;
  readonly db?: PrismaClient;
  readonly pool?: Pool;
  readonly kek?: () => KeyEncryptionKey;
};

type Chunk = { bytes: Uint8Array; rows: number };

/**
 * The file of an export as a stream that reads as fast as it is drained. However it ends is in its row and in
 * the log: at the last row, by an error, by whoever stopped it or lost the right to it, or by a client that left.
 */
export function runExport(taken: TakenExport, running: Running): ReadableStream<Uint8Array> {
  const { isAllowed, clock = systemClock, db = prisma() } = running;
  const chunks = writeChunks(taken, running);
  const sent = { rows: 0, bytes: 0 };
  let timer: NodeJS.Timeout | undefined;
  let ended: Promise<void> | undefined;
  const end = (state: 'done' | 'failed' | 'cancelled'): Promise<void> => {
    clearInterval(timer);
    ended ??= finishExport(db, taken, state, { ...sent, now: clock() }).catch((error) =>
      logEvent('export_not_settled', { export: taken.id, error }),
    );
    return ended;
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let confirmedAt = clock().getTime();
        let isBusy = false;
        const stop = async () => {
          if (ended !== undefined) return;
          controller.error(new Error('This export was stopped.'));
          await end('cancelled');
        };
        const look = async () => {
          const now = clock();
          if (!(await moveExport(db, taken, { ...sent, now }))) return stop();
          if (now.getTime() - confirmedAt < checkEveryMs) return;
          if (!(await isAllowed())) return stop();
          confirmedAt = now.getTime();
        };
        timer = setInterval(async () => {
          if (clock().getTime() - confirmedAt > unconfirmedMaxMs) return stop();
          if (isBusy) return;
          isBusy = true;
          await look().catch((error) =>
            logEvent('export_not_confirmed', { export: taken.id, error }),
          );
          isBusy = false;
        }, moveEveryMs);
      },
      async pull(controller) {
        if (ended !== undefined) return;
        try {
          const { value, done } = await chunks.next();
          if (ended !== undefined) return;
          if (done) {
            await end('done');
            controller.close();
            return;
          }
          sent.rows += value.rows;
          sent.bytes += value.bytes.length;
          controller.enqueue(value.bytes);
        } catch (error) {
          logEvent('export_failed', { export: taken.id, error });
          await end('failed');
          controller.error(error);
        }
      },
      async cancel() {
        await end('cancelled');
        await chunks.return(undefined);
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: aheadBytes }),
  );
}

async function* writeChunks(
  { format, withContent, exported }: TakenExport,
  { scope, pool: log = pool('export'), kek = keyEncryptionKey }: Running,
): AsyncGenerator<Chunk, undefined> {
  const head = headOf(format, withContent);
  if (head !== '') yield { bytes: Buffer.from(head), rows: 0 };
  for await (const page of listExported(scope, exported, log)) {
    if (!withContent) {
      const lines = page.map((row) => lineOf(format, row, null));
      yield { bytes: Buffer.from(lines.join('')), rows: page.length };
      continue;
    }
    for await (const some of readContents(scope, page, kek(), log)) {
      const lines = some.map(([row, content]) => lineOf(format, row, content));
      yield { bytes: Buffer.from(lines.join('')), rows: some.length };
    }
  }
}
