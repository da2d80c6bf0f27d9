import fc from 'fast-check';

// Evenly over the body: a plain fc.double is nearly always next to 0.
const place = fc
  .noBias(fc.integer({ min: 0, max: 9_999 }))
  .map((tenThousandth) => tenThousandth / 10_000);

/** One way to damage a body. */
export const mutation = fc.record({
  kind: fc.constantFrom('flip', 'flip', 'overwrite', 'truncate', 'splice', 'repeat'),
  at: place,
  to: place,
  bit: fc.integer({ min: 0, max: 7 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
});
export type Mutation = typeof mutation extends fc.Arbitrary<infer One> ? One : never;

export function mutate(body: Buffer, { kind, at, to, bit, bytes }: Mutation): Buffer {
  const index = Math.floor(at * body.length);
  const stop = Math.floor(to * body.length);
  switch (kind) {
    case 'flip': {
      const flipped = Buffer.from(body);
      if (index < flipped.length) flipped[index] = (flipped[index] ?? 0) ^ (1 << bit);
      return flipped;
    }
    case 'overwrite': {
      const overwritten = Buffer.from(body);
      overwritten.set(bytes.subarray(0, body.length - index), index);
      return overwritten;
    }
    case 'truncate':
      return body.subarray(0, index);
    case 'splice':
      return Buffer.concat([body.subarray(0, index), bytes, body.subarray(stop)]);
    default:
      return Buffer.concat([body.subarray(0, stop), body.subarray(index)]);
  }
}
