/** Rows in PostgreSQL's binary COPY format (documentation, COPY, "Binary Format"), in one growing buffer. */

import { writeText } from './write-text';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** Microseconds from the Unix epoch to PostgreSQL's, 2000-01-01. */
const POSTGRES_EPOCH_US = 946_684_800_000_000n;
/** A moment as `timestamptz` stores it. */
export const postgresTime = (at: Date): bigint => BigInt(at.getTime()) * 1000n - POSTGRES_EPOCH_US;

/** Of a hexadecimal digit's character code its value; 255 of any other's. */
const nibbles = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 255 : value;
});

export class CopyRows {
  /** CopyData header (5 bytes) first, filled in by `finish`. */
  private buffer: Buffer;
  private view: DataView;
  private at = 0;
  rows = 0;

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(bytes);
    this.view = new DataView(this.buffer.buffer);
    this.reset();
  }

  reset(): void {
    this.at = 5;
    this.rows = 0;
    this.at += SIGNATURE.copy(this.buffer, this.at);
  }

  row(columns: number): void {
    this.reserve(2);
    this.view.setInt16(this.at, columns);
    this.at += 2;
    this.rows += 1;
  }

  null(): void {
    this.reserve(4);
    this.view.setInt32(this.at, -1);
    this.at += 4;
  }

  text(value: string): void {
    this.reserve(4 + value.length * 3);
    const bytes = writeText(this.buffer, value, this.at + 4);
    this.view.setInt32(this.at, bytes);
    this.at += 4 + bytes;
  }

  bytes(value: Uint8Array): void {
    this.reserve(4 + value.length);
    this.view.setInt32(this.at, value.length);
    this.buffer.set(value, this.at + 4);
    this.at += 4 + value.length;
  }

  /** Each character is one byte. */
  latin1(value: string): void {
    this.reserve(4 + value.length);
    this.view.setInt32(this.at, value.length);
    this.buffer.write(value, this.at + 4, 'latin1');
    this.at += 4 + value.length;
  }

  uuid(value: string): void {
    this.reserve(20);
    this.view.setInt32(this.at, 16);
    let digits = 0;
    let high = 0;
    let bad = 0;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code === 0x2d) continue; // '-'
      const nibble = nibbles[code] ?? 255;
      bad |= nibble & 0xf0;
      if (digits % 2 === 0) high = nibble << 4;
      else if (digits < 32) this.buffer[this.at + 4 + (digits >> 1)] = high | nibble;
      digits += 1;
    }
    if (digits !== 32 || bad !== 0) throw new RangeError('not a UUID');
    this.at += 20;
  }

  int4(value: number): void {
    this.reserve(8);
    this.view.setInt32(this.at, 4);
    this.view.setInt32(this.at + 4, value);
    this.at += 8;
  }

  boolean(value: boolean): void {
    this.reserve(5);
    this.view.setInt32(this.at, 1);
    this.buffer[this.at + 4] = value ? 1 : 0;
    this.at += 5;
  }

  int8(value: bigint): void {
    this.reserve(12);
    this.view.setInt32(this.at, 8);
    this.view.setBigInt64(this.at + 4, value);
    this.at += 12;
  }

  /** A whole number that a double holds. */
  count(value: number): void {
    this.reserve(12);
    this.view.setInt32(this.at, 8);
    this.view.setInt32(this.at + 4, Math.floor(value / 0x1_0000_0000));
    this.buffer.writeUInt32BE(value % 0x1_0000_0000, this.at + 8);
    this.at += 12;
  }

  float8(value: number): void {
    this.reserve(12);
    this.view.setInt32(this.at, 8);
    this.view.setFloat64(this.at + 4, value);
    this.at += 12;
  }

  timestamp(value: Date): void {
    this.int8(postgresTime(value));
  }

  /** One CopyData message with everything, ready for the wire; valid until the next reset. */
  finish(): Buffer {
    this.reserve(2);
    this.view.setInt16(this.at, -1);
    this.at += 2;
    this.buffer[0] = 0x64; // 'd'
    this.buffer.writeInt32BE(this.at - 1, 1);
    return this.buffer.subarray(0, this.at);
  }

  private reserve(bytes: number): void {
    const needed = this.at + bytes + 2;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }
}
