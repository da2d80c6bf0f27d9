import { isUtf8 } from 'node:buffer';
import { Fault } from './tally';

const SLOTS = 4_096;
const SLOT_WORDS = 12;
const internedTexts: string[] = new Array(SLOTS).fill('');
const internedWords = new Int32Array(SLOTS * SLOT_WORDS);

/**
 * Reads the protobuf wire format from one buffer. `end` bounds each read: where the message that
 * holds the value ends. What does not fit is a Fault that names the byte.
 */
export class WireReader {
  readonly bytes: Buffer;
  readonly #view: DataView;
  position = 0;
  /** Set once a text was read that was not UTF-8 or held a NUL, which PostgreSQL refuses. */
  hasInvalidText = false;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A varint as a number: exact up to 2^53, which all tags and lengths that can fit are. */
  readNumber(end: number): number {
    const byte = this.bytes[this.position] ?? 0;
    if (byte < 0x80 && this.position < end) {
      this.position += 1;
      return byte;
    }
    const low = this.#readVarint(end);
    return this.#high * 0x1_0000_0000 + low;
  }

  readTag(end: number): number {
    const start = this.position;
    const tag = this.readNumber(end);
    if (tag < 8 || tag > 0xffff_ffff) throw this.faultAt(start, 'A field number is out of range');
    return tag;
  }

  /** Moves past the length of a delimited field and returns where its content ends. */
  readEnd(end: number): number {
    const start = this.position;
    const length = this.readNumber(end);
    if (length > end - this.position)
      throw this.faultAt(start, 'A field is longer than what holds it');
    return this.position + length;
  }

  /** Where the content of a delimited field lies; moves past it. */
  readSlice(end: number): { start: number; end: number } {
    const stop = this.readEnd(end);
    const slice = { start: this.position, end: stop };
    this.position = stop;
    return slice;
  }

  view({ start, end }: { start: number; end: number }): Buffer {
    return this.bytes.subarray(start, end);
  }

  /** int64: a number where a double holds it exactly, else a bigint. */
  readInt64(end: number): number | bigint {
    const low = this.#readVarint(end);
    const high = this.#high | 0;
    const value = high * 0x1_0000_0000 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  /** int32 and enums: negative ones are sent as ten bytes, of which the low four count. */
  readInt32(end: number): number {
    return this.#readVarint(end) | 0;
  }

  /** sint32: zigzag. */
  readSint32(end: number): number {
    const low = this.#readVarint(end);
    return (low >>> 1) ^ -(low & 1);
  }

  /** uint32: of more the low four bytes count. */
  readUint32(end: number): number {
    return this.#readVarint(end);
  }

  /** uint64: a number where a double holds it exactly, else a bigint. */
  readUint64(end: number): number | bigint {
    const low = this.#readVarint(end);
    const value = this.#high * 0x1_0000_0000 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(this.#high) << 32n) | BigInt(low);
  }

  readBool(end: number): boolean {
    const low = this.#readVarint(end);
    return low !== 0 || this.#high !== 0;
  }

  readFixed64(end: number): bigint {
    return this.#view.getBigUint64(this.#advance(8, end), true);
  }

  /** fixed64: a number where a double holds it exactly, else a bigint. */
  readUnsigned64(end: number): number | bigint {
    return exactNumber(this.readFixed64(end));
  }

  /** sfixed64, likewise. */
  readSigned64(end: number): number | bigint {
    return exactNumber(this.#view.getBigInt64(this.#advance(8, end), true));
  }

  readDouble(end: number): number {
    return this.#view.getFloat64(this.#advance(8, end), true);
  }

  /** A view of the buffer, not a copy: it keeps the whole buffer alive. */
  readBytes(end: number): Buffer {
    const stop = this.readEnd(end);
    const view = this.bytes.subarray(this.position, stop);
    this.position = stop;
    return view;
  }

  /** An id, as text. */
  readHex(end: number): string {
    return this.readBytes(end).toString('hex');
  }

  /** What is not UTF-8, and NUL, becomes U+FFFD. The same short bytes give the same string object. */
  readText(end: number): string {
    const stop = this.readEnd(end);
    const start = this.position;
    this.position = stop;
    if (start === stop) return '';
    return (
      (stop - start <= SLOT_WORDS * 4 ? this.#intern(start, stop) : undefined) ??
      this.#decode(start, stop)
    );
  }

  /** Past a field that nobody asked for. Groups, which proto3 does not have, are refused. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case 0:
        this.#readVarint(end);
        return;
      case 1:
        this.#advance(8, end);
        return;
      case 2:
        this.position = this.readEnd(end);
        return;
      case 5:
        this.#advance(4, end);
        return;
      default:
        throw this.faultAt(this.position, `Wire type ${tag & 7}, which OTLP does not use`);
    }
  }

  faultAt(byte: number, what: string): Fault {
    return new Fault('malformed_item', `${what}, at byte ${byte}.`);
  }

  #high = 0;

  /** Returns the low 32 bits, unsigned, and leaves the high ones in #high. */
  #readVarint(end: number): number {
    const { bytes } = this;
    const start = this.position;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      const at = start + index;
      if (at >= end) throw this.faultAt(start, 'A number ends too early');
      const byte = bytes[at] ?? 0;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * index - 32);
      if (byte < 0x80) {
        this.position = at + 1;
        this.#high = high >>> 0;
        return low >>> 0;
      }
    }
    throw this.faultAt(start, 'A number is longer than ten bytes');
  }

