import { JsonValueReader } from './otlp-json-value';
import type { AnyValue, LogRecord } from './schema';

const severities = [
  'SEVERITY_NUMBER_UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level) =>
    ['', '2', '3', '4'].map((step) => `SEVERITY_NUMBER_${level}${step}`),
  ),
];

/** Reads one parsed log record of OTLP/JSON. */
export class JsonRecordReader extends JsonValueReader {
  readRecord(parsed: unknown): LogRecord {
    const { fields } = this;
    const record = fields.record(parsed);
    const read: LogRecord = {
      trace: fields.hex(record, 'traceId', 'trace_id'),
      span: fields.hex(record, 'spanId', 'span_id'),
      timeNs: fields.fixed64(record, 'timeUnixNano', 'time_unix_nano'),
      observedNs: fields.fixed64(record, 'observedTimeUnixNano', 'observed_time_unix_nano'),
      severity: fields.enumeration(record, severities, 'severityNumber', 'severity_number'),
      severityText: fields.text(record, 'severityText', 'severity_text'),
      eventName: fields.text(record, 'eventName', 'event_name'),
      body: fields.within('body', () => this.#readBody(record.body)),
      attributes: this.readAttributes(record),
      marks: 0,
    };
    this.readDropped(read, record, ['attributes']);
    return read;
  }

  #readBody(parsed: unknown): AnyValue {
    if (parsed === undefined || parsed === null) return null;
    this.tally.addValue(1);
    return this.readValue(parsed, 1);
  }
}
