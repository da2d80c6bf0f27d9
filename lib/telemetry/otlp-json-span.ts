import { JsonFields, type JsonRecord } from './json-fields';
import type { AnyMap, AnyValue, Attributes, Origin, Span, SpanEvent, SpanLink } from './schema';
import type { Tally } from './tally';

const spanKinds = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const statusCodes = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/** Reads one parsed resource, scope or span of OTLP/JSON. What has the wrong shape is a Fault. */
export class JsonSpanReader {
  readonly #tally: Tally;
  readonly #fields: JsonFields;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#fields = new JsonFields(tally);
  }

  readResource(parsed: unknown): Attributes {
    return this.#readAttributes(this.#fields.record(parsed));
  }

  readScope(parsed: unknown): Omit<Origin, 'resource'> {
    const fields = this.#fields;
    const scope = fields.record(parsed);
    return {
      scopeName: fields.text(scope, 'name'),
      scopeVersion: fields.text(scope, 'version'),
      scope: this.#readAttributes(scope),
    };
  }

  readSpan(parsed: unknown): Span {
    const fields = this.#fields;
    const span = fields.record(parsed);
    const status = fields.within('status', () => {
      const found = fields.record(span.status ?? {});
      return {
        statusCode: fields.enumeration(found, statusCodes, 'code'),
        statusMessage: fields.text(found, 'message'),
      };
    });
    return {
      trace: fields.hex(span, 'traceId', 'trace_id'),
      span: fields.hex(span, 'spanId', 'span_id'),
      parent: fields.hex(span, 'parentSpanId', 'parent_span_id'),
      name: fields.text(span, 'name'),
      kind: fields.enumeration(span, spanKinds, 'kind'),
      startedNs: fields.fixed64(span, 'startTimeUnixNano', 'start_time_unix_nano'),
      endedNs: fields.fixed64(span, 'endTimeUnixNano', 'end_time_unix_nano'),
      attributes: this.#readAttributes(span),
      events: fields.list(span, 'events', (event) => this.#readEvent(event)),
      links: fields.list(span, 'links', (link) => this.#readLink(link)),
      ...status,
      traceState: fields.text(span, 'traceState', 'trace_state'),
      marks: 0,
    };
  }

  #readEvent(parsed: unknown): SpanEvent {
    this.#tally.addEvent();
    const fields = this.#fields;
    const event = fields.record(parsed);
    return {
      timeNs: fields.fixed64(event, 'timeUnixNano', 'time_unix_nano'),
      name: fields.text(event, 'name'),
      attributes: this.#readAttributes(event),
    };
  }

  #readLink(parsed: unknown): SpanLink {
    this.#tally.addLink();
    const fields = this.#fields;
    const link = fields.record(parsed);
    return {
      trace: fields.hex(link, 'traceId', 'trace_id'),
      span: fields.hex(link, 'spanId', 'span_id'),
      attributes: this.#readAttributes(link),
    };
  }

  #readAttributes(holder: JsonRecord): Attributes {
    return this.#fields.list(holder, 'attributes', (attribute) => {
      this.#tally.addAttribute();
      return this.#readKeyValue(attribute, 1);
    });
  }

  #readKeyValue(parsed: unknown, depth: number): [string, AnyValue] {
    const fields = this.#fields;
    const pair = fields.record(parsed);
    const key = fields.text(pair, 'key');
    return [key, fields.within('value', () => this.#readValue(pair.value ?? {}, depth))];
  }

  /** Of several values the last counts, as in protobuf; one that is null counts as not sent. */
  #readValue(parsed: unknown, depth: number): AnyValue {
    const fields = this.#fields;
    const holder = fields.record(parsed);
    let value: AnyValue = null;
    for (const name of Object.keys(holder)) {
      if (holder[name] === null) continue;
      switch (name) {
        case 'stringValue':
        case 'string_value':
          value = fields.text(holder, name);
          break;
        case 'boolValue':
        case 'bool_value':
          value = fields.boolean(holder, name);
          break;
        case 'intValue':
        case 'int_value':
          value = fields.int64(holder, name);
          break;
        case 'doubleValue':
        case 'double_value':
          value = fields.double(holder, name);
          break;
        case 'bytesValue':
        case 'bytes_value':
          value = fields.base64(holder, name);
          break;
        case 'arrayValue':
        case 'array_value':
          value = fields.within(name, () => this.#readArray(holder[name], depth + 1));
          break;
        case 'kvlistValue':
        case 'kvlist_value':
          value = fields.within(name, () => this.#readMap(holder[name], depth + 1));
          break;
      }
    }
    return value;
  }

  #readArray(parsed: unknown, depth: number): AnyValue[] {
    return this.#fields.list(this.#fields.record(parsed), 'values', (element) => {
      this.#tally.addValue(depth);
      return this.#readValue(element, depth);
    });
  }

  #readMap(parsed: unknown, depth: number): AnyMap {
    const map: AnyMap = Object.create(null);
    const pairs = this.#fields.list(this.#fields.record(parsed), 'values', (pair) => {
      this.#tally.addValue(depth);
      return this.#readKeyValue(pair, depth);
    });
    for (const [key, value] of pairs) map[key] = value;
    return map;
  }
}
