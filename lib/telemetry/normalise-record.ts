import { normaliseSpan } from './normalise';
import type { Interaction, LogRecord, Origin } from './schema';

const nothing = Buffer.alloc(0);

/** One judged log record as an interaction. The span it names is the one it was written in, so its parent. */
export function normaliseRecord(record: LogRecord, origin: Origin, nowMs: number): Interaction {
  const { trace, timeNs, observedNs, attributes, marks } = record;
  const atNs = timeNs === 0n ? observedNs : timeNs;
  const body = record.body === null ? [] : [['body', record.body] as const];
  const interaction = normaliseSpan(
    {
      trace,
      span: nothing,
      parent: record.span,
      name: record.eventName,
      kind: 0,
      startedNs: atNs,
      endedNs: atNs,
      attributes: [...attributes, ...body],
      events: [],
      links: [],
      statusCode: 0,
      statusMessage: '',
      traceState: '',
      marks,
    },
    origin,
    nowMs,
  );
  return { ...interaction, signal: 'log', trace: trace.length === 0 ? null : trace, span: null };
}
