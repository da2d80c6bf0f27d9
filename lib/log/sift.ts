/** After so many are found one by one the rest is no longer looked into: each costs writes of all its neighbours. */
const FOUND_MAX = 4;

/** Entries apart: those the database takes, and the others. */
export type Sifted<Entry> = { taken: Entry[]; refused: Entry[] };

/**
 * Halves what the database refused as a whole, until what it refuses stands alone. Where there is much of that,
 * what has not been taken by then is refused together, so that one request cannot keep the log from all others.
 */
export async function sift<Entry>(
  entries: readonly Entry[],
  isTaken: (part: readonly Entry[]) => Promise<boolean>,
): Promise<Sifted<Entry>> {
  const sifted: Sifted<Entry> = { taken: [], refused: [] };
  let found = 0;
  const split = async (part: readonly Entry[]): Promise<void> => {
    if (part.length <= 1 || found >= FOUND_MAX) {
      found += part.length;
      sifted.refused.push(...part);
      return;
    }
    const middle = Math.ceil(part.length / 2);
    const first = part.slice(0, middle);
    const isFirstTaken = await isTaken(first);
    if (isFirstTaken) sifted.taken.push(...first);
    else await split(first);
    const second = part.slice(middle);
    // What refuses the whole lies in the other half, where it does not lie in the first.
    if (!isFirstTaken && found < FOUND_MAX && (await isTaken(second))) sifted.taken.push(...second);
    else await split(second);
  };
  await split(entries);
  return sifted;
}
