import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockText, layTimeline, scaleWidth } from './timeline';

const minute = 60_000;

describe('a timeline', () => {
  it('scales bars to the session', () => {
    const { bars, gaps, lengthMs } = layTimeline([
      { atMs: 0, tookMs: 1000 },
      { atMs: 250, tookMs: 500 },
    ]);
    expect(bars).toEqual([
      { x: 0, width: 1000 },
      { x: 250, width: 500 },
    ]);
    expect(gaps).toEqual([]);
    expect(lengthMs).toBe(1000);
  });

  it('keeps what took no time wide enough to be seen, also at the very end', () => {
    const { bars } = layTimeline([
      { atMs: 0, tookMs: 1000 },
      { atMs: 1000, tookMs: 0 },
      { atMs: 500, tookMs: null },
    ]);
    expect(bars[1]).toEqual({ x: 992, width: 8 });
    expect(bars[2]).toEqual({ x: 500, width: 8 });
  });

  it('draws a silence of over ten minutes short, and says how long it was', () => {
    const { bars, gaps } = layTimeline([
      { atMs: 0, tookMs: minute },
      { atMs: 61 * minute, tookMs: minute },
    ]);
    expect(gaps).toEqual([{ x: 480, width: 40, fromMs: minute, tookMs: 60 * minute }]);
    expect(bars).toEqual([
      { x: 0, width: 480 },
      { x: 520, width: 480 },
    ]);
    expect(
      layTimeline([
        { atMs: 0, tookMs: 0 },
        { atMs: 10 * minute, tookMs: 0 },
      ]).gaps,
    ).toEqual([]);
  });

  it('begins with the earliest, whatever the order: a child may start before its parent', () => {
    const { bars } = layTimeline([
      { atMs: 100, tookMs: 100 },
      { atMs: 0, tookMs: 100 },
    ]);
    expect(bars.map(({ x }) => x)).toEqual([500, 0]);
  });

  it('shows one moment, and nothing at all, without dividing by zero', () => {
    expect(layTimeline([{ atMs: 5, tookMs: 0 }])).toMatchObject({
      bars: [{ x: 0, width: 8 }],
      ticks: [{ x: 0, atMs: 5 }],
    });
    expect(layTimeline([])).toMatchObject({ bars: [], gaps: [], lengthMs: 0 });
  });

  it('keeps every bar on the scale, whatever times senders claim', () => {
    const timed = fc.record({
      atMs: fc.double({ min: -4e12, max: 4e12, noNaN: true }),
      tookMs: fc.option(fc.double({ min: 0, max: 9e12, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(timed, { maxLength: 60 }), (entries) => {
        const { bars, gaps, ticks } = layTimeline(entries);
        for (const { x, width } of [...bars, ...gaps]) {
          expect(x).toBeGreaterThanOrEqual(-0.001);
          expect(x + width).toBeLessThanOrEqual(scaleWidth + 0.001);
        }
        for (const { atMs } of ticks) expect(Number.isFinite(atMs)).toBe(true);
      }),
    );
  });
});

it.each([
  [312, 900, '312 ms'],
  [1500, 9_000, '1.5 s'],
  [247_400, 300_000, '4:07'],
  [3_847_000, 4_000_000, '1:04:07'],
])('tells %d ms of %d as %s', (ms, lengthMs, text) => {
  expect(clockText(ms, lengthMs)).toBe(text);
});
