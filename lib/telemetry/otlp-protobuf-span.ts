import { setDropped } from './dropped';
import type { Slice } from './otlp-items';
import { openMessage, readAttribute } from './otlp-protobuf-value';
import type { Span, SpanEvent, SpanLink } from './schema';
import type { Tally } from './tally';
import type { WireReader } from './wire';

const nothing = Buffer.alloc(0);

// Cases below are whole tags, field number and wire type: a known field of another type is skipped.

/** Span of opentelemetry.proto.trace.v1. */
export function readSpan(wire: WireReader, at: Slice, tally: Tally): Span {
  const { end } = at;
  const span: Span = {
    trace: nothing,
    span: nothing,
    parent: nothing,
    name: '',
    kind: 0,
    startedNs: 0n,
    endedNs: 0n,
    attributes: [],
    events: [],
    links: [],
    statusCode: 0,
    statusMessage: '',
    traceState: '',
    marks: 0,
  };
  openMessage(wire, at);
  while (wire.position < end) {
    const tag = wire.readTag(end);
    switch (tag) {
      case 0x0a: // trace_id = 1
        span.trace = wire.readBytes(end);
        break;
      case 0x12: // span_id = 2
        span.span = wire.readBytes(end);
        break;
      case 0x1a: // trace_state = 3
        span.traceState = wire.readText(end);
        break;
      case 0x22: // parent_span_id = 4
        span.parent = wire.readBytes(end);
        break;
      case 0x2a: // name = 5
        span.name = wire.readText(end);
        break;
      case 0x30: // kind = 6
        span.kind = wire.readInt32(end);
        break;
      case 0x39: // start_time_unix_nano = 7
        span.startedNs = wire.readFixed64(end);
        break;
      case 0x41: // end_time_unix_nano = 8
        span.endedNs = wire.readFixed64(end);
        break;
      case 0x4a: // attributes = 9
        span.attributes.push(readAttribute(wire, wire.readEnd(end), tally));
        break;
      case 0x50: // dropped_attributes_count = 10
        setDropped(span, 'attributes', wire.readUint32(end));
        break;
      case 0x5a: // events = 11
        span.events.push(readEvent(wire, wire.readEnd(end), tally));
        break;
      case 0x60: // dropped_events_count = 12
        setDropped(span, 'events', wire.readUint32(end));
        break;
      case 0x70: // dropped_links_count = 14
        setDropped(span, 'links', wire.readUint32(end));
        break;
      case 0x6a: // links = 13
        span.links.push(readLink(wire, wire.readEnd(end), tally));
        break;
      case 0x7a: // status = 15
        readStatus(wire, wire.readEnd(end), span);
        break;
      default:
        wire.skip(tag, end);
    }
  }
  tally.hasInvalidText ||= wire.hasInvalidText;
  return span;
}

function readStatus(wire: WireReader, end: number, span: Span): void {
  span.statusMessage = '';
  span.statusCode = 0;
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === 0x12) span.statusMessage = wire.readText(end);
    else if (tag === 0x18) span.statusCode = wire.readInt32(end);
    else wire.skip(tag, end);
  }
}

function readEvent(wire: WireReader, end: number, tally: Tally): SpanEvent {
  tally.addEvent();
  const event: SpanEvent = { timeNs: 0n, name: '', attributes: [] };
  while (wire.position < end) {
    const tag = wire.readTag(end);
    switch (tag) {
      case 0x09: // time_unix_nano = 1
        event.timeNs = wire.readFixed64(end);
        break;
      case 0x12: // name = 2
        event.name = wire.readText(end);
        break;
      case 0x1a: // attributes = 3
        event.attributes.push(readAttribute(wire, wire.readEnd(end), tally));
        break;
      default:
        wire.skip(tag, end);
    }
  }
  return event;
}

function readLink(wire: WireReader, end: number, tally: Tally): SpanLink {
  tally.addLink();
  const link: SpanLink = { trace: nothing, span: nothing, attributes: [] };
  while (wire.position < end) {
    const tag = wire.readTag(end);
    switch (tag) {
      case 0x0a: // trace_id = 1
        link.trace = wire.readBytes(end);
        break;
      case 0x12: // span_id = 2
        link.span = wire.readBytes(end);
        break;
      case 0x22: // attributes = 4
        link.attributes.push(readAttribute(wire, wire.readEnd(end), tally));
        break;
      default:
        wire.skip(tag, end);
    }
  }
  return link;
}
