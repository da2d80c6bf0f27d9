type Times<Runs extends readonly unknown[]> = { [Run in keyof Runs]: number[] };

/** In turns, so that whatever else the machine does falls on all alike; the first turn warms and is not counted. */
export async function times<const Runs extends readonly (() => Promise<unknown>)[]>(
  runs: Runs,
  count: number,
): Promise<Times<Runs>> {
  const taken: number[][] = runs.map(() => []);
  for (let round = 0; round <= count; round += 1) {
    for (const [index, run] of runs.entries()) {
      const started = performance.now();
      await run();
      if (round > 0) taken[index]?.push(performance.now() - started);
    }
  }
  // One list of times for each run.
  return taken as Times<Runs>;
}
