import { hash } from 'node:crypto';
import { writeText } from './write-text';

const FIRST_BYTES = 64 * 1024;

/**
 * What is to be hashed, collected in one buffer that is used again: several times cheaper than joining
 * strings. Every part of variable length carries its length, so two inputs are equal only if their parts are.
 */
export class HashInput {
  private buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private view = new DataView(this.buffer.buffer);
  private at = 0;

  reset(): this {
    this.at = 0;
    return this;
  }

  text(value: string): this {
    this.reserve(4 + value.length * 3);
    const bytes = writeText(this.buffer, value, this.at + 4);
    this.buffer.writeUInt32BE(bytes, this.at);
    this.at += 4 + bytes;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.reserve(4 + value.length);
    this.buffer.writeUInt32BE(value.length, this.at);
    this.buffer.set(value, this.at + 4);
    this.at += 4 + value.length;
    return this;
  }

  number(value: number): this {
    this.reserve(8);
    this.at = this.buffer.writeDoubleBE(value, this.at);
    return this;
  }

  int64(value: bigint): this {
    this.reserve(8);
    this.view.setBigInt64(this.at, value);
    this.at += 8;
    return this;
  }

  /** Distinct from every length that `text` and `bytes` write. */
  null(): this {
    this.reserve(4);
    this.at = this.buffer.writeUInt32BE(0xffff_ffff, this.at);
    return this;
  }

  /** SHA-256 as latin1 text of 32 characters. */
  digest(): string {
    return hash('sha256', this.buffer.subarray(0, this.at), 'binary');
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow((this.at + bytes) * 2);
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }
}
