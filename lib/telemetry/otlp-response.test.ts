import { expect, test } from 'vitest';
import { encodeExportResponse, encodeRetryStatus, encodeStatus } from './otlp-response';

const parsed = (body: Buffer) => JSON.parse(body.toString());

test('a full success is the empty message', () => {
  expect(encodeExportResponse('trace', 'protobuf', 0, '')).toHaveLength(0);
  expect(parsed(encodeExportResponse('trace', 'json', 0, ''))).toEqual({});
});

test('a partial success tells how many and why', () => {
  // partial_success = 1 { rejected_spans = 1: 300, error_message = 2: "no" }
  expect(encodeExportResponse('trace', 'protobuf', 300, 'no').toString('hex')).toBe(
    '0a0708ac0212026e6f',
  );
  expect(parsed(encodeExportResponse('trace', 'json', 300, 'no'))).toEqual({
    partialSuccess: { rejectedSpans: '300', errorMessage: 'no' },
  });
});

test('a warning without refusals is told too', () => {
  expect(encodeExportResponse('trace', 'protobuf', 0, 'no').toString('hex')).toBe('0a0412026e6f');
});

test('an error is a google.rpc.Status', () => {
  expect(encodeStatus('protobuf', 3, 'Ü').toString('hex')).toBe('08031202c39c');
  expect(parsed(encodeStatus('json', 3, 'Ü'))).toEqual({ code: 3, message: 'Ü' });
});

test('a refusal that passes is a google.rpc.Status with RetryInfo, which exporters wait for', () => {
  const name = 'type.googleapis.com/google.rpc.RetryInfo';
  const expected = Buffer.concat([
    Buffer.from('080812017a1a300a28', 'hex'), // code = 1: 8, message = 2: "z", details = 3 { type_url = 1
    Buffer.from(name),
    Buffer.from('12040a020805', 'hex'), // value = 2 { retry_delay = 1 { seconds = 1: 5 } } }
  ]);
  expect(name).toHaveLength(0x28);
  expect(encodeRetryStatus(8, 'z', 5).equals(expected)).toBe(true);
});
