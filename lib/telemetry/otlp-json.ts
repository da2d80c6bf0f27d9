import { isUtf8 } from 'node:buffer';
import type { Result } from '@/lib/core/result';
import { JsonScanner } from './json-scan';
import { limits } from './limits';
import {
  emptySlice,
  type Part,
  type PartReader,
  pointItem,
  type RequestSlices,
  type ResourceSlices,
  readItems,
  recordItem,
  type ScopeSlices,
  type Slice,
  spanItem,
  type UnreadableRequest,
} from './otlp-items';
import {
  type Frame,
  membersJson,
  type PointPart,
  rawMetricOf,
  splitMetric,
} from './otlp-json-metric';
import { JsonPointReader } from './otlp-json-point';
import { JsonRecordReader } from './otlp-json-record';
import { JsonSpanReader } from './otlp-json-span';
import { JsonValueReader } from './otlp-json-value';
import {
  type Attributes,
  type Item,
  type ItemOrigin,
  type Metric,
  marks,
  type Origin,
  type PointContent,
  type RecordContent,
  type SpanContent,
} from './schema';
import { attempt, Fault, type Tally } from './tally';

/**
 * The spans of an ExportTraceServiceRequest (OTLP 1.x, JSON), in the order sent. Each span is parsed
 * by itself, so that a broken or bottomless one costs its neighbours nothing. Names may also be the
 * snake_case ones of the protocol's files. `raw` of an item is JSON too.
 */
export function decodeTracesJson(body: Buffer): Result<Item<SpanContent>[], UnreadableRequest> {
  return readItems(new SpanReader(body));
}

/** The log records of an ExportLogsServiceRequest, likewise. */
export function decodeLogsJson(body: Buffer): Result<Item<RecordContent>[], UnreadableRequest> {
  return readItems(new RecordReader(body));
}

/** The data points of an ExportMetricsServiceRequest, likewise; each is an item of its own. */
export function decodeMetricsJson(body: Buffer): Result<Item<PointContent>[], UnreadableRequest> {
  return readItems(new PointReader(body));
}

/** Whether a request, such as an item's `raw`, is OTLP/JSON: no protobuf request begins like it. */
export const isJsonRequest = (body: Uint8Array): boolean => body[0] === 0x7b;

/** What a signal's requests call their three levels. */
type Names = { resources: Name; scopes: Name; items: Name };
type Name = readonly [camel: string, snake: string];

abstract class JsonReader<Of extends Part> {
  protected readonly scanner: JsonScanner;
  readonly #names: Names;

  constructor(body: Buffer, names: Names) {
    this.scanner = new JsonScanner(body);
    this.#names = names;
  }

  /** Moves past one span, log record or metric, and adds the items that it is. */
  protected abstract addParts(to: ScopeSlices<Of>, into: RequestSlices<Of>): void;
  /** What a scope holds, of which `at` is the only item. */
  protected abstract rawInScope(at: Of): Uint8Array;

  readSlices(into: RequestSlices<Of>): void {
    const { scanner } = this;
    scanner.scanObject((key) => {
      if (this.#names.resources.includes(key))
        this.#scanList(() => this.#scanResourceItems(into, into.addResource()));
      else scanner.discardValue(limits.itemBytesMax);
    });
    scanner.expectEnd();
  }

  #scanResourceItems(into: RequestSlices<Of>, found: ResourceSlices<Of>): void {
    const { scanner } = this;
    scanner.scanObject((key) => {
      if (key === 'resource') found.resource = this.#readSlice();
      else if (this.#names.scopes.includes(key))
        this.#scanList(() => this.#scanScopeItems(into, into.addScope(found)));
      else scanner.discardValue(limits.itemBytesMax);
    });
  }

  #scanScopeItems(into: RequestSlices<Of>, found: ScopeSlices<Of>): void {
    const { scanner } = this;
    scanner.scanObject((key) => {
      if (key === 'scope') found.scope = this.#readSlice();
      else if (this.#names.items.includes(key)) this.#scanList(() => this.addParts(found, into));
      else scanner.discardValue(limits.itemBytesMax);
    });
  }

  #scanList(visit: () => void): void {
    if (!this.scanner.acceptNull()) this.scanner.scanArray(visit);
  }

