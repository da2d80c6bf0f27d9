/**
 * What an entry's place in the tree commits to, and how to compute it again.
 *
 * leaf = SHA-256(0x00 ‖ JCS({v: 1, kind, received_at, reporter, facts, bodies: [{role, bytes, digest}]}))
 * facts = SHA-256(salt ‖ JCS(facts object)); a body's digest = SHA-256(salt ‖ bytes); each salt is 32 random
 * bytes, so that a digest tells nothing once its salt is erased. The leading 0x00 is the leaf prefix of
 * RFC 6962 §2.1. Position is not in it: hashing happens before a place is known, and inclusion gives the place.
 */
import { hash } from 'node:crypto';
import { bodyRoles } from '@/lib/telemetry/schema';
import type { ColumnType, FactTable, FactValue } from './columns';
import type { BodyDigest } from './schema';

export const SALT_BYTES = 32;
const DIGEST_BYTES = 32;
const PACKED_BODY_BYTES = 1 + 4 + DIGEST_BYTES;

let scratch = Buffer.allocUnsafe(64 * 1024);

/** The canonical JSON (RFC 8785) of facts, from their values in the order of their columns; what is null is left out. */
export function factsJsonOf(values: readonly FactValue[], { members, types }: FactTable): string {
  let json = '';
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (value === null || value === undefined) continue;
    json += `${json === '' ? '{' : ','}${members[index]}${memberJson(value, types[index])}`;
  }
  return `${json}}`;
}

/** Text that JSON takes as it is: most of it, and a third of what asking JSON costs. */
const plainText = /^[ !#-[\]-~]*$/;

function memberJson(value: NonNullable<FactValue>, type: ColumnType | undefined): string {
  if (typeof value === 'string')
    return plainText.test(value) ? `"${value}"` : JSON.stringify(value);
  if (typeof value === 'number') return JSON.stringify(value);
  // Nanoseconds exceed what a JSON number holds in every reader, so they are text.
  if (typeof value === 'bigint') return type === 'ns' ? `"${value}"` : String(value);
  if (typeof value === 'boolean') return String(value);
  return `"${hexOf(value)}"`;
}

const hexOf = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  ).toString('hex');

/** SHA-256(salt ‖ text), hex. */
export function saltedDigest(salt: Uint8Array, text: string): string {
  const room = SALT_BYTES + text.length * 3;
  if (scratch.length < room) scratch = Buffer.allocUnsafe(room * 2);
  scratch.set(salt, 0);
  const end = SALT_BYTES + scratch.write(text, SALT_BYTES, 'utf8');
  return hash('sha256', scratch.subarray(0, end), 'hex');
}

/** The 32 bytes of the leaf, as latin1 text. `receivedAt` is RFC 3339 in UTC with milliseconds. */
export function leafOf(entry: {
  kind: string;
  receivedAt: string;
  reporter: string | null;
  factsDigest: string;
  bodies: readonly BodyDigest[];
}): string {
  let bodies = '';
  for (const { role, bytes, digest } of entry.bodies) {
    bodies += `${bodies === '' ? '' : ','}{"bytes":${bytes},"digest":"${digest}","role":"${role}"}`;
  }
  const reporter = entry.reporter === null ? 'null' : `"${entry.reporter}"`;
  return hash(
    'sha256',
    `\0{"bodies":[${bodies}],"facts":"${entry.factsDigest}","kind":"${entry.kind}","received_at":"${entry.receivedAt}","reporter":${reporter},"v":1}`,
    'binary',
  );
}

/** Role, size and digest of each body in 37 bytes: the form the interaction's row holds. */
export function packBodies(bodies: readonly BodyDigest[]): Buffer {
  const packed = Buffer.allocUnsafe(bodies.length * PACKED_BODY_BYTES);
  bodies.forEach(({ role, bytes, digest }, index) => {
    const at = index * PACKED_BODY_BYTES;
    packed[at] = bodyRoles.indexOf(role);
    packed.writeUInt32BE(bytes, at + 1);
    packed.write(digest, at + 5, 'hex');
  });
  return packed;
}

/** Throws on bytes that packBodies did not write. */
export function unpackBodies(packed: Uint8Array): BodyDigest[] {
  const buffer = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  if (buffer.length % PACKED_BODY_BYTES !== 0)
    throw new RangeError('packed bodies have a broken length');
  return Array.from({ length: buffer.length / PACKED_BODY_BYTES }, (_, index) => {
    const at = index * PACKED_BODY_BYTES;
    const role = bodyRoles[buffer.readUInt8(at)];
    if (role === undefined) throw new RangeError('packed bodies name an unknown role');
    return {
      role,
      bytes: buffer.readUInt32BE(at + 1),
      digest: buffer.toString('hex', at + 5, at + PACKED_BODY_BYTES),
    };
  });
}
