import { credentialKind, isLikelyToken } from './named-secrets';
import { tagOf, writeDelimited } from './protobuf-write';
import { redactText } from './redact';
import type { Signal } from './schema';
import { Fault } from './tally';
import { WireReader } from './wire';

/** What a delimited field holds: text, bytes that are no text, or a message. */
type Field = 'text' | 'bytes' | MessageName;
type MessageName = keyof typeof messages;

/** The delimited fields of opentelemetry.proto 1.x, by number. All other kinds of field are numbers. */
const messages = {
  trace: { 1: 'resourceSpans' },
  log: { 1: 'resourceLogs' },
  metric: { 1: 'resourceMetrics' },
  resourceSpans: { 1: 'resource', 2: 'scopeSpans', 3: 'text' },
  resourceLogs: { 1: 'resource', 2: 'scopeLogs', 3: 'text' },
  resourceMetrics: { 1: 'resource', 2: 'scopeMetrics', 3: 'text' },
  resource: { 1: 'keyValue' },
  scopeSpans: { 1: 'scope', 2: 'span', 3: 'text' },
  scopeLogs: { 1: 'scope', 2: 'logRecord', 3: 'text' },
  scopeMetrics: { 1: 'scope', 2: 'metricOf', 3: 'text' },
  scope: { 1: 'text', 2: 'text', 3: 'keyValue' },
  span: {
    1: 'bytes',
    2: 'bytes',
    3: 'text',
    4: 'bytes',
    5: 'text',
    9: 'keyValue',
    11: 'event',
    13: 'link',
    15: 'status',
  },
  event: { 2: 'text', 3: 'keyValue' },
  link: { 1: 'bytes', 2: 'bytes', 3: 'text', 4: 'keyValue' },
  status: { 2: 'text' },
  logRecord: { 3: 'text', 5: 'anyValue', 6: 'keyValue', 9: 'bytes', 10: 'bytes', 12: 'text' },
  metricOf: {
    1: 'text',
    2: 'text',
    3: 'text',
    5: 'numbers',
    7: 'numbers',
    9: 'histogram',
    10: 'exponentialHistogram',
    11: 'summary',
    12: 'keyValue',
  },
  numbers: { 1: 'numberPoint' },
  histogram: { 1: 'histogramPoint' },
  exponentialHistogram: { 1: 'exponentialPoint' },
  summary: { 1: 'summaryPoint' },
  numberPoint: { 5: 'exemplar', 7: 'keyValue' },
  histogramPoint: { 6: 'bytes', 7: 'bytes', 8: 'exemplar', 9: 'keyValue' },
  exponentialPoint: { 1: 'keyValue', 8: 'buckets', 9: 'buckets', 11: 'exemplar' },
  summaryPoint: { 6: 'quantile', 7: 'keyValue' },
  buckets: { 2: 'bytes' },
  quantile: {},
  exemplar: { 4: 'bytes', 5: 'bytes', 7: 'keyValue' },
  keyValue: { 1: 'text', 2: 'anyValue' },
  anyValue: { 1: 'text', 5: 'arrayValue', 6: 'keyValueList', 7: 'bytes' },
  arrayValue: { 1: 'anyValue' },
  keyValueList: { 1: 'keyValue' },
} as const;

/** Deeper than any value that is read; of what lies deeper nothing is kept. */
const DEPTH_MAX = 96;

/**
 * A request without its secrets; a Fault where it cannot be read. A delimited field of a number that the protocol
 * does not know goes as a whole: nothing tells what is in it, and nobody reads it.
 */
export function redactProtobuf(signal: Signal, raw: Buffer): Buffer {
  return messageOf(new WireReader(raw), signal, raw.length, 0);
}

