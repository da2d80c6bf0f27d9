import type { Result } from '@/lib/core/result';
import type { UnreadableRequest } from './otlp-items';
import { decodeLogsJson, decodeMetricsJson, decodeTracesJson } from './otlp-json';
import { decodeLogsProtobuf, decodeMetricsProtobuf, decodeTracesProtobuf } from './otlp-protobuf';
import type { OtlpFormat } from './otlp-response';
import type { Item, Signal } from './schema';

type Decode = (body: Buffer) => Result<Item[], UnreadableRequest>;

const decoders: Record<Signal, Record<OtlpFormat, Decode>> = {
  trace: { protobuf: decodeTracesProtobuf, json: decodeTracesJson },
  log: { protobuf: decodeLogsProtobuf, json: decodeLogsJson },
  metric: { protobuf: decodeMetricsProtobuf, json: decodeMetricsJson },
};

/** Every item of one export request, read or with the reason why it is not. Never throws. */
export function decodeOtlp(
  signal: Signal,
  format: OtlpFormat,
  body: Buffer,
): Result<Item[], UnreadableRequest> {
  return decoders[signal][format](body);
}
