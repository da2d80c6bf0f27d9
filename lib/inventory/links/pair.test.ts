import { describe, expect, it, test } from 'vitest';
import { type Match, type PromptMatch, pairCalls, pairPrompts } from './pair';
import type { Told } from './schema';

const at = new Date('2026-11-25T10:00:00Z');
const told = (position: number, change: Partial<Told> & { afterMs?: number } = {}): Told => ({
  place: {
    receivedAt: new Date(at.getTime() + (change.afterMs ?? position)),
    shard: 1,
    position: BigInt(position),
  },
  preference: change.preference ?? 1,
  reporter: change.reporter ?? 'a',
});
const uncountedOf = (matches: Match[]) =>
  pairCalls(matches).links.map(({ entry, other, uncounted }) =>
    Number((uncounted === 'this' ? entry : other).position),
  );

describe('two entries with one id', () => {
  const first = told(0);
  it.each([
    ['a log counts, not the span before it', told(1, { preference: 0 }), [0]],
    ['a span counts, not the metric after it', told(1, { preference: 2 }), [1]],
    ['of two reporters the first counts', told(1, { reporter: 'b' }), [1]],
    ['of one reporter and signal both count', told(1), []],
    ['three days apart both count', told(1, { preference: 0, afterMs: 3 * 86_400_000 }), []],
  ])('%s', (_, entry, expected) => {
    expect(uncountedOf([{ key: 'k', entry, known: first }])).toEqual(expected);
  });

  it('lead those that follow to the one that counts', () => {
    const log = told(1, { preference: 0 });
    const matches = [
      log,
      told(2, { reporter: 'b' }),
      told(3, { preference: 0, reporter: 'b' }),
    ].map((entry) => ({ key: 'k', entry, known: first }));
    expect(uncountedOf(matches)).toEqual([0, 2, 3]);
    expect(pairCalls(matches).moved.get('k')).toBe(log);
  });

  it('are linked once, though they share two ids', () => {
    const entry = told(1, { preference: 0 });
    expect(
      pairCalls([
        { key: 'k', entry, known: first },
        { key: 'l', entry, known: first },
      ]).links,
    ).toHaveLength(1);
  });
});

test('a million entries with one id are a million steps', () => {
  const known = told(0);
  const matches = Array.from({ length: 200_000 }, (_, n) => ({
    key: 'k',
    entry: told(n + 1, { preference: n % 2, reporter: String(n % 3) }),
    known,
  }));
  const started = performance.now();
  expect(pairCalls(matches).links.length).toBeGreaterThan(100_000);
  expect(performance.now() - started).toBeLessThan(5_000);
});

describe('by prompt', () => {
  const match = (entry: number, known: number, seconds: number): PromptMatch => ({
    key: `known ${known}`,
    ownKey: `own ${entry}`,
    entry: told(entry, { preference: 0 }),
    known: told(known),
    gapNs: BigInt(seconds * 1e9),
  });
  const pairs = (matches: PromptMatch[], linked: string[] = []) =>
    pairPrompts(matches, new Set(linked)).links.map(
      ({ entry, other }) => `${entry.position} ${other.position}`,
    );

  it('each pairs with one, the closest first', () => {
    expect(pairs([match(2, 0, 3), match(2, 1, 1), match(3, 1, 0.5), match(3, 0, 4)])).toEqual([
      '3 1',
      '2 0',
    ]);
  });
  it('nothing pairs that ended more than 5 s apart, or that an id has paired', () => {
    expect(pairs([match(1, 0, 5.1)])).toEqual([]);
    expect(pairs([match(1, 0, 5)])).toEqual(['1 0']);
    expect(pairs([match(1, 0, 1)], ['1-0'])).toEqual([]);
  });
});
