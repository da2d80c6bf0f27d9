import { describe, expect, it } from 'vitest';
import { AppendQueue, type PendingAppend } from './append-queue';

const limits = { itemsMax: 100, bytesMax: 1000 };
const all = { rowsMax: 1_000, bytesMax: 1e9, requestsMin: 1 };

function pending(reporter: string, items: number, bytes = 1): PendingAppend {
  // Only its length is looked at.
  const refused = Array.from({ length: items }, () => ({})) as PendingAppend['refused'];
  return { reporter, entries: [], refused, bytes, queuedAtMs: 0, resolve() {}, reject() {} };
}

const filled = (...requests: PendingAppend[]) => {
  const queue = new AppendQueue(limits);
  for (const request of requests) queue.push(request);
  return queue;
};
const names = (requests: PendingAppend[]) => requests.map(({ reporter }) => reporter).join('');

describe('the append queue', () => {
  it('takes one request of each reporter in turn', () => {
    const queue = filled(...'aaabbc'.split('').map((reporter) => pending(reporter, 1)));
    expect(names(queue.take(all))).toBe('abcaba');
  });

  it('keeps the turns between groups', () => {
    const queue = filled(...'aaab'.split('').map((reporter) => pending(reporter, 1)));
    expect(names(queue.take({ ...all, rowsMax: 1 }))).toBe('a');
    expect(names(queue.take({ ...all, rowsMax: 1 }))).toBe('b');
    expect(names(queue.take({ ...all, rowsMax: 1 }))).toBe('a');
  });

  it('bounds a group by rows and bytes, and still takes what alone is larger', () => {
    const queue = filled(pending('a', 50), pending('b', 50, 900), pending('c', 1, 900));
    expect(names(queue.take({ rowsMax: 10, bytesMax: 1e9, requestsMin: 1 }))).toBe('a');
    expect(names(queue.take({ rowsMax: 1_000, bytesMax: 1_000, requestsMin: 0 }))).toBe('b');
    expect(names(queue.take({ rowsMax: 1_000, bytesMax: 100, requestsMin: 0 }))).toBe('');
  });

  it('half full, sends away whoever holds more than a share; full, everybody', () => {
    const queue = filled(pending('hog', 55), pending('small', 2));
    expect(() => queue.admit('hog')).toThrow('behind');
    expect(() => queue.admit('small')).not.toThrow();
    expect(() => queue.admit('new')).not.toThrow();
    queue.push(pending('third', 50));
    expect(() => queue.admit('new')).toThrow('behind');
  });

  it('knows a hog by bytes too', () => {
    const queue = filled(pending('hog', 1, 700), pending('many', 20, 10));
    expect(() => queue.admit('hog')).toThrow('behind');
    expect(() => queue.admit('many')).not.toThrow();
  });

  it('counts a request until it is settled, not until it is taken', () => {
    const big = pending('a', 120);
    const queue = filled(big);
    queue.take(all);
    expect(() => queue.admit('b')).toThrow('behind');
    queue.settle(big);
    expect(queue.heldItems).toBe(0);
    expect(() => queue.admit('a')).not.toThrow();
  });
});
