import fc from 'fast-check';
import type { AnyValue, Item, Origin } from '@/lib/telemetry/schema';
import type {
  OracleAttribute,
  OracleRequest,
  OracleResource,
  OracleScope,
  OracleSpan,
  OracleValue,
} from './otlp-oracle';

/** Random OTLP requests, and the shapes in which what different decoders make of them is compared. */

export const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('gen_ai.request.model', 'chat', '', '__proto__', 'constructor', '\0', 'x\0y'),
  fc.string({ minLength: 40, maxLength: 60 }),
);
export const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
export const anyBytes = fc.uint8Array({ maxLength: 9 });
const integer = (min: bigint, max: bigint) =>
  fc.oneof(fc.bigInt({ min, max }), fc.bigInt({ min: min < 0n ? -300n : 0n, max: 300n }));
export const int64 = integer(-(2n ** 63n), 2n ** 63n - 1n).map(String);
export const time = integer(0n, 2n ** 64n - 1n).map(String);

export const { value } = fc.letrec<{ value: OracleValue; pair: OracleAttribute }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant({}),
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ bytesValue: anyBytes }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie('pair'), { maxLength: 3 }) }) }),
  ),
  pair: fc.record({ key: text, value: tie('value') }),
}));
export const attributes = fc.array(fc.record({ key: text, value }), { maxLength: 4 });

const spanFields = {
  traceId: fc.oneof(bytes(16), anyBytes),
  spanId: fc.oneof(bytes(8), anyBytes),
  parentSpanId: bytes(8),
  traceState: text,
  name: text,
  kind: fc.integer({ min: -2, max: 7 }),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes,
  events: fc.array(fc.record({ timeUnixNano: time, name: text, attributes }), { maxLength: 2 }),
  links: fc.array(fc.record({ traceId: bytes(16), spanId: bytes(8), attributes }), {
    maxLength: 2,
  }),
  status: fc.record({ code: fc.integer({ min: 0, max: 3 }), message: text }),
  flags: fc.nat(),
};
const anySpan: fc.Arbitrary<OracleSpan> = fc.record(spanFields, { requiredKeys: [] });
export const scope = fc.record({ name: text, version: text, attributes });
export const resource = fc.record({ attributes });

/** Anything may be absent or empty. */
export const otlpRequest: fc.Arbitrary<OracleRequest> = fc.record({
  resourceSpans: fc.array(
    fc.record(
      {
        resource,
        scopeSpans: fc.array(
          fc.record({ scope, spans: fc.array(anySpan, { maxLength: 3 }) }, { requiredKeys: [] }),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  ),
});

/** Three spans with every field: most of the bytes are theirs. */
export const fullOtlpRequest: fc.Arbitrary<OracleRequest> = fc
  .tuple(resource, scope, fc.tuple(...Array.from({ length: 3 }, () => fc.record(spanFields))))
  .map(([held, by, spans]) => ({
    resourceSpans: [{ resource: held, scopeSpans: [{ scope: by, spans }] }],
  }));

/** One plain object for each span: what our decoders and the oracle's message both come down to. */
export function comparable(items: readonly Item[]): unknown[] {
  return items.map((item) => {
    if ('drop' in item) return { drop: item.drop };
    const content = 'span' in item ? item.span : 'record' in item ? item.record : item.point;
    const { marks: _marks, ...rest } = content;
    return plain({ ...rest, origin: item.origin });
  });
}

export function comparableOfOracle(request: OracleRequest): unknown[] {
  return (request.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ scope, spans }) =>
      (spans ?? []).map((sent) =>
        plain({
          ...spanOfOracle(sent),
          origin: originOf(resource, scope),
        }),
      ),
    ),
  );
}

export const originOf = (resource?: OracleResource, scope?: OracleScope): Origin => ({
  resource: pairsOf(resource?.attributes),
  scopeName: clean(scope?.name),
  scopeVersion: clean(scope?.version),
  scope: pairsOf(scope?.attributes),
});

function spanOfOracle(sent: OracleSpan) {
  return {
    trace: Uint8Array.from(sent.traceId ?? []),
    span: Uint8Array.from(sent.spanId ?? []),
    parent: Uint8Array.from(sent.parentSpanId ?? []),
    name: clean(sent.name),
    kind: sent.kind ?? 0,
    startedNs: BigInt(String(sent.startTimeUnixNano ?? 0)),
    endedNs: BigInt(String(sent.endTimeUnixNano ?? 0)),
    attributes: pairsOf(sent.attributes),
    events: (sent.events ?? []).map((event) => ({
      timeNs: BigInt(String(event.timeUnixNano ?? 0)),
      name: clean(event.name),
      attributes: pairsOf(event.attributes),
    })),
    links: (sent.links ?? []).map((link) => ({
      trace: Uint8Array.from(link.traceId ?? []),
      span: Uint8Array.from(link.spanId ?? []),
      attributes: pairsOf(link.attributes),
    })),
    statusCode: sent.status?.code ?? 0,
    statusMessage: clean(sent.status?.message),
    traceState: clean(sent.traceState),
  };
}

export const clean = (sent: string | undefined) => (sent ?? '').replaceAll('\0', '\ufffd');

export const pairsOf = (sent: OracleAttribute[] | undefined): [string, AnyValue][] =>
  (sent ?? []).map((pair) => [clean(pair.key), anyValueOf(pair.value)]);

/** A number where a double holds it exactly, else a bigint. */
export function exactOf(sent: { toString(): string } | undefined): number | bigint {
  const exact = BigInt(String(sent ?? 0));
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

export function anyValueOf(sent: OracleValue | null | undefined): AnyValue {
  // Own keys only: on the prototypes of decoded messages lie the defaults of fields not sent.
  const [key] = Object.keys(sent ?? {}) as (keyof OracleValue)[]; // `as`: its own keys
  if (!sent || key === undefined) return null;
  switch (key) {
    case 'stringValue':
      return clean(sent.stringValue);
    case 'intValue':
      return exactOf(sent.intValue);
    case 'arrayValue':
      return (sent.arrayValue?.values ?? []).map(anyValueOf);
    case 'kvlistValue': {
      const map = Object.create(null);
      for (const [name, held] of pairsOf(sent.kvlistValue?.values)) map[name] = held;
      return map;
    }
    default:
      return sent[key] ?? null;
  }
}

/** Bytes as hexadecimal and maps as sorted lists, so that equality is equality of content. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return {
    entries: Object.entries(value)
      .map(([key, held]) => [key, plain(held)])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  };
}

type JsonStyle = { snakeCase: boolean; numbers: boolean };

const idFields = new Set(['traceId', 'spanId', 'parentSpanId']);

/** The request as OTLP/JSON: ids in hexadecimal, other bytes in base64, the rest as ProtoJSON has it. */
export function jsonOf(request: object, { snakeCase, numbers }: JsonStyle): Buffer {
  const render = (value: unknown, field: string): unknown => {
    if (value instanceof Uint8Array)
      return Buffer.from(value).toString(idFields.has(field) ? 'hex' : 'base64');
    if (Array.isArray(value)) return value.map((element) => render(element, field));
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return Object.is(value, -0) ? '-0' : String(value);
    if (
      typeof value === 'string' &&
      numbers &&
      /^(intValue|asInt|count|zeroCount|bucketCounts|.*UnixNano)$/.test(field)
    )
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, held]) => [
        snakeCase ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key,
        render(held, key),
      ]),
    );
  };
  return Buffer.from(JSON.stringify(render(request, '')));
}
