import { z } from 'zod';
import { Reason } from '@/lib/people/reason';
import {
  ActsFor,
  DeclaredNames,
  Expects,
  Fingerprint,
  IdentityName,
  identityKinds,
  KeyDays,
  Purpose,
  ReportsFor,
  Tags,
} from '../schema';

/** All that whoever registers an identity says of it. */
const attributes = {
  kind: z.enum(identityKinds, `A kind is one of ${identityKinds.join(', ')}.`),
  name: IdentityName,
  names: DeclaredNames.default([]),
  /** Who answers for it; left out, or null: the person who registers it. */
  ownerId: z.guid('Choose who answers for it.').nullable().optional(),
  /** Who wants it to be there; left out, or null: whoever answers for it. */
  sponsorId: z.guid('Choose a sponsor.').nullable().optional(),
  teamId: z.guid('Choose a team.').nullable().default(null),
  zoneId: z.guid('Choose a zone.').nullable().default(null),
  purpose: Purpose.default(''),
  tags: Tags.default([]),
  actsFor: ActsFor.default({ people: [], teams: [] }),
  expects: Expects.default([]),
  reportsFor: ReportsFor.default([]),
};
const onlyServices = {
  path: ['reportsFor'],
  message: 'Only a service may report for others.',
};
const isFit = ({
  kind,
  reportsFor,
}: {
  kind: string;
  reportsFor: 'all' | readonly string[];
}): boolean => kind === 'service' || reportsFor.length === 0;

export const RegisterIdentity = z.object(attributes).refine(isFit, onlyServices);
export type RegisterIdentity = z.input<typeof RegisterIdentity>;

export const CreateIdentity = z
  .object({
    ...attributes,
    /** Of its first ingest key. */
    days: KeyDays,
    /** False: it proves itself in another way, and gets no bearer secret. */
    issuesKey: z.boolean().default(true),
    /** Of the unregistered actor that this identity was until now. */
    fingerprint: Fingerprint.nullable().default(null),
    /** Ids of collectors that saw it and may report for it from now on. */
    reportedBy: z.array(z.guid()).max(50).default([]),
  })
  .refine(isFit, onlyServices);
export type CreateIdentity = z.input<typeof CreateIdentity>;

const revision = z.number().int().positive();

export const AcceptIdentity = z.object({
  identityId: z.guid(),
  /** What was looked at: a proposal that was changed since is looked at again. */
  seenRevision: revision,
  /** Instead of what is proposed. */
  ownerId: z.guid('Choose who answers for it.').optional(),
  sponsorId: z.guid('Choose a sponsor.').optional(),
  teamId: z.guid('Choose a team.').nullable().optional(),
  zoneId: z.guid('Choose a zone.').nullable().optional(),
  reason: Reason,
});
export type AcceptIdentity = z.input<typeof AcceptIdentity>;

export const RefuseIdentity = z.object({ identityId: z.guid(), reason: Reason });
export type RefuseIdentity = z.input<typeof RefuseIdentity>;
