import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeDelimited } from './protobuf-write';
import { redactRaw } from './redact-raw';

const awsKey = `AKIA${'Q7RZ'.repeat(4)}`;
const keyValue = (key: string, value: string) =>
  Buffer.concat([
    writeDelimited(1, Buffer.from(key)),
    writeDelimited(2, writeDelimited(1, Buffer.from(value))),
  ]);
const stars = (count: number) => '*'.repeat(count);

describe('a refused item is kept', () => {
  test('in protobuf with every length as it was', () => {
    const value = 'p'.repeat(300);
    const raw = writeDelimited(
      9,
      Buffer.concat([keyValue('db.password', value), keyValue('note', `key ${awsKey} here`)]),
    );
    const kept = redactRaw(raw);
    expect(kept).toHaveLength(raw.length);
    expect(kept.toString('latin1')).toBe(
      raw.toString('latin1').replace(value, stars(300)).replace(awsKey, stars(awsKey.length)),
    );
  });

  test('in JSON that is still JSON', () => {
    const sent = {
      attributes: [
        { key: 'http.request.header.authorization', value: { stringValue: 'to"ken\\ü' } },
        { key: 'note', value: { stringValue: awsKey } },
        { key: 'input', value: { stringValue: '{"password":"hunter22"}' } },
      ],
    };
    const kept = redactRaw(Buffer.from(JSON.stringify(sent, null, 1))).toString();
    expect(kept).not.toMatch(/to.?"ken|AKIA|hunter22/);
    expect(JSON.parse(kept).attributes.map((each: { key: string }) => each.key)).toEqual(
      sent.attributes.map(({ key }) => key),
    );
  });

  test('as it is where nothing is to be hidden', () => {
    const raw = Buffer.from('{"key":"note","value":{"stringValue":"the token of love"}}');
    expect(redactRaw(raw)).toBe(raw);
  });

  test('whatever its bytes are, at its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
        const raw = Buffer.concat([
          Buffer.from(bytes),
          keyValue('api_key', 'abc'),
          Buffer.from(bytes),
        ]);
        const kept = redactRaw(raw);
        expect(kept).toHaveLength(raw.length);
        expect(kept.includes(keyValue('api_key', '***'))).toBe(true);
      }),
    );
  });

  test('in time that grows with its size, whatever lengths it claims', () => {
    const claim = Buffer.from('\n\x05token\x12\xff\xff\xff\x7f\n\xff\xff\xff\x7f', 'latin1');
    const raw = Buffer.concat(Array.from({ length: 60_000 }, () => claim));
    const began = performance.now();
    redactRaw(raw);
    // Some milliseconds; quadratic, it would be minutes.
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('cut off anywhere, without the secret', () => {
    const whole = keyValue('client_secret', 'abcdefgh');
    for (let end = 0; end <= whole.length; end += 1) {
      const kept = redactRaw(whole.subarray(0, end));
      expect(kept).toHaveLength(end);
      expect(kept.toString('latin1')).not.toMatch(/abc/);
    }
  });
});
