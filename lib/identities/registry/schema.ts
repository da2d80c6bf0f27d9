import { z } from 'zod';
import { zoneEnvironments } from '@/lib/zones/schema';
import { proofClasses } from '../credentials/schema';
import { type IdentityKind, type IdentityState, identityKinds, identityStates } from '../schema';
import { type TrustLevel, trustLevels } from '../trust/schema';

/** What is referred to, by its id and what it is called. */
const Named = z.object({ id: z.guid(), name: z.string() });
export type Named = z.infer<typeof Named>;

const Somebody = Named.extend({
  /** Whether they have left or have no role, and so answer for nothing. */
  isGone: z.boolean(),
});

/** One line of the list. */
export const IdentityRow = z.object({
  id: z.guid(),
  kind: z.enum(identityKinds),
  name: z.string(),
  /** What data may declare for it besides. */
  names: z.array(z.string()),
  state: z.enum(identityStates),
  stateReason: z.string().nullable(),
  stateAt: z.date().nullable(),
  owner: Somebody.nullable(),
  sponsor: Somebody.nullable(),
  team: Named.nullable(),
  zone: Named.extend({ environment: z.enum(zoneEnvironments) }).nullable(),
  purpose: z.string(),
  tags: z.array(z.string()),
  trust: z.enum(trustLevels),
  trustAt: z.date().nullable(),
  reportsForAll: z.boolean(),
  revision: z.number().int(),
  createdAt: z.date(),
  /** Of its credentials that can prove something now: how many, of which classes, and when the first of them ends. */
  credentials: z.object({
    live: z.number().int(),
    classes: z.array(z.enum(proofClasses)),
    /** One that has a successor is left out: its end interrupts nothing. */
    endsAt: z.date().nullable(),
  }),
  lastSeenAt: z.date().nullable(),
  /** Interactions by hour, the hour of now last. */
  hours: z.array(z.number()).length(24),
});
export type IdentityRow = z.infer<typeof IdentityRow>;

export const IdentityDetail = IdentityRow.extend({
  actsFor: z.union([
    z.literal('all'),
    z.object({ people: z.array(Somebody), teams: z.array(Named) }),
  ]),
  /** Ids of the resources that it is expected to act on. */
  expects: z.array(z.guid()),
  reportsFor: z.union([z.literal('all'), z.array(Named)]),
  /** Services that may report for it by name; those that report for all are left out. */
  reportedBy: z.array(Named),
  /** Unregistered actors that it was before. */
  joined: z.number().int(),
  /** Who registered or proposed it: `person:ID`, `operator:NAME` or `api_key:ID`; null where that is not known. */
  by: z.string().nullable(),
  counts: z.object({
    sessions: z.number().int(),
    interactions: z.number().int(),
    credentials: z.number().int(),
    versions: z.number().int(),
  }),
});
export type IdentityDetail = z.infer<typeof IdentityDetail>;

/** Of these counts are exact up to here. */
export const sessionsCountedMax = 10_000;

/** An id, or `none` for those that have none. */
type Reference = string;
/** What is left out, or empty, narrows nothing. */
export type IdentityFilter = {
  readonly kind?: readonly IdentityKind[];
  readonly state?: readonly IdentityState[];
  readonly trust?: readonly TrustLevel[];
  readonly team?: readonly Reference[];
  readonly owner?: readonly Reference[];
  readonly sponsor?: readonly Reference[];
  readonly zone?: readonly Reference[];
  readonly environment?: readonly string[];
  /** All of them. */
  readonly tag?: readonly string[];
  /** How much they can show by themselves: any of these levels. */
  readonly assurance?: readonly number[];
  /** Whose first live credential ends before. */
  readonly endsBefore?: Date | null;
  /** Last seen before: who was never seen is among them. */
  readonly seenBefore?: Date | null;
  readonly seenAfter?: Date | null;
  /** Nobody answers for it, or whoever does has left. */
  readonly isUnowned?: boolean;
  /** Words, each of which is in its name, a further name, a tag or the purpose. */
  readonly search?: string;
};

export const identitySorts = ['name', 'registered', 'seen', 'ends'] as const;
export type IdentitySort = { by: (typeof identitySorts)[number]; isDescending: boolean };
export const identitiesPerPage = 50;

/** A place in a list that is in some order: the row that it is beside. */
export type IdentityCursor = { direction: 'before' | 'after'; place: string };

export type IdentityPage = {
  rows: IdentityRow[];
  /** Of the first and last row, for the pages beside this one; null where there is none. */
  before: string | null;
  after: string | null;
  /** How many match. */
  total: number;
};

export type IdentityCounts = {
  /** Of those in use: neither proposed nor decommissioned. */
  kind: Record<IdentityKind, number>;
  state: Record<IdentityState, number>;
  unowned: number;
};
