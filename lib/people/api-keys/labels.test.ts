import { expect, test } from 'vitest';
import { expiryWords } from './labels';

test.each([
  [90 * 24, 'in 90 days'],
  [48, 'in 2 days'],
  [47.9, 'in 47 hours'],
  [1.5, 'in 1 hour'],
  [0.5, 'within the hour'],
  [-1, 'within the hour'],
])('in %d hours a key expires %s', (hours, words) => {
  const now = new Date('2026-11-30T12:00:00Z');
  expect(expiryWords(new Date(now.getTime() + hours * 3_600_000), now)).toBe(words);
});
