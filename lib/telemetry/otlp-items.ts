import { ok, type Result, refused } from '@/lib/core/result';
import { limits } from './limits';
import type {
  Attributes,
  Item,
  ItemOrigin,
  LogRecord,
  MetricPoint,
  Origin,
  PointContent,
  RecordContent,
  Signal,
  Span,
  SpanContent,
} from './schema';
import { attempt, Fault, Tally } from './tally';

/** Where something lies in the body: bytes from `start` up to `end`. */
export type Slice = { readonly start: number; readonly end: number };

export const emptySlice: Slice = { start: 0, end: 0 };

/** Where one item lies; `aroundBytes` is what its raw form repeats beside resource and scope. */
export type Part = Slice & { readonly aroundBytes?: number };

/** Where the items of a request lie, before any of them is read. */
export type ResourceSlices<Of extends Part> = { resource: Slice; scopes: ScopeSlices<Of>[] };
export type ScopeSlices<Of extends Part> = { scope: Slice; parts: Of[] };

/** Collects the slices of a request; refuses when there are more than one request may hold. */
export class RequestSlices<Of extends Part> {
  readonly resources: ResourceSlices<Of>[] = [];
  #containers = 0;
  #parts = 0;

  addResource(): ResourceSlices<Of> {
    this.addContainer();
    const added: ResourceSlices<Of> = { resource: emptySlice, scopes: [] };
    this.resources.push(added);
    return added;
  }

  addScope(to: ResourceSlices<Of>): ScopeSlices<Of> {
    this.addContainer();
    const added: ScopeSlices<Of> = { scope: emptySlice, parts: [] };
    to.scopes.push(added);
    return added;
  }

  addPart(to: ScopeSlices<Of>, part: Of): void {
    this.#parts += 1;
    if (this.#parts > limits.requestItemsMax) throw new TooManyItems('items');
    to.parts.push(part);
  }

  /** Counts what holds items without being one. */
  addContainer(): void {
    this.#containers += 1;
    if (this.#containers > limits.requestItemsMax)
      throw new TooManyItems('resources, scopes and metrics');
  }
}

class TooManyItems {
  readonly message: string;

  constructor(what: string) {
    this.message = `The request holds more than ${limits.requestItemsMax} ${what}. Send it in smaller parts.`;
  }
}

/** How one encoding reads the parts of one signal's requests. Each throws a Fault when it cannot. */
export type PartReader<Of extends Part, Content> = {
  readonly signal: Signal;
  readSlices(into: RequestSlices<Of>): void;
  readResource(at: Slice, tally: Tally): Attributes;
  readScope(at: Slice, tally: Tally): Omit<Origin, 'resource'>;
  readItem(at: Of, tally: Tally, origin: ItemOrigin): Item<Content>;
  /** A complete request that holds one item only. */
  rawOf(resource: Slice, scope: Slice, at: Of): Buffer;
};

export type UnreadableRequest = 'malformed' | 'too_many_items';

/** Every item of a request: read, or with the reason why it is not. Never throws. */
export function readItems<Of extends Part, Content>(
  reader: PartReader<Of, Content>,
): Result<Item<Content>[], UnreadableRequest> {
  const slices = new RequestSlices<Of>();
  try {
    reader.readSlices(slices);
  } catch (fault) {
    if (fault instanceof TooManyItems) return refused('too_many_items', fault.message);
    if (fault instanceof Fault)
      return refused('malformed', `The request cannot be read. ${fault.detail}`);
    throw fault;
  }
  const items: Item<Content>[] = [];
  const tally = new Tally();
  let values = 0;
  let rawBytes = 0;
  for (const { resource, scopes } of slices.resources) {
    const filled = scopes.filter(({ parts }) => parts.length > 0);
    if (filled.length === 0) continue;
    const shared = readShared(reader, resource);
    for (const { scope, parts } of filled) {
      const inherited = readInherited(reader, shared, scope);
      values += inherited.tally.values;
      for (const part of parts) {
        const item = readItem(reader, part, inherited, tally);
        items.push(item);
        values += tally.values;
        rawBytes += item.rawBytes;
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

function readShared<Of extends Part, Content>(
  reader: PartReader<Of, Content>,
  resource: Slice,
): Shared {
  const tally = new Tally();
  const attributes = attempt(() => {
    refuseLonger(lengthOf(resource), limits.originBytesMax, 'The resource holds');
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

function readInherited<Of extends Part, Content>(
  reader: PartReader<Of, Content>,
  shared: Shared,
  scope: Slice,
): Inherited {
  const { resource } = shared;
  const tally = new Tally();
  tally.startFrom(shared.tally);
  const origin = attempt(() => {
    if (shared.attributes instanceof Fault) throw shared.attributes;
    refuseLonger(lengthOf(scope), limits.originBytesMax, 'The scope holds');
    return { resource: shared.attributes, ...reader.readScope(scope, tally) };
  });
  if (!(origin instanceof Fault)) return { resource, scope, origin, tally, fault: null };
  const unknown = { resource: [], scopeName: '', scopeVersion: '', scope: [] };
  return { resource, scope, origin: unknown, tally, fault: origin };
}

function readItem<Of extends Part, Content>(
  reader: PartReader<Of, Content>,
  at: Of,
  inherited: Inherited,
  tally: Tally,
): Item<Content> {
  const { resource, scope, origin, fault } = inherited;
  const { signal } = reader;
  const bytes = lengthOf(at);
  const around = at.aroundBytes ?? 0;
  const rawBytes = bytes + around + lengthOf(scope) + lengthOf(resource);
  const raw = () => reader.rawOf(resource, scope, at);
  tally.startFrom(inherited.tally);
  try {
    if (fault !== null) throw fault;
    refuseLonger(bytes, limits.itemBytesMax, `The ${itemNames[signal]} holds`);
    refuseLonger(around, limits.originBytesMax, 'What holds the item has');
    return reader.readItem(at, tally, { signal, origin, bytes, rawBytes, raw });
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { signal, origin, bytes, rawBytes, raw, drop: thrown.reason, detail: thrown.detail };
  }
}

const itemNames: Record<Signal, string> = {
  trace: 'span',
  log: 'log record',
  metric: 'data point',
};

function refuseLonger(bytes: number, bytesMax: number, what: string): void {
  if (bytes > bytesMax)
    throw new Fault('too_large', `${what} ${bytes} bytes; ${bytesMax} are allowed.`);
}

export const lengthOf = ({ start, end }: Slice): number => end - start;

// Members written out: to spread them costs half as much as to decode a span.
export const spanItem = (
  { signal, origin, bytes, rawBytes, raw }: ItemOrigin,
  span: Span,
): Item<SpanContent> => ({ signal, origin, bytes, rawBytes, raw, span });
export const recordItem = (
  { signal, origin, bytes, rawBytes, raw }: ItemOrigin,
  record: LogRecord,
): Item<RecordContent> => ({ signal, origin, bytes, rawBytes, raw, record });
export const pointItem = (
  { signal, origin, bytes, rawBytes, raw }: ItemOrigin,
  point: MetricPoint,
): Item<PointContent> => ({ signal, origin, bytes, rawBytes, raw, point });
