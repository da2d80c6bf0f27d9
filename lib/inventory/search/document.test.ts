import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contentKeyOf } from '@/lib/core/secrets';
import { documentOf, searchLimits } from './document';
import { createWordHash } from './hash-words';
import { searchProblem, searchQuery } from './terms';

const key = contentKeyOf(Buffer.alloc(32, 3));
const hashOf = createWordHash(key);
const plain = (word: string) => word;
const input = (text: string) => documentOf([{ role: 'input', text }], hashOf);

describe('a word', () => {
  it.each(['invoice', '支付', '', 'x'.repeat(64)])('%j is known by 60 bits of its HMAC', (word) => {
    const expected = createHmac('sha256', key.derive('search')).update(word).digest('base64url');
    for (const _ of [1, 2]) expect(hashOf(word)).toBe(expected.slice(0, 10));
  });

  it('has another hash under another key', () => {
    expect(createWordHash(contentKeyOf(Buffer.alloc(32, 4)))('invoice')).not.toBe(
      hashOf('invoice'),
    );
  });
});

describe('a document', () => {
  it('holds no word of the text', () => {
    const { bytes } = input('the marigold invoice') ?? { bytes: Buffer.alloc(0) };
    expect(bytes.readInt32BE()).toBe(3);
    expect(bytes.includes('marigold')).toBe(false);
    expect(bytes.includes(hashOf('marigold'))).toBe(true);
  });

  it('is of what was said and done, not of what was offered or left over', () => {
    const document = documentOf(
      [
        { role: 'tools', text: 'offered' },
        { role: 'attributes', text: 'leftover' },
        { role: 'output', text: 'answer' },
      ],
      hashOf,
    );
    expect(document?.bytes.includes(hashOf('answer'))).toBe(true);
    expect(document?.bytes.includes(hashOf('offered'))).toBe(false);
    expect(document?.bytes.includes(hashOf('leftover'))).toBe(false);
  });

  it('is none where only digests are kept, or nothing is said', () => {
    expect(documentOf([{ role: 'input', text: null }], hashOf)).toBeNull();
    expect(input('…!')).toBeNull();
    expect(documentOf([], hashOf)).toBeNull();
  });

  it('is bounded, and says when words were left out', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `w${index}`).join(' ');
    const document = input(many);
    expect(document?.bytes.readInt32BE()).toBe(searchLimits.words);
    expect(document?.isTruncated).toBe(true);
    expect(input('a '.repeat(searchLimits.chars))?.isTruncated).toBe(true);
    expect(input('short')?.isTruncated).toBe(false);
  });
});

describe('a text that is made to be long', () => {
  const different = Array.from({ length: 30_000 }, (_, n) => n.toString(36)).join(' ');
  const counting = () => {
    const hashed: string[] = [];
    const count = (word: string) => {
      hashed.push(word);
      return hashOf(word);
    };
    return { hashed, count };
  };

  it.each([
    ['words that are all different', different],
    ['identifiers of many parts', different.replaceAll(' ', '_')],
    ['signs that normalising makes longer', '\uFDFA '.repeat(30_000)],
    [
      'a script without spaces',
      String.fromCodePoint(...Array.from({ length: 30_000 }, (_, n) => 0x4e00 + (n % 20_000))),
    ],
  ])('costs no more than the words that are kept: %s', (_what, text) => {
    const { hashed, count } = counting();
    const document = documentOf([{ role: 'input', text }], count);
    expect(document?.isTruncated).toBe(true);
    expect(hashed.length).toBeLessThanOrEqual(searchLimits.words);
    expect(new Set(hashed).size).toBe(hashed.length);
    // No more than a few milliseconds; a slow machine gets ten times as long.
    const startedMs = performance.now();
    for (let n = 0; n < 10; n += 1) documentOf([{ role: 'input', text }], count);
    expect((performance.now() - startedMs) / 10).toBeLessThan(100);
  });
});

describe('a search', () => {
  it.each([
    [['invoice'], "('invoice')"],
    [['invoice', 'two seats'], "('invoice') & ('two' <1> 'seats')"],
    [['send_money'], "('send_money')"],
    [['pay send_money now'], "('pay' <1> 'send_money' <2> 'now')"],
    [['invoice', '-refund'], "('invoice') & !('refund')"],
  ])('for %j is %s', (terms, query) => {
    expect(searchQuery(terms, plain)).toBe(query);
  });

  it.each([
    [['-refund'], 'beside those to leave out'],
    [['invoice', '…'], 'neither a letter nor a digit'],
  ])('for %j is refused in a sentence', (terms, sentence) => {
    expect(searchProblem(terms)).toContain(sentence);
    expect(searchQuery(terms, plain)).toBeNull();
  });
});
