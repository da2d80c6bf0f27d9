import { emptyPoint, setFlags } from './metric-point';
import type { Slice } from './otlp-items';
import { openMessage, readAttribute } from './otlp-protobuf-value';
import type { AnyMap, AnyValue, Metric, MetricForm, MetricPoint } from './schema';
import type { Tally } from './tally';
import type { WireReader } from './wire';

type Reading = { wire: WireReader; end: number; tally: Tally; point: MetricPoint };
/** Reads one field, or says that it knows no such one. Cases are whole tags, field number and wire type. */
type ReadField = (tag: number, reading: Reading) => boolean;

const readFieldOf: Record<MetricForm, ReadField> = {
  gauge: readNumberField,
  sum: readNumberField,
  histogram: readHistogramField,
  exponential_histogram: readExponentialField,
  summary: readSummaryField,
};

/** A data point of opentelemetry.proto.metrics.v1, of the form its metric has. */
export function readPoint(wire: WireReader, at: Slice, tally: Tally, metric: Metric): MetricPoint {
  const { end } = at;
  const point = emptyPoint(metric);
  const reading = { wire, end, tally, point };
  const readField = readFieldOf[metric.form];
  openMessage(wire, at);
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === 0x11) point.startedNs = wire.readFixed64(end);
    else if (tag === 0x19) point.timeNs = wire.readFixed64(end);
    else if (!readField(tag, reading)) wire.skip(tag, end);
  }
  tally.hasInvalidText ||= wire.hasInvalidText;
  return point;
}

/** The list of this name, which is made where there is none. */
export function listIn(map: AnyMap, name: string): AnyValue[] {
  const known = map[name];
  if (Array.isArray(known)) return known;
  const made: AnyValue[] = [];
  map[name] = made;
  return made;
}

function readNumberField(tag: number, { wire, end, tally, point }: Reading): boolean {
  switch (tag) {
    case 0x21: // as_double = 4
      point.value = wire.readDouble(end);
      return true;
    case 0x2a: // exemplars = 5
      addExemplar(wire, end, tally, point);
      return true;
    case 0x31: // as_int = 6
      point.value = wire.readSigned64(end);
      return true;
    case 0x3a: // attributes = 7
      point.attributes.push(readAttribute(wire, wire.readEnd(end), tally));
      return true;
    case 0x40: // flags = 8
      setFlags(point, wire.readUint32(end));
      return true;
    default:
      return false;
  }
}

function readHistogramField(tag: number, reading: Reading): boolean {
  const { wire, end, tally, point } = reading;
  switch (tag) {
    case 0x21: // count = 4
      point.count = wire.readFixed64(end);
      return true;
    case 0x29: // sum = 5
      point.sum = wire.readDouble(end);
      return true;
    case 0x31: // bucket_counts = 6, one
    case 0x32: // bucket_counts = 6, packed
      readNumbers(
        tag,
        { wire, end, tally, into: point.distribution, name: 'bucketCounts' },
        (stop) => wire.readUnsigned64(stop),
      );
      return true;
    case 0x39: // explicit_bounds = 7, one
    case 0x3a: // explicit_bounds = 7, packed
      readNumbers(
        tag,
        { wire, end, tally, into: point.distribution, name: 'explicitBounds' },
        (stop) => wire.readDouble(stop),
      );
      return true;
    case 0x42: // exemplars = 8
      addExemplar(wire, end, tally, point);
      return true;
    case 0x4a: // attributes = 9
      point.attributes.push(readAttribute(wire, wire.readEnd(end), tally));
      return true;
    case 0x50: // flags = 10
      setFlags(point, wire.readUint32(end));
      return true;
    case 0x59: // min = 11
      point.min = wire.readDouble(end);
      return true;
    case 0x61: // max = 12
      point.max = wire.readDouble(end);
      return true;
    default:
      return false;
  }
}

