import { describe, expect, test } from 'vitest';
import { missingSentences, previewWords } from './labels';

const none = { rise: { probation: 0, trusted: 0 }, fall: { observed: 0, probation: 0 } };

describe('in words', () => {
  test('what is missing says what to do, or until when', () => {
    const at = new Date('2026-12-03T12:00:00Z');
    expect(
      missingSentences({
        ...{ level: 'observed', next: 'probation' },
        missing: [
          { lack: 'owner', at: null },
          { lack: 'observed_days', at },
        ],
      }),
    ).toEqual([
      'Nobody answers for it. Name an owner.',
      'It was not seen for long enough. It has to act, and time to pass. This lasts until 2026-12-03 12:00 UTC.',
    ]);
  });

  test.each([
    [{ ...none, stay: 0, isBounded: false }, 'No identity is active, so none would rise or fall.'],
    [
      { ...none, stay: 1, isBounded: false },
      'Of 1 active identity, none would rise, none would fall, and 1 would stay.',
    ],
    [
      {
        ...{ rise: { probation: 2, trusted: 1 }, fall: { observed: 1, probation: 0 } },
        ...{ stay: 1200, isBounded: false },
      },
      'Of 1,204 active identities, 3 would rise (2 to Probation, 1 to Trusted), 1 would fall to Observed, and 1,200 would stay.',
    ],
    [
      { ...none, stay: 10_000, isBounded: true },
      'Of the 10,000 active identities that were registered first, none would rise, none would fall, and 10,000 would stay. There are more, which were not counted.',
    ],
  ])('what rules come to is told, %#', (preview, words) => {
    expect(previewWords(preview)).toBe(words);
  });
});
