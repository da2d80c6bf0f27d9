import { createRequire } from 'node:module';
import path from 'node:path';
import protobuf from 'protobufjs';

/** Encodes and decodes OTLP trace messages by reflection, independently of our own decoder. */
export type OtlpOracle = {
  encodeRequest(request: object): Buffer;
  decodeRequest(body: Uint8Array): OracleRequest;
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
type OracleTime = { toString(): string };
export type OracleSpan = {
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  parentSpanId?: Uint8Array;
  traceState?: string;
  name?: string;
  kind?: number;
  startTimeUnixNano?: OracleTime;
  endTimeUnixNano?: OracleTime;
  attributes?: OracleAttribute[];
  events?: { timeUnixNano?: OracleTime; name?: string; attributes?: OracleAttribute[] }[];
  links?: { traceId?: Uint8Array; spanId?: Uint8Array; attributes?: OracleAttribute[] }[];
  status?: { code?: number; message?: string };
  flags?: number;
};
export type OracleRequest = {
  resourceSpans?: {
    resource?: { attributes?: OracleAttribute[] };
    scopeSpans?: {
      scope?: { name?: string; version?: string; attributes?: OracleAttribute[] };
      spans?: OracleSpan[];
    }[];
  }[];
};

const protocolFolder = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@platformatic/promotel')),
  '../proto',
);

export async function loadOtlpOracle(): Promise<OtlpOracle> {
  const root = new protobuf.Root();
  root.resolvePath = (_from, to) => (path.isAbsolute(to) ? to : path.join(protocolFolder, to));
  await root.load('opentelemetry/proto/collector/trace/v1/trace_service.proto');
  // The packaged files are older than these fields.
  root
    .lookupType('opentelemetry.proto.trace.v1.Span')
    .add(new protobuf.Field('flags', 16, 'fixed32'));
  const service = 'opentelemetry.proto.collector.trace.v1';
  const request = root.lookupType(`${service}.ExportTraceServiceRequest`);
  const response = root.lookupType(`${service}.ExportTraceServiceResponse`);
  return {
    encodeRequest: (message) => Buffer.from(request.encode(request.fromObject(message)).finish()),
    // `as`: reflection knows the fields at run time only; OracleRequest repeats the protocol's.
    decodeRequest: (body) => request.decode(body) as unknown as OracleRequest,
    decodeResponse: (body) => response.toObject(response.decode(body), { longs: String }),
  };
}
