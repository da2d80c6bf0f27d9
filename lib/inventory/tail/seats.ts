import { AppError } from '@/lib/core/errors';

/** How many streams one process keeps open, and how many of them for one person. */
export function createSeats({
  max,
  perPersonMax,
  ownSays = `You watch ${perPersonMax} live lists already. Close one.`,
  allSays = 'Too many people watch live lists just now. Try later.',
}: {
  max: number;
  perPersonMax: number;
  /** What is said where the person, or all people, have no seat left. */
  ownSays?: string;
  allSays?: string;
}) {
  const taken = new Map<string, number>();
  let total = 0;
  return {
    /** Returns how to give it back. Throws `rate_limited` where there is none left. */
    take(person: string): () => void {
      const own = taken.get(person) ?? 0;
      if (own >= perPersonMax) throw new AppError('rate_limited', ownSays);
      if (total >= max) throw new AppError('rate_limited', allSays);
      taken.set(person, own + 1);
      total += 1;
      let isGiven = false;
      return () => {
        if (isGiven) return;
        isGiven = true;
        total -= 1;
        const left = (taken.get(person) ?? 1) - 1;
        if (left === 0) taken.delete(person);
        else taken.set(person, left);
      };
    },
  };
}
