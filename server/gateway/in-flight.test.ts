import { describe, expect, test } from 'vitest';
import { InFlight } from './in-flight';

const MB = 1024 * 1024;
const fill = (inFlight: InFlight, reporter: string) => {
  const held = [];
  try {
    for (;;) held.push(inFlight.hold(reporter, 16 * MB));
  } catch {
    return held;
  }
};

describe('what requests under way hold', () => {
  test('leaves another reporter as much as whoever holds most', () => {
    const inFlight = new InFlight();
    expect(fill(inFlight, 'greedy')).toHaveLength(8);
    expect(fill(inFlight, 'another').length).toBeGreaterThanOrEqual(4);
    expect(fill(inFlight, 'a third').length).toBeGreaterThanOrEqual(2);
  });

  test('is free again once released, and released once only', () => {
    const inFlight = new InFlight();
    for (const held of fill(inFlight, 'greedy')) {
      held.release();
      held.release();
    }
    expect(fill(inFlight, 'greedy')).toHaveLength(8);
  });

  test('counts a size that turned out to be another, and refuses what grows beyond', () => {
    const inFlight = new InFlight();
    const small = inFlight.hold('reporter', 1);
    fill(inFlight, 'reporter');
    expect(() => small.resize(16 * MB)).toThrow('Too much');
    small.resize(0);
    expect(() => inFlight.hold('another', 16 * MB)).not.toThrow();
  });
});
