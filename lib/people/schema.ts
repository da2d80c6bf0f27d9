import { z } from 'zod';
import { singleLine } from '@/lib/core/single-line';
import { isTimeZone } from '@/lib/core/time-zone';

/** A person's roles. What the database holds besides these counts for nothing. */
export const roles = ['viewer', 'analyst', 'policy_author', 'approver', 'admin'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

/** Whose: of nobody, of the identities of one's teams, or of all. */
export const Rights = z.enum(['none', 'teams', 'all']);
export type Rights = z.infer<typeof Rights>;

/** The roles among what a row says, in this order. */
export const rolesOf = (texts: readonly string[]): Role[] =>
  roles.filter((role) => texts.includes(role));

export type Person = {
  id: string;
  email: string;
  name: string;
  roles: readonly Role[];
  /** Ids. */
  teams: readonly string[];
  /** Whose activity this person sees. */
  reach: Exclude<Rights, 'none'>;
  /** Rights apart from roles: whose content may be opened and searched, and whose may be taken out. */
  contentRead: Rights;
  contentExport: Rights;
};

/** Compared and stored in lower case, so that one address is one account. */
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'An e-mail address has 254 characters at most.')
  .pipe(z.email('Enter an e-mail address like name@company.example.'));

/** Of a password, so that hashing cannot be made to work on megabytes. */
export const passwordMax = 1024;

export const Credentials = z.object({
  email: z.string().trim().toLowerCase().min(1).max(254),
  password: z.string().min(1).max(passwordMax),
});
export type Credentials = z.infer<typeof Credentials>;

/** A zone of the IANA database that this runtime knows. */
export const TimeZone = z
  .string()
  .max(64)
  .refine((zone) => isTimeZone(zone), 'Choose a time zone from the list.');

/** What people call something. `missing` is said where there is nothing. */
export const nameOf = (missing: string, max = 120) =>
  z
    .string()
    .trim()
    .min(1, missing)
    .max(max, `Use ${max} characters at most.`)
    .regex(singleLine, 'Use one line of visible characters.');

export const OrganisationName = nameOf("Enter the organisation's name.");
export const PasskeyName = nameOf('Enter a name for the passkey.');
export const PersonName = nameOf('Enter your name.');
/** Of a network or a key. */
export const LineName = nameOf('Enter a name.', 80);
