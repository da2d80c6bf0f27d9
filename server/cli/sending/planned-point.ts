import {
  byResource,
  renderAttributes,
  type SentAttributes,
  type SentResource,
  sizeOfAttributes,
} from './attributes';

/** OTLP AggregationTemporality. */
export const temporalities = { delta: 1, cumulative: 2 } as const;

/** A data point of a counter as a program would export it, before it is sent. */
export type PlannedPoint = {
  signal: 'metric';
  /** Tells it from all others. */
  key: string;
  /** Unix microseconds: since when it counts, and until when. */
  startUs: number;
  endUs: number;
  metric: string;
  unit: string;
  temporality: (typeof temporalities)[keyof typeof temporalities];
  value: number;
  attributes: SentAttributes;
  /** Which of a program's libraries counts. */
  scope: string;
  resource: SentResource;
  /** Name of the identity whose key sends it. */
  reporter: string;
};

export const sizeOfPoint = ({ attributes }: PlannedPoint): number =>
  250 + sizeOfAttributes(attributes);

/** ExportMetricsServiceRequest in OTLP's JSON. A program counts in one scope. */
export const renderPoints = (points: readonly PlannedPoint[]): string =>
  JSON.stringify({
    resourceMetrics: Array.from(byResource(points), ([resource, held]) => ({
      resource: { attributes: renderAttributes(resource) },
      scopeMetrics: [{ scope: { name: held[0]?.scope }, metrics: metricsOf(held) }],
    })),
  });

function metricsOf(points: readonly PlannedPoint[]): object[] {
  const byMetric = new Map<string, PlannedPoint[]>();
  for (const point of points) {
    const known = byMetric.get(point.metric);
    if (known === undefined) byMetric.set(point.metric, [point]);
    else known.push(point);
  }
  return Array.from(byMetric, ([name, held]) => ({
    name,
    unit: held[0]?.unit,
    sum: {
      aggregationTemporality: held[0]?.temporality,
      isMonotonic: true,
      dataPoints: held.map(renderPoint),
    },
  }));
}

function renderPoint({ startUs, endUs, value, attributes }: PlannedPoint) {
  return {
    startTimeUnixNano: `${startUs}000`,
    timeUnixNano: `${endUs}000`,
    ...(Number.isInteger(value) ? { asInt: String(value) } : { asDouble: value }),
    attributes: renderAttributes(attributes),
  };
}
