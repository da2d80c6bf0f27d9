import type { Slice } from './otlp-items';
import { Fault } from './tally';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Walks the bytes of a JSON text without building what it says, so that parts can be found before
 * they are parsed. Strict about what it walks; a value it skips is only balanced, and is to be
 * given to JSON.parse by whoever wants or discards it. Depth costs no stack.
 */
export class JsonScanner {
  readonly bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Calls `visit` before each member's value, which it has to consume; the member begins at `start`. */
  scanObject(visit: (key: string, start: number) => void): void {
    this.#expect(OPEN_OBJECT, 'an object');
    if (this.#accept(CLOSE_OBJECT)) return;
    do {
      this.#space();
      if (this.bytes[this.position] !== QUOTE) throw this.#fault('Expected a key');
      const at = this.skipValue();
      const key = this.#parse(at);
      this.#expect(COLON, 'a colon');
      visit(String(key), at.start);
    } while (this.#accept(COMMA));
    this.#expect(CLOSE_OBJECT, 'a comma or the end of the object');
  }

  /** Calls `visit` before each element, which it has to consume. */
  scanArray(visit: () => void): void {
    this.#expect(OPEN_ARRAY, 'an array');
    if (this.#accept(CLOSE_ARRAY)) return;
    do visit();
    while (this.#accept(COMMA));
    this.#expect(CLOSE_ARRAY, 'a comma or the end of the array');
  }

  /** Where the next value lies, without the space around it. */
  skipValue(): Slice {
    this.#space();
    const start = this.position;
    const first = this.bytes[start];
    if (first === QUOTE) this.position = this.#endOfString(start);
    else if (first === OPEN_OBJECT || first === OPEN_ARRAY)
      this.position = this.#endOfNested(start);
    else this.position = this.#endOfScalar(start);
    return { start, end: this.position };
  }

  /** Past a value that nobody asked for, which still has to be JSON. */
  discardValue(bytesMax: number): void {
    const slice = this.skipValue();
    if (slice.end - slice.start > bytesMax)
      throw new Fault(
        'malformed_item',
        `An unknown value holds more than ${bytesMax} bytes, at byte ${slice.start}.`,
      );
    this.#parse(slice);
  }

  /** Whether the next value is null; consumes it then. */
  acceptNull(): boolean {
    this.#space();
    if (this.bytes.toString('latin1', this.position, this.position + 4) !== 'null') return false;
    this.position += 4;
    return true;
  }

  view({ start, end }: Slice): Buffer {
    return this.bytes.subarray(start, end);
  }

  expectEnd(): void {
    this.#space();
    if (this.position < this.bytes.length) throw this.#fault('Expected the end of the request');
  }

  #parse({ start, end }: Slice): unknown {
    try {
      return JSON.parse(this.bytes.toString('utf8', start, end));
    } catch {
      throw new Fault('malformed_item', `What begins at byte ${start} is not JSON.`);
    }
  }

  #endOfString(start: number): number {
    const { bytes } = this;
    for (let at = start + 1; at < bytes.length; at++) {
      if (bytes[at] === BACKSLASH) at += 1;
      else if (bytes[at] === QUOTE) return at + 1;
    }
    throw this.#fault('A string does not end');
  }

  #endOfNested(start: number): number {
    const { bytes } = this;
    let depth = 0;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) at = this.#endOfString(at) - 1;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return at + 1;
    }
    throw this.#fault('An object or array does not end');
  }

  #endOfScalar(start: number): number {
    let at = start;
    while (at < this.bytes.length && !isEndOfScalar(this.bytes[at] ?? 0)) at += 1;
    if (at === start) throw this.#fault('Expected a value');
    return at;
  }

  #space(): void {
    while (isSpace(this.bytes[this.position] ?? 0)) this.position += 1;
  }

  #accept(byte: number): boolean {
    this.#space();
    if (this.bytes[this.position] !== byte) return false;
    this.position += 1;
    return true;
  }

  #expect(byte: number, what: string): void {
    if (!this.#accept(byte)) throw this.#fault(`Expected ${what}`);
  }

  #fault(what: string): Fault {
    return new Fault('malformed_item', `${what}, at byte ${this.position}.`);
  }
}

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const isEndOfScalar = (byte: number) =>
  isSpace(byte) || byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT;
