import { isUtf8 } from 'node:buffer';
import type { Result } from '@/lib/core/result';
import { JsonScanner } from './json-scan';
import { limits } from './limits';
import {
  emptySlice,
  type PartReader,
  type RequestSlices,
  type ResourceSlices,
  readItems,
  type ScopeSlices,
  type Slice,
  type UnreadableRequest,
} from './otlp-items';
import { JsonSpanReader } from './otlp-json-span';
import type { Attributes, Item, Origin, Span } from './schema';
import { Fault, type Tally } from './tally';

/**
 * The spans of an ExportTraceServiceRequest (OTLP 1.x, JSON), in the order sent. Each span is parsed
 * by itself, so that a broken or bottomless one costs its neighbours nothing. Names may also be the
 * snake_case ones of the protocol's files. `raw` of an item is JSON too.
 */
export function decodeTracesJson(body: Buffer): Result<Item[], UnreadableRequest> {
  return readItems(new JsonReader(body));
}

/** Whether a request, such as an item's `raw`, is OTLP/JSON: no protobuf request begins like it. */
export const isJsonRequest = (body: Uint8Array): boolean => body[0] === 0x7b;

class JsonReader implements PartReader {
  readonly #scanner: JsonScanner;

  constructor(body: Buffer) {
    this.#scanner = new JsonScanner(body);
  }

  readSlices(into: RequestSlices): void {
    const scanner = this.#scanner;
    scanner.scanObject((key) => {
      if (key === 'resourceSpans' || key === 'resource_spans')
        this.#scanList(() => this.#scanResourceSpans(into, into.addResource()));
      else scanner.discardValue(limits.spanBytesMax);
    });
    scanner.expectEnd();
  }

  #scanResourceSpans(into: RequestSlices, found: ResourceSlices): void {
    const scanner = this.#scanner;
    scanner.scanObject((key) => {
      if (key === 'resource') found.resource = this.#readSlice();
      else if (key === 'scopeSpans' || key === 'scope_spans')
        this.#scanList(() => this.#scanScopeSpans(into, into.addScope(found)));
      else scanner.discardValue(limits.spanBytesMax);
    });
  }

  #scanScopeSpans(into: RequestSlices, found: ScopeSlices): void {
    const scanner = this.#scanner;
    scanner.scanObject((key) => {
      if (key === 'scope') found.scope = this.#readSlice();
      else if (key === 'spans') this.#scanList(() => into.addSpan(found, scanner.skipValue()));
      else scanner.discardValue(limits.spanBytesMax);
    });
  }

  #scanList(visit: () => void): void {
    if (!this.#scanner.acceptNull()) this.#scanner.scanArray(visit);
  }

  #readSlice(): Slice {
    return this.#scanner.acceptNull() ? emptySlice : this.#scanner.skipValue();
  }

  readResource(at: Slice, tally: Tally): Attributes {
    return new JsonSpanReader(tally).readResource(this.#parse(at, 'resource', tally));
  }

  readScope(at: Slice, tally: Tally): Omit<Origin, 'resource'> {
    return new JsonSpanReader(tally).readScope(this.#parse(at, 'scope', tally));
  }

  readSpan(at: Slice, tally: Tally): Span {
    return new JsonSpanReader(tally).readSpan(this.#parse(at, 'span', tally));
  }

  #parse(at: Slice, what: string, tally: Tally): unknown {
    if (at === emptySlice) return {};
    const bytes = this.#scanner.bytes.subarray(at.start, at.end);
    if (!isUtf8(bytes)) tally.hasInvalidText = true;
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      throw new Fault('malformed_item', `The ${what} is not JSON, at byte ${at.start}.`);
    }
  }

  rawOf(resource: Slice, scope: Slice, span: Slice): Buffer {
    const part = (slice: Slice, name: string) =>
      slice === emptySlice
        ? []
        : [Buffer.from(`"${name}":`), this.#scanner.bytes.subarray(slice.start, slice.end), comma];
    return Buffer.concat([
      Buffer.from('{"resourceSpans":[{'),
      ...part(resource, 'resource'),
      Buffer.from('"scopeSpans":[{'),
      ...part(scope, 'scope'),
      Buffer.from('"spans":['),
      this.#scanner.bytes.subarray(span.start, span.end),
      Buffer.from(']}]}]}'),
    ]);
  }
}

const comma = Buffer.from(',');
