import { describe, expect, it } from 'vitest';
import { judgeCompared } from './judge';
import { differenceText, type Verdict } from './labels';
import type { Compared } from './queries';

const now = new Date('2026-11-25T12:00:00Z');
const compared = (change: Partial<Compared>): Compared => ({
  identity: '00000000-0000-7000-8000-000000000001',
  name: 'returns-agent',
  kind: 'agent',
  metric: 'gen_ai.client.token.usage',
  figure: 'input_tokens',
  hours: { from: new Date('2026-11-25T08:00:00Z'), to: new Date('2026-11-25T11:00:00Z') },
  measured: 1_000,
  counted: 1_000,
  calls: 10,
  costed: 10,
  lastAt: new Date('2026-11-25T11:59:00Z'),
  callsSince: 0,
  implausible: 0,
  unfollowed: 0,
  ...change,
});

describe('what was measured beside what was counted', () => {
  it.each<[Partial<Compared>, Verdict, number | null, RegExp]>([
    [{}, 'alike', 0, /the same/],
    [{ measured: 1_015 }, 'alike', 0.015, /the same/],
    [{ measured: 0, counted: 0, calls: 0 }, 'alike', null, /Nothing was used/],
    [{ measured: 1_500 }, 'more_measured', 0.5, /no entry arrived/],
    [{ measured: 600 }, 'more_counted', -0.4, /lost on the way/],
    [{ measured: 0 }, 'more_counted', -1, /lost on the way/],
    [{ counted: 0, calls: 0 }, 'uncounted', null, /traces or logs are switched off/],
    [{ counted: 0 }, 'untold', null, /10 calls arrived without a word of input tokens/],
    [
      { figure: 'cost', measured: 2, counted: 1, costed: 4 },
      'unpriced',
      null,
      /the cost of 4 is known/,
    ],
    [{ figure: 'cost', measured: 2, counted: 1 }, 'more_measured', 1, /say their cost/],
    [{ hours: null }, 'early', null, /whole hour/],
    [
      { lastAt: new Date('2026-11-25T06:00:00Z'), callsSince: 7 },
      'stopped',
      0,
      /Not measured for 6 h, while 7 calls went on/,
    ],
    [{ lastAt: new Date('2026-11-25T06:00:00Z') }, 'alike', 0, /the same/],
    [{ lastAt: null, hours: null, implausible: 1 }, 'early', null, /1 data point said no/],
    [{ unfollowed: 3 }, 'alike', 0, /3 data points are left out: beyond 2,000 series/],
  ])('%j is %s', (change, verdict, difference, sentence) => {
    const judged = judgeCompared(compared(change), now);
    expect(judged.verdict).toBe(verdict);
    if (difference === null) expect(judged.difference).toBeNull();
    else expect(judged.difference).toBeCloseTo(difference);
    expect(judged.sentence).toMatch(sentence);
  });
});

it.each([
  [0, '0 %'],
  [0.0002, '0 %'],
  [0.004, '+0.4 %'],
  [0.2, '+20 %'],
  [-0.08, '-8 %'],
  [-1, '-100 %'],
  [11, '12 times'],
])('a difference of %s is %s', (share, text) => {
  expect(differenceText(share)).toBe(text);
});
