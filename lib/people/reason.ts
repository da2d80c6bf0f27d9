import { z } from 'zod';

/** Why, in the words of whoever does it: somebody will ask. */
export const Reason = z
  .string('Say why.')
  .trim()
  .min(1, 'Say why.')
  .max(1000, 'A reason has 1,000 characters at most.')
  // Marks that are not seen are parts of words in some scripts.
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u, 'A reason is one line of text.');
