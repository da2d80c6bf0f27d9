import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from './turns';

test('work is done one after the other, in the order it was asked for, also after a failure', async () => {
  const takeTurn = createTurns(10_000);
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
  const takeTurn = createTurns(20);
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
