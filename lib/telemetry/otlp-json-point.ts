import type { JsonRecord } from './json-fields';
import { emptyPoint, setFlags } from './metric-point';
import { JsonValueReader } from './otlp-json-value';
import type { AnyMap, AnyValue, Metric, MetricForm, MetricPoint } from './schema';

const temporalities = [
  'AGGREGATION_TEMPORALITY_UNSPECIFIED',
  'AGGREGATION_TEMPORALITY_DELTA',
  'AGGREGATION_TEMPORALITY_CUMULATIVE',
];

/** Reads one parsed metric, or one parsed data point, of OTLP/JSON. */
export class JsonPointReader extends JsonValueReader {
  /** `data` is what the metric holds under the name of its form. */
  readMetric(parsed: unknown, data: unknown, form: MetricForm): Metric {
    const { fields } = this;
    const metric = fields.record(parsed);
    const held = fields.record(data);
    return {
      name: fields.text(metric, 'name'),
      description: fields.text(metric, 'description'),
      unit: fields.text(metric, 'unit'),
      form,
      temporality:
        form === 'gauge' || form === 'summary'
          ? 0
          : fields.enumeration(
              held,
              temporalities,
              'aggregationTemporality',
              'aggregation_temporality',
            ),
      isMonotonic: form === 'sum' && fields.truth(held, 'isMonotonic', 'is_monotonic'),
    };
  }

  readPoint(parsed: unknown, metric: Metric): MetricPoint {
    const { fields } = this;
    const sent = fields.record(parsed);
    const point = emptyPoint(metric);
    point.startedNs = fields.fixed64(sent, 'startTimeUnixNano', 'start_time_unix_nano');
    point.timeNs = fields.fixed64(sent, 'timeUnixNano', 'time_unix_nano');
    point.attributes = this.readAttributes(sent);
    if (sent.flags !== undefined && sent.flags !== null)
      setFlags(point, fields.uint32(sent, 'flags'));
    if (metric.form === 'gauge' || metric.form === 'sum') point.value = this.#readNumber(sent);
    else this.#readAggregate(sent, point);
    if (metric.form !== 'summary') this.#putExemplars(sent, point);
    return point;
  }

  #readNumber(sent: JsonRecord): number | bigint | null {
    const { fields } = this;
    let value: number | bigint | null = null;
    // Of several the last counts, as in protobuf.
    for (const name of Object.keys(sent)) {
      if (sent[name] === null) continue;
      if (name === 'asInt' || name === 'as_int') value = fields.int64(sent, name);
      if (name === 'asDouble' || name === 'as_double') value = fields.double(sent, name);
    }
    return value;
  }

  #readAggregate(sent: JsonRecord, point: MetricPoint): void {
    const { fields } = this;
    const { form, distribution } = point;
    const double = (name: string) =>
      sent[name] === undefined || sent[name] === null ? null : fields.double(sent, name);
    point.count = fields.fixed64(sent, 'count', 'count');
    point.sum = double('sum') ?? point.sum;
    if (form === 'summary') {
      this.#putList(distribution, 'quantileValues', sent, 'quantile_values', (value) =>
        this.#readQuantile(value),
      );
      return;
    }
    point.min = double('min');
    point.max = double('max');
    if (form === 'histogram') {
      this.#putCounts(distribution, sent);
      this.#putList(distribution, 'explicitBounds', sent, 'explicit_bounds', (value) =>
        fields.double({ value }, 'value'),
      );
      return;
    }
    distribution.scale = fields.int32(sent, 'scale');
    this.#put(distribution, 'zeroCount', sent, ['zeroCount', 'zero_count'], (holder, name) =>
      fields.uint64(holder, name),
    );
    this.#put(
      distribution,
      'zeroThreshold',
      sent,
      ['zeroThreshold', 'zero_threshold'],
      (holder, name) => fields.double(holder, name),
    );
    for (const side of ['positive', 'negative'])
      this.#put(distribution, side, sent, [side], (holder, name) =>
        fields.within(name, () => {
          const buckets = fields.record(holder[name]);
          const read: AnyMap = Object.create(null);
          read.offset = fields.int32(buckets, 'offset');
          this.#putCounts(read, buckets);
          return read;
        }),
      );
  }

  #putCounts(into: AnyMap, sent: JsonRecord): void {
    this.#putList(into, 'bucketCounts', sent, 'bucket_counts', (value) =>
      this.fields.uint64({ value }, 'value'),
    );
  }

  #readQuantile(parsed: unknown): AnyMap {
    const { fields } = this;
    const sent = fields.record(parsed);
    const read: AnyMap = Object.create(null);
    Object.assign(read, { quantile: 0, value: 0 });
    for (const name of ['quantile', 'value'])
      this.#put(read, name, sent, [name], (holder, key) => fields.double(holder, key));
    return read;
  }

  #putExemplars(sent: JsonRecord, point: MetricPoint): void {
    const { fields } = this;
    const exemplars = fields.list(sent, 'exemplars', (parsed): AnyMap => {
      this.tally.addEvent();
      const exemplar = fields.record(parsed);
      const read: AnyMap = Object.create(null);
      read.timeNs = 0;
      this.#put(read, 'timeNs', exemplar, ['timeUnixNano', 'time_unix_nano'], (holder, name) =>
        fields.uint64(holder, name),
      );
      const value = this.#readNumber(exemplar);
      if (value !== null) read.value = value;
      for (const [name, camel, snake] of exemplarIds) {
        const id = fields.hex(exemplar, camel, snake);
        if (id.length > 0) read[name] = Buffer.from(id).toString('hex');
      }
      const attributes = this.readAttributes({
        attributes: exemplar.filteredAttributes ?? exemplar.filtered_attributes,
      });
      if (attributes.length > 0) {
        const map: AnyMap = Object.create(null);
        for (const [key, held] of attributes) map[key] = held;
        read.attributes = map;
      }
      return read;
    });
    if (exemplars.length > 0) point.distribution.exemplars = exemplars;
  }

  /** Puts what was sent under the first of these names, if under any. */
  #put(
    into: AnyMap,
    as: string,
    sent: JsonRecord,
    names: readonly string[],
    read: (holder: JsonRecord, name: string) => AnyValue,
  ): void {
    for (const name of names) {
      if (sent[name] === undefined || sent[name] === null) continue;
      into[as] = read(sent, name);
      return;
    }
  }

  #putList(
    into: AnyMap,
    name: string,
    sent: JsonRecord,
    alias: string,
    read: (value: unknown) => AnyValue,
  ): void {
    const list = this.fields.list(sent, sent[name] === undefined ? alias : name, (value) => {
      this.tally.addValue(1);
      return read(value);
    });
    if (list.length > 0) into[name] = list;
  }
}

const exemplarIds = [
  ['span', 'spanId', 'span_id'],
  ['trace', 'traceId', 'trace_id'],
] as const;
