import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askedWords, wordsOf } from './words';

const indexed = (text: string) => new Set([...wordsOf(text)].map(({ word }) => word));
/** Whether the words asked for stand in the text, at the distances asked for. */
function finds(text: string, asked: string): boolean {
  const words = [...wordsOf(text)];
  const wanted = askedWords(asked);
  const [first] = wanted;
  if (first === undefined) return false;
  return words
    .filter(({ word }) => word === first.word)
    .some(({ at }) =>
      wanted.every((each) =>
        words.some(
          ({ word, at: place }) => word === each.word && place - at === each.at - first.at,
        ),
      ),
    );
}

describe('a text', () => {
  it.each([
    ['call send_money now', 'send_money'],
    ['call send_money now', 'send'],
    ['call send_money now', 'money'],
    ['call send_money now', 'send money now'],
    ['call send_money_fast', 'money_fast'],
    ['call sendMoney now', 'sendMoney'],
    ['call sendMoney now', 'send_money'],
    ['call sendMoney now', 'sendMoney now'],
    ['api.getUserById.v2', 'api.getUserById.v2'],
    ['api.getUserById.v2', 'user'],
    ['to ALICE@Bank.example!', 'alice@bank.example'],
    ['to ALICE@Bank.example!', 'bank.example'],
    ['see https://api.evil.example/x?y=1', 'evil.example'],
    ['host 10.0.0.1', '10.0.0.1'],
    ['ref 0af76519-16cd-43dd-8448-eb211c80319c', '0af76519-16cd-43dd-8448-eb211c80319c'],
    ["we don't pay", "don't"],
    ['ｆｕｌｌ ｗｉｄｔｈ', 'full'],
    ['Straße in Zürich', 'ZÜRICH'],
    ['我用支付宝付款', '支付宝'],
    ['東京タワーへ', '東京'],
    [`x${'a'.repeat(100)}`, `x${'a'.repeat(100)}`],
  ])('%j is found by %j', (text, asked) => {
    expect(finds(text, asked)).toBe(true);
  });

  it.each([
    ['send 5 money', 'send_money'],
    ['send money', 'send_money'],
    ['host 10.0.0.12', '10.0.0.1'],
    ['money send', 'send money'],
    ['invoices', 'invoice'],
    ['宝支付', '支付宝'],
  ])('%j is not found by %j', (text, asked) => {
    expect(finds(text, asked)).toBe(false);
  });

  it('is found by each stretch of its own words, whatever it holds', () => {
    const piece = fc.constantFrom(
      'pay',
      'sendMoney',
      'ÄÖ',
      '支付宝',
      '7',
      '_',
      '.',
      ' ',
      '-',
      '@',
      'tHe',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        fc.pre(askedWords(text).length > 0);
        expect(finds(`before ${text} after`, text)).toBe(true);
      }),
    );
  });

  // Lone surrogates too.
  const anything = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
    .map((codes) => String.fromCharCode(...codes));

  it('never throws, and no word is longer than 64', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const words = [...indexed(text), ...askedWords(text).map(({ word }) => word)];
        expect(Math.max(0, ...words.map((word) => word.length))).toBeLessThanOrEqual(64);
      }),
    );
  });
});
