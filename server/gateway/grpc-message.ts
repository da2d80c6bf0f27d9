/** Flag and length before each message (gRPC over HTTP2, Length-Prefixed-Message). */
const PREFIX_BYTES = 5;

/** What the prefix of a message that is arriving says of it, and whether more came than it says. */
export class ArrivingMessage {
  private readonly prefix = Buffer.alloc(PREFIX_BYTES);
  private received = 0;

  /** Returns whether the prefix is complete with this chunk. */
  add(chunk: Buffer): boolean {
    const before = this.received;
    this.received += chunk.length;
    if (before >= PREFIX_BYTES) return false;
    chunk.copy(this.prefix, before);
    return this.received >= PREFIX_BYTES;
  }

  get isCompressed(): boolean {
    return this.prefix[0] !== 0;
  }

  /** As sent; zero until the prefix is complete. */
  get bytes(): number {
    return this.prefix.readUInt32BE(1);
  }

  /** A second message follows, which no call of ours has. */
  get isExceeded(): boolean {
    return this.received > PREFIX_BYTES + this.bytes && this.received > PREFIX_BYTES;
  }
}
