import {
  byResource,
  renderAttributes,
  type SentAttributes,
  type SentResource,
  sizeOfAttributes,
} from './attributes';

/** OTLP SpanKind. */
export const spanKinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** A span as an instrumented program would export it, before it is sent. */
export type PlannedSpan = {
  signal: 'trace';
  /** Hex, as are the other ids. */
  trace: string;
  span: string;
  parent: string | null;
  name: string;
  kind: (typeof spanKinds)[keyof typeof spanKinds];
  /** Unix microseconds: whole numbers of nanoseconds would not be exact. */
  startUs: number;
  endUs: number;
  attributes: SentAttributes;
  /** Why it failed; null leaves the status unset, as instrumentations do. */
  failure: string | null;
  resource: SentResource;
  /** Name of the identity whose key sends it. */
  reporter: string;
};

/** Roughly its length in a request, without rendering it. */
export const sizeOfSpan = ({ attributes }: PlannedSpan): number =>
  300 + sizeOfAttributes(attributes);

/** ExportTraceServiceRequest in OTLP's JSON. Spans of one resource stand together, in the order given. */
export const renderSpans = (spans: readonly PlannedSpan[]): string =>
  JSON.stringify({
    resourceSpans: Array.from(byResource(spans), ([resource, held]) => ({
      resource: { attributes: renderAttributes(resource) },
      scopeSpans: [{ scope: { name: 'sallyport' }, spans: held.map(renderSpan) }],
    })),
  });

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
