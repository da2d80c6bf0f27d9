import type { DropReason, Item, Span } from './schema';

export type Refusal = { reason: DropReason; detail: string };

/** Why an item cannot be kept as an interaction, or null. What is merely odd is kept and marked. */
export function judgeItem(item: Item): Refusal | null {
  if ('drop' in item) return { reason: item.drop, detail: item.detail };
  if ('span' in item) return judgeSpan(item.span);
  return 'record' in item
    ? judgeTimes(item.record.timeNs, item.record.observedNs)
    : judgeTimes(item.point.startedNs, item.point.timeNs);
}

function judgeSpan({ trace, span, startedNs, endedNs }: Span): Refusal | null {
  const traceFault = idFault(trace, 16);
  if (traceFault !== null)
    return { reason: 'invalid_trace_id', detail: `The trace id ${traceFault}.` };
  const spanFault = idFault(span, 8);
  if (spanFault !== null) return { reason: 'invalid_span_id', detail: `The span id ${spanFault}.` };
  return judgeTimes(startedNs, endedNs);
}

function judgeTimes(one: bigint, other: bigint): Refusal | null {
  if (fitsSigned64(one) && fitsSigned64(other)) return null;
  return {
    reason: 'time_out_of_range',
    detail: 'The start, end or event time does not fit a signed 64-bit number of nanoseconds.',
  };
}

function idFault(id: Uint8Array, length: number): string | null {
  if (id.length !== length) return `has ${id.length} bytes, not ${length}`;
  return isZero(id) ? 'is all zeros' : null;
}

export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

const fitsSigned64 = (value: bigint) => BigInt.asIntN(64, value) === value;
