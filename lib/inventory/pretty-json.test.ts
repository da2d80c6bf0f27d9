import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prettyJson } from './pretty-json';

describe('JSON laid out for a reader', () => {
  it.each([
    ['{"a":1}', '{\n  "a": 1\n}'],
    ['{"n":12345678901234567890,"n":1.0}', '{\n  "n": 12345678901234567890,\n  "n": 1.0\n}'],
    ['[]', '[]'],
    ['[{}, "a\\"]b"]', '[\n  {},\n  "a\\"]b"\n]'],
    ['"\\u202e"', '"\\u202e"'],
  ])('%s keeps every token', (text, pretty) => {
    expect(prettyJson(text)).toBe(pretty);
  });

  it.each(['', 'plain', '{', '{a:1}', '12', 'null'])('%j is left to be shown as text', (text) => {
    expect(prettyJson(text)).toBeNull();
  });

  it('means the same as before, for all JSON', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
        (value) => {
          const text = JSON.stringify(value);
          expect(JSON.parse(prettyJson(text) ?? '')).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('survives nesting that would overflow a recursive printer', () => {
    const depth = 5000;
    expect(prettyJson('['.repeat(depth) + ']'.repeat(depth))).not.toBe('');
  });
});
