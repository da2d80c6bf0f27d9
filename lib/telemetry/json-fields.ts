import { soundText } from './sound-text';
import { Fault, type Tally } from './tally';

export type JsonRecord = Readonly<Record<string, unknown>>;

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;
const fixed64Max = 2n ** 64n - 1n;
const nothing = Buffer.alloc(0);

/**
 * Takes fields out of parsed JSON as ProtoJSON writes them: absent and null are the default, 64-bit
 * integers may be strings. Every reader throws a Fault that names the path of what is wrong.
 */
export class JsonFields {
  readonly #tally: Tally;
  readonly #path: (string | number)[] = [];

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Names what `read` reads in faults. */
  within<Value>(step: string | number, read: () => Value): Value {
    this.#path.push(step);
    const value = read();
    this.#path.pop();
    return value;
  }

  record(value: unknown): JsonRecord {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#fault(undefined, 'an object');
    return value as JsonRecord; // what is left are objects of JSON.parse, whose keys are strings
  }

  list<Value>(holder: JsonRecord, name: string, read: (element: unknown) => Value): Value[] {
    const list = holder[name] ?? [];
    if (!Array.isArray(list)) throw this.#fault(name, 'an array');
    return this.within(name, () =>
      list.map((element, index) => this.within(index, () => read(element))),
    );
  }

  /** Lone surrogates and NUL, which PostgreSQL refuses, become U+FFFD. */
  text(holder: JsonRecord, name: string, alias: string = name): string {
    const value = holder[name] ?? holder[alias] ?? '';
    if (typeof value !== 'string') throw this.#fault(name, 'a string');
    const sound = soundText(value);
    if (sound !== value) this.#tally.hasInvalidText = true;
    return sound;
  }

  boolean(holder: JsonRecord, name: string): boolean {
    const value = holder[name];
    if (typeof value !== 'boolean') throw this.#fault(name, 'true or false');
    return value;
  }

  /** Absent and null are false. */
  truth(holder: JsonRecord, name: string, alias: string): boolean {
    const value = holder[name] ?? holder[alias] ?? false;
    if (typeof value !== 'boolean') throw this.#fault(name, 'true or false');
    return value;
  }

  /** A number where a double holds it exactly, or as parsed if it was sent as one; else a bigint. */
  int64(holder: JsonRecord, name: string): number | bigint {
    const exact = integerOf(holder[name]);
    if (exact === null || exact < int64Min || exact > int64Max)
      throw this.#fault(name, 'an integer of 64 bits');
    const value = Number(exact);
    return Number.isSafeInteger(value) ? value : exact;
  }

  /** An unsigned integer, likewise. */
  uint64(holder: JsonRecord, name: string): number | bigint {
    const exact = integerOf(holder[name]);
    if (exact === null || exact < 0n || exact > fixed64Max)
      throw this.#fault(name, 'an unsigned integer of 64 bits');
    const value = Number(exact);
    return Number.isSafeInteger(value) ? value : exact;
  }

  /** Zero where none was sent. */
  int32(holder: JsonRecord, name: string): number {
    const value = Number(integerOf(holder[name] ?? 0) ?? Number.NaN);
    if (value !== (value | 0)) throw this.#fault(name, 'an integer of 32 bits');
    return value;
  }

  uint32(holder: JsonRecord, name: string): number {
    const value = holder[name];
    const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || number !== number >>> 0)
      throw this.#fault(name, 'an unsigned integer of 32 bits');
    return number;
  }

  fixed64(holder: JsonRecord, name: string, alias: string): bigint {
    const exact = integerOf(holder[name] ?? holder[alias] ?? 0);
    if (exact === null || exact < 0n || exact > fixed64Max)
      throw this.#fault(name, 'an unsigned integer of 64 bits');
    return exact;
  }

  double(holder: JsonRecord, name: string): number {
    const value = holder[name];
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && /^(-?\d[\d.eE+-]*|NaN|-?Infinity)$/.test(value)) {
      const parsed = Number(value);
      if (value === 'NaN' || !Number.isNaN(parsed)) return parsed;
    }
    throw this.#fault(name, 'a number');
  }

  /** Of any length: whether an id is one is judged later. */
  hex(holder: JsonRecord, name: string, alias: string): Uint8Array {
    const value = holder[name] ?? holder[alias] ?? '';
    if (value === '') return nothing;
    if (typeof value !== 'string' || !/^(?:[0-9a-f]{2})+$/i.test(value))
      throw this.#fault(name, 'an id in hexadecimal');
    return Buffer.from(value, 'hex');
  }

  base64(holder: JsonRecord, name: string): Uint8Array {
    const value = holder[name];
    if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value))
      throw this.#fault(name, 'bytes in base64');
    return Buffer.from(value, 'base64');
  }

  /** An integer of 32 bits, or one of `names`, whose place is its number. */
  enumeration(
    holder: JsonRecord,
    names: readonly string[],
    name: string,
    alias: string = name,
  ): number {
    const value = holder[name] ?? holder[alias] ?? 0;
    const number = typeof value === 'string' ? names.indexOf(value) : value;
    if (typeof number !== 'number' || number !== (number | 0) || (number === -1 && value !== -1))
      throw this.#fault(name, `an integer or one of ${names.join(', ')}`);
    return number;
  }

  #fault(name: string | undefined, expected: string): Fault {
    const path = [...this.#path, ...(name === undefined ? [] : [name])]
      .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
      .join('')
      .replace(/^\./, '');
    return new Fault(
      'malformed_item',
      path === '' ? `Expected ${expected}.` : `Expected ${expected} at ${path}.`,
    );
  }
}

/** Digits of text or an integral number, exactly; bounded before BigInt, whose cost is quadratic. */
function integerOf(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
}
