import fc from 'fast-check';
import type { AnyMap, AnyValue, MetricForm } from '@/lib/telemetry/schema';
import type {
  OracleBuckets,
  OracleData,
  OracleExemplar,
  OracleLogsRequest,
  OracleMetric,
  OracleMetricsRequest,
  OraclePoint,
  OracleRecord,
} from './otlp-oracle';
import {
  anyBytes,
  anyValueOf,
  attributes,
  bytes,
  clean,
  exactOf,
  int64,
  originOf,
  pairsOf,
  plain,
  resource,
  scope,
  text,
  time,
  value,
} from './otlp-requests';

/** Random requests of logs and metrics, and what the oracle's messages come down to. */

const recordFields = {
  timeUnixNano: time,
  observedTimeUnixNano: time,
  severityNumber: fc.integer({ min: -1, max: 25 }),
  severityText: text,
  eventName: text,
  body: value,
  attributes,
  flags: fc.nat(),
  traceId: fc.oneof(bytes(16), anyBytes),
  spanId: fc.oneof(bytes(8), anyBytes),
};

export const logsRequest: fc.Arbitrary<OracleLogsRequest> = fc.record({
  resourceLogs: fc.array(
    fc.record(
      {
        resource,
        scopeLogs: fc.array(
          fc.record(
            {
              scope,
              logRecords: fc.array(fc.record(recordFields, { requiredKeys: [] }), { maxLength: 3 }),
            },
            { requiredKeys: [] },
          ),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  ),
});

/** Three records with every field: most of the bytes are theirs. */
export const fullLogsRequest: fc.Arbitrary<OracleLogsRequest> = fc
  .tuple(resource, scope, fc.tuple(...Array.from({ length: 3 }, () => fc.record(recordFields))))
  .map(([held, by, logRecords]) => ({
    resourceLogs: [{ resource: held, scopeLogs: [{ scope: by, logRecords }] }],
  }));

const number = fc.oneof(fc.record({ asDouble: fc.double() }), fc.record({ asInt: int64 }));
const exemplar: fc.Arbitrary<OracleExemplar> = fc
  .tuple(
    number,
    fc.record(
      { filteredAttributes: attributes, timeUnixNano: time, spanId: bytes(8), traceId: bytes(16) },
      { requiredKeys: [] },
    ),
  )
  .map(([held, rest]) => ({ ...held, ...rest }));
const shared = {
  attributes,
  startTimeUnixNano: time,
  timeUnixNano: time,
  flags: fc.nat({ max: 3 }),
};
const exemplars = fc.array(exemplar, { maxLength: 2 });
const counts = fc.array(time, { maxLength: 4 });
const buckets: fc.Arbitrary<OracleBuckets> = fc.record(
  { offset: fc.integer(), bucketCounts: counts },
  { requiredKeys: [] },
);
const aggregate = { count: time, sum: fc.double(), min: fc.double(), max: fc.double() };
const pointFields = {
  number: { ...shared, exemplars },
  histogram: {
    ...shared,
    ...aggregate,
    exemplars,
    bucketCounts: counts,
    explicitBounds: fc.array(fc.double(), { maxLength: 4 }),
  },
  exponentialHistogram: {
    ...shared,
    ...aggregate,
    exemplars,
    scale: fc.integer(),
    zeroCount: time,
    zeroThreshold: fc.double(),
    positive: buckets,
    negative: buckets,
  },
  summary: {
    ...shared,
    count: time,
    sum: fc.double(),
    quantileValues: fc.array(
      fc.record({ quantile: fc.double(), value: fc.double() }, { requiredKeys: [] }),
      { maxLength: 3 },
    ),
  },
};
type Sparse = { requiredKeys: [] } | undefined;
const numberPoint = (sparse: Sparse): fc.Arbitrary<OraclePoint> =>
  fc
    .tuple(fc.record(pointFields.number, sparse as never), fc.oneof(number, fc.constant({})))
    .map(([held, sent]) => ({ ...held, ...sent }));
const aggregated = (
  form: 'histogram' | 'exponentialHistogram' | 'summary',
  sparse: Sparse,
): fc.Arbitrary<OraclePoint> =>
  // `as`: one of three records of different fields.
  fc.record(pointFields[form] as never, sparse as never) as fc.Arbitrary<OraclePoint>;

function metric(sparse: Sparse): fc.Arbitrary<OracleMetric> {
  const points = (point: fc.Arbitrary<OraclePoint>) => fc.array(point, { maxLength: 3 });
  const temporality = fc.integer({ min: -1, max: 3 });
  const data = (fields: object): fc.Arbitrary<OracleData> => fc.record(fields, sparse as never);
  return fc
    .tuple(
      fc.record({ name: text, description: text, unit: text }, sparse as never),
      fc.oneof(
        fc.record({ gauge: data({ dataPoints: points(numberPoint(sparse)) }) }),
        fc.record({
          sum: data({
            dataPoints: points(numberPoint(sparse)),
            aggregationTemporality: temporality,
            isMonotonic: fc.boolean(),
          }),
        }),
        ...(['histogram', 'exponentialHistogram'] as const).map((form) =>
          data({
            dataPoints: points(aggregated(form, sparse)),
            aggregationTemporality: temporality,
          }).map((held) => ({ [form]: held })),
        ),
        data({ dataPoints: points(aggregated('summary', sparse)) }).map((summary) => ({ summary })),
      ),
    )
    .map(([head, held]) => ({ ...(head as OracleMetric), ...held })); // `as`: `sparse` hides the keys
}

export const metricsRequest: fc.Arbitrary<OracleMetricsRequest> = fc.record({
  resourceMetrics: fc.array(
    fc.record(
      {
        resource,
        scopeMetrics: fc.array(
          fc.record(
            { scope, metrics: fc.array(metric({ requiredKeys: [] }), { maxLength: 3 }) },
            { requiredKeys: [] },
          ),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  ),
});

/** Three metrics with every field. */
export const fullMetricsRequest: fc.Arbitrary<OracleMetricsRequest> = fc
  .tuple(resource, scope, fc.array(metric(undefined), { minLength: 3, maxLength: 3 }))
  .map(([held, by, metrics]) => ({
    resourceMetrics: [{ resource: held, scopeMetrics: [{ scope: by, metrics }] }],
  }));

export function comparableOfLogs(request: OracleLogsRequest): unknown[] {
  return (request.resourceLogs ?? []).flatMap((held) =>
    (held.scopeLogs ?? []).flatMap(({ scope: by, logRecords }) =>
      (logRecords ?? []).map((sent) =>
        plain({ ...recordOfOracle(sent), origin: originOf(held.resource, by) }),
      ),
    ),
  );
}

function recordOfOracle(sent: OracleRecord) {
  return {
    trace: Uint8Array.from(sent.traceId ?? []),
    span: Uint8Array.from(sent.spanId ?? []),
    timeNs: nsOf(sent.timeUnixNano),
    observedNs: nsOf(sent.observedTimeUnixNano),
    severity: sent.severityNumber ?? 0,
    severityText: clean(sent.severityText),
    eventName: clean(sent.eventName),
    body: anyValueOf(sent.body),
    attributes: pairsOf(sent.attributes),
  };
}

const forms = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponentialHistogram: 'exponential_histogram',
  summary: 'summary',
} as const satisfies Partial<Record<keyof OracleMetric, MetricForm>>;

export function comparableOfMetrics(request: OracleMetricsRequest): unknown[] {
  return (request.resourceMetrics ?? []).flatMap((held) =>
    (held.scopeMetrics ?? []).flatMap(({ scope: by, metrics }) =>
      (metrics ?? []).flatMap((sent) =>
        pointsOfOracle(sent).map((point) =>
          plain({ ...point, origin: originOf(held.resource, by) }),
        ),
      ),
    ),
  );
}

function pointsOfOracle(sent: OracleMetric): object[] {
  // Own keys only, as in anyValueOf.
  const name = (Object.keys(forms) as (keyof typeof forms)[]).find((key) =>
    Object.hasOwn(sent, key),
  );
  if (name === undefined) return [];
  const data = sent[name];
  const form = forms[name];
  return (data?.dataPoints ?? []).map((point) => ({
    name: clean(sent.name),
    description: clean(sent.description),
    unit: clean(sent.unit),
    form,
    temporality: data?.aggregationTemporality ?? 0,
    isMonotonic: data?.isMonotonic ?? false,
    ...pointOfOracle(point, form),
  }));
}

function pointOfOracle(sent: OraclePoint, form: MetricForm): object {
  const isNumber = form === 'gauge' || form === 'sum';
  const own = <Key extends keyof OraclePoint>(key: Key) =>
    Object.hasOwn(sent, key) ? sent[key] : undefined;
  const distribution: Record<string, AnyValue> = {};
  const put = (key: string, held: AnyValue | undefined) => {
    if (held !== undefined && held !== 0 && !(Array.isArray(held) && held.length === 0))
      distribution[key] = held;
  };
  put('flags', sent.flags);
  put('bucketCounts', sent.bucketCounts?.map(exactOf));
  put('explicitBounds', sent.explicitBounds?.map(Number));
  put(
    'quantileValues',
    sent.quantileValues?.map((pair) =>
      mapOf({ quantile: pair.quantile ?? 0, value: pair.value ?? 0 }),
    ),
  );
  put('exemplars', sent.exemplars?.map(exemplarOfOracle));
  if (form === 'exponential_histogram') {
    for (const side of ['positive', 'negative'] as const) {
      const held = own(side);
      if (held === undefined || held === null) continue;
      const list = (held.bucketCounts ?? []).map(exactOf);
      distribution[side] = mapOf({
        offset: held.offset ?? 0,
        ...(list.length === 0 ? {} : { bucketCounts: list }),
      });
    }
    distribution.scale = sent.scale ?? 0;
    distribution.zeroCount = exactOf(sent.zeroCount);
    distribution.zeroThreshold = sent.zeroThreshold ?? 0;
  }
  return {
    startedNs: nsOf(sent.startTimeUnixNano),
    timeNs: nsOf(sent.timeUnixNano),
    attributes: pairsOf(sent.attributes),
    value: isNumber ? numberOf(sent) : null,
    count: isNumber ? null : nsOf(sent.count),
    sum: isNumber ? null : (own('sum') ?? (form === 'summary' ? 0 : null)),
    min: own('min') ?? null,
    max: own('max') ?? null,
    distribution,
  };
}

function exemplarOfOracle(sent: OracleExemplar): AnyMap {
  const held = numberOf(sent);
  const pairs = pairsOf(sent.filteredAttributes);
  const hex = (id: Uint8Array | undefined) => Buffer.from(id ?? []).toString('hex');
  return mapOf({
    timeNs: exactOf(sent.timeUnixNano),
    ...(held === null ? {} : { value: held }),
    ...(sent.spanId?.length ? { span: hex(sent.spanId) } : {}),
    ...(sent.traceId?.length ? { trace: hex(sent.traceId) } : {}),
    ...(pairs.length === 0 ? {} : { attributes: mapOf(Object.fromEntries(pairs)) }),
  });
}

function numberOf(sent: { asDouble?: number; asInt?: { toString(): string } }) {
  if (Object.hasOwn(sent, 'asInt')) return exactOf(sent.asInt);
  return Object.hasOwn(sent, 'asDouble') ? (sent.asDouble ?? 0) : null;
}

const mapOf = (members: { [key: string]: AnyValue }): AnyMap =>
  Object.assign(Object.create(null), members);

const nsOf = (sent: { toString(): string } | undefined) => BigInt(String(sent ?? 0));
