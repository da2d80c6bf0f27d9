import { describe, expect, it } from 'vitest';
import { nestList } from './nest';
import type { AnyValue } from './schema';

const nested = (pairs: Record<string, AnyValue>) => {
  const { text, refused } = nestList(Object.entries(pairs));
  return { value: JSON.parse(text), refused };
};

describe('a flattened list', () => {
  it('is nested again, without the names that only repeat what it holds', () => {
    expect(
      nested({
        '1.message.role': 'user',
        '0.message.role': 'system',
        '0.message.contents.0.message_content.type': 'text',
        '1.message.tool_calls.0.tool_call.function.name': 'find',
      }),
    ).toEqual({
      value: [
        { role: 'system', contents: [{ type: 'text' }] },
        { role: 'user', tool_calls: [{ function: { name: 'find' } }] },
      ],
      refused: [],
    });
  });

  it('with gaps keeps its indices as names: an index sizes nothing', () => {
    expect(nested({ '3.role': 'a', '999999999.role': 'b' }).value).toEqual({
      3: { role: 'a' },
      999999999: { role: 'b' },
    });
    expect(nested({ '4294967295.role': 'a', '01.role': 'b' }).value).toEqual({
      4294967295: { role: 'a' },
      '01': { role: 'b' },
    });
  });

  it.each([
    ['a value where a branch is', { '0.a.b': 1, '0.a': 2 }],
    ['a branch where a value is', { '0.a': 1, '0.a.b': 2 }],
    ['a name that means one already told', { '0.message.role': 1, '0.role': 2 }],
    ['a path without end', { '0.a': 1, [`0${'.x'.repeat(5000)}`]: 2 }],
  ])('refuses %s and keeps the rest', (_what, pairs) => {
    expect(nested(pairs).refused).toEqual([1]);
  });

  it('keeps names that objects treat as special', () => {
    expect(nestList([['0.__proto__.x', 1]]).text).toBe('[{"__proto__":{"x":1}}]');
  });
});
