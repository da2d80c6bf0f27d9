import { writeDelimited, writeNumber } from './protobuf-write';
import type { Signal } from './schema';

export type OtlpFormat = 'protobuf' | 'json';

export const contentTypes: Record<OtlpFormat, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** What each signal's answer calls the items that were refused. */
const rejectedNames: Record<Signal, string> = {
  trace: 'rejectedSpans',
  log: 'rejectedLogRecords',
  metric: 'rejectedDataPoints',
};

/**
 * ExportTraceServiceResponse, or that of another signal. Without refusals and message it is the empty message,
 * as OTLP asks of a full success; a message without refusals is a warning.
 */
export function encodeExportResponse(
  signal: Signal,
  format: OtlpFormat,
  rejected: number,
  message: string,
): Buffer {
  if (rejected === 0 && message === '') return Buffer.from(format === 'json' ? '{}' : '');
  if (format === 'json') {
    // ProtoJSON writes 64-bit integers as strings.
    const partialSuccess = { [rejectedNames[signal]]: String(rejected), errorMessage: message };
    return Buffer.from(JSON.stringify({ partialSuccess }));
  }
  return writeDelimited(
    1,
    Buffer.concat([
      ...(rejected === 0 ? [] : [writeNumber(1, rejected)]),
      ...(message === '' ? [] : [writeDelimited(2, Buffer.from(message))]),
    ]),
  );
}

/** google.rpc.Status, which OTLP/HTTP asks for in the body of every 4xx and 5xx. `code` as in gRPC. */
export function encodeStatus(format: OtlpFormat, code: number, message: string): Buffer {
  return format === 'json'
    ? Buffer.from(JSON.stringify({ code, message }))
    : Buffer.concat([writeNumber(1, code), writeDelimited(2, Buffer.from(message))]);
}

/** google.rpc.Status with a google.rpc.RetryInfo, as gRPC carries it in `grpc-status-details-bin`. */
export function encodeRetryStatus(
  code: number,
  message: string,
  retryAfterSeconds: number,
): Buffer {
  const delay = writeDelimited(1, writeNumber(1, retryAfterSeconds));
  const retryInfo = Buffer.concat([
    writeDelimited(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')),
    writeDelimited(2, delay),
  ]);
  return Buffer.concat([encodeStatus('protobuf', code, message), writeDelimited(3, retryInfo)]);
}
