/** Rows in PostgreSQL's binary COPY format (documentation, COPY, "Binary Format"), in one growing buffer. */

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
/** Microseconds from the Unix epoch to PostgreSQL's, 2000-01-01. */
const POSTGRES_EPOCH_US = 946_684_800_000_000n;
const UUID_CACHE_MAX = 20_000;

const uuidCache = new Map<string, Buffer>();

function uuidBytes(uuid: string): Buffer {
  let bytes = uuidCache.get(uuid);
  if (bytes === undefined) {
    if (uuidCache.size >= UUID_CACHE_MAX) uuidCache.clear();
    bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
    if (bytes.length !== 16) throw new RangeError('not a UUID');
    uuidCache.set(uuid, bytes);
  }
  return bytes;
}

export class CopyRows {
  /** CopyData header (5 bytes) first, filled in by `finish`. */
  private buffer: Buffer;
  private at = 0;
  rows = 0;

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafe(bytes);
    this.reset();
  }

  reset(): void {
    this.at = 5;
    this.rows = 0;
    this.at += SIGNATURE.copy(this.buffer, this.at);
  }

  row(columns: number): void {
    this.reserve(2);
    this.buffer.writeInt16BE(columns, this.at);
    this.at += 2;
    this.rows += 1;
  }

  null(): void {
    this.reserve(4);
    this.buffer.writeInt32BE(-1, this.at);
    this.at += 4;
  }

  text(value: string): void {
    this.reserve(4 + value.length * 3);
    const bytes = this.buffer.write(value, this.at + 4, 'utf8');
    this.buffer.writeInt32BE(bytes, this.at);
    this.at += 4 + bytes;
  }

  bytes(value: Uint8Array): void {
    this.reserve(4 + value.length);
    this.buffer.writeInt32BE(value.length, this.at);
    this.buffer.set(value, this.at + 4);
    this.at += 4 + value.length;
  }

  /** Each character is one byte. */
  latin1(value: string): void {
    this.reserve(4 + value.length);
    this.buffer.writeInt32BE(value.length, this.at);
    this.buffer.write(value, this.at + 4, 'latin1');
    this.at += 4 + value.length;
  }

  uuid(value: string): void {
    this.bytes(uuidBytes(value));
  }

  int4(value: number): void {
    this.reserve(8);
    this.buffer.writeInt32BE(4, this.at);
    this.buffer.writeInt32BE(value, this.at + 4);
    this.at += 8;
  }

  int8(value: bigint): void {
    this.reserve(12);
    this.buffer.writeInt32BE(8, this.at);
    this.buffer.writeBigInt64BE(value, this.at + 4);
    this.at += 12;
  }

  /** A whole number that a double holds. */
  count(value: number): void {
    this.reserve(12);
    this.buffer.writeInt32BE(8, this.at);
    this.buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), this.at + 4);
    this.buffer.writeUInt32BE(value % 0x1_0000_0000, this.at + 8);
    this.at += 12;
  }

  float8(value: number): void {
    this.reserve(12);
    this.buffer.writeInt32BE(8, this.at);
    this.buffer.writeDoubleBE(value, this.at + 4);
    this.at += 12;
  }

  timestamp(value: Date): void {
    this.int8(BigInt(value.getTime()) * 1000n - POSTGRES_EPOCH_US);
  }

  /** One CopyData message with everything, ready for the wire; valid until the next reset. */
  finish(): Buffer {
    this.reserve(2);
    this.buffer.writeInt16BE(-1, this.at);
    this.at += 2;
    this.buffer[0] = 0x64; // 'd'
    this.buffer.writeInt32BE(this.at - 1, 1);
    return this.buffer.subarray(0, this.at);
  }

  private reserve(bytes: number): void {
    const needed = this.at + bytes + 2;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }
}
