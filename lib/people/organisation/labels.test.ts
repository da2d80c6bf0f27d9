import { expect, test } from 'vitest';
import { removalWords, sizeText } from './labels';

const nothing = { bodyDays: 0, bodyBytes: 0, factDays: 0, factBytes: 0, quarantined: 0 };

test('what goes is named with its days and size, and what does not is left out', () => {
  expect(removalWords(nothing)).toContain('Nothing that is kept today');
  expect(removalWords({ ...nothing, bodyDays: 12, bodyBytes: 1.23e9 })).toContain(
    'removes the content of 12 days (1.2 GB) with',
  );
  expect(
    removalWords({ bodyDays: 1, bodyBytes: 2e6, factDays: 1, factBytes: 3e3, quarantined: 1200 }),
  ).toContain(
    'removes the content of 1 day (2 MB), the facts of 1 day (3 kB) and 1,200 items in quarantine with',
  );
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [12_345_678, '12 MB'],
  [9.9e15, '9,900 TB'],
])('%d is %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
