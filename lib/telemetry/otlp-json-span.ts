import { JsonValueReader } from './otlp-json-value';
import type { Span, SpanEvent, SpanLink } from './schema';

const spanKinds = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const statusCodes = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** Reads one parsed span of OTLP/JSON. */
export class JsonSpanReader extends JsonValueReader {
  readSpan(parsed: unknown): Span {
    const fields = this.fields;
    const span = fields.record(parsed);
    const status = fields.within('status', () => {
      const found = fields.record(span.status ?? {});
      return {
        statusCode: fields.enumeration(found, statusCodes, 'code'),
        statusMessage: fields.text(found, 'message'),
      };
    });
    const read: Span = {
      trace: fields.hex(span, 'traceId', 'trace_id'),
      span: fields.hex(span, 'spanId', 'span_id'),
      parent: fields.hex(span, 'parentSpanId', 'parent_span_id'),
      name: fields.text(span, 'name'),
      kind: fields.enumeration(span, spanKinds, 'kind'),
      startedNs: fields.fixed64(span, 'startTimeUnixNano', 'start_time_unix_nano'),
      endedNs: fields.fixed64(span, 'endTimeUnixNano', 'end_time_unix_nano'),
      attributes: this.readAttributes(span),
      events: fields.list(span, 'events', (event) => this.#readEvent(event)),
      links: fields.list(span, 'links', (link) => this.#readLink(link)),
      ...status,
      traceState: fields.text(span, 'traceState', 'trace_state'),
      marks: 0,
    };
    this.readDropped(read, span, ['attributes', 'events', 'links']);
    return read;
  }

  #readEvent(parsed: unknown): SpanEvent {
    this.tally.addEvent();
    const fields = this.fields;
    const event = fields.record(parsed);
    return {
      timeNs: fields.fixed64(event, 'timeUnixNano', 'time_unix_nano'),
      name: fields.text(event, 'name'),
      attributes: this.readAttributes(event),
    };
  }

  #readLink(parsed: unknown): SpanLink {
    this.tally.addLink();
    const fields = this.fields;
    const link = fields.record(parsed);
    return {
      trace: fields.hex(link, 'traceId', 'trace_id'),
      span: fields.hex(link, 'spanId', 'span_id'),
      attributes: this.readAttributes(link),
    };
  }
}
