import { z } from 'zod';
import { singleLine } from '@/lib/core/single-line';
import { Reason } from '@/lib/people/reason';

export const identityKinds = ['agent', 'daemon', 'service', 'external_api'] as const;
export type IdentityKind = (typeof identityKinds)[number];

export const identityStates = ['proposed', 'active', 'suspended', 'decommissioned'] as const;
export type IdentityState = (typeof identityStates)[number];

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

export const CreateIdentity = z
  .object({
    kind: z.enum(identityKinds, `A kind is one of ${identityKinds.join(', ')}.`),
    name: IdentityName,
    names: z.array(DeclaredName).max(50, 'An identity has 50 further names at most.').default([]),
    /** Names of the identities a collector speaks for, or all of them. */
    reportsFor: z.union([z.literal('all'), z.array(IdentityName).max(500)]).default([]),
    days: KeyDays,
    /** Of the unregistered actor that this identity was until now. */
    fingerprint: Fingerprint.nullable().default(null),
    /** Ids of collectors that saw it and may report for it from now on. */
    reportedBy: z.array(z.guid()).max(50).default([]),
  })
  .refine(({ kind, reportsFor }) => kind === 'service' || reportsFor.length === 0, {
    path: ['reportsFor'],
    message: 'Only a service may report for others.',
  });
export type CreateIdentity = z.input<typeof CreateIdentity>;

export const AssignIdentity = z.object({
  identityId: z.guid(),
  /** Null: nobody, which is a finding. */
  ownerId: z.guid('Choose a person.').nullable(),
  teamId: z.guid('Choose a team.').nullable(),
  reason: Reason,
});
export type AssignIdentity = z.input<typeof AssignIdentity>;

export const IssueIngestKey = z.object({ identityId: z.guid(), days: KeyDays });
export type IssueIngestKey = z.input<typeof IssueIngestKey>;

export const RevokeCredential = z.object({
  credentialId: z.guid(),
  reason: Reason,
});
export type RevokeCredential = z.input<typeof RevokeCredential>;
