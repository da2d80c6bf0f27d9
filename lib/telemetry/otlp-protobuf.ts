import type { Result } from '@/lib/core/result';
import {
  type Part,
  type PartReader,
  pointItem,
  type RequestSlices,
  readItems,
  recordItem,
  type ScopeSlices,
  type Slice,
  spanItem,
  type UnreadableRequest,
} from './otlp-items';
import { type PointPart, rawMetricOf, readMetric, splitMetric } from './otlp-protobuf-metric';
import { readPoint } from './otlp-protobuf-point';
import { readRecord } from './otlp-protobuf-record';
import { readSpan } from './otlp-protobuf-span';
import { readResource, readScope } from './otlp-protobuf-value';
import { tagOf, writeDelimited } from './protobuf-write';
import {
  type Attributes,
  type Item,
  type ItemOrigin,
  marks,
  type Origin,
  type PointContent,
  type RecordContent,
  type SpanContent,
} from './schema';
import type { Tally } from './tally';
import { WireReader } from './wire';

/**
 * The spans of an ExportTraceServiceRequest (OTLP 1.x, protobuf), in the order sent. A span that
 * cannot be read is an item with the reason; only broken framing around spans refuses the request.
 * Ids and byte values are views of `body`. `raw` of an item is protobuf too.
 */
export function decodeTracesProtobuf(body: Buffer): Result<Item<SpanContent>[], UnreadableRequest> {
  return readItems(new SpanReader(body));
}

/** The log records of an ExportLogsServiceRequest, likewise. */
export function decodeLogsProtobuf(body: Buffer): Result<Item<RecordContent>[], UnreadableRequest> {
  return readItems(new RecordReader(body));
}

/** The data points of an ExportMetricsServiceRequest, likewise; each is an item of its own. */
export function decodeMetricsProtobuf(
  body: Buffer,
): Result<Item<PointContent>[], UnreadableRequest> {
  return readItems(new PointReader(body));
}

/** All three requests number their fields alike, down to what a scope holds. */
abstract class ProtobufReader<Of extends Part> {
  protected readonly wire: WireReader;

  constructor(body: Buffer) {
    this.wire = new WireReader(body);
  }

  /** Moves past one span, log record or metric, and adds the items that it is. */
  protected abstract addParts(to: ScopeSlices<Of>, into: RequestSlices<Of>, end: number): void;
  /** What a scope holds, of which `at` is the only item. */
  protected abstract rawInScope(at: Of): Uint8Array;

  readSlices(into: RequestSlices<Of>): void {
    const { wire } = this;
    const end = wire.bytes.length;
    while (wire.position < end) {
      const tag = wire.readTag(end);
      if (tag === tagOf(1)) this.#readResourceItems(wire.readEnd(end), into);
      else wire.skip(tag, end);
    }
  }

  // The resource may come after its items, so that slices are gathered before anything is read.
  #readResourceItems(end: number, into: RequestSlices<Of>): void {
    const { wire } = this;
    const found = into.addResource();
    while (wire.position < end) {
      const tag = wire.readTag(end);
      if (tag === tagOf(1)) found.resource = wire.readSlice(end);
      else if (tag === tagOf(2)) {
        const scope = into.addScope(found);
        const stop = wire.readEnd(end);
        while (wire.position < stop) {
          const inner = wire.readTag(stop);
          if (inner === tagOf(1)) scope.scope = wire.readSlice(stop);
          else if (inner === tagOf(2)) this.addParts(scope, into, stop);
          else wire.skip(inner, stop);
        }
      } else wire.skip(tag, end);
    }
  }

  readResource(at: Slice, tally: Tally): Attributes {
    return readResource(this.wire, at, tally);
  }

  readScope(at: Slice, tally: Tally): Omit<Origin, 'resource'> {
    return readScope(this.wire, at, tally);
  }

  rawOf(resource: Slice, scope: Slice, at: Of): Buffer {
    const scopeItems = Buffer.concat([
      writeDelimited(1, this.wire.view(scope)),
      writeDelimited(2, this.rawInScope(at)),
    ]);
    const resourceItems = Buffer.concat([
      writeDelimited(1, this.wire.view(resource)),
      writeDelimited(2, scopeItems),
    ]);
    return writeDelimited(1, resourceItems);
  }
}

/** Where each item is one field of its scope. */
abstract class PlainReader extends ProtobufReader<Slice> {
  protected addParts(to: ScopeSlices<Slice>, into: RequestSlices<Slice>, end: number): void {
    into.addPart(to, this.wire.readSlice(end));
  }

  protected rawInScope(at: Slice): Uint8Array {
    return this.wire.view(at);
  }
}

class SpanReader extends PlainReader implements PartReader<Slice, SpanContent> {
  readonly signal = 'trace';

  readItem(at: Slice, tally: Tally, origin: ItemOrigin): Item<SpanContent> {
    const span = readSpan(this.wire, at, tally);
    if (tally.hasInvalidText) span.marks |= marks.invalid_text;
    return spanItem(origin, span);
  }
}

class RecordReader extends PlainReader implements PartReader<Slice, RecordContent> {
  readonly signal = 'log';

  readItem(at: Slice, tally: Tally, origin: ItemOrigin): Item<RecordContent> {
    const record = readRecord(this.wire, at, tally);
    if (tally.hasInvalidText) record.marks |= marks.invalid_text;
    return recordItem(origin, record);
  }
}

class PointReader extends ProtobufReader<PointPart> implements PartReader<PointPart, PointContent> {
  readonly signal = 'metric';

  protected addParts(
    to: ScopeSlices<PointPart>,
    into: RequestSlices<PointPart>,
    end: number,
  ): void {
    into.addContainer();
    splitMetric(this.wire, this.wire.readSlice(end), (part) => into.addPart(to, part));
  }

  protected rawInScope(at: PointPart): Uint8Array {
    return rawMetricOf(this.wire, at);
  }

  readItem(at: PointPart, tally: Tally, origin: ItemOrigin): Item<PointContent> {
    const metric = readMetric(this.wire, at, tally);
    const point = readPoint(this.wire, at, tally, metric);
    if (tally.hasInvalidText) point.marks |= marks.invalid_text;
    return pointItem(origin, point);
  }
}
