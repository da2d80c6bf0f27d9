import { expect, test } from 'vitest';
import type { Instrument } from '../health/schema';
import { needsOf } from './needs';

const well: Instrument = {
  ingest: { tone: 'on', word: 'On', sentence: '' },
  projections: { tone: 'on', word: 'Keeping up', sentence: '' },
  lagMs: 40,
  quarantined: { count: 0, isMore: false },
};

const none = { count: 0, isMore: false };

test('nothing waits while all is well', () => {
  expect(needsOf(well, { shadow: none, behind: none, unowned: 0 })).toEqual([]);
});

test('what waits stands worst first, and each leads somewhere', () => {
  const needs = needsOf(
    {
      ...well,
      ingest: { tone: 'bad', word: 'Stopped', sentence: 'No gateway has reported.' },
      quarantined: { count: 10_000, isMore: true },
    },
    {
      shadow: { count: 1, isMore: false },
      behind: { count: 100, isMore: true },
      unowned: 0,
    },
  );
  expect(needs.map(({ level }) => level)).toEqual(['critical', 'medium', 'medium', 'medium']);
  expect(needs[0]?.sentence).toBe('Ingest stopped: No gateway has reported.');
  expect(needs[1]?.sentence).toBe(
    '1 unregistered actor acts, and nobody has registered or ignored it',
  );
  expect(needs[2]?.sentence).toBe('100+ people act through agents without a second factor shown');
  expect(needs[3]?.sentence).toBe('10,000+ refused items are in quarantine');
  expect(needs.every(({ href }) => href.startsWith('/'))).toBe(true);
});

test('one person is told of as one', () => {
  const one = { count: 1, isMore: false };
  expect(needsOf(well, { shadow: none, behind: one, unowned: 0 })[0]?.sentence).toBe(
    '1 person acts through agents without a second factor shown',
  );
});

test('people who are too many to be counted are told of all the same', () => {
  expect(needsOf(well, { shadow: none, behind: null, unowned: 0 })[0]?.sentence).toBe(
    'More people act through agents without a second factor shown than can be counted here',
  );
});

test('identities that nobody answers for are one line, however many', () => {
  const sentences = [1, 3, 1200].map((unowned) =>
    needsOf(well, { shadow: none, behind: none, unowned }).map(({ sentence }) => sentence),
  );
  expect(sentences).toEqual([
    ['1 identity has no owner'],
    ['3 identities have no owner'],
    ['1,200 identities have no owner'],
  ]);
});

test('external APIs of unverified origin are told one by one, three at most', () => {
  const strange = ['a', 'b', 'c', 'd'].map((id) => ({ id, name: `api-${id}` }));
  const needs = needsOf(well, { shadow: none, behind: none, unowned: 0, strange });
  expect(needs.map(({ level, href }) => [level, href])).toEqual([
    ['high', '/identities/a/origin'],
    ['high', '/identities/b/origin'],
    ['high', '/identities/c/origin'],
  ]);
  expect(needs[0]?.sentence).toContain('The origin of api-a is unverified');
});

test('a tool that is defined otherwise than was approved goes before what was never approved', () => {
  const sentences = [
    { resources: 4, changed: 1 },
    { resources: 4, changed: 0 },
  ].map((definitions) =>
    needsOf(well, { shadow: none, behind: none, unowned: 0, definitions }).map(
      ({ level, sentence }) => [level, sentence],
    ),
  );
  expect(sentences).toEqual([
    [['high', '1 tool or server is defined otherwise than was approved']],
    [['medium', '4 tools and servers have definitions that nobody approved']],
  ]);
});
