import { expect, it } from 'vitest';
import { type Attempt, afterFailure, afterSuccess } from './attempt';

const usual: Attempt = { entriesMax: 1_000, failures: 0, notBeforeMs: 0 };

it('a batch that fails is tried again with half as many entries, later and later', () => {
  const tried: Attempt[] = [];
  for (let attempt = usual; tried.length < 12; ) {
    attempt = afterFailure(attempt, 0);
    tried.push(attempt);
  }
  expect(tried.slice(0, 3)).toEqual([
    { entriesMax: 500, failures: 1, notBeforeMs: 500 },
    { entriesMax: 250, failures: 2, notBeforeMs: 1_000 },
    { entriesMax: 125, failures: 3, notBeforeMs: 2_000 },
  ]);
  expect(tried.at(-1)).toEqual({ entriesMax: 1, failures: 12, notBeforeMs: 60_000 });
});

it('one that succeeds brings the usual size back, step by step', () => {
  const small = { entriesMax: 300, failures: 4, notBeforeMs: 9_000 };
  const next = afterSuccess(small, 1_000);
  expect(next).toEqual({ entriesMax: 600, failures: 0, notBeforeMs: 0 });
  expect(afterSuccess(next, 1_000).entriesMax).toBe(1_000);
});
