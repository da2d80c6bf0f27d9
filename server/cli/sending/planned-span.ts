type Value = string | number | boolean | readonly string[];

/** What all spans of one program share. */
export type SentResource = Readonly<Record<string, string>>;

/** OTLP SpanKind. */
export const spanKinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** A span as an instrumented program would export it, before it is sent. */
export type PlannedSpan = {
  /** Hex, as are the other ids. */
  trace: string;
  span: string;
  parent: string | null;
  name: string;
  kind: (typeof spanKinds)[keyof typeof spanKinds];
  /** Unix microseconds: whole numbers of nanoseconds would not be exact. */
  startUs: number;
  endUs: number;
  /** Null is left out. */
  attributes: Readonly<Record<string, Value | null>>;
  /** Why it failed; null leaves the status unset, as instrumentations do. */
  failure: string | null;
  resource: SentResource;
  /** Name of the identity whose key sends it. */
  reporter: string;
};

/** Roughly its length in a request, without rendering it. */
export function sizeOf({ attributes }: PlannedSpan): number {
  let size = 300;
  for (const value of Object.values(attributes))
    size += 60 + (typeof value === 'string' ? value.length : 20);
  return size;
}

/** ExportTraceServiceRequest in OTLP's JSON. Spans of one resource stand together, in the order given. */
export function renderRequest(spans: readonly PlannedSpan[]): string {
  const byResource = new Map<SentResource, PlannedSpan[]>();
  for (const span of spans) {
    const known = byResource.get(span.resource);
    if (known === undefined) byResource.set(span.resource, [span]);
    else known.push(span);
  }
  return JSON.stringify({
    resourceSpans: Array.from(byResource, ([resource, held]) => ({
      resource: { attributes: renderAttributes(resource) },
      scopeSpans: [{ scope: { name: 'sallyport' }, spans: held.map(renderSpan) }],
    })),
  });
}

function renderSpan(span: PlannedSpan) {
  const { trace, parent, name, kind, startUs, endUs, attributes, failure } = span;
  return {
    traceId: trace,
    spanId: span.span,
    ...(parent === null ? {} : { parentSpanId: parent }),
    name,
    kind,
    startTimeUnixNano: `${startUs}000`,
    endTimeUnixNano: `${endUs}000`,
    attributes: renderAttributes(attributes),
    ...(failure === null ? {} : { status: { code: 2, message: failure } }),
  };
}

const renderAttributes = (attributes: Readonly<Record<string, Value | null>>) =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value: renderValue(value) }],
  );

function renderValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map(renderValue) } };
}