  #advance(length: number, end: number): number {
    const start = this.position;
    if (end - start < length) throw this.faultAt(start, 'A field is longer than what holds it');
    this.position = start + length;
    return start;
  }

  /**
   * Keys, models and names repeat on every span. A slot holds the last text that fell on it, so
   * that no sender can make it grow. Four bytes at a time: this is where decoding spends its time.
   */
  #intern(start: number, stop: number): string | undefined {
    const length = stop - start;
    let hash = length;
    let highBits = 0;
    for (let at = start; at < stop; at += 4) {
      const word = this.#wordAt(at, stop);
      hash = Math.imul(hash ^ word, 0x9e37_79b1);
      hash ^= hash >>> 15;
      highBits |= word;
    }
    if ((highBits & 0x8080_8080) !== 0) return undefined;
    const slot = hash & (SLOTS - 1);
    const known = internedTexts[slot] ?? '';
    if (known.length === length && this.#isInterned(slot, start, stop)) return known;
    const text = this.bytes.toString('latin1', start, stop);
    if (text.includes('\0')) return undefined;
    internedTexts[slot] = text;
    for (let at = start; at < stop; at += 4)
      internedWords[slot * SLOT_WORDS + ((at - start) >> 2)] = this.#wordAt(at, stop);
    return text;
  }

  #isInterned(slot: number, start: number, stop: number): boolean {
    let place = slot * SLOT_WORDS;
    for (let at = start; at < stop; at += 4) {
      if (internedWords[place] !== this.#wordAt(at, stop)) return false;
      place += 1;
    }
    return true;
  }

  /** The last word of a text holds what is left of it. */
  #wordAt(at: number, stop: number): number {
    if (at + 4 <= stop) return this.#view.getInt32(at, true);
    const { bytes } = this;
    let word = bytes[at] ?? 0;
    if (at + 1 < stop) word |= (bytes[at + 1] ?? 0) << 8;
    if (at + 2 < stop) word |= (bytes[at + 2] ?? 0) << 16;
    return word;
  }

  #decode(start: number, stop: number): string {
    const text = this.bytes.toString('utf8', start, stop);
    const hasNul = text.includes('\0');
    if (hasNul || (text.includes('\ufffd') && !isUtf8(this.bytes.subarray(start, stop))))
      this.hasInvalidText = true;
    return hasNul ? text.replaceAll('\0', '\ufffd') : text;
  }
}

const exactNumber = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;
