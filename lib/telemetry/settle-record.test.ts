import { expect, test } from 'vitest';
import { type LogRecord, marks } from './schema';
import { settleRecord } from './settle-record';

const nowMs = 1_795_000_000_000;
const aRecord = (change: Partial<LogRecord> = {}): LogRecord => ({
  trace: new Uint8Array(0),
  span: new Uint8Array(0),
  timeNs: 0n,
  observedNs: 0n,
  severity: 0,
  severityText: '',
  eventName: '',
  body: null,
  attributes: [['n', 1]],
  marks: 0,
  ...change,
});

test('without any time it is of when it arrived, with either it is left as it is', () => {
  expect(settleRecord(aRecord(), nowMs).timeNs).toBe(BigInt(nowMs) * 1_000_000n);
  const observed = settleRecord(aRecord({ observedNs: 7n }), nowMs);
  expect([observed.timeNs, observed.observedNs]).toEqual([0n, 7n]);
  expect(settleRecord(aRecord({ timeNs: 5n }), nowMs).timeNs).toBe(5n);
});

test.each([
  ['no trace id', 0, 0, 0, 0],
  ['a trace id', 16, 1, 16, 0],
  ['a trace id of zeros', 16, 0, 0, 0],
  ['a trace id of 15 bytes', 15, 1, 0, marks.invalid_trace],
  ['a trace id of 17 zeros', 17, 0, 0, marks.invalid_trace],
])('%s is kept as far as it is one', (_what, length, fill, kept, expected) => {
  const sent = aRecord({ trace: new Uint8Array(length).fill(fill) });
  const settled = settleRecord(sent, nowMs);
  expect([settled.trace.length, settled.marks]).toEqual([kept, expected]);
  const shown = expected === 0 ? [] : [['invalidTraceId', Buffer.from(sent.trace).toString('hex')]];
  expect(settled.attributes).toEqual([['n', 1], ...shown]);
  // What repeats are told by is the record as it was sent.
  expect([sent.marks, sent.attributes]).toEqual([0, [['n', 1]]]);
});
