import type { JsonScanner } from './json-scan';
import { limits } from './limits';
import { lengthOf, type Slice } from './otlp-items';
import { type Metric, type MetricForm, metricForms } from './schema';
import { attempt, Fault } from './tally';

/** A metric without its points: where its own members lie, and those of the one that holds the points. */
export type Frame = {
  form: MetricForm;
  /** Members, each from its key to the end of its value. */
  own: Slice[];
  ofData: Slice[];
  read: { metric: Metric; hasInvalidText: boolean } | Fault | null;
};

/** One data point, or a whole metric that cannot be taken apart, with what is wrong about it. */
export type PointPart = Slice & {
  readonly aroundBytes: number;
  readonly frame: Frame | Fault;
};

const camel = (form: MetricForm) =>
  form.replace(/_[a-z]/g, (match) => match.slice(1).toUpperCase());
/** Whatever the same form repeated is to mean. */
const DATA_MAX = 16;
const tooManyForms = 'The metric holds more data than one form has.';

const formOfName = new Map<string, MetricForm>(
  metricForms.flatMap((form) => [[form, form] as const, [camel(form), form] as const]),
);

/**
 * Finds the points of one metric. `add` may throw, and then so does this; a metric that is broken itself
 * is added as one part, and costs its neighbours nothing.
 */
export function splitMetric(scanner: JsonScanner, at: Slice, add: (part: PointPart) => void): void {
  const found = attempt(() => framesOf(scanner, at));
  // Wherever the metric broke, the next one begins behind it.
  scanner.position = at.end;
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
function framesOf(scanner: JsonScanner, at: Slice): Framed[] {
  const own: Slice[] = [];
  const data: { form: MetricForm; at: Slice }[] = [];
  scanner.position = at.start;
  scanner.scanObject((key, start) => {
    const form = formOfName.get(key);
    if (form === undefined) addMember(own, start, scanner.skipValue());
    else if (!scanner.acceptNull()) data.push({ form, at: scanner.skipValue() });
    if (data.length > DATA_MAX) throw new Fault('malformed_item', tooManyForms);
  });
  if (data.length === 0)
    throw new Fault('malformed_item', 'The metric holds no data of a known form.');
  return data.map(({ form, at: held }) => frameOf(scanner, { form, own }, held));
}

function frameOf(
  scanner: JsonScanner,
  { form, own }: { form: MetricForm; own: Slice[] },
  held: Slice,
): Framed {
  const points: Slice[] = [];
  const ofData: Slice[] = [];
  scanner.position = held.start;
  scanner.scanObject((key, start) => {
    if (key !== 'dataPoints' && key !== 'data_points')
      addMember(ofData, start, scanner.skipValue());
    else if (!scanner.acceptNull())
      scanner.scanArray(() => {
        const point = scanner.skipValue();
        // One point more than a request may hold is enough to refuse it.
        if (points.length <= limits.requestItemsMax) points.push(point);
      });
  });
  return { frame: { form, own, ofData, read: null }, points };
}

function addMember(members: Slice[], start: number, { end }: Slice): void {
  if (members.length >= limits.attributesMax)
    throw new Fault('malformed_item', 'The metric has more members than are read.');
  members.push({ start, end });
}

/** The members around the points as JSON: those of the metric, and those of its data. */
export function membersJson(
  scanner: JsonScanner,
  { own, ofData }: Frame,
): { metric: Buffer; data: Buffer } {
  return { metric: objectOf(scanner, own), data: objectOf(scanner, ofData) };
}

/** A metric that holds this point only. */
export function rawMetricOf(scanner: JsonScanner, part: PointPart): Buffer {
  const { frame } = part;
  if (frame instanceof Fault) return scanner.view(part);
  const point = scanner.view(part);
  const data = Buffer.concat([
    Buffer.from('{"dataPoints":['),
    point,
    Buffer.from(']'),
    ...frame.ofData.flatMap((slice) => [comma, scanner.view(slice)]),
    Buffer.from('}'),
  ]);
  return Buffer.concat([
    Buffer.from(`{"${camel(frame.form)}":`),
    data,
    ...frame.own.flatMap((slice) => [comma, scanner.view(slice)]),
    Buffer.from('}'),
  ]);
}

function objectOf(scanner: JsonScanner, members: readonly Slice[]): Buffer {
  const parts = members.flatMap((slice, at) =>
    at === 0 ? [scanner.view(slice)] : [comma, scanner.view(slice)],
  );
  return Buffer.concat([Buffer.from('{'), ...parts, Buffer.from('}')]);
}

const comma = Buffer.from(',');
