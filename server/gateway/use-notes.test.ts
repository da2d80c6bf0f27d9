import { expect, test } from 'vitest';
import { UseNotes } from './use-notes';

test('each network of each credential is noted once a minute', () => {
  const notes = new UseNotes();
  expect(notes.take('a', 'Cluster', 0)).toBe(true);
  expect(notes.take('a', 'Cluster', 59_999)).toBe(false);
  expect(notes.take('a', '192.0.2.0/24', 10)).toBe(true);
  expect(notes.take('b', 'Cluster', 10)).toBe(true);
  expect(notes.take('a', 'Cluster', 60_000)).toBe(true);
});

test('whoever has a credential and many addresses makes twenty writes a minute at most', () => {
  const notes = new UseNotes();
  const taken = Array.from({ length: 1_000 }, (_, n) => notes.take('a', `10.0.${n}.0/24`, n));
  expect(taken.filter(Boolean)).toHaveLength(20);
});
