import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from './turns';

test('work is done one after the other, in the order it was asked for, also after a failure', async () => {
  const takeTurn = createTurns(1, 10_000);
  const done: string[] = [];
  const work = (name: string) => async () => {
    done.push(`${name} begins`);
    await sleep(5);
    done.push(`${name} ends`);
    if (name === 'b') throw new Error(name);
  };
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((name) => takeTurn(work(name))));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

// If this fails, one projection that waits for a lock stops all others.
test('whoever takes too long keeps the next waiting no longer', async () => {
  const takeTurn = createTurns(1, 20);
  let release = () => {};
  const stuck = takeTurn(
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  expect(await takeTurn(async () => 'next')).toBe('next');
  release();
  await stuck;
});

test('as many at once as are asked for, and no more after one that took too long', async () => {
  const takeTurn = createTurns(2, 10);
  let running = 0;
  let most = 0;
  const work = (ms: number) => async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(ms);
    running -= 1;
  };
  await Promise.all([5, 5, 5, 5].map((ms) => takeTurn(work(ms))));
  expect(most).toBe(2);
  await takeTurn(work(40));
  most = 0;
  await Promise.all([5, 5, 5, 5].map((ms) => takeTurn(work(ms))));
  expect(most).toBe(2);
});