  #readSlice(): Slice {
    return this.scanner.acceptNull() ? emptySlice : this.scanner.skipValue();
  }

  readResource(at: Slice, tally: Tally): Attributes {
    return new JsonValueReader(tally).readResource(this.parse(at, 'resource', tally));
  }

  readScope(at: Slice, tally: Tally): Omit<Origin, 'resource'> {
    return new JsonValueReader(tally).readScope(this.parse(at, 'scope', tally));
  }

  protected parse(at: Slice, what: string, tally: Tally): unknown {
    if (at === emptySlice) return {};
    return parseBytes(this.scanner.view(at), `${what} is not JSON, at byte ${at.start}`, tally);
  }

  rawOf(resource: Slice, scope: Slice, at: Of): Buffer {
    const { resources, scopes, items } = this.#names;
    const part = (slice: Slice, name: string) =>
      slice === emptySlice ? [] : [Buffer.from(`"${name}":`), this.scanner.view(slice), comma];
    return Buffer.concat([
      Buffer.from(`{"${resources[0]}":[{`),
      ...part(resource, 'resource'),
      Buffer.from(`"${scopes[0]}":[{`),
      ...part(scope, 'scope'),
      Buffer.from(`"${items[0]}":[`),
      this.rawInScope(at),
      Buffer.from(']}]}]}'),
    ]);
  }
}

function parseBytes(bytes: Buffer, what: string, tally: Tally): unknown {
  if (!isUtf8(bytes)) tally.hasInvalidText = true;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Fault('malformed_item', `The ${what}.`);
  }
}

const comma = Buffer.from(',');

/** Where each item is one element of its scope. */
abstract class PlainReader extends JsonReader<Slice> {
  protected addParts(to: ScopeSlices<Slice>, into: RequestSlices<Slice>): void {
    into.addPart(to, this.scanner.skipValue());
  }

  protected rawInScope(at: Slice): Uint8Array {
    return this.scanner.view(at);
  }
}

class SpanReader extends PlainReader implements PartReader<Slice, SpanContent> {
  readonly signal = 'trace';

  constructor(body: Buffer) {
    super(body, {
      resources: ['resourceSpans', 'resource_spans'],
      scopes: ['scopeSpans', 'scope_spans'],
      items: ['spans', 'spans'],
    });
  }

  readItem(at: Slice, tally: Tally, origin: ItemOrigin): Item<SpanContent> {
    const span = new JsonSpanReader(tally).readSpan(this.parse(at, 'span', tally));
    if (tally.hasInvalidText) span.marks |= marks.invalid_text;
    return spanItem(origin, span);
  }
}

class RecordReader extends PlainReader implements PartReader<Slice, RecordContent> {
  readonly signal = 'log';

  constructor(body: Buffer) {
    super(body, {
      resources: ['resourceLogs', 'resource_logs'],
      scopes: ['scopeLogs', 'scope_logs'],
      items: ['logRecords', 'log_records'],
    });
  }

  readItem(at: Slice, tally: Tally, origin: ItemOrigin): Item<RecordContent> {
    const record = new JsonRecordReader(tally).readRecord(this.parse(at, 'log record', tally));
    if (tally.hasInvalidText) record.marks |= marks.invalid_text;
    return recordItem(origin, record);
  }
}

class PointReader extends JsonReader<PointPart> implements PartReader<PointPart, PointContent> {
  readonly signal = 'metric';

  constructor(body: Buffer) {
    super(body, {
      resources: ['resourceMetrics', 'resource_metrics'],
      scopes: ['scopeMetrics', 'scope_metrics'],
      items: ['metrics', 'metrics'],
    });
  }

  protected addParts(to: ScopeSlices<PointPart>, into: RequestSlices<PointPart>): void {
    into.addContainer();
    splitMetric(this.scanner, this.scanner.skipValue(), (part) => into.addPart(to, part));
  }

  protected rawInScope(at: PointPart): Uint8Array {
    return rawMetricOf(this.scanner, at);
  }

  readItem(at: PointPart, tally: Tally, origin: ItemOrigin): Item<PointContent> {
    const metric = this.#metricOf(at, tally);
    const point = new JsonPointReader(tally).readPoint(this.parse(at, 'data point', tally), metric);
    if (tally.hasInvalidText) point.marks |= marks.invalid_text;
    return pointItem(origin, point);
  }

  /** Read at the metric's first point; so is what makes it unreadable, or each point would parse it again. */
  #metricOf({ frame }: PointPart, tally: Tally): Metric {
    if (frame instanceof Fault) throw frame;
    frame.read ??= attempt(() => this.#readMetric(frame, tally));
    if (frame.read instanceof Fault) throw frame.read;
    tally.hasInvalidText ||= frame.read.hasInvalidText;
    return frame.read.metric;
  }

  #readMetric(frame: Frame, tally: Tally): { metric: Metric; hasInvalidText: boolean } {
    const texts = membersJson(this.scanner, frame);
    const [parsed, data] = [texts.metric, texts.data].map((bytes) =>
      parseBytes(bytes, 'metric around the data points is not JSON', tally),
    );
    const metric = new JsonPointReader(tally).readMetric(parsed, data, frame.form);
    return { metric, hasInvalidText: tally.hasInvalidText };
  }
}
