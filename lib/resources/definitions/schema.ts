import { z } from 'zod';
import { Reason } from '@/lib/people/reason';

export const definitionLimits = {
  /** Of one definition; of a longer one only the digest is kept. */
  bytesMax: 256 * 1024,
  /** Of one message; what is listed behind them is left out. */
  toolsMax: 1_000,
  /** Of one tool or server; the oldest that nobody decided on go first. */
  versionsMax: 200,
  /** Of one reporter, shard and hour of arrival, of what nobody decided anything on. */
  newPerHourMax: 1_000,
  /** The same of one tool or server that somebody registered, or of which one was decided. */
  changesPerHourMax: 20,
  depthMax: 64,
} as const;

export const definitionStates = ['unapproved', 'approved', 'rejected'] as const;
export type DefinitionState = (typeof definitionStates)[number];

const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'A digest has 64 hexadecimal digits.');

/**
 * A yes or no to exactly what was looked at: the definition in the state it was in, what it was held against, and, for a
 * yes, that nothing newer was there.
 */
export const DecideDefinition = z.strictObject({
  id: z.guid(),
  digest: Digest,
  was: z.enum(definitionStates, 'Load the page again.').default('unapproved'),
  /** Of the approved one whose difference was shown; null where there was none. */
  against: Digest.nullable(),
  /** Of the newest that was there. */
  newest: Digest,
  verdict: z.enum(['approved', 'rejected'], 'Approve or reject it.'),
  reason: Reason,
});
export type DecideDefinition = z.input<typeof DecideDefinition>;

/** A definition as it was offered: canonical JSON (RFC 8785), and its SHA-256 in hex. */
export type Definition = {
  name: string;
  digest: string;
  bytes: number;
  /** Null of one that is too long to keep. */
  text: string | null;
};

/** What the definitions of a resource come to. `changed`: one was approved, and another came. */
export type Approval = 'none' | 'new' | 'changed' | 'rejected' | 'approved';