function readExponentialField(tag: number, { wire, end, tally, point }: Reading): boolean {
  switch (tag) {
    case 0x0a: // attributes = 1
      point.attributes.push(readAttribute(wire, wire.readEnd(end), tally));
      return true;
    case 0x21: // count = 4
      point.count = wire.readFixed64(end);
      return true;
    case 0x29: // sum = 5
      point.sum = wire.readDouble(end);
      return true;
    case 0x30: // scale = 6
      point.distribution.scale = wire.readSint32(end);
      return true;
    case 0x39: // zero_count = 7
      point.distribution.zeroCount = wire.readUnsigned64(end);
      return true;
    case 0x42: // positive = 8
      point.distribution.positive = readBuckets(wire, wire.readEnd(end), tally);
      return true;
    case 0x4a: // negative = 9
      point.distribution.negative = readBuckets(wire, wire.readEnd(end), tally);
      return true;
    case 0x50: // flags = 10
      setFlags(point, wire.readUint32(end));
      return true;
    case 0x5a: // exemplars = 11
      addExemplar(wire, end, tally, point);
      return true;
    case 0x61: // min = 12
      point.min = wire.readDouble(end);
      return true;
    case 0x69: // max = 13
      point.max = wire.readDouble(end);
      return true;
    case 0x71: // zero_threshold = 14
      point.distribution.zeroThreshold = wire.readDouble(end);
      return true;
    default:
      return false;
  }
}

function readSummaryField(tag: number, { wire, end, tally, point }: Reading): boolean {
  switch (tag) {
    case 0x21: // count = 4
      point.count = wire.readFixed64(end);
      return true;
    case 0x29: // sum = 5
      point.sum = wire.readDouble(end);
      return true;
    case 0x32: // quantile_values = 6
      tally.addValue(1);
      listIn(point.distribution, 'quantileValues').push(readQuantile(wire, wire.readEnd(end)));
      return true;
    case 0x3a: // attributes = 7
      point.attributes.push(readAttribute(wire, wire.readEnd(end), tally));
      return true;
    case 0x40: // flags = 8
      setFlags(point, wire.readUint32(end));
      return true;
    default:
      return false;
  }
}

/** Of an id that repeats the last counts, and an empty one is none. */
function setId(exemplar: AnyMap, name: string, id: string): void {
  if (id === '') delete exemplar[name];
  else exemplar[name] = id;
}

type Repeated = { wire: WireReader; end: number; tally: Tally; into: AnyMap; name: string };

/** A repeated number: packed into one delimited field, or one of several fields of its own. */
function readNumbers(
  tag: number,
  { wire, end, tally, into, name }: Repeated,
  read: (end: number) => AnyValue,
): void {
  const isPacked = (tag & 7) === 2;
  const stop = isPacked ? wire.readEnd(end) : end;
  while (wire.position < stop) {
    tally.addValue(1);
    listIn(into, name).push(read(stop));
    if (!isPacked) return;
  }
}

function readBuckets(wire: WireReader, end: number, tally: Tally): AnyMap {
  const buckets: AnyMap = Object.create(null);
  buckets.offset = 0;
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === 0x08) buckets.offset = wire.readSint32(end);
    else if (tag === 0x10 || tag === 0x12)
      readNumbers(tag, { wire, end, tally, into: buckets, name: 'bucketCounts' }, (stop) =>
        wire.readUint64(stop),
      );
    else wire.skip(tag, end);
  }
  return buckets;
}

function readQuantile(wire: WireReader, end: number): AnyMap {
  const found: AnyMap = Object.create(null);
  Object.assign(found, { quantile: 0, value: 0 });
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === 0x09) found.quantile = wire.readDouble(end);
    else if (tag === 0x11) found.value = wire.readDouble(end);
    else wire.skip(tag, end);
  }
  return found;
}

function addExemplar(wire: WireReader, limit: number, tally: Tally, point: MetricPoint): void {
  tally.addEvent();
  const end = wire.readEnd(limit);
  const exemplar: AnyMap = Object.create(null);
  exemplar.timeNs = 0;
  while (wire.position < end) {
    const tag = wire.readTag(end);
    switch (tag) {
      case 0x11: // time_unix_nano = 2
        exemplar.timeNs = wire.readUnsigned64(end);
        break;
      case 0x19: // as_double = 3
        exemplar.value = wire.readDouble(end);
        break;
      case 0x22: // span_id = 4
        setId(exemplar, 'span', wire.readHex(end));
        break;
      case 0x2a: // trace_id = 5
        setId(exemplar, 'trace', wire.readHex(end));
        break;
      case 0x31: // as_int = 6
        exemplar.value = wire.readSigned64(end);
        break;
      case 0x3a: {
        // filtered_attributes = 7
        const [key, value] = readAttribute(wire, wire.readEnd(end), tally);
        exemplar.attributes ??= Object.create(null) as AnyMap; // `as`: Object.create tells nothing
        (exemplar.attributes as AnyMap)[key] = value; // `as`: made in the line above
        break;
      }
      default:
        wire.skip(tag, end);
    }
  }
  listIn(point.distribution, 'exemplars').push(exemplar);
}
