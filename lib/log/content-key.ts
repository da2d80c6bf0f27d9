import { renderJson } from '@/lib/telemetry/render';
import type {
  AnyValue,
  Attributes,
  LogRecord,
  MetricPoint,
  Origin,
  Signal,
} from '@/lib/telemetry/schema';
import { HashInput } from './hash-input';

const input = new HashInput();
const ofOrigin = new HashInput();

/** All items of one scope share their origin, so it is hashed once. */
const originDigests = new WeakMap<Origin, string>();

type Sender = {
  reporter: string;
  /** Keys the hash, so that it cannot be used to guess what an erased entry said. */
  pepper: string;
};

/**
 * Under what a repeat of a log record is known, which has no id of its own: a keyed SHA-256 over reporter, signal
 * and all that was sent, encoding aside, as latin1 text. So the same key is the same content.
 */
export function recordKey(record: LogRecord, origin: Origin, sender: Sender): string {
  open(sender, 'log', origin)
    .bytes(record.trace)
    .bytes(record.span)
    .text(`${record.timeNs} ${record.observedNs} ${record.severity}`)
    .text(record.severityText)
    .text(record.eventName)
    .text(renderJson(record.body));
  addAttributes(input, record.attributes);
  return input.digest();
}

/** The same of a data point. */
export function pointKey(point: MetricPoint, origin: Origin, sender: Sender): string {
  open(sender, 'metric', origin)
    .text(point.name)
    .text(point.unit)
    .text(point.description)
    .text(`${point.form} ${point.temporality} ${point.isMonotonic}`)
    .text(`${point.startedNs} ${point.timeNs}`)
    .text(renderJson([point.value, point.count, point.sum, point.min, point.max]))
    .text(renderJson(sorted(point.distribution)));
  addAttributes(input, point.attributes);
  return input.digest();
}

function open({ reporter, pepper }: Sender, signal: Signal, origin: Origin): HashInput {
  let digest = originDigests.get(origin);
  if (digest === undefined) {
    ofOrigin.reset().text(origin.scopeName).text(origin.scopeVersion);
    addAttributes(ofOrigin, origin.scope);
    addAttributes(ofOrigin, origin.resource);
    digest = ofOrigin.digest();
    originDigests.set(origin, digest);
  }
  return input.reset().text(pepper).text(reporter).text(signal).text(digest);
}

function addAttributes(to: HashInput, attributes: Attributes): void {
  to.number(attributes.length);
  for (const [key, value] of attributes) to.text(key).text(renderJson(value));
}

/** Encodings may name the parts of a distribution in any order. */
function sorted(map: { [key: string]: AnyValue }): AnyValue {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
