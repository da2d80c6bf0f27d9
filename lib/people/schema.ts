import { z } from 'zod';
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

const passwordMin = 12;
const passwordMax = 1024;

/** Long enough, and not what a guesser tries first. No rules of composition (NIST SP 800-63B §3.1.1.2). */
export const NewPassword = z
  .string()
  .min(passwordMin, `Use ${passwordMin} characters or more.`)
  .max(passwordMax, `Use ${passwordMax} characters at most.`)
  .refine((password) => !isTrivial(password), 'That is among the first guesses. Choose another.');

/** Bounded, so that hashing cannot be made to work on megabytes. */
export const Credentials = z.object({
  email: z.string().trim().toLowerCase().min(1).max(254),
  password: z.string().min(1).max(passwordMax),
});
export type Credentials = z.infer<typeof Credentials>;

const trivialStems = [
  'password',
  'passwort',
  'passphrase',
  'letmein',
  'welcome',
  'administrator',
  'admin',
  'sallyport',
  'changeme',
  'secret',
  'qwertyuiop',
  'qwertyui',
  'qwerty',
  'qwertz',
  'asdfghjkl',
  'zxcvbnm',
  'iloveyou',
  'abcdefghijkl',
  'abc',
  'monkey',
  'dragon',
  'test',
  'root',
];

const runs = '01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm';

/** A common word and some digits, one short piece repeated, or a run of neighbouring keys. */
function isTrivial(password: string): boolean {
  if (new Set(password).size < 5) return true;
  if (/^(.{1,6})\1+.{0,5}$/s.test(password)) return true;
  if (runs.includes(password.toLowerCase())) return true;
  const lower = password.toLowerCase().replace(/^[^a-z@$]+|[^a-z@$]+$/g, '');
  return [lower, lower.replace(/[@0$13]/g, (sign) => letterBySign[sign] ?? '')].some((text) => {
    const letters = text.replace(/[^a-z]/g, '');
    return trivialStems.some((stem) => letters.replaceAll(stem, '') === '');
  });
}

const letterBySign: Record<string, string> = { '@': 'a', '0': 'o', $: 's', '1': 'i', '3': 'e' };

/** A zone of the IANA database that this runtime knows. */
export const TimeZone = z
  .string()
  .max(64)
  .refine((zone) => isTimeZone(zone), 'Choose a time zone from the list.');

const singleLine = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u;
const nameOf = (what: string) =>
  z
    .string()
    .trim()
    .min(1, `Enter ${what}.`)
    .max(120, 'Use 120 characters at most.')
    .regex(singleLine, 'Use one line of visible characters.');

export const OrganisationName = nameOf("the organisation's name");

/** What the set-up page asks for. */
export const Setup = z.object({
  code: z.string().min(1, 'Enter the code from the terminal.').max(100),
  organisation: OrganisationName,
  timeZone: TimeZone,
  name: nameOf('your name'),
  email: Email,
  password: NewPassword,
});
export type Setup = z.infer<typeof Setup>;
