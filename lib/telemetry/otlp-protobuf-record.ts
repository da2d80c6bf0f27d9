import { setDropped } from './dropped';
import type { Slice } from './otlp-items';
import { openMessage, readAttribute, readValue } from './otlp-protobuf-value';
import type { LogRecord } from './schema';
import type { Tally } from './tally';
import type { WireReader } from './wire';

const nothing = Buffer.alloc(0);

/** LogRecord of opentelemetry.proto.logs.v1. */
export function readRecord(wire: WireReader, at: Slice, tally: Tally): LogRecord {
  const { end } = at;
  const record: LogRecord = {
    trace: nothing,
    span: nothing,
    timeNs: 0n,
    observedNs: 0n,
    severity: 0,
    severityText: '',
    eventName: '',
    body: null,
    attributes: [],
    marks: 0,
  };
  openMessage(wire, at);
  while (wire.position < end) {
    const tag = wire.readTag(end);
    switch (tag) {
      case 0x09: // time_unix_nano = 1
        record.timeNs = wire.readFixed64(end);
        break;
      case 0x10: // severity_number = 2
        record.severity = wire.readInt32(end);
        break;
      case 0x1a: // severity_text = 3
        record.severityText = wire.readText(end);
        break;
      case 0x2a: // body = 5
        tally.addValue(1);
        record.body = readValue(wire, wire.readEnd(end), tally, 1);
        break;
      case 0x32: // attributes = 6
        record.attributes.push(readAttribute(wire, wire.readEnd(end), tally));
        break;
      case 0x38: // dropped_attributes_count = 7
        setDropped(record, 'attributes', wire.readUint32(end));
        break;
      case 0x4a: // trace_id = 9
        record.trace = wire.readBytes(end);
        break;
      case 0x52: // span_id = 10
        record.span = wire.readBytes(end);
        break;
      case 0x59: // observed_time_unix_nano = 11
        record.observedNs = wire.readFixed64(end);
        break;
      case 0x62: // event_name = 12
        record.eventName = wire.readText(end);
        break;
      default:
        wire.skip(tag, end);
    }
  }
  tally.hasInvalidText ||= wire.hasInvalidText;
  return record;
}
