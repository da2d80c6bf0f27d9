export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * One piece of work at a time, in the order in which it was asked for, so that all of it together takes no more
 * than one processor from whatever else the machine does. One that takes longer than `patienceMs` goes on, and
 * keeps the next from its turn no longer.
 */
export function createTurns(patienceMs: number): TakeTurn {
  let before: Promise<void> = Promise.resolve();
  return async (work) => {
    const mine = before;
    let end = () => {};
    before = new Promise((resolve) => {
      end = resolve;
    });
    await mine;
    const timer = setTimeout(end, patienceMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      end();
    }
  };
}
