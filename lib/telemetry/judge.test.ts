import { describe, expect, it } from 'vitest';
import { decodedOrigin, decodedSpan } from '@/tests/support/spans';
import { judgeItem } from './judge';
import type { Span } from './schema';

const judged = (change: Partial<Span>) =>
  judgeItem({
    signal: 'trace',
    origin: decodedOrigin(),
    bytes: 1,
    rawBytes: 1,
    raw: () => Buffer.alloc(0),
    span: decodedSpan([], change),
  });
const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);

describe('an item', () => {
  it.each([
    ['no trace id', { trace: bytes(0, 0) }, 'invalid_trace_id'],
    ['a trace id of 15 bytes', { trace: bytes(15, 1) }, 'invalid_trace_id'],
    ['a trace id of 17 bytes', { trace: bytes(17, 1) }, 'invalid_trace_id'],
    ['a trace id of zeros', { trace: bytes(16, 0) }, 'invalid_trace_id'],
    ['no span id', { span: bytes(0, 0) }, 'invalid_span_id'],
    ['a span id of 16 bytes', { span: bytes(16, 1) }, 'invalid_span_id'],
    ['a span id of zeros', { span: bytes(8, 0) }, 'invalid_span_id'],
    ['a start that 64 signed bits cannot hold', { startedNs: 2n ** 63n }, 'time_out_of_range'],
    ['an end that 64 signed bits cannot hold', { endedNs: 2n ** 64n - 1n }, 'time_out_of_range'],
  ])('with %s is refused with its reason and a sentence', (_what, change, reason) => {
    expect(judged(change)).toMatchObject({ reason, detail: expect.stringMatching(/^The .+\.$/) });
  });

  it.each([
    ['times in 1970', { startedNs: 0n, endedNs: 0n }],
    ['times in 2200', { startedNs: 7_258_118_400_000_000_000n, endedNs: 2n ** 63n - 1n }],
    ['an end before its start', { startedNs: 2n, endedNs: 1n }],
    ['a parent id of 3 bytes', { parent: bytes(3, 1) }],
    ['an id with one bit', { span: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1) }],
  ])('with %s is kept', (_what, change) => {
    expect(judged(change)).toBeNull();
  });

  it('that could not be decoded keeps the reason of the decoder', () => {
    const item = { origin: decodedOrigin(), bytes: 1, rawBytes: 1, raw: () => Buffer.alloc(0) };
    expect(judgeItem({ ...item, signal: 'log', drop: 'too_deep', detail: 'Too deep.' })).toEqual({
      reason: 'too_deep',
      detail: 'Too deep.',
    });
  });
});
