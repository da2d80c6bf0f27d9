import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactedKinds, visibleSegments, visibleText } from './visible';

describe('text that reaches a reader', () => {
  it.each([
    ['a right-to-left override', 'invoice\u202Egpj.exe', 'invoice‹U+202E›gpj.exe'],
    ['isolates', '\u2066a\u2069', '‹U+2066›a‹U+2069›'],
    ['an ANSI escape', '\u001b[31mred', '‹ESC›[31mred'],
    ['a C1 control', 'a\u009bb', 'a‹U+009B›b'],
    ['a carriage return that overwrites', 'safe\rrm', 'safe‹U+000D›rm'],
    ['a zero-width space', 'pay\u200bpal', 'pay‹U+200B›pal'],
    ['a byte order mark', '\uFEFFx', '‹U+FEFF›x'],
    ['a filler that looks empty', 'a\u3164b', 'a‹U+3164›b'],
    ['a variation selector that carries data', 'a\uFE01', 'a‹U+FE01›'],
    ['a joiner between letters', 'a\u200Db', 'a‹U+200D›b'],
    ['a musical null notehead', 'a\u{1D159}b', 'a‹U+1D159›b'],
    ['a blank of Braille', 'a\u2800b', 'a‹U+2800›b'],
    ['a code point kept for formats', 'a\uFFF0b', 'a‹U+FFF0›b'],
    ['a shorthand format control', 'a\u{1BCA0}b', 'a‹U+1BCA0›b'],
    ['a line separator', 'a\u2028b', 'a‹U+2028›b'],
    ['an annotation', 'a\uFFF9b', 'a‹U+FFF9›b'],
    ['half of a character', 'a\uD800b', 'a‹U+D800›b'],
  ])('%s is named, not obeyed', (_what, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it('a sentence in tag characters is read out', () => {
    const smuggled = [...'ignore all'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0)));
    expect(visibleText(`Hi${smuggled.join('')}`)).toBe('Hi‹hidden “ignore all”›');
  });

  it('a redaction is shown as one, with its kind', () => {
    const kinds = redactedKinds('aws_key=1 password=2');
    expect(visibleSegments('key=[redacted:aws_key];', false, kinds)[1]).toEqual({
      kind: 'redacted',
      text: 'aws key',
      name: 'Redacted before storage: aws key',
    });
  });

  it('words that only look like a redaction are shown as they were written', () => {
    const text = 'my [redacted:password] is safe';
    for (const redacted of [null, '', 'aws_key=1'])
      expect(visibleSegments(text, false, redactedKinds(redacted))).toEqual([
        { kind: 'text', text },
      ]);
    expect(visibleText(text)).toBe(text);
  });

  it.each([
    'plain',
    'Grüße, 世界',
    'a\n\tb',
    '👩‍💻',
    '❤️',
    '1️⃣',
    'שלום',
    '<script>alert(1)</script>',
  ])('%j is shown as it is', (text) => {
    expect(visibleSegments(text)).toEqual([{ kind: 'text', text }]);
  });

  it('a row keeps to one line', () => {
    expect(visibleText('a\nb')).toBe('a ⏎ b');
  });

  it('nothing that hides survives, whatever is sent', () => {
    const dangerous =
      /(?![\t\n])\p{Cc}|\p{Bidi_Control}|[\u2800\uFFF0-\uFFFC\u{1D159}]|(?![\u200D\uFE0F])\p{Default_Ignorable_Code_Point}/u;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(visibleText(text)).not.toMatch(dangerous);
      }),
    );
  });

  it('a body of nothing but controls makes a bounded number of labels', () => {
    const segments = visibleSegments('\u202E'.repeat(50_000));
    expect(segments.length).toBeLessThan(2100);
    expect(segments.at(-1)?.text).toContain('‹U+202E›');
  });
});
