/** Eight tries over about a day; after the last one it is dead. */
export const triesMax = 8;
const firstPauseMs = 80_000;
const growth = 3;
const jitter = 0.2;

/** How long to wait after so many tries, a fifth more or less so that what failed together is not tried together. */
export const pauseAfter = (tries: number, random: number = Math.random()): number =>
  Math.round(firstPauseMs * growth ** (tries - 1) * (1 - jitter + 2 * jitter * random));
