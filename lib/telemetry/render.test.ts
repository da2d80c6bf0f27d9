import { describe, expect, it } from 'vitest';
import { renderJson, renderText } from './render';
import type { AnyMap, AnyValue } from './schema';

describe('a value as JSON', () => {
  it.each<[AnyValue, string]>([
    ['a "quoted"\n text', '"a \\"quoted\\"\\n text"'],
    [1.5, '1.5'],
    [-0, '0'],
    [Number.NaN, '"NaN"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
    [9_223_372_036_854_775_807n, '9223372036854775807'],
    [true, 'true'],
    [null, 'null'],
    [Uint8Array.of(1, 2, 255), '"AQL/"'],
    [[], '[]'],
    [[1, [null, 'x']], '[1,[null,"x"]]'],
    [{}, '{}'],
    [{ a: { b: [false] } }, '{"a":{"b":[false]}}'],
  ])('%o is %s', (value, text) => {
    expect(renderJson(value)).toBe(text);
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it('a key named __proto__ is a key like any other', () => {
    const map: AnyMap = Object.create(null);
    Object.defineProperty(map, '__proto__', { value: 1, enumerable: true });
    expect(renderJson(map)).toBe('{"__proto__":1}');
  });

  it('32 levels deep is rendered whole', () => {
    let value: AnyValue = 'deep';
    for (let level = 0; level < 32; level++) value = level % 2 === 0 ? [value] : { k: value };
    expect(renderJson(value)).toContain('deep');
  });

  it('a body that was sent as text is passed on byte for byte', () => {
    expect(renderText('{"a": 1,  "b":2}')).toBe('{"a": 1,  "b":2}');
  });
});
