import { z } from 'zod';
import { singleLine } from '@/lib/core/single-line';
import { Reason } from '@/lib/people/reason';
import { findSecrets } from '@/lib/telemetry/redact';
import { dueDays, dueDaysMax } from './due';

const looksSecret =
  'This looks like the secret itself, which is never sent here. Nothing of it was kept; rotate it, since it was sent.';

/** SHA-256 of the secret, in hexadecimal. What is anything else may be the secret, and is not repeated in a sentence. */
const Fingerprint = z
  .string('Give a fingerprint.')
  .trim()
  .toLowerCase()
  .transform((text) => text.replaceAll(':', ''))
  .refine((text) => /^[0-9a-f]{64}$/.test(text), {
    message:
      'A fingerprint is the SHA-256 of the secret: 64 hexadecimal digits. If what was sent is the secret itself, rotate it; nothing of it was kept.',
  });

/** Words for people: what has the shape of a secret, or is one long random word, is refused. */
const Words = (what: string) =>
  z
    .string(`Say ${what}.`)
    .trim()
    .min(1, `Say ${what}.`)
    .max(120, 'Use 120 characters at most.')
    .regex(singleLine, 'Use one line of visible characters.')
    .refine((text) => !isSecretLike(text), looksSecret);

const longRun = 16;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** Whether text has the shape of a known secret, or letters and digits mixed in a run as long as random ones are. */
function isSecretLike(text: string): boolean {
  if (uuid.test(text) || findSecrets(text).length > 0) return true;
  return (text.match(/[A-Za-z0-9]+/g) ?? []).some(
    (run) => run.length >= longRun && /[A-Za-z]/.test(run) && /\d/.test(run),
  );
}

const Days = z
  .number('It is due in whole days.')
  .int('It is due in whole days.')
  .min(1, 'It is due in one day at least.')
  .max(dueDaysMax, `It is due in ${dueDaysMax} days at most.`);
const Owner = z.guid('Choose a person.').nullable().default(null);

export const AddForeignSecret = z.strictObject({
  identityId: z.guid('Choose an identity.'),
  issuer: Words('who gave it'),
  label: Words('what it is for'),
  fingerprint: Fingerprint,
  ownerId: Owner,
  /** The day it was made; today where nobody knows. */
  madeAt: z.date('Say when it was made.').nullable().default(null),
  days: Days.default(dueDays),
});
export type AddForeignSecret = z.input<typeof AddForeignSecret>;

export const ChangeForeignSecret = z.strictObject({
  id: z.guid(),
  issuer: Words('who gave it'),
  label: Words('what it is for'),
  ownerId: Owner,
  reason: Reason,
});
export type ChangeForeignSecret = z.input<typeof ChangeForeignSecret>;

export const RotateForeignSecret = z.strictObject({
  id: z.guid(),
  /** Of the secret that took its place. */
  fingerprint: Fingerprint,
  days: Days.default(dueDays),
  reason: Reason,
});
export type RotateForeignSecret = z.input<typeof RotateForeignSecret>;

export const RemoveForeignSecret = z.strictObject({ id: z.guid(), reason: Reason });
export type RemoveForeignSecret = z.input<typeof RemoveForeignSecret>;

export type ForeignSecret = {
  id: string;
  identity: { id: string; name: string };
  issuer: string;
  label: string;
  /** Hexadecimal. */
  fingerprint: string;
  owner: { id: string; name: string } | null;
  madeAt: Date;
  rotatedAt: Date | null;
  dueAt: Date;
  isOverdue: boolean;
  /** Other identities use the same secret, whether they are shown or not. */
  sharedBy: number;
};
