import type { AnyValue, LogRecord, Span } from '@/lib/telemetry/schema';
import { decodedRecord, decodedSpan } from '../spans';

/** When the sessions of these fixtures begin. */
export const START_MS = 1_795_000_000_000;

export const at = (seconds: number) => BigInt(START_MS + seconds * 1000) * 1_000_000n;

export const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);

/** A record `seconds` into the session, written in a span if one is named. */
export function logged(
  seconds: number,
  attributes: Record<string, AnyValue>,
  change: Partial<LogRecord> = {},
): LogRecord {
  return decodedRecord('', attributes, { timeNs: at(seconds), observedNs: at(seconds), ...change });
}

/** The span in which a record is written, by the fills of their ids. */
export const writtenIn = (trace: number, span: number) => ({
  trace: bytes(16, trace),
  span: bytes(8, span),
});

/** A span of one trace; `ids` are the fill of its own id, and of its parent's if it has one. */
export function spanned(
  name: string,
  [from, to]: [from: number, to: number],
  [trace, own, parent]: [trace: number, own: number, parent?: number],
  attributes: Record<string, AnyValue>,
  change: Partial<Span> = {},
): Span {
  return decodedSpan(Object.entries(attributes), {
    name,
    kind: 1,
    trace: bytes(16, trace),
    span: bytes(8, own),
    parent: parent === undefined ? bytes(0, 0) : bytes(8, parent),
    startedNs: at(from),
    endedNs: at(to),
    ...change,
  });
}
