import { z } from 'zod';
import { Reason } from '@/lib/people/reason';
import {
  ActsFor,
  DeclaredNames,
  Expects,
  IdentityName,
  Purpose,
  ReportsFor,
  Tags,
} from '../schema';

/** What is left out stays as it is. */
const Change = z.object({
  name: IdentityName.optional(),
  names: DeclaredNames.optional(),
  ownerId: z.guid('Choose who answers for it.').nullable().optional(),
  sponsorId: z.guid('Choose a sponsor.').nullable().optional(),
  teamId: z.guid('Choose a team.').nullable().optional(),
  zoneId: z.guid('Choose a zone.').nullable().optional(),
  purpose: Purpose.optional(),
  tags: Tags.optional(),
  actsFor: ActsFor.optional(),
  expects: Expects.optional(),
  reportsFor: ReportsFor.optional(),
});
export type Change = z.output<typeof Change>;

export const ChangeIdentity = Change.extend({
  identityId: z.guid(),
  /** What was looked at: nobody overwrites what they have not seen. */
  seenRevision: z.number().int().positive(),
  ownerId: z.guid('Choose who answers for it.').optional(),
  sponsorId: z.guid('Choose a sponsor.').optional(),
  reason: Reason,
});
export type ChangeIdentity = z.input<typeof ChangeIdentity>;

/** What describes an identity and gives it nothing by itself: all that a machine may change of it. */
export const DescribeIdentity = Change.pick({ purpose: true, tags: true }).extend({
  identityId: z.guid(),
  seenRevision: z.number().int().positive(),
  reason: Reason,
});
export type DescribeIdentity = z.input<typeof DescribeIdentity>;

export const AssignIdentity = z.object({
  identityId: z.guid(),
  /** Null: nobody, which is a finding. */
  ownerId: z.guid('Choose a person.').nullable(),
  teamId: z.guid('Choose a team.').nullable(),
  reason: Reason,
});
export type AssignIdentity = z.input<typeof AssignIdentity>;
