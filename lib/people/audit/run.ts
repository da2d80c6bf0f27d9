import type { ReadScope } from '@/lib/auth/scope';
import { logEvent } from '@/lib/core/log';
import { type Pool, pool } from '@/lib/db/pool';
import type { Cursor } from '@/lib/inventory/address';
import type { AuditExport } from './mutations';
import { idsShown, listAuditNames, listExportedEntries } from './queries';
import { auditHead, auditLine } from './record';

/** Read ahead of the network at most, beside one page. */
const aheadBytes = 256 * 1024;
const checkEveryMs = 2_500;

export type RunningAudit = {
  readonly scope: ReadScope;
  /** Whether this person is still signed in and may still have this. What throws is no. */
  readonly isAllowed: () => Promise<boolean>;
  readonly checkMs?: number;
  readonly db?: Pool;
  /** Called once, however it ends. */
  readonly onEnd?: () => void;
};

/**
 * The file of an export as a stream that reads as fast as it is drained. Every few seconds it is asked whether the
 * person still may; who may not sees an error, not an end.
 */
export function runAuditExport(
  asked: AuditExport,
  { scope, isAllowed, checkMs = checkEveryMs, db = pool('export'), onEnd }: RunningAudit,
): ReadableStream<Uint8Array> {
  const chunks = writeChunks(scope, asked, db);
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    onEnd?.();
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
          end();
          controller.error(new Error('This export was stopped.'));
        }, checkMs);
      },
      async pull(controller) {
        if (isOver) return;
        try {
          const { value, done } = await chunks.next();
          if (isOver) return;
          if (done) {
            end();
            controller.close();
          } else controller.enqueue(value);
        } catch (error) {
          logEvent('audit_export_failed', { error });
          end();
          controller.error(error);
        }
      },
      async cancel() {
        end();
        await chunks.return(undefined);
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: aheadBytes }),
  );
}

/** A database that does not answer is not leave to go on. */
const noAnswer = (ms: number) =>
  new Promise<false>((resolve) => setTimeout(() => resolve(false), ms).unref());

async function* writeChunks(
  scope: ReadScope,
  asked: AuditExport,
  db: Pool,
): AsyncGenerator<Uint8Array, undefined> {
  const head = auditHead(asked.format);
  if (head !== '') yield Buffer.from(head);
  let cursor: Cursor | null = null;
  for (;;) {
    const page = await listExportedEntries(scope, asked, cursor, db);
    const names = await listAuditNames(scope, idsShown(page), db);
    if (page.length > 0)
      yield Buffer.from(page.map((entry) => auditLine(asked.format, entry, names)).join(''));
    const last = page.at(-1);
    if (last === undefined) return;
    cursor = { direction: 'after', place: last };
  }
}
