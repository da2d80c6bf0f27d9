import { expect, test } from 'vitest';
import { stopSentences } from './shown';

const nothing = {
  credentials: [],
  sessions: 0,
  hours: [0, 0],
  people: 0,
  only: { count: 0, some: [] },
  silenced: { count: 0, some: [] },
  told: [],
};

test('of one that does nothing it is said that nothing stops', () => {
  expect(stopSentences(nothing)).toEqual([
    'Nothing arrived of it in the last 24 hours.',
    'It has no credential that works.',
  ]);
});

test('what would stop is said by kind, and long lists are cut', () => {
  const some = ['a', 'b', 'c', 'd'].map((name) => ({ kind: 'tool', name }));
  expect(
    stopSentences({
      credentials: [
        { kind: 'ingest_key', live: 1 },
        { kind: 'public_key', live: 2 },
      ],
      sessions: 1,
      hours: [1200, 4],
      people: 2,
      only: { count: 60, some },
      silenced: { count: 1, some: [{ id: '1', name: 'relay' }] },
      told: [{ id: '2', name: 'Ada' }],
    }),
  ).toEqual([
    '1,204 interactions arrived of it in the last 24 hours, and 1 session in the last hour.',
    'It acted for 2 people in a day.',
    '3 credentials of it prove nothing any more.',
    'Nobody else used in 7 days: a, b, c and 57 more.',
    'Nobody else reports for: relay.',
    'Told of it: Ada.',
  ]);
});
