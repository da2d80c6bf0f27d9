import { isEventName } from './dialects/signs';
import { NAME_CHARACTERS_MAX } from './forms';
import { normalise } from './normalise';
import type { Interaction, LogRecord, Origin } from './schema';

const nothing = Buffer.alloc(0);

/**
 * One judged log record as an interaction. The span it names is the one it was written in, so its parent.
 * A record tells of what is over: where it says how long that took, it began so much earlier.
 */
export function normaliseRecord(record: LogRecord, origin: Origin, nowMs: number): Interaction {
  const { trace, timeNs, observedNs, attributes, dropped, marks } = record;
  const atNs = timeNs === 0n ? observedNs : timeNs;
  const span = {
    trace,
    span: nothing,
    parent: record.span,
    name: nameOf(record),
    kind: 0,
    startedNs: atNs,
    endedNs: atNs,
    attributes,
    events: [],
    links: [],
    statusCode: 0,
    statusMessage: '',
    traceState: '',
    ...(dropped === undefined ? {} : { dropped }),
    marks,
  };
  return normalise({ span, record }, origin, nowMs);
}

/**
 * Some senders give the event's name as such, some as an attribute, some as the body, and some a name
 * of their own beside it: one that a dialect knows goes before any other.
 */
function nameOf({ eventName, body, attributes }: LogRecord): string {
  if (isEventName(eventName)) return eventName;
  const told = attributes.find(([key]) => key === 'event.name')?.[1];
  const attribute = typeof told === 'string' ? told : '';
  if (isEventName(attribute)) return attribute;
  if (typeof body === 'string' && body.length <= NAME_CHARACTERS_MAX && isEventName(body))
    return body;
  return eventName || attribute || 'log';
}
