import { z } from 'zod';
import { OfPerson } from '../members/schema';

/** What the issuer calls a person: the `sub` that stands in the refusal on record. */
const Subject = z
  .string()
  .trim()
  .min(1, 'Enter the subject.')
  .max(255, 'A subject has 255 characters at most.');

export const SsoSubject = z.object({ issuer: z.string(), subject: Subject });
export type SsoSubject = z.output<typeof SsoSubject>;

export const LinkPerson = OfPerson.extend({ subject: Subject });
export type LinkPerson = z.input<typeof LinkPerson>;
