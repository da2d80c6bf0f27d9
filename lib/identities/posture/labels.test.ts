import { expect, test } from 'vitest';
import { factWords, reachWords, validityWords, valueWords } from './labels';

test.each([
  [1, '1 minute'],
  [90, '90 minutes'],
  [60, '1 hour'],
  [1440, '1 day'],
  [10080, '7 days'],
])('%i minutes are %s', (minutes, words) => {
  expect(validityWords(minutes)).toBe(words);
});

test('facts and values read as words', () => {
  expect(factWords('disk_encrypted')).toBe('Disk encrypted');
  expect([true, false, 3, '2.5'].map(valueWords)).toEqual(['Yes', 'No', '3', '2.5']);
});

test('of whom an attester may say it is named, and what is not shown is counted', () => {
  const base = { identities: ['1', '2', '3', '4', '5'], teamName: null };
  expect(reachWords({ ...base, reach: 'all', named: [] })).toBe('All identities');
  expect(reachWords({ ...base, reach: 'team', teamName: 'Ops', named: [] })).toBe('Team Ops');
  expect(reachWords({ ...base, reach: 'identities', named: ['a', 'b', 'c', 'd'] })).toBe(
    'a, b, c and 2 more',
  );
  expect(reachWords({ ...base, reach: 'identities', named: [] })).toBe('5 identities');
});
