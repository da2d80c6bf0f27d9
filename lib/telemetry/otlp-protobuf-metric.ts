import { limits } from './limits';
import { lengthOf, type Slice } from './otlp-items';
import { tagOf, writeDelimited } from './protobuf-write';
import { type Metric, type MetricForm, metricForms } from './schema';
import { attempt, Fault, type Tally } from './tally';
import type { WireReader } from './wire';

/** A metric without its points: where its own fields lie, and those of the one that holds the points. */
type Frame = {
  form: MetricForm;
  field: number;
  /** Everything of the metric that is no data. */
  own: Slice[];
  /** Everything of the data that is no point. */
  ofData: Slice[];
  /** Read at its first point. */
  read: { metric: Metric; hasInvalidText: boolean } | null;
};

/** One data point, or a whole metric that cannot be taken apart, with what is wrong about it. */
export type PointPart = Slice & {
  readonly aroundBytes: number;
  readonly frame: Frame | Fault;
};

/** Metric of opentelemetry.proto.metrics.v1: `gauge`, `sum`, … by their field. */
const fieldOfForm: Record<MetricForm, number> = {
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponential_histogram: 10,
  summary: 11,
};
/** Whatever the same form repeated is to mean. */
const DATA_MAX = 16;
const formOfTag = new Map(metricForms.map((form) => [tagOf(fieldOfForm[form]), form]));

/**
 * Finds the points of one metric. `add` may throw, and then so does this; a metric that is broken itself
 * is added as one part, and costs its neighbours nothing.
 */
export function splitMetric(wire: WireReader, at: Slice, add: (part: PointPart) => void): void {
  const found = attempt(() => framesOf(wire, at));
  // Wherever the metric broke, the next one begins behind it.
  wire.position = at.end;
  if (found instanceof Fault) {
    add({ ...at, aroundBytes: 0, frame: found });
    return;
  }
  for (const { frame, points } of found) {
    let aroundBytes = 0;
    for (const slice of [...frame.own, ...frame.ofData]) aroundBytes += lengthOf(slice);
    for (const { start, end } of points) add({ start, end, aroundBytes, frame });
  }
}

type Framed = { frame: Frame; points: Slice[] };

/** One frame for each form that the metric has data of; the protocol allows one, and senders are not trusted. */
function framesOf(wire: WireReader, at: Slice): Framed[] {
  const own: Slice[] = [];
  const data: { form: MetricForm; at: Slice }[] = [];
  wire.position = at.start;
  while (wire.position < at.end) {
    const start = wire.position;
    const tag = wire.readTag(at.end);
    const form = formOfTag.get(tag);
    if (form === undefined) {
      wire.skip(tag, at.end);
      extend(own, start, wire.position);
    } else if (data.length < DATA_MAX) data.push({ form, at: wire.readSlice(at.end) });
    else throw new Fault('malformed_item', 'The metric holds more data than one form has.');
  }
  if (data.length === 0)
    throw new Fault('malformed_item', 'The metric holds no data of a known form.');
  return data.map(({ form, at: held }) => frameOf(wire, { form, own }, held));
}

function frameOf(
  wire: WireReader,
  { form, own }: { form: MetricForm; own: Slice[] },
  { start: from, end }: Slice,
): Framed {
  const points: Slice[] = [];
  const ofData: Slice[] = [];
  wire.position = from;
  // One point more than a request may hold is enough to refuse it.
  while (wire.position < end && points.length <= limits.requestItemsMax) {
    const start = wire.position;
    const tag = wire.readTag(end);
    if (tag === tagOf(1)) points.push(wire.readSlice(end));
    else {
      wire.skip(tag, end);
      extend(ofData, start, wire.position);
    }
  }
  return { frame: { form, field: fieldOfForm[form], own, ofData, read: null }, points };
}

/** What follows directly is one slice with what came before. */
function extend(slices: Slice[], start: number, end: number): void {
  const last = slices.at(-1);
  if (last?.end === start) slices[slices.length - 1] = { start: last.start, end };
  else if (slices.length < limits.requestItemsMax) slices.push({ start, end });
  else throw new Fault('malformed_item', 'The metric lies in more pieces than are read.');
}

/** Name, unit and form of the metric that a point belongs to. Throws what made it unreadable. */
export function readMetric(wire: WireReader, { frame }: PointPart, tally: Tally): Metric {
  if (frame instanceof Fault) throw frame;
  frame.read ??= readFrame(wire, frame);
  tally.hasInvalidText ||= frame.read.hasInvalidText;
  return frame.read.metric;
}

function readFrame(wire: WireReader, { form, own, ofData }: Frame): NonNullable<Frame['read']> {
  const metric: Metric = {
    name: '',
    description: '',
    unit: '',
    form,
    temporality: 0,
    isMonotonic: false,
  };
  wire.hasInvalidText = false;
  for (const { start, end } of own) {
    wire.position = start;
    while (wire.position < end) {
      const tag = wire.readTag(end);
      if (tag === 0x0a) metric.name = wire.readText(end);
      else if (tag === 0x12) metric.description = wire.readText(end);
      else if (tag === 0x1a) metric.unit = wire.readText(end);
      else wire.skip(tag, end);
    }
  }
  for (const { start, end } of ofData) {
    wire.position = start;
    while (wire.position < end) {
      const tag = wire.readTag(end);
      if (tag === 0x10 && form !== 'gauge' && form !== 'summary')
        metric.temporality = wire.readInt32(end);
      else if (tag === 0x18 && form === 'sum') metric.isMonotonic = wire.readBool(end);
      else wire.skip(tag, end);
    }
  }
  return { metric, hasInvalidText: wire.hasInvalidText };
}

/** A metric that holds this point only. */
export function rawMetricOf(wire: WireReader, part: PointPart): Uint8Array {
  const { frame } = part;
  if (frame instanceof Fault) return wire.view(part);
  const data = Buffer.concat([
    ...frame.ofData.map((slice) => wire.view(slice)),
    writeDelimited(1, wire.view(part)),
  ]);
  return Buffer.concat([
    ...frame.own.map((slice) => wire.view(slice)),
    writeDelimited(frame.field, data),
  ]);
}
