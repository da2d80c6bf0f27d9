import { z } from 'zod';
import type { CredentialKind } from '../credentials/schema';
import type { Named } from '../registry/schema';
import type { IdentityState } from '../schema';

export const DrillIds = z.array(z.guid()).min(1, 'Choose an identity.').max(50, 'Fifty at most.');

/** A name list is cut here; the count is of all. */
export const drillNamesMax = 50;
/** Of sessions, resources and people this many are counted exactly. */
export const drillCountedMax = 1_000;
export const onlyDays = 7;

/** What would stop if one identity were suspended now. */
export type Drill = {
  id: string;
  name: string;
  state: IdentityState;
  /** Credentials that would prove nothing any more. */
  credentials: { kind: CredentialKind; live: number }[];
  /** Active within the last hour. */
  sessions: number;
  /** Interactions by hour of the last day, the hour of now last. */
  hours: number[];
  /** People on whose behalf it acted within the last day, declared or proved. */
  people: number;
  /** What it acted on within seven days that nobody else did. */
  only: { count: number; some: { kind: string; name: string }[] };
  /** Identities that nobody else reports for and that have nothing to report with themselves. */
  silenced: { count: number; some: Named[] };
  /** Who answers for it and who wants it: they are told when it is stopped, but for whoever stops it. */
  told: Named[];
};
