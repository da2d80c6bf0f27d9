import { isCredential } from './named-secrets';
import { findSecrets } from './redact';

const MASK = 0x2a; // '*'

/**
 * A refused item as it may be kept where secrets are redacted: known shapes, and the values of attributes
 * named after credentials, become as many asterisks as they have bytes. So every length in it still holds,
 * broken or not, protobuf or JSON. A copy, unless there was nothing to hide.
 */
export function redactRaw(raw: Buffer): Buffer {
  // One character for each byte, so that places in the text are places in the bytes.
  const text = raw.toString('latin1');
  let masked: Buffer | null = null;
  for (const find of [findSecrets, findProtobufAttributes, findJsonAttributes]) {
    // Extents may overlap, as hostile lengths claim: no byte is filled twice.
    let filled = 0;
    for (const { from, to } of find(text)) {
      if (to <= filled) continue;
      masked ??= Buffer.from(raw);
      masked.fill(MASK, Math.max(from, filled), to);
      filled = to;
    }
  }
  return masked ?? raw;
}

type Extent = { from: number; to: number };

/** As much of a value as tells whether it is a credential. */
const LOOK_CHARACTERS = 512;

/** KeyValue of opentelemetry.proto.common.v1: its key, then its value with a string in it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: tags and lengths of the wire are such bytes
const protobufKey = /\x0a([\x01-\x7f])(?=[\x20-\x7e])/g;

function* findProtobufAttributes(text: string): Generator<Extent> {
  for (const { 1: size = '', index } of text.matchAll(protobufKey)) {
    const nameAt = index + 2;
    const nameEnd = nameAt + size.charCodeAt(0);
    if (text[nameEnd] !== '\x12') continue;
    const any = readLength(text, nameEnd + 1);
    if (any === null || text[any.at] !== '\x0a') continue;
    const string = readLength(text, any.at + 1);
    if (string === null) continue;
    const extent = { from: string.at, to: Math.min(string.at + string.length, text.length) };
    const value = text.slice(extent.from, Math.min(extent.to, extent.from + LOOK_CHARACTERS));
    if (isCredential(text.slice(nameAt, nameEnd), value)) yield extent;
  }
}

/** A varint of at most 28 bits, which is more than an item may hold. */
function readLength(text: string, from: number): { at: number; length: number } | null {
  let length = 0;
  for (let at = from; at < from + 4; at += 1) {
    const byte = text.charCodeAt(at);
    length |= (byte & 0x7f) << (7 * (at - from));
    if (byte < 0x80) return { at: at + 1, length };
  }
  return null;
}

/** The same pair in OTLP/JSON. */
const jsonKey =
  /"key"\s{0,8}:\s{0,8}"([^"\\]{1,256})"\s{0,8},\s{0,8}"value"\s{0,8}:\s{0,8}\{\s{0,8}"string_?[vV]alue"\s{0,8}:\s{0,8}"/g;

function* findJsonAttributes(text: string): Generator<Extent> {
  for (const { 0: whole, 1: name = '', index } of text.matchAll(jsonKey)) {
    const from = index + whole.length;
    let to = from;
    while (to < text.length && text[to] !== '"') to += text[to] === '\\' ? 2 : 1;
    if (isCredential(name, text.slice(from, Math.min(to, from + LOOK_CHARACTERS))))
      yield { from, to: Math.min(to, text.length) };
  }
}
