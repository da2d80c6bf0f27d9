import { createSeats } from '@/lib/core/seats';

/** How many streams one process keeps open, and how many of them for one person. */
export const createTailSeats = ({ max, perPersonMax }: { max: number; perPersonMax: number }) =>
  createSeats({
    max,
    perOwnerMax: perPersonMax,
    ownSays: `You watch ${perPersonMax} live lists already. Close one.`,
    allSays: 'Too many people watch live lists just now. Try later.',
  });
