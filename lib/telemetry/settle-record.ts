import { isZero } from './judge';
import { type LogRecord, marks } from './schema';

const nothing = new Uint8Array(0);

/**
 * A judged log record with what it needs to stand in the log, as a new object. Without any time it is of when
 * it arrived; a trace id that is none is no reason to lose it, so it is kept among the attributes and marked.
 */
export function settleRecord(record: LogRecord, nowMs: number): LogRecord {
  const { trace } = record;
  const isTimeless = record.timeNs === 0n && record.observedNs === 0n;
  const timeNs = isTimeless ? BigInt(nowMs) * 1_000_000n : record.timeNs;
  // Zeros are how some senders write that there is none.
  if (trace.length === 16) return { ...record, timeNs, trace: isZero(trace) ? nothing : trace };
  if (trace.length === 0) return { ...record, timeNs };
  return {
    ...record,
    timeNs,
    trace: nothing,
    attributes: [...record.attributes, ['invalidTraceId', Buffer.from(trace).toString('hex')]],
    marks: record.marks | marks.invalid_trace,
  };
}
