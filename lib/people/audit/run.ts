import type { ReadScope } from '@/lib/auth/scope';
import { logEvent } from '@/lib/core/log';
import { type Pool, pool } from '@/lib/db/pool';
import type { Cursor } from '@/lib/inventory/address';
import { type Bounds, bounded, tooMuch } from '@/lib/inventory/bounded';
import type { AuditExport, AuditExportEnd } from './mutations';
import { idsShown, listAuditNames, listExportedEntries } from './queries';
import { auditCutLine, auditHead, auditLine } from './record';

/** Read ahead of the network at most, beside one page. */
const aheadBytes = 256 * 1024;
const checkEveryMs = 2_500;
/** Of one page. Other exports wait for the same few connections. */
const pageBounds: Bounds = { statementMs: 10_000, totalMs: 15_000 };

export type RunningAudit = {
  readonly scope: ReadScope;
  /** Whether this person is still signed in and may still have this. What throws is no. */
  readonly isAllowed: () => Promise<boolean>;
  readonly checkMs?: number;
  readonly bounds?: Bounds;
  readonly db?: Pool;
  /** Called once, however it ended, when no statement of it runs any more. */
  readonly onEnd?: (end: AuditExportEnd) => void | Promise<void>;
};

type Chunk = { bytes: Uint8Array; rows: number; isCut?: true };

/**
 * The file of an export as a stream that reads as fast as it is drained. Every few seconds it is asked whether the
 * person still may; who may not sees an error, not an end.
 */
export function runAuditExport(
  asked: AuditExport,
  running: RunningAudit,
): ReadableStream<Uint8Array> {
  const { isAllowed, checkMs = checkEveryMs, onEnd } = running;
  const chunks = writeChunks(asked, running);
  let timer: NodeJS.Timeout | undefined;
  let rows = 0;
  let isCut = false;
  let isOver = false;
  const end = (state: AuditExportEnd['state']) => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    // A statement that still runs holds its connection: this settles after it.
    chunks
      .return(undefined)
      .catch(() => undefined)
      .then(() => onEnd?.({ state, rows }))
      .catch((error) => logEvent('audit_export_not_settled', { error }));
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isBusy = false;
        timer = setInterval(async () => {
          if (isBusy || isOver) return;
          isBusy = true;
          const may = await Promise.race([isAllowed().catch(() => false), noAnswer(checkMs * 2)]);
          isBusy = false;
          if (may || isOver) return;
          end('cancelled');
          controller.error(new Error('This export was stopped.'));
        }, checkMs);
      },
      async pull(controller) {
        if (isOver) return;
        try {
          const { value, done } = await chunks.next();
          if (isOver) return;
          if (done) {
            end(isCut ? 'cut' : 'done');
            controller.close();
            return;
          }
          rows += value.rows;
          isCut = value.isCut === true;
          controller.enqueue(value.bytes);
        } catch (error) {
          logEvent('audit_export_failed', { error });
          end('failed');
          controller.error(error);
        }
      },
      cancel() {
        end('cancelled');
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: aheadBytes }),
  );
}

/** A database that does not answer is not leave to go on. */
const noAnswer = (ms: number) =>
  new Promise<false>((resolve) => setTimeout(() => resolve(false), ms).unref());

async function* writeChunks(
  asked: AuditExport,
  { scope, db = pool('export'), bounds = pageBounds }: RunningAudit,
): AsyncGenerator<Chunk, undefined> {
  const { format } = asked;
  const head = auditHead(format);
  if (head !== '') yield { bytes: Buffer.from(head), rows: 0 };
  let cursor: Cursor | null = null;
  for (;;) {
    const page = await readPage(scope, asked, { cursor, db, bounds });
    if (page === tooMuch) {
      const line = auditCutLine(format, cursor?.place.receivedAt ?? null);
      yield { bytes: Buffer.from(line), rows: 0, isCut: true };
      return;
    }
    const { entries, names } = page;
    const last = entries.at(-1);
    if (last === undefined) return;
    const lines = entries.map((entry) => auditLine(format, entry, names));
    yield { bytes: Buffer.from(lines.join('')), rows: entries.length };
    cursor = { direction: 'after', place: last };
  }
}

const readPage = (
  scope: ReadScope,
  asked: AuditExport,
  { cursor, db, bounds }: { cursor: Cursor | null; db: Pool; bounds: Bounds },
) =>
  bounded(
    db,
    async (client) => {
      const entries = await listExportedEntries(scope, asked, cursor, client);
      return { entries, names: await listAuditNames(scope, idsShown(entries), client) };
    },
    bounds,
  );
