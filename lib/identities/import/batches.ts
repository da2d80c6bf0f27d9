import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';
import type { JudgedLine } from './judge-lines';

const linesMax = 200;
/** Each holds its identity's row until the batch is done. */
const changesMax = 20;

/** Lines that are written together, in order. */
export function batchesOf(lines: readonly JudgedLine[]): JudgedLine[][] {
  const batches: JudgedLine[][] = [];
  let changes = 0;
  for (const line of lines) {
    const last = batches.at(-1);
    const isChange = line.existing !== null;
    if (last === undefined || last.length === linesMax || (isChange && changes === changesMax)) {
      batches.push([line]);
      changes = isChange ? 1 : 0;
      continue;
    }
    last.push(line);
    if (isChange) changes += 1;
  }
  return batches;
}

const unsure = 'Something went wrong here. Look whether it was done, and import the rest again.';
const notDone = 'It was not done, since something went wrong before it. Import it again.';

type Write = (lines: readonly JudgedLine[]) => Promise<void>;

/**
 * Writes batch by batch. Returns why not, by line, of those that were not written: whatever happens, nobody is told less
 * than what was done. After a surprise that comes again nothing more is tried.
 */
export async function writeBatches(
  lines: readonly JudgedLine[],
  write: Write,
): Promise<Map<number, string>> {
  const failed = new Map<number, string>();
  let isStopped = false;
  for (const batch of batchesOf(lines)) {
    if (!isStopped && (await attempt(batch, write)) === null) continue;
    // One of them no longer holds: each by itself, so that the rest goes on.
    for (const line of batch) {
      if (isStopped) failed.set(line.line, notDone);
      else {
        const why = await attempt([line], write);
        const again = why === surprise ? await attempt([line], write) : why;
        if (again === surprise) isStopped = true;
        if (again !== null) failed.set(line.line, again === surprise ? unsure : again);
      }
    }
  }
  return failed;
}

const surprise = Symbol('surprise');

/** Null once it is written; why not, where something of it no longer holds. */
async function attempt(
  lines: readonly JudgedLine[],
  write: Write,
): Promise<string | typeof surprise | null> {
  try {
    await write(lines);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    // Such as a deadlock, of which the database lets one go: it is tried again.
    logEvent('import_failed', { lines: lines.length, first: lines[0]?.line, error });
    return surprise;
  }
}
