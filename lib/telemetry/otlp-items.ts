import { ok, type Result, refused } from '@/lib/core/result';
import { limits } from './limits';
import { type Attributes, type Item, marks, type Origin, type Span } from './schema';
import { Fault, Tally } from './tally';

/** Where something lies in the body: bytes from `start` up to `end`. */
export type Slice = { readonly start: number; readonly end: number };

export const emptySlice: Slice = { start: 0, end: 0 };

/** Where the spans of a request lie, before any of them is read. */
export type ResourceSlices = { resource: Slice; scopes: ScopeSlices[] };
export type ScopeSlices = { scope: Slice; spans: Slice[] };

/** Collects the slices of a request; refuses when there are more than one request may hold. */
export class RequestSlices {
  readonly resources: ResourceSlices[] = [];
  #containers = 0;
  #spans = 0;

  addResource(): ResourceSlices {
    this.#addContainer();
    const added: ResourceSlices = { resource: emptySlice, scopes: [] };
    this.resources.push(added);
    return added;
  }

  addScope(to: ResourceSlices): ScopeSlices {
    this.#addContainer();
    const added: ScopeSlices = { scope: emptySlice, spans: [] };
    to.scopes.push(added);
    return added;
  }

  addSpan(to: ScopeSlices, span: Slice): void {
    this.#spans += 1;
    if (this.#spans > limits.requestSpansMax) throw new TooManyItems('spans');
    to.spans.push(span);
  }

  #addContainer(): void {
    this.#containers += 1;
    if (this.#containers > limits.requestSpansMax) throw new TooManyItems('resources and scopes');
  }
}

class TooManyItems {
  readonly message: string;

  constructor(what: string) {
    this.message = `The request holds more than ${limits.requestSpansMax} ${what}. Send it in smaller parts.`;
  }
}

/** How one encoding reads the parts of a request. Each throws a Fault when it cannot. */
export type PartReader = {
  readSlices(into: RequestSlices): void;
  readResource(at: Slice, tally: Tally): Attributes;
  readScope(at: Slice, tally: Tally): Omit<Origin, 'resource'>;
  readSpan(at: Slice, tally: Tally): Span;
  /** A complete request that holds one span only. */
  rawOf(resource: Slice, scope: Slice, span: Slice): Buffer;
};

export type UnreadableRequest = 'malformed' | 'too_many_items';

/** Every span of a request as an item: read, or with the reason why it is not. Never throws. */
export function readItems(reader: PartReader): Result<Item[], UnreadableRequest> {
  const slices = new RequestSlices();
  try {
    reader.readSlices(slices);
  } catch (fault) {
    if (fault instanceof TooManyItems) return refused('too_many_items', fault.message);
    if (fault instanceof Fault)
      return refused('malformed', `The request cannot be read. ${fault.detail}`);
    throw fault;
  }
  const items: Item[] = [];
  const tally = new Tally();
  let values = 0;
  let rawBytes = 0;
  for (const { resource, scopes } of slices.resources) {
    const filled = scopes.filter(({ spans }) => spans.length > 0);
    if (filled.length === 0) continue;
    const shared = readShared(reader, resource);
    for (const { scope, spans } of filled) {
      const inherited = readInherited(reader, shared, scope);
      values += inherited.tally.values;
      for (const span of spans) {
        items.push(readItem(reader, span, inherited, tally));
        values += tally.values;
        rawBytes += lengthOf(span) + lengthOf(scope) + lengthOf(resource);
        if (values > limits.requestValuesMax || rawBytes > limits.requestRawBytesMax)
          return refused(
            'too_many_items',
            'The request holds more values than are taken at once. Send it in smaller parts.',
          );
      }
    }
  }
  return ok(items);
}

/** What the scopes of one resource share. Read once: as many scopes as bytes may name a resource. */
type Shared = { resource: Slice; attributes: Attributes | Fault; tally: Tally };

function readShared(reader: PartReader, resource: Slice): Shared {
  const tally = new Tally();
  const attributes = attempt(() => {
    refuseLonger(resource, limits.originBytesMax, 'The resource holds');
    return reader.readResource(resource, tally);
  });
  return { resource, attributes, tally };
}

type Inherited = {
  resource: Slice;
  scope: Slice;
  origin: Origin;
  tally: Tally;
  fault: Fault | null;
};

function readInherited(reader: PartReader, shared: Shared, scope: Slice): Inherited {
  const { resource } = shared;
  const tally = new Tally();
  tally.startFrom(shared.tally);
  const origin = attempt(() => {
    if (shared.attributes instanceof Fault) throw shared.attributes;
    refuseLonger(scope, limits.originBytesMax, 'The scope holds');
    return { resource: shared.attributes, ...reader.readScope(scope, tally) };
  });
  if (!(origin instanceof Fault)) return { resource, scope, origin, tally, fault: null };
  const unknown = { resource: [], scopeName: '', scopeVersion: '', scope: [] };
  return { resource, scope, origin: unknown, tally, fault: origin };
}

function readItem(reader: PartReader, at: Slice, inherited: Inherited, tally: Tally): Item {
  const { resource, scope, origin, fault } = inherited;
  const bytes = lengthOf(at);
  const rawBytes = bytes + lengthOf(scope) + lengthOf(resource);
  const raw = () => reader.rawOf(resource, scope, at);
  tally.startFrom(inherited.tally);
  try {
    if (fault !== null) throw fault;
    refuseLonger(at, limits.spanBytesMax, 'The span holds');
    const span = reader.readSpan(at, tally);
    if (tally.hasInvalidText) span.marks |= marks.invalid_text;
    return { origin, bytes, rawBytes, raw, span };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { origin, bytes, rawBytes, raw, drop: thrown.reason, detail: thrown.detail };
  }
}

function refuseLonger(at: Slice, bytesMax: number, what: string): void {
  const bytes = lengthOf(at);
  if (bytes > bytesMax)
    throw new Fault('too_large', `${what} ${bytes} bytes; ${bytesMax} are allowed.`);
}

function attempt<Value>(read: () => Value): Value | Fault {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
}

const lengthOf = ({ start, end }: Slice): number => end - start;
