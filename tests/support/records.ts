/** Log records and data points as senders write them, in OTLP/JSON. Every value is made up. */

import { attributesOf, type OtlpAttribute, type OtlpValue, type Plain } from './spans';

export type OtlpRecord = {
  timeUnixNano?: string;
  observedTimeUnixNano?: string;
  severityNumber?: number;
  eventName?: string;
  body?: OtlpValue;
  traceId?: string;
  spanId?: string;
  attributes: OtlpAttribute[];
};

export type OtlpPoint = {
  startTimeUnixNano?: string;
  timeUnixNano?: string;
  asInt?: string;
  asDouble?: number | string;
  attributes: OtlpAttribute[];
  [field: string]: unknown;
};

const resource = (service: string) => ({ attributes: attributesOf({ 'service.name': service }) });
const scope = { name: 'sallyport-test', version: '1.0.0' };
export const nsOf = (ms: number): string => `${BigInt(ms) * 1_000_000n}`;

export function logRecord(
  attributes: Record<string, Plain>,
  change: Partial<OtlpRecord> = {},
): OtlpRecord {
  const ns = nsOf(Date.now());
  return {
    timeUnixNano: ns,
    observedTimeUnixNano: ns,
    severityNumber: 9,
    attributes: attributesOf(attributes),
    ...change,
  };
}

/** A body for `POST /v1/logs`. */
export const logsRequest = (logRecords: OtlpRecord[], service = 'billing') => ({
  resourceLogs: [{ resource: resource(service), scopeLogs: [{ scope, logRecords }] }],
});

export function dataPoint(
  attributes: Record<string, Plain>,
  change: Partial<OtlpPoint> = {},
): OtlpPoint {
  const ms = Date.now();
  return {
    startTimeUnixNano: nsOf(ms - 60_000),
    timeUnixNano: nsOf(ms),
    attributes: attributesOf(attributes),
    ...change,
  };
}

export const sumMetric = (name: string, dataPoints: OtlpPoint[], unit = 'tokens') => ({
  name,
  unit,
  description: 'counted by the sender',
  sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints },
});

/** A body for `POST /v1/metrics`. */
export const metricsRequest = (metrics: object[], service = 'billing') => ({
  resourceMetrics: [{ resource: resource(service), scopeMetrics: [{ scope, metrics }] }],
});
