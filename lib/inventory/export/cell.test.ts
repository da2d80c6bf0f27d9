import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseCsv } from '../../../tests/support/parse-csv';
import { csvCell, csvLine, jsonLine } from './cell';

describe('a cell that a spreadsheet would calculate is text', () => {
  test.each([
    '=1+1',
    '+cmd|calc',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '"=1+1',
    `'=1+1`,
    '  =1',
    '\n=1',
    '\u00a0=1',
    '\ufeff=1',
    '＝1+1',
  ])('%j', (text) => {
    const [[cell] = []] = parseCsv(csvLine([text]));
    expect(cell).toBe(`'${text}`);
  });

  test.each(['a=1', 'tool_call', '2026-11-25', 'x-y', ''])('%j stays as it is', (text) => {
    expect(parseCsv(csvLine([text]))[0]?.[0]).toBe(text);
  });
});

it('numbers of ours are numbers, negative ones too, and nothing is nothing', () => {
  expect(csvLine([-5, 0.5, null, 'x'])).toBe('-5,0.5,,"x"\r\n');
});

it('what commands a terminal is spelled out', () => {
  expect(csvCell('\u001b[31mred\u0007\u009b')).toBe('"\\u001b[31mred\\u0007\\u009b"');
});

it('what turns text around is spelled out, and hides no formula', () => {
  expect(csvCell('a\u202Efdp.exe\u2066\u2028')).toBe('"a\\u202efdp.exe\\u2066\\u2028"');
  expect(csvCell('\u200E=1')).toBe('"\\u200e=1"');
});

it('any text comes back from a reader of RFC 4180, and no cell begins as a formula', () => {
  const unspelled = (text = '') =>
    text.replace(/\\u([0-9a-f]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (cells) => {
      const [read = []] = parseCsv(csvLine(cells));
      expect(read).toHaveLength(cells.length);
      read.forEach((cell, index) => {
        const sent = unspelled(cells[index]);
        expect([sent, `'${sent}`]).toContain(unspelled(cell));
        expect(cell).not.toMatch(/^\s*[=+\-@]/);
      });
    }),
    { examples: [[['\u2028', '\u202E=1', '\u007F', 'x']]] },
  );
});

it('a line of JSON is one line that hides nothing, and means what was said', () => {
  const value = { text: 'a\nb\u2028c\u202Ed\u009be"' };
  const line = jsonLine(value);
  expect(line.split('\n')).toHaveLength(2);
  expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(line)).toEqual(value);
});