/** The message from where the reader stands up to `end`, written anew. */
function messageOf(wire: WireReader, name: MessageName, end: number, depth: number): Buffer {
  if (depth > DEPTH_MAX) throw new Fault('too_deep', 'Nested too deep to be looked through.');
  if (name === 'keyValue') return keyValueOf(wire, end, depth);
  const parts: Buffer[] = [];
  while (wire.position < end) {
    const start = wire.position;
    const tag = wire.readTag(end);
    if ((tag & 7) === 2) {
      const part = delimitedOf(wire, name, tag, end, depth);
      if (part !== null) parts.push(part);
    } else {
      wire.skip(tag, end);
      parts.push(wire.bytes.subarray(start, wire.position));
    }
  }
  return Buffer.concat(parts);
}

function delimitedOf(
  wire: WireReader,
  name: MessageName,
  tag: number,
  end: number,
  depth: number,
): Buffer | null {
  const fields: Readonly<Record<number, Field>> = messages[name];
  const field = fields[tag >>> 3];
  const stop = wire.readEnd(end);
  const { position } = wire;
  const sent = wire.bytes.subarray(position, stop);
  if (field === undefined || field === 'bytes' || field === 'text') {
    wire.position = stop;
    if (field === undefined) return null;
    return writeDelimited(tag >>> 3, field === 'text' ? textOf(sent) : sent);
  }
  return writeDelimited(tag >>> 3, messageOf(wire, field, stop, depth + 1));
}

/** As it was sent, byte for byte, where nothing is to be hidden. */
function textOf(sent: Buffer): Uint8Array {
  const text = sent.toString('utf8');
  const redacted = redactText(text, new Map());
  return redacted === text ? sent : Buffer.from(redacted);
}

/** Key and value come in any order, and the last of each counts; here any key that names a credential does. */
function keyValueOf(wire: WireReader, end: number, depth: number): Buffer {
  const start = wire.position;
  const kind = kindOfKeys(wire, end);
  wire.position = start;
  const parts: Buffer[] = [];
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === tagOf(2)) {
      const stop = wire.readEnd(end);
      const { position } = wire;
      if (kind !== null && isSecret(wire, 'anyValue', stop, kind, depth)) {
        parts.push(writeDelimited(2, writeDelimited(1, Buffer.from(`[redacted:${kind}]`))));
      } else {
        wire.position = position;
        parts.push(writeDelimited(2, messageOf(wire, 'anyValue', stop, depth + 1)));
      }
      wire.position = stop;
    } else if (tag === tagOf(1)) {
      const stop = wire.readEnd(end);
      parts.push(writeDelimited(1, textOf(wire.bytes.subarray(wire.position, stop))));
      wire.position = stop;
    } else wire.skip(tag, end);
  }
  return Buffer.concat(parts);
}

function kindOfKeys(wire: WireReader, end: number): string | null {
  let kind: string | null = null;
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === tagOf(1)) kind = credentialKind(wire.readText(end)) ?? kind;
    else wire.skip(tag, end);
  }
  return kind;
}

const BOOL_VALUE = 0x10;

/** Whether something stands in a value that may be a secret: flags and nothing at all are none. */
function isSecret(
  wire: WireReader,
  name: MessageName,
  end: number,
  kind: string,
  depth: number,
): boolean {
  if (depth > DEPTH_MAX) throw new Fault('too_deep', 'Nested too deep to be looked through.');
  const fields: Readonly<Record<number, Field>> = messages[name];
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if ((tag & 7) !== 2) {
      wire.skip(tag, end);
      if (kind !== 'token' && tag !== BOOL_VALUE) return true;
      continue;
    }
    const stop = wire.readEnd(end);
    const field = fields[tag >>> 3];
    if (field === 'text' || field === 'bytes') {
      const text = wire.bytes.toString('utf8', wire.position, stop);
      // In a list of pairs the names tell nothing.
      const isName = name === 'keyValue';
      if (!isName && (kind === 'token' ? isLikelyToken(text) : text !== '')) return true;
    } else if (field !== undefined && isSecret(wire, field, stop, kind, depth + 1)) return true;
    wire.position = stop;
  }
  return false;
}
