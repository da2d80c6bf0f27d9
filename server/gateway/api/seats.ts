import { createSeats } from '@/lib/core/seats';

/** Reads at once; one connection more than this is there, so that keys can always be checked. */
const atOnceMax = 3;
const atOncePerKey = 2;
const again = 'Send this again after the time in Retry-After.';

/** Reads take time at the database, so only a few go on at once, and one key never has them all. */
export const createApiSeats = () =>
  createSeats({
    max: atOnceMax,
    perOwnerMax: atOncePerKey,
    ownSays: `This key has ${atOncePerKey} requests under way. ${again}`,
    allSays: `Too many requests are under way. ${again}`,
    retryAfterSeconds: 1,
  });
