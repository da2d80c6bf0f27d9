import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { Reason } from '../reason';
import type { Rights, Role } from '../schema';

export const OfPerson = z.object({ personId: z.guid(), reason: Reason });
export type OfPerson = z.input<typeof OfPerson>;

/** Without a sign-in: all of this person's. */
export const EndSignIns = OfPerson.extend({ signInId: z.guid().nullable() });
export type EndSignIns = z.input<typeof EndSignIns>;

export const breakGlassMax = 2;
export const MarkBreakGlass = OfPerson.extend({ isBreakGlass: z.boolean() });
export type MarkBreakGlass = z.input<typeof MarkBreakGlass>;

export const memberStates = ['active', 'invited', 'removed', 'break_glass'] as const;
export type MemberState = (typeof memberStates)[number];

/** A row of the page's table: somebody who may sign in, could once, or is invited to. */
export type Member = {
  id: string;
  name: string;
  email: string;
  state: MemberState;
  roles: Role[];
  reach: Exclude<Rights, 'none'>;
  contentRead: Rights;
  contentExport: Rights;
  /** By name. */
  teams: { id: string; name: string }[];
  factors: { passkeys: number; hasCodes: boolean; recoveryCodes: number };
  hasPassword: boolean;
  hasOrganisationSignIn: boolean;
  createdAt: Date;
  lastSeenAt: Date | null;
  disabledAt: Date | null;
};

/** An open sign-in of a person. */
export type OpenSignIn = {
  id: string;
  address: string;
  userAgent: string;
  proof: string;
  factor: string;
  createdAt: Date;
  lastSeenAt: Date;
};

/** An identity that a person answers for. */
export type Owned = { id: string; name: string; kind: string };

/** What came of an act; `link` is shown this once. */
export type Said = { said: string; link: string | null };
export type PeopleResult = Acted<Said>;
export type PeopleAction = (last: PeopleResult | null, form: FormData) => Promise<PeopleResult>;
