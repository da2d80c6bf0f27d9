import { setDropped } from './dropped';
import { JsonFields, type JsonRecord } from './json-fields';
import type { AnyMap, AnyValue, Attributes, Dropped, Origin } from './schema';
import type { Tally } from './tally';

/** Reads what all signals of OTLP/JSON share. What has the wrong shape is a Fault. */
export class JsonValueReader {
  protected readonly tally: Tally;
  protected readonly fields: JsonFields;

  constructor(tally: Tally) {
    this.tally = tally;
    this.fields = new JsonFields(tally);
  }

  readResource(parsed: unknown): Attributes {
    return this.readAttributes(this.fields.record(parsed));
  }

  readScope(parsed: unknown): Omit<Origin, 'resource'> {
    const fields = this.fields;
    const scope = fields.record(parsed);
    return {
      scopeName: fields.text(scope, 'name'),
      scopeVersion: fields.text(scope, 'version'),
      scope: this.readAttributes(scope),
    };
  }

  protected readAttributes(holder: JsonRecord): Attributes {
    return this.fields.list(holder, 'attributes', (attribute) => {
      this.tally.addAttribute();
      return this.#readKeyValue(attribute, 1);
    });
  }

  /** `droppedEventsCount` and its like. */
  protected readDropped(
    item: { dropped?: Dropped },
    sent: JsonRecord,
    kinds: readonly (keyof Dropped)[],
  ): void {
    for (const what of kinds) {
      const camel = `dropped${what.charAt(0).toUpperCase()}${what.slice(1)}Count`;
      const name = sent[camel] === undefined ? `dropped_${what}_count` : camel;
      if (sent[name] !== undefined && sent[name] !== null)
        setDropped(item, what, this.fields.uint32(sent, name));
    }
  }

  #readKeyValue(parsed: unknown, depth: number): [string, AnyValue] {
    const fields = this.fields;
    const pair = fields.record(parsed);
    const key = fields.text(pair, 'key');
    return [key, fields.within('value', () => this.readValue(pair.value ?? {}, depth))];
  }

  /** Of several values the last counts, as in protobuf; one that is null counts as not sent. */
  protected readValue(parsed: unknown, depth: number): AnyValue {
    const fields = this.fields;
    const holder = fields.record(parsed);
    let value: AnyValue = null;
    for (const name of Object.keys(holder)) {
      if (holder[name] === null) continue;
      switch (name) {
        case 'stringValue':
        case 'string_value':
          value = fields.text(holder, name);
          break;
        case 'boolValue':
        case 'bool_value':
          value = fields.boolean(holder, name);
          break;
        case 'intValue':
        case 'int_value':
          value = fields.int64(holder, name);
          break;
        case 'doubleValue':
        case 'double_value':
          value = fields.double(holder, name);
          break;
        case 'bytesValue':
        case 'bytes_value':
          value = fields.base64(holder, name);
          break;
        case 'arrayValue':
        case 'array_value':
          value = fields.within(name, () => this.#readArray(holder[name], depth + 1));
          break;
        case 'kvlistValue':
        case 'kvlist_value':
          value = fields.within(name, () => this.#readMap(holder[name], depth + 1));
          break;
      }
    }
    return value;
  }

  #readArray(parsed: unknown, depth: number): AnyValue[] {
    return this.fields.list(this.fields.record(parsed), 'values', (element) => {
      this.tally.addValue(depth);
      return this.readValue(element, depth);
    });
  }

  #readMap(parsed: unknown, depth: number): AnyMap {
    const map: AnyMap = Object.create(null);
    const pairs = this.fields.list(this.fields.record(parsed), 'values', (pair) => {
      this.tally.addValue(depth);
      return this.#readKeyValue(pair, depth);
    });
    for (const [key, value] of pairs) map[key] = value;
    return map;
  }
}
