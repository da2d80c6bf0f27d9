import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEntryId, parseEntryId } from './entry-id';

describe('the id of an entry', () => {
  it('reads back what it wrote, for every entry that a log can hold', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 36 ** 9 - 1 }),
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        (ms, shard, position) => {
          const id = { receivedAt: new Date(ms), shard, position };
          expect(parseEntryId(formatEntryId(id))).toEqual(id);
        },
      ),
    );
  });

  it.each([
    ['nothing', ''],
    ['a missing part', 'mi1x-1'],
    ['a sign', 'mi1x-1--5'],
    ['leading zeros, a second name for one entry', 'mi1x-01-5'],
    ['a padded time', '0mi1x-1-5'],
    ['capitals', 'MI1X-1-5'],
    ['a position beyond 64 bits', 'mi1x-1-9223372036854775808'],
    ['a shard beyond 32 bits', 'mi1x-2147483648-1'],
    ['a time beyond nine digits', 'zzzzzzzzzz-1-1'],
    ['SQL', "mi1x-1-1'; drop table interaction"],
    ['a trailing line break', 'mi1x-1-1\n'],
  ])('refuses %s', (_what, text) => {
    expect(parseEntryId(text)).toBeNull();
  });

  it('refuses anything else without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const id = parseEntryId(text);
        if (id !== null) expect(formatEntryId(id)).toBe(text);
      }),
    );
  });
});
