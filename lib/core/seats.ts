import { AppError } from './errors';

/** How many of something go on at once in this process, and how many of them for one owner. */
export function createSeats({
  max,
  perOwnerMax,
  ownSays,
  allSays,
  retryAfterSeconds,
}: {
  max: number;
  perOwnerMax: number;
  /** What is said where the owner, or all owners, have no seat left. */
  ownSays: string;
  allSays: string;
  retryAfterSeconds?: number;
}) {
  const taken = new Map<string, number>();
  let total = 0;
  const refusal = (sentence: string) =>
    new AppError(
      'rate_limited',
      sentence,
      retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
    );
  return {
    /** Returns how to give it back. Throws `rate_limited` where there is none left. */
    take(owner: string): () => void {
      const own = taken.get(owner) ?? 0;
      if (own >= perOwnerMax) throw refusal(ownSays);
      if (total >= max) throw refusal(allSays);
      taken.set(owner, own + 1);
      total += 1;
      let isGiven = false;
      return () => {
        if (isGiven) return;
        isGiven = true;
        total -= 1;
        const left = (taken.get(owner) ?? 1) - 1;
        if (left === 0) taken.delete(owner);
        else taken.set(owner, left);
      };
    },
  };
}
