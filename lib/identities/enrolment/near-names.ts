import { skeletonOf } from './skeleton';

const distanceMax = 2;
const shortMax = 5;
const nearMax = 5;

/**
 * Names that somebody in a hurry could take a name for: they look like it but for a letter or two. Those that look
 * exactly like it are refused before anybody is asked.
 */
export function nearNames(name: string, names: readonly string[]): string[] {
  const own = skeletonOf(name);
  const max = own.length <= shortMax ? 1 : distanceMax;
  return names
    .map((other) => ({ other, distance: distanceOf(own, skeletonOf(other), max) }))
    .filter(({ distance }) => distance <= max)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, nearMax)
    .map(({ other }) => other);
}

/** How many letters are to be put in, left out, exchanged or swapped; more than `max` is told as `max + 1`. */
function distanceOf(one: string, other: string, max: number): number {
  if (Math.abs(one.length - other.length) > max) return max + 1;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped =
        i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = last;
    last = row;
    if (Math.min(...row) > max) return max + 1;
  }
  return last[other.length] ?? max + 1;
}
