import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Body, type BodyRole, bodyRoles } from '@/lib/telemetry/schema';
import { SALT_BYTES } from './leaf';
import type { BodyDigest } from './schema';

/**
 * All bodies of one entry in one piece, so that one encryption covers them and one DELETE erases them with
 * their salts: `compressed` (1 byte), then for each body role (1), bytes (4), kept (1), salt (32), text.
 * Salt and text lie side by side, which is also what the digest is over.
 */
const HEAD_BYTES = 6;

/** Smaller frames gain less from deflate than it costs (24 µs), and never reach TOAST. */
const COMPRESS_FROM_BYTES = 2048;

let scratch = Buffer.allocUnsafe(64 * 1024);

export type FramedBody = { role: BodyRole; text: string | null; salt: Buffer };

export function encodeFrame(
  bodies: readonly Body[],
  salts: (bytes: number) => Uint8Array,
  keepText: boolean,
): { frame: Buffer; digests: BodyDigest[] } {
  let room = 1;
  for (const { text } of bodies) room += HEAD_BYTES + SALT_BYTES + text.length * 3;
  if (scratch.length < room) scratch = Buffer.allocUnsafe(room * 2);
  const frame = scratch;
  frame[0] = 0;
  let at = 1;
  const digests = bodies.map(({ role, text }) => {
    const saltAt = at + HEAD_BYTES;
    const textAt = saltAt + SALT_BYTES;
    frame.set(salts(SALT_BYTES), saltAt);
    const bytes = frame.write(text, textAt, 'utf8');
    const digest = hash('sha256', frame.subarray(saltAt, textAt + bytes), 'hex');
    frame[at] = bodyRoles.indexOf(role);
    frame.writeUInt32BE(bytes, at + 1);
    frame[at + 5] = keepText ? 1 : 0;
    at = keepText ? textAt + bytes : textAt;
    return { role, bytes, digest };
  });
  return { frame: compress(frame.subarray(0, at)), digests };
}

function compress(frame: Buffer): Buffer {
  if (frame.length < COMPRESS_FROM_BYTES) return Buffer.from(frame);
  const packed = deflateRawSync(frame.subarray(1), { level: 1 });
  return packed.length + 1 < frame.length
    ? Buffer.concat([Buffer.of(1), packed])
    : Buffer.from(frame);
}

/** Throws on bytes that encodeFrame did not write. Text is null where only its digest was to be kept. */
export function decodeFrame(frame: Buffer): FramedBody[] {
  const content = frame[0] === 1 ? inflateRawSync(frame.subarray(1)) : frame.subarray(1);
  const bodies: FramedBody[] = [];
  let at = 0;
  while (at < content.length) {
    const role = bodyRoles[content.readUInt8(at)];
    if (role === undefined) throw new RangeError('a body frame names an unknown role');
    const isKept = content.readUInt8(at + 5) === 1;
    const textAt = at + HEAD_BYTES + SALT_BYTES;
    const end = isKept ? textAt + content.readUInt32BE(at + 1) : textAt;
    if (end > content.length) throw new RangeError('a body frame is cut short');
    bodies.push({
      role,
      text: isKept ? content.toString('utf8', textAt, end) : null,
      salt: content.subarray(textAt - SALT_BYTES, textAt),
    });
    at = end;
  }
  return bodies;
}
