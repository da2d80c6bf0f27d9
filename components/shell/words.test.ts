import { expect, test } from 'vitest';
import { initialsOf } from './account-menu';
import { agoOf } from './instrument';

test('two letters stand for a name, also for one of a single word or of none', () => {
  const cases = {
    'Ada Lovelace': 'AL',
    'ada king noel byron': 'AB',
    ada: 'A',
    'Ünal Öz': 'ÜÖ',
    ' ': '?',
  };
  for (const [name, initials] of Object.entries(cases)) expect(initialsOf(name)).toBe(initials);
});

test('how long ago is told in the largest unit that fits, and the future is now', () => {
  const now = new Date('2026-11-23T09:00:00Z');
  const ago = (seconds: number) => agoOf(new Date(now.getTime() - seconds * 1000), now);
  expect([-5, 0, 59, 60, 3599, 3600, 86_399, 86_400, 864_000].map(ago)).toEqual([
    '0 s',
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h',
    '23 h',
    '1 d',
    '10 d',
  ]);
});
