import { describe, expect, test } from 'vitest';
import { readLines } from './read-lines';

const bytes = (text: string) => new TextEncoder().encode(text);
const csv = (text: string) => readLines('csv', bytes(text));

describe('a file of identities', () => {
  test('is read line by line, with a byte order mark or not', async () => {
    expect(
      await csv('\uFEFFkind,name,tags,reports_for\nagent,a,x; y,\n\nservice,b,,ALL\n'),
    ).toEqual([
      { line: 2, values: { kind: 'agent', name: 'a', tags: ['x', 'y'] } },
      { line: 4, values: { kind: 'service', name: 'b', reports_for: 'all' } },
    ]);
    expect(await readLines('json', bytes('\uFEFF[{"name":"a"},7]'))).toEqual([
      { line: 1, values: { name: 'a' } },
      { line: 2, values: 7 },
    ]);
  });

  test('of which one line is broken still has the others', async () => {
    const lines = await csv('kind,name\nagent,a\nagent,"b"x\nagent,c,d\nagent,e\n');
    expect(lines.map((line) => ('wrong' in line ? line.wrong.slice(0, 6) : line.values))).toEqual([
      { kind: 'agent', name: 'a' },
      expect.any(String),
      'It has',
      { kind: 'agent', name: 'e' },
    ]);
    expect(lines.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
  });

  test.each<[string, 'csv' | 'json', Uint8Array, string]>([
    ['too large', 'csv', new Uint8Array(5 * 1024 * 1024 + 1), '5 MB'],
    ['not UTF-8', 'csv', new Uint8Array([0xff, 0xfe, 0x41]), 'UTF-8'],
    ['without a header', 'csv', bytes('agent,a\n'), 'The first line names the columns'],
    ['with an unknown column', 'csv', bytes('kind,name,state\n'), 'The first line'],
    ['with a column twice', 'csv', bytes('kind,name,name\na,b,c\n'), 'twice'],
    ['empty', 'csv', bytes(''), 'The first line'],
    ['of a header alone', 'csv', bytes('kind,name\n'), 'no identity'],
    ['too long', 'csv', bytes(`kind,name\n${'agent,a\n'.repeat(10_001)}`), '10,000'],
    ['no JSON', 'json', bytes('{'), 'no JSON'],
    ['no list', 'json', bytes('{"name":"a"}'), 'list'],
  ])('that is %s is refused with a sentence', async (_what, format, file, sentence) => {
    await expect(readLines(format, file)).rejects.toThrow(sentence);
  });
});
