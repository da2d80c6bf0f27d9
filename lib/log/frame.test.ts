import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Body } from '@/lib/telemetry/schema';
import { decodeFrame, encodeFrame } from './frame';
import { packBodies, unpackBodies } from './leaf';

let drawn = 0;
const salts = (bytes: number) => Buffer.alloc(bytes, ++drawn);
const bodies: Body[] = [
  { role: 'input', text: 'Grüße 📦' },
  { role: 'attributes', text: '' },
  { role: 'output', text: 'x'.repeat(10_000) },
];

describe('a body frame', () => {
  it('gives back each text, and its digest is that of salt and bytes', () => {
    const { frame, digests } = encodeFrame(bodies, salts, true);
    const decoded = decodeFrame(frame);
    expect(decoded.map(({ role, text }) => ({ role, text }))).toEqual(bodies);
    decoded.forEach(({ salt, text }, index) => {
      const digest = createHash('sha256')
        .update(salt)
        .update(text ?? '')
        .digest('hex');
      expect(digests[index]).toEqual({
        role: bodies[index]?.role,
        bytes: Buffer.byteLength(text ?? ''),
        digest,
      });
    });
    expect(frame.length).toBeLessThan(2_000);
  });

  it('holds no text where only digests are to be kept', () => {
    const { frame, digests } = encodeFrame(bodies, salts, false);
    expect(frame.includes(Buffer.from('Grüße'))).toBe(false);
    expect(decodeFrame(frame).map(({ text }) => text)).toEqual([null, null, null]);
    expect(digests.map(({ bytes }) => bytes)).toEqual([12, 0, 10_000]);
  });

  it('refuses what it did not write', () => {
    const { frame } = encodeFrame(bodies.slice(0, 1), salts, true);
    expect(() => decodeFrame(frame.subarray(0, frame.length - 1))).toThrow('cut short');
    expect(() => decodeFrame(Buffer.from([0, 99, 0, 0, 0, 0, 1]))).toThrow('unknown role');
  });

  it('packs its digests and unpacks them', () => {
    const { digests } = encodeFrame(bodies, salts, true);
    expect(unpackBodies(packBodies(digests))).toEqual(digests);
    expect(() => unpackBodies(Buffer.alloc(36))).toThrow('broken length');
  });
});
