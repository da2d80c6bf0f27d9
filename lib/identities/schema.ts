import { z } from 'zod';
import { singleLine } from '@/lib/core/single-line';
import { Reason } from '@/lib/people/reason';

export const identityKinds = ['agent', 'daemon', 'service', 'external_api'] as const;
export type IdentityKind = (typeof identityKinds)[number];

export const identityStates = ['proposed', 'active', 'suspended', 'decommissioned'] as const;
export const IdentityState = z.enum(identityStates);
export type IdentityState = z.infer<typeof IdentityState>;

/** A name that people and machines can type and that cannot be mistaken for another by invisible characters. */
export const IdentityName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/,
    'A name has 1 to 63 letters, digits, dots, dashes or underscores, and starts with a letter or digit.',
  );

/** What data may declare for an identity besides its name: one line of visible characters. */
export const DeclaredName = z
  .string()
  .min(1, 'A further name is not empty.')
  .max(200, 'A further name has 200 characters at most.')
  .regex(singleLine, 'A further name is one line of visible characters.');

/** What else data may declare for it. */
export const DeclaredNames = z
  .array(DeclaredName)
  .max(50, 'An identity has 50 further names at most.');

/** What it is there for, in a sentence or a few. */
export const Purpose = z
  .string()
  .trim()
  .max(1000, 'A purpose has 1,000 characters at most.')
  // Marks that are not seen are parts of words in some scripts.
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'A purpose is one line of text.');

export const Tags = z
  .array(
    z
      .string()
      .trim()
      .min(1, 'A tag is not empty.')
      .max(50, 'A tag has 50 characters at most.')
      .regex(singleLine, 'A tag is one line of visible characters.'),
  )
  .max(50, 'An identity has 50 tags at most.')
  .transform((tags) => [...new Set(tags)]);

/** Whom it may act for: everybody, or these people and those of these teams. */
export const ActsFor = z.union([
  z.literal('all'),
  z.object({
    people: z.array(z.guid()).max(500, 'It acts for 500 people by name at most.').default([]),
    teams: z.array(z.guid()).max(50, 'It acts for 50 teams at most.').default([]),
  }),
]);
export type ActsFor = z.output<typeof ActsFor>;

/** Ids of the resources that it is expected to act on. */
export const Expects = z.array(z.guid()).max(500, '500 expected resources at most.');

/** Identities that a collector speaks for, by id or name, or all of them. */
export const ReportsFor = z.union([
  z.literal('all'),
  z.array(IdentityName).max(500, 'A service reports for 500 identities by name at most.'),
]);

/** Whether what data declares may become a name of an identity. */
export const isDeclarable = (text: string): boolean => DeclaredName.safeParse(text).success;

export const INGEST_KEY_DAYS = 30;
export const INGEST_KEY_DAYS_MAX = 90;

export const KeyDays = z
  .number()
  .int('A key lives whole days.')
  .min(1, 'A key lives one day at least.')
  .max(INGEST_KEY_DAYS_MAX, `A key lives ${INGEST_KEY_DAYS_MAX} days at most.`)
  .default(INGEST_KEY_DAYS);

/** The 16 bytes that tell unregistered actors apart, as hex. */
export const Fingerprint = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'A fingerprint has 32 hexadecimal digits.');

export const IssueIngestKey = z.object({ identityId: z.guid(), days: KeyDays });
export type IssueIngestKey = z.input<typeof IssueIngestKey>;

export const RevokeCredential = z.object({
  credentialId: z.guid(),
  reason: Reason,
});
export type RevokeCredential = z.input<typeof RevokeCredential>;
