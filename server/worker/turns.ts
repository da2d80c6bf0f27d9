export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * So many pieces of work at once, in the order in which they were asked for, so that all of it leaves processors
 * to whatever else the machine does. One that takes longer than `patienceMs` goes on, and from then on keeps
 * nobody waiting.
 */
export function createTurns(atOnce: number, patienceMs: number): TakeTurn {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  const pass = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let isPassed = false;
    const end = () => {
      if (!isPassed) pass();
      isPassed = true;
    };
    const timer = setTimeout(end, patienceMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      end();
    }
  };
}
