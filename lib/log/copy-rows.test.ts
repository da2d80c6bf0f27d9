import { describe, expect, it } from 'vitest';
import { CopyRows } from './copy-rows';

/** What stands behind the CopyData header and the signature, without the trailer. */
const written = (fill: (rows: CopyRows) => void): Buffer => {
  const rows = new CopyRows(64);
  fill(rows);
  return Buffer.from(rows.finish().subarray(5 + 19, -2));
};

describe('COPY rows', () => {
  it.each([
    '',
    'short',
    'ä short one',
    'x'.repeat(32),
    'x'.repeat(33),
    `${'x'.repeat(31)}ä`,
    '🛡️'.repeat(40),
  ])('hold the text %j as UTF-8 behind its length', (text) => {
    const bytes = Buffer.from(text);
    expect(written((rows) => rows.text(text))).toEqual(
      Buffer.concat([Buffer.of(0, 0, bytes.length >> 8, bytes.length & 255), bytes]),
    );
  });

  it('hold a UUID as 16 bytes, in either case', () => {
    const uuid = '018f3c2a-9b1d-7e44-8A0F-00ff10ab9C7d';
    expect(written((rows) => rows.uuid(uuid)).toString('hex')).toBe(
      `00000010${uuid.replaceAll('-', '').toLowerCase()}`,
    );
  });

  it.each([
    '',
    '018f3c2a-9b1d-7e44-8a0f-00ff10ab9c7',
    '018f3c2a-9b1d-7e44-8a0f-00ff10ab9c7dd',
    '018f3c2a-9b1d-7e44-8a0f-00ff10ab9cxy',
    '018f3c2a-9b1d-7e44-8a0f-00ff10ab9cÿd',
  ])('refuse %j as a UUID', (text) => {
    expect(() => written((rows) => rows.uuid(text))).toThrow('not a UUID');
  });

  it('hold whole numbers of either kind and grow as they need', () => {
    expect(written((rows) => rows.int8(-2n)).toString('hex')).toBe('00000008fffffffffffffffe');
    expect(written((rows) => rows.count(2 ** 53 - 1)).toString('hex')).toBe(
      '00000008001fffffffffffff',
    );
    expect(written((rows) => Array.from({ length: 99 }, () => rows.int4(7)))).toHaveLength(99 * 8);
  });
});
