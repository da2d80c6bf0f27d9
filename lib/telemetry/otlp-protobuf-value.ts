import type { Slice } from './otlp-items';
import type { AnyMap, AnyValue, Attributes, Origin } from './schema';
import type { Tally } from './tally';
import type { WireReader } from './wire';

// Cases below are whole tags, field number and wire type: a known field of another type is skipped.

/** Resource of opentelemetry.proto.resource.v1. */
export function readResource(wire: WireReader, at: Slice, tally: Tally): Attributes {
  const attributes: Attributes = [];
  openMessage(wire, at);
  while (wire.position < at.end) {
    const tag = wire.readTag(at.end);
    if (tag === 0x0a) attributes.push(readAttribute(wire, wire.readEnd(at.end), tally));
    else wire.skip(tag, at.end);
  }
  tally.hasInvalidText ||= wire.hasInvalidText;
  return attributes;
}

/** InstrumentationScope of opentelemetry.proto.common.v1. */
export function readScope(wire: WireReader, at: Slice, tally: Tally): Omit<Origin, 'resource'> {
  const { end } = at;
  const found: Omit<Origin, 'resource'> = { scopeName: '', scopeVersion: '', scope: [] };
  openMessage(wire, at);
  while (wire.position < end) {
    const tag = wire.readTag(end);
    switch (tag) {
      case 0x0a: // name = 1
        found.scopeName = wire.readText(end);
        break;
      case 0x12: // version = 2
        found.scopeVersion = wire.readText(end);
        break;
      case 0x1a: // attributes = 3
        found.scope.push(readAttribute(wire, wire.readEnd(end), tally));
        break;
      default:
        wire.skip(tag, end);
    }
  }
  tally.hasInvalidText ||= wire.hasInvalidText;
  return found;
}

export function openMessage(wire: WireReader, { start }: Slice): void {
  wire.position = start;
  wire.hasInvalidText = false;
}

export function readAttribute(wire: WireReader, end: number, tally: Tally): [string, AnyValue] {
  tally.addAttribute();
  return readKeyValue(wire, end, tally, 1);
}

function readKeyValue(
  wire: WireReader,
  end: number,
  tally: Tally,
  depth: number,
): [string, AnyValue] {
  let key = '';
  let value: AnyValue = null;
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === 0x0a) key = wire.readText(end);
    else if (tag === 0x12) value = readValue(wire, wire.readEnd(end), tally, depth);
    else wire.skip(tag, end);
  }
  return [key, value];
}

export function readValue(wire: WireReader, end: number, tally: Tally, depth: number): AnyValue {
  let value: AnyValue = null;
  while (wire.position < end) {
    const tag = wire.readTag(end);
    switch (tag) {
      case 0x0a: // string_value = 1
        value = wire.readText(end);
        break;
      case 0x10: // bool_value = 2
        value = wire.readBool(end);
        break;
      case 0x18: // int_value = 3
        value = wire.readInt64(end);
        break;
      case 0x21: // double_value = 4
        value = wire.readDouble(end);
        break;
      case 0x2a: // array_value = 5
        value = readArray(wire, wire.readEnd(end), tally, depth + 1);
        break;
      case 0x32: // kvlist_value = 6
        value = readMap(wire, wire.readEnd(end), tally, depth + 1);
        break;
      case 0x3a: // bytes_value = 7
        value = wire.readBytes(end);
        break;
      default:
        wire.skip(tag, end);
    }
  }
  return value;
}

function readArray(wire: WireReader, end: number, tally: Tally, depth: number): AnyValue[] {
  const values: AnyValue[] = [];
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === 0x0a) {
      tally.addValue(depth);
      values.push(readValue(wire, wire.readEnd(end), tally, depth));
    } else wire.skip(tag, end);
  }
  return values;
}

function readMap(wire: WireReader, end: number, tally: Tally, depth: number): AnyMap {
  const map: AnyMap = Object.create(null);
  while (wire.position < end) {
    const tag = wire.readTag(end);
    if (tag === 0x0a) {
      tally.addValue(depth);
      const [key, value] = readKeyValue(wire, wire.readEnd(end), tally, depth);
      map[key] = value;
    } else wire.skip(tag, end);
  }
  return map;
}
