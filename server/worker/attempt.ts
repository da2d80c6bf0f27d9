/** How a projection goes about the next batch of a shard. */
export type Attempt = {
  entriesMax: number;
  /** In a row. */
  failures: number;
  /** In milliseconds of this process. */
  notBeforeMs: number;
};

const pauseMinMs = 500;
const pauseMaxMs = 60_000;

/** Half as much, after twice the pause: what is too much for one batch is not, soon. */
export function afterFailure({ entriesMax, failures }: Attempt, nowMs: number): Attempt {
  return {
    entriesMax: Math.max(1, Math.floor(entriesMax / 2)),
    failures: failures + 1,
    notBeforeMs: nowMs + Math.min(pauseMinMs * 2 ** failures, pauseMaxMs),
  };
}

/** Twice as much again, up to the usual. */
export function afterSuccess({ entriesMax }: Attempt, usualMax: number): Attempt {
  return { entriesMax: Math.min(entriesMax * 2, usualMax), failures: 0, notBeforeMs: 0 };
}
