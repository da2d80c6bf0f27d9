import type { Acted } from '@/lib/core/result';

/**
 * Held shared by a batch that is being read, and alone by whoever erases or decides; see forget_person_behind in the
 * migrations.
 */
export const erasureLock = 7_305_008;

/** Stands for the people that were too many for their day. */
export const manyPeople = '00000000-0000-0000-0000-000000000001';

/**
 * How it is known for whom an agent acts. `declared`: what was sent says so, which anybody can say. `proved`: by the
 * issuer and subject of a token. Only who is proved can be a fact for policy, or show a second factor.
 */
export const evidences = ['declared', 'proved'] as const;
export type Evidence = (typeof evidences)[number];

export const factors = ['totp', 'passkey', 'recovery', 'sso'] as const;
export type Factor = (typeof factors)[number];

/** Where agents act for somebody; null is shadow activity. */
export type BehindAgent = { id: string | null; name: string | null; entries: number };

export type PersonBehind = {
  /** A hash of what they are called. */
  id: string;
  /** What senders call them; null of the people that were too many, who are counted as one. */
  text: string | null;
  evidence: Evidence;
  /** The second factor that their sign-in showed; null is not shown. */
  factor: Factor | null;
  /** Somebody who signs in at the console with the same e-mail. A hint: an e-mail proves nobody. */
  sameEmail: { name: string; hasLeft: boolean } | null;
  /** Those that acted for them most, a few of `agentsOf`. */
  agents: BehindAgent[];
  agentsOf: number;
  entries: number;
  firstAt: Date;
  lastAt: Date;
  /** Whether something that acts for them without a factor shown waits for a decision. */
  isOpen: boolean;
  expected: { reason: string; by: string; at: Date; until: Date | null } | null;
};

/** What one agent did for somebody. */
export type BehindAgentDetail = BehindAgent & {
  interactions: number;
  points: number;
  firstAt: Date;
  lastAt: Date;
  /** Whose credentials told of it. */
  reporters: string[];
  isOpen: boolean;
};

export const expectedForDays = [30, 90] as const;

export type BehindResult = Acted<null>;
export type DecideBehind = (last: BehindResult | null, form: FormData) => Promise<BehindResult>;
