import { createRequire } from 'node:module';
import path from 'node:path';
import protobuf from 'protobufjs';
import type { Signal } from '@/lib/telemetry/schema';

/** Encodes and decodes OTLP messages by reflection, independently of our own decoder. */
export type OtlpOracle<Request = OracleRequest> = {
  encodeRequest(request: object): Buffer;
  decodeRequest(body: Uint8Array): Request;
  decodeResponse(body: Uint8Array): Record<string, unknown>;
};

/** Times and integers of 64 bits as decimal strings on the way in, as Long on the way out. */
export type OracleValue = {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: { toString(): string };
  doubleValue?: number;
  arrayValue?: { values?: OracleValue[] };
  kvlistValue?: { values?: OracleAttribute[] };
  bytesValue?: Uint8Array;
};
export type OracleAttribute = { key?: string; value?: OracleValue };
export type OracleLong = { toString(): string };
export type OracleResource = { attributes?: OracleAttribute[] };
export type OracleScope = { name?: string; version?: string; attributes?: OracleAttribute[] };
export type OracleSpan = {
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  parentSpanId?: Uint8Array;
  traceState?: string;
  name?: string;
  kind?: number;
  startTimeUnixNano?: OracleLong;
  endTimeUnixNano?: OracleLong;
  attributes?: OracleAttribute[];
  events?: { timeUnixNano?: OracleLong; name?: string; attributes?: OracleAttribute[] }[];
  links?: { traceId?: Uint8Array; spanId?: Uint8Array; attributes?: OracleAttribute[] }[];
  status?: { code?: number; message?: string };
  flags?: number;
};
export type OracleRequest = {
  resourceSpans?: {
    resource?: OracleResource;
    scopeSpans?: { scope?: OracleScope; spans?: OracleSpan[] }[];
  }[];
};

export type OracleRecord = {
  timeUnixNano?: OracleLong;
  observedTimeUnixNano?: OracleLong;
  severityNumber?: number;
  severityText?: string;
  eventName?: string;
  body?: OracleValue;
  attributes?: OracleAttribute[];
  flags?: number;
  traceId?: Uint8Array;
  spanId?: Uint8Array;
};
export type OracleLogsRequest = {
  resourceLogs?: {
    resource?: OracleResource;
    scopeLogs?: { scope?: OracleScope; logRecords?: OracleRecord[] }[];
  }[];
};

export type OracleExemplar = {
  filteredAttributes?: OracleAttribute[];
  timeUnixNano?: OracleLong;
  asDouble?: number;
  asInt?: OracleLong;
  spanId?: Uint8Array;
  traceId?: Uint8Array;
};
export type OracleBuckets = { offset?: number; bucketCounts?: OracleLong[] };
/** Every field that some form of data point has. */
export type OraclePoint = {
  attributes?: OracleAttribute[];
  startTimeUnixNano?: OracleLong;
  timeUnixNano?: OracleLong;
  asDouble?: number;
  asInt?: OracleLong;
  count?: OracleLong;
  sum?: number;
  min?: number;
  max?: number;
  bucketCounts?: OracleLong[];
  explicitBounds?: number[];
  scale?: number;
  zeroCount?: OracleLong;
  zeroThreshold?: number;
  positive?: OracleBuckets;
  negative?: OracleBuckets;
  quantileValues?: { quantile?: number; value?: number }[];
  exemplars?: OracleExemplar[];
  flags?: number;
};
export type OracleData = {
  dataPoints?: OraclePoint[];
  aggregationTemporality?: number;
  isMonotonic?: boolean;
};
export type OracleMetric = {
  name?: string;
  description?: string;
  unit?: string;
  gauge?: OracleData;
  sum?: OracleData;
  histogram?: OracleData;
  exponentialHistogram?: OracleData;
  summary?: OracleData;
};
export type OracleMetricsRequest = {
  resourceMetrics?: {
    resource?: OracleResource;
    scopeMetrics?: { scope?: OracleScope; metrics?: OracleMetric[] }[];
  }[];
};

const protocolFolder = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@platformatic/promotel')),
  '../proto',
);

const services: Record<Signal, { folder: string; name: string }> = {
  trace: { folder: 'trace', name: 'Trace' },
  log: { folder: 'logs', name: 'Logs' },
  metric: { folder: 'metrics', name: 'Metrics' },
};

type RequestOf = {
  trace: OracleRequest;
  log: OracleLogsRequest;
  metric: OracleMetricsRequest;
};

export async function loadOtlpOracle<Of extends Signal = 'trace'>(
  signal?: Of,
): Promise<OtlpOracle<RequestOf[Of]>> {
  const { folder, name } = services[signal ?? 'trace'];
  const root = new protobuf.Root();
  root.resolvePath = (_from, to) => (path.isAbsolute(to) ? to : path.join(protocolFolder, to));
  await root.load(`opentelemetry/proto/collector/${folder}/v1/${folder}_service.proto`);
  // The packaged files are older than these fields.
  if (folder === 'trace')
    root
      .lookupType('opentelemetry.proto.trace.v1.Span')
      .add(new protobuf.Field('flags', 16, 'fixed32'));
  if (folder === 'logs')
    root
      .lookupType('opentelemetry.proto.logs.v1.LogRecord')
      .add(new protobuf.Field('eventName', 12, 'string'));
  const service = `opentelemetry.proto.collector.${folder}.v1`;
  const request = root.lookupType(`${service}.Export${name}ServiceRequest`);
  const response = root.lookupType(`${service}.Export${name}ServiceResponse`);
  return {
    encodeRequest: (message) => Buffer.from(request.encode(request.fromObject(message)).finish()),
    // `as`: reflection knows the fields at run time only; the types above repeat the protocol's.
    decodeRequest: (body) => request.decode(body) as unknown as RequestOf[Of],
    decodeResponse: (body) => response.toObject(response.decode(body), { longs: String }),
  };
}
