import { describe, expect, it } from 'vitest';
import { foldName } from './fold-name';
import { resemblanceAmong } from './resemble';

const among = resemblanceAmong(
  ['billing-agent', 'crawler.v2', 'ops'].map((name) => ({ name, names: [] })),
);
const lookAlike = (declaredName: string) => {
  const found = among({ declaredName, declaredId: null, service: null });
  return found?.how === 'alike' ? found.name : null;
};

describe('a declared name that people may take for a registered one', () => {
  it.each([
    ['Cyrillic letters', 'b\u0456lling-\u0430gent'],
    ['Greek letters', 'billing-\u03B1gent'],
    ['capitals', 'Billing-Agent'],
    ['a mark over a letter', 'billing-\u00E1gent'],
    ['a zero-width space', 'billing\u200B-agent'],
    ['a reordering character', '\u202Ebilling-agent'],
    ['full width', '\uFF42\uFF49\uFF4C\uFF4C\uFF49\uFF4E\uFF47-agent'],
    ['a digit for a letter', 'bi11ing-agent'],
    ['another dash', 'billing\u2010agent'],
    ['an underscore', 'billing_agent'],
    ['a space around it', ' billing agent '],
  ])('by %s', (_how, name) => {
    expect(lookAlike(name)).toBe('billing-agent');
  });

  it.each(['billing-agent', 'billing-agents', 'ghost', 'o', '', '\u200B', '---', '请求'])(
    'is not %j',
    (name) => {
      expect(lookAlike(name)).toBeNull();
    },
  );

  it('takes what anyone can send, however long', () => {
    expect(foldName('\uFDFA'.repeat(100_000)).length).toBeLessThan(20_000);
    expect(foldName('\uD800')).toBe('\uD800');
  });
});
