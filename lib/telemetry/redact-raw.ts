import { isJsonRequest } from './otlp-json';
import { redactJson } from './redact-json';
import { redactProtobuf } from './redact-protobuf';
import type { Signal } from './schema';
import { attempt, Fault } from './tally';

/**
 * A request that holds one refused item, as it may be kept where secrets are redacted: known shapes in any text of
 * it, and all that stands under the name of a credential, whatever its type, are replaced. Everything else says what
 * it said, so that a replay is of the item that was sent; of JSON, only numbers of more than 53 bits that were sent
 * without quotes lose digits. Null where it cannot be read to its end: what cannot be
 * told apart cannot be redacted, so it is not kept.
 */
export function redactRaw(signal: Signal, raw: Buffer): Buffer | null {
  const redacted = attempt(() =>
    isJsonRequest(raw) ? redactJson(raw) : redactProtobuf(signal, raw),
  );
  return redacted instanceof Fault ? null : redacted;
}
