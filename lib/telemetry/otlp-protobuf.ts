import type { Result } from '@/lib/core/result';
import {
  type PartReader,
  type RequestSlices,
  readItems,
  type Slice,
  type UnreadableRequest,
} from './otlp-items';
import { readResource, readScope, readSpan } from './otlp-protobuf-span';
import { tagOf, writeDelimited } from './protobuf-write';
import type { Attributes, Item, Origin, Span } from './schema';
import type { Tally } from './tally';
import { WireReader } from './wire';

/**
 * The spans of an ExportTraceServiceRequest (OTLP 1.x, protobuf), in the order sent. A span that
 * cannot be read is an item with the reason; only broken framing around spans refuses the request.
 * Ids and byte values are views of `body`. `raw` of an item is protobuf too.
 */
export function decodeTracesProtobuf(body: Buffer): Result<Item[], UnreadableRequest> {
  return readItems(new ProtobufReader(body));
}

class ProtobufReader implements PartReader {
  readonly #wire: WireReader;

  constructor(body: Buffer) {
    this.#wire = new WireReader(body);
  }

  readSlices(into: RequestSlices): void {
    const wire = this.#wire;
    const end = wire.bytes.length;
    while (wire.position < end) {
      const tag = wire.readTag(end);
      if (tag === tagOf(1)) this.#readResourceSpans(wire.readEnd(end), into);
      else wire.skip(tag, end);
    }
  }

  // The resource may come after its spans, so that slices are gathered before anything is read.
  #readResourceSpans(end: number, into: RequestSlices): void {
    const wire = this.#wire;
    const found = into.addResource();
    while (wire.position < end) {
      const tag = wire.readTag(end);
      if (tag === tagOf(1)) found.resource = this.#readSlice(end);
      else if (tag === tagOf(2)) {
        const scope = into.addScope(found);
        const stop = wire.readEnd(end);
        while (wire.position < stop) {
          const inner = wire.readTag(stop);
          if (inner === tagOf(1)) scope.scope = this.#readSlice(stop);
          else if (inner === tagOf(2)) into.addSpan(scope, this.#readSlice(stop));
          else wire.skip(inner, stop);
        }
      } else wire.skip(tag, end);
    }
  }

  #readSlice(end: number): Slice {
    const stop = this.#wire.readEnd(end);
    const slice = { start: this.#wire.position, end: stop };
    this.#wire.position = stop;
    return slice;
  }

  readResource(at: Slice, tally: Tally): Attributes {
    return readResource(this.#wire, at, tally);
  }

  readScope(at: Slice, tally: Tally): Omit<Origin, 'resource'> {
    return readScope(this.#wire, at, tally);
  }

  readSpan(at: Slice, tally: Tally): Span {
    return readSpan(this.#wire, at, tally);
  }

  rawOf(resource: Slice, scope: Slice, span: Slice): Buffer {
    const part = ({ start, end }: Slice) => this.#wire.bytes.subarray(start, end);
    const scopeSpans = Buffer.concat([
      writeDelimited(1, part(scope)),
      writeDelimited(2, part(span)),
    ]);
    const resourceSpans = Buffer.concat([
      writeDelimited(1, part(resource)),
      writeDelimited(2, scopeSpans),
    ]);
    return writeDelimited(1, resourceSpans);
  }
}
