import { z } from 'zod';
import { Reason } from '@/lib/people/reason';

/** How far an identity is trusted: it rises by the rules of the organisation, and falls with them. */
export const trustLevels = ['observed', 'probation', 'trusted'] as const;
export type TrustLevel = (typeof trustLevels)[number];

/** What an identity may lack for the next level. Closed: it stands on pages. */
export const trustLacks = [
  'owner',
  'sponsor',
  'purpose',
  'zone',
  /** A proof that is no bearer secret. */
  'proof',
  /** Seen for long enough. */
  'observed_days',
  /** On probation for long enough. */
  'probation_days',
  /** A bearer secret was used lately. */
  'bearer_used',
  /** What it is expected to act on. */
  'expects',
  /** Proofs of two classes. */
  'two_proofs',
] as const;
export type TrustLack = (typeof trustLacks)[number];

const days = (otherwise: number) =>
  z
    .number('Say how many days.')
    .int('Whole days only.')
    .min(0, 'No less than no day.')
    .max(365, '365 days at most.')
    .default(otherwise);

/** What each level asks for; a level asks for all that the one before it does. */
export const TrustRules = z.object({
  probation: z
    .object({
      needsOwner: z.boolean().default(true),
      needsSponsor: z.boolean().default(true),
      needsPurpose: z.boolean().default(true),
      needsZone: z.boolean().default(true),
      needsProof: z.boolean().default(true),
      observedDays: days(3),
    })
    .prefault({}),
  trusted: z
    .object({
      probationDays: days(14),
      /** For how long no bearer secret was used; 0 asks for nothing. */
      bearerFreeDays: days(14),
      needsExpects: z.boolean().default(true),
      needsTwoProofs: z.boolean().default(false),
    })
    .prefault({}),
});
export type TrustRules = z.output<typeof TrustRules>;

export const SetTrustRules = z.object({
  /** What was looked at: nobody overwrites what they have not seen. */
  before: TrustRules,
  after: TrustRules,
  reason: Reason,
});
export type SetTrustRules = z.input<typeof SetTrustRules>;

/** What rules would come to once they are set; counts of identities. */
export type TrustPreview = {
  rise: Record<'probation' | 'trusted', number>;
  fall: Record<'observed' | 'probation', number>;
  stay: number;
  /** There are more than were looked at. */
  isBounded: boolean;
};
